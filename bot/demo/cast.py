"""The invented members at work: what the world says they do becomes what they do in Slack.

`plan` asks the world and gives the acts in the order of their moments; the caller moves the
clock to each, lets it be `perform`ed, and lets the bot work off what arrived before the next.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal, Protocol

from bot.demo.chatter import Phrases, put_into_words
from bot.demo.load import Bundle
from bot.ids import seed_of
from bot.store import tables
from recsys.simulation import Reaction, World
from recsys.types import ItemId, MemberId, OutcomeKind

THINKS = timedelta(seconds=20)
"""how long somebody who dismissed an opener takes to say why"""


class Stage(Protocol):
    """Where members act: what the cast needs of the emulator."""

    def press(
        self, user: str, channel: str, message_ts: str, action_id: str, value: str | None = None
    ) -> None: ...

    def say(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> str: ...


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that one member does at one moment."""

    at: datetime
    user: str
    channel: str
    kind: Literal["say", "press"]
    what: str
    """the words that are said, or the action that is pressed"""
    message_ref: str | None = None
    """the message that is pressed on, or whose thread is spoken in"""
    opener: str = ""
    outcome: str = ""
    """what the act should become: the lower-case name of an OutcomeKind"""


class Cast:
    """Plays everybody: one for a demo, over the world that its past was lived in."""

    def __init__(
        self, world: World, stage: Stage, bundle: Bundle, phrases: Phrases, seed: int
    ) -> None:
        self._world = world
        self._stage = stage
        self._bundle = bundle
        self._phrases = phrases
        self._seed = seed

    def plan(
        self, openers: Sequence[tables.Opener], *, leave_out: Collection[str] = ()
    ) -> list[Act]:
        """What members do about these openers, by time; nothing about those they ignore.

        Openers that did not arrive are passed over, and so are those of members in `leave_out`
        (somebody else plays them). An item that the world does not know is ignored.
        """
        acts: list[Act] = []
        arrived = [o for o in openers if _arrived(o) and o.member_id not in leave_out]
        for opener in sorted(arrived, key=lambda one: (one.sent_at, one.id)):
            acts.extend(self._acts(opener))
        return sorted(acts, key=lambda act: (act.at, act.user))

    def chatter(self, day: date) -> list[Act]:
        """What members post in channels on a day, by time."""
        posts = put_into_words(
            self._bundle,
            self._phrases,
            self._world.signals(day),
            seed_of(self._seed, day.isoformat()),
        )
        return [
            Act(datetime.fromtimestamp(post.at, UTC), post.member, post.channel, "say", post.text)
            for post in posts
        ]

    def perform(self, act: Act) -> None:
        """Do it, now. Raises what the stage raises."""
        if act.kind == "say":
            self._stage.say(act.user, act.channel, act.what, act.message_ref)
        else:
            assert act.message_ref is not None
            self._stage.press(act.user, act.channel, act.message_ref, act.what)

    def _acts(self, opener: tables.Opener) -> Iterator[Act]:
        reaction = self._reaction(opener)
        if reaction is None or reaction.kind is OutcomeKind.IGNORED:
            return
        assert opener.sent_at is not None
        at = opener.sent_at + timedelta(minutes=reaction.minutes)
        kind, what = self._doing(opener, reaction)
        yield self._act(opener, at, kind, what, reaction)
        if reaction.reason:
            yield self._act(opener, at + THINKS, "press", f"reason:{reaction.reason}", reaction)

    def _reaction(self, opener: tables.Opener) -> Reaction | None:
        assert opener.sent_at is not None
        try:
            return self._world.react(
                MemberId(opener.member_id),
                ItemId(opener.item_id),
                opener.style,
                opener.sent_at.timestamp(),
            )
        except ValueError:  # a member or an item that came after the world was made
            return None

    def _doing(
        self, opener: tables.Opener, reaction: Reaction
    ) -> tuple[Literal["say", "press"], str]:
        match reaction.kind:
            case OutcomeKind.REPLIED:
                return "say", self._one_of(self._phrases.answers, opener)
            case OutcomeKind.OPTED_OUT:
                return "say", self._one_of(self._phrases.farewells, opener)
            case OutcomeKind.FOLLOWED_UP:
                return "press", "more"
            case OutcomeKind.DISMISSED:
                return "press", "not_for_me"
        raise ValueError(f"nobody knows how to show {reaction.kind.name} in Slack")

    def _one_of(self, lines: Sequence[str], opener: tables.Opener) -> str:
        return lines[seed_of(self._seed, opener.id) % len(lines)]

    def _act(
        self,
        opener: tables.Opener,
        at: datetime,
        kind: Literal["say", "press"],
        what: str,
        reaction: Reaction,
    ) -> Act:
        assert opener.address is not None
        assert opener.message_ref is not None
        return Act(
            at=at,
            user=opener.member_id,
            channel=opener.address,
            kind=kind,
            what=what,
            message_ref=opener.message_ref,
            opener=opener.id,
            outcome=reaction.kind.name.lower(),
        )


def _arrived(opener: tables.Opener) -> bool:
    return None not in (opener.sent_at, opener.address, opener.message_ref)
