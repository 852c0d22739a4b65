"""What a member wants changed or kept: asked back first, and done once they say yes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.conversation.agreeing import Agreeing
from bot.conversation.conversing import TO_PERSON, Conversing
from bot.conversation.handlers import Handlers
from bot.conversation.marking import Marking
from bot.conversation.pausing import named, pause_meant
from bot.conversation.reply import MEANINGS, Make, Reply
from bot.conversation.wishes import GOAL_LASTS, LASTS, Wish, goal, reminder, setting
from bot.ids import digest
from bot.inbox import Act, After, moment
from bot.openers.brief import About
from bot.openers.intents import Intent
from bot.openers.understanding import Understood
from bot.ports import Arrival
from bot.reading.standing import limits_of
from bot.store import tables
from bot.store.database import Unit
from bot.store.items import Items, stored
from bot.store.proposals import Proposals
from bot.store.topics import Topics
from recsys.promises import SOURCE
from recsys.types import WHOLE_WORKSPACE, Item, ItemId, MemberId, OutcomeKind

WISHES = frozenset({Intent.STEER, Intent.REMIND, Intent.GOAL})
STANDS = timedelta(days=2)
"""how long a question of ours may be answered"""
NOTHING_CHANGED = "All right, then everything stays as it is."
LAPSED = (
    "I asked you that too long ago to act on it now, so nothing has changed. Say it once more, and"
    " I will ask again."
)


@dataclass(frozen=True)
class Proposing:
    """Handles wishes in words, and the answers to what we asked back."""

    conversing: Conversing
    agreeing: Agreeing
    marking: Marking

    def handlers(self) -> Handlers:
        answers = dict.fromkeys(("propose_yes", "propose_no"), self.press)
        return Handlers(presses={**answers, "forget": self.forget})

    def reply(
        self,
        unit: Unit,
        member: tables.Member,
        understood: Understood,
        opener: tables.Opener | None,
        about: About | None,
        place: tuple[str, str],
        now: datetime,
    ) -> Reply:
        """What we ask back, noted under the `place` (thread, message) of the words."""
        wish = self._wish(unit, member, understood, about, now)
        if isinstance(wish, str):
            return Reply(wish, understood.intent, OutcomeKind.REPLIED, buttons=TO_PERSON)
        payload = {**wish.payload, "done": wish.done, "thread": place[0]}
        payload["item"] = opener.item_id if opener is not None and about is not None else None
        row = Proposals(unit).add(member.id, wish.kind, payload, place[1], now, now + STANDS)
        buttons = ((f"propose_yes|{row.id}", "Yes"), (f"propose_no|{row.id}", "No"), *TO_PERSON)
        return Reply(wish.asks, understood.intent, OutcomeKind.REPLIED, buttons=buttons)

    def _wish(
        self,
        unit: Unit,
        member: tables.Member,
        understood: Understood,
        about: About | None,
        now: datetime,
    ) -> Wish | str:
        home = self.conversing.home
        if understood.intent is Intent.REMIND:
            return reminder(understood.words, about, now, home.zone_of(member))
        if understood.intent is Intent.GOAL:
            return goal(understood.words)
        return setting(understood.words, Topics(unit).list(), limits_of(member, home.policy))

    def open(
        self,
        unit: Unit,
        member: str,
        thread: str | None,
        opener: tables.Opener | None,
        now: datetime,
    ) -> tables.Proposal | None:
        """What this member was asked in this thread and has not answered.

        Words beside any thread answer what was asked last, unless the `opener` came after it.
        """
        row = Proposals(unit).open(member, thread, now)
        if row is None or thread is not None or opener is None:
            return row
        return row if (opener.sent_at or opener.created_at) <= row.asked_at else None

    def silencing(self, words: str, at: datetime) -> Make:
        """Be silent at once, for as long as they say: a week where they do not."""

        def make(unit: Unit, member: tables.Member) -> Reply:
            zone = self.conversing.home.zone_of(member)
            until, said = pause_meant(words, at, zone) or named("week", at, zone)
            self.agreeing.be_silent(unit, member, until)
            return Reply(f"Understood. {said}", Intent.PAUSE, *MEANINGS[Intent.PAUSE])

        return make

    def settling(self, proposal: str, yes: bool, at: datetime) -> Make:
        """Settle it, and say what came of it."""

        def make(unit: Unit, member: tables.Member) -> Reply:
            return Reply(self.settle(unit, member, proposal, yes, at), "settled")

        return make

    def settle(
        self, unit: Unit, member: tables.Member, proposal: str, yes: bool, at: datetime
    ) -> str:
        """Do it, or leave it; what came of it, in words. The first answer holds."""
        row = Proposals(unit).get(proposal)
        if row is None or row.member_id != member.id or row.expires_at <= at:
            return LAPSED if yes else NOTHING_CHANGED
        if row.answered_at is None:
            row.answered_at, row.agreed = at, yes
            if yes and row.kind == "setting":
                self._change(unit, member, row.payload, at)
            elif yes:
                self._keep(unit, member, row, at)
        return str(row.payload["done"]) if row.agreed else NOTHING_CHANGED

    def _change(
        self, unit: Unit, member: tables.Member, wanted: dict[str, Any], at: datetime
    ) -> None:
        for slug in wanted["follow"]:
            Topics(unit).choose(member.id, slug, "follow", at=at)
        for slug in wanted["mute"]:
            Topics(unit).choose(member.id, slug, "mute", at=at)
        member.weekdays = wanted.get("weekdays", member.weekdays)
        member.day_starts = wanted.get("starts", member.day_starts)
        member.day_ends = wanted.get("ends", member.day_ends)
        limits = limits_of(member, self.conversing.home.policy)
        member.weekly_cap = wanted.get("weekly", member.weekly_cap)
        member.daily_cap = wanted.get("daily", member.daily_cap)
        if "weekly" in wanted and limits.daily_cap > wanted["weekly"]:
            member.daily_cap = wanted["weekly"]

    def _keep(self, unit: Unit, member: tables.Member, row: tables.Proposal, at: datetime) -> None:
        """An item for this member alone, which goes by itself."""
        wanted = row.payload
        base = Items(unit).get(str(wanted["item"])) if wanted.get("item") else None
        item = Item(
            id=ItemId("own_" + digest(unit.workspace, row.id)),
            kind=row.kind,
            title=str(wanted["title"]),
            text=_told(row, at),
            source=SOURCE,
            published=at.timestamp(),
            audience=WHOLE_WORKSPACE,
            addressed_to=MemberId(member.id),
        )
        if row.kind == "goal":
            item = replace(item, expires=(at + GOAL_LASTS).timestamp())
        else:
            when = datetime.fromisoformat(str(wanted["at"]))
            item = replace(item, not_before=when.timestamp(), expires=(when + LASTS).timestamp())
            if base is not None and not wanted.get("own"):
                # as far as the item itself: who may not read that any more is not reminded of it
                item = replace(item, audience=stored(base).audience, url=base.url)
        Items(unit).save([item], at=at, approved_by=member.id)

    def press(self, arrival: Arrival, now: datetime) -> Act:
        """Yes or no, by a button."""
        payload = arrival.payload
        yes, at = str(payload["action"]) == "propose_yes", moment(payload, now)

        def act(unit: Unit) -> After | None:
            member = self.agreeing.speaker(unit, payload)
            if member is None:
                return None
            said = self.settle(unit, member, str(payload.get("value", "")), yes, at)
            return self.marking.note(unit, member.id, payload, said)

        return act

    def forget(self, arrival: Arrival, now: datetime) -> Act:
        """Something that is kept for a member, and that they do not want any more."""
        payload = arrival.payload

        def act(unit: Unit) -> After | None:
            member = self.agreeing.speaker(unit, payload)
            if member is None:
                return None
            theirs = {row.id for row in Proposals(unit).kept(member.id, now)}
            Items(unit).withdraw(theirs & {str(payload.get("value", ""))}, at=now)
            return self.conversing.redraw_home(str(payload["member"]), member.id, now)

        return act


def _told(row: tables.Proposal, at: datetime) -> str:
    day = f"{at.day} {at:%B}"
    if row.kind == "goal":
        return f"You told me on {day} that you want to {_lower(str(row.payload['title']))}."
    return f"You asked me on {day} to come back to this."


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
