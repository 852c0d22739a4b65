"""What the world says members do becomes acts in Slack, in the order of time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.demo.cast import Act, Cast
from bot.demo.chatter import Phrases
from bot.demo.load import DEMO_BEGINS, Bundle
from bot.store import tables
from recsys.simulation import Offer, Portrait, Reaction, Said
from recsys.types import ItemId, MemberId, OutcomeKind
from recsys.world import DefaultWorld

NINE = datetime(2026, 9, 7, 9, 0, tzinfo=UTC)


class Stage:
    """Keeps what is done on it."""

    def __init__(self) -> None:
        self.done: list[tuple[str, ...]] = []

    def press(
        self, user: str, channel: str, message_ts: str, action_id: str, value: str | None = None
    ) -> None:
        self.done.append(("press", user, channel, message_ts, action_id))

    def say(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> str:
        self.done.append(("say", user, channel, text, thread_ts or ""))
        return "1.0"


class Scripted:
    """A world in which each item has its reaction."""

    def __init__(self, reactions: dict[str, Reaction]) -> None:
        self.reactions = reactions
        self.asked: list[str] = []

    def members(self, day: date) -> Sequence[Portrait]:
        return ()

    def items(self, day: date) -> Sequence[Offer]:
        return ()

    def signals(self, day: date) -> Sequence[Said]:
        return ()

    def react(self, member: MemberId, item: ItemId, style: str, at: float) -> Reaction:
        self.asked.append(item)
        if item not in self.reactions:
            raise ValueError(item)
        return self.reactions[item]


def opener(item: str, minute: int, *, sent: bool = True) -> tables.Opener:
    return tables.Opener(
        id=f"op_{item}",
        workspace_id="T",
        decision_id=f"de_{item}",
        member_id=f"U_{item}",
        item_id=item,
        state="sent",
        text="",
        why="",
        style="question",
        prompt="",
        language_model="",
        created_at=NINE,
        sent_at=NINE + timedelta(minutes=minute) if sent else None,
        address=f"D_{item}",
        message_ref=f"17.{minute}",
    )


REACTIONS = {
    "asks": Reaction(OutcomeKind.FOLLOWED_UP, 100.0),
    "replies": Reaction(OutcomeKind.REPLIED, 5.0),
    "dismisses": Reaction(OutcomeKind.DISMISSED, 10.0, "timing"),
    "leaves": Reaction(OutcomeKind.OPTED_OUT, 2.0),
    "ignores": Reaction(OutcomeKind.IGNORED, float("inf")),
}


@pytest.fixture
def scripted() -> Scripted:
    return Scripted(REACTIONS)


def test_every_reaction_becomes_its_act_in_the_order_of_time(
    scripted: Scripted, bundle: Bundle, phrases: Phrases
) -> None:
    stage = Stage()
    cast = Cast(scripted, stage, bundle, phrases, 1)
    openers = [opener(item, minute) for minute, item in enumerate(REACTIONS)]
    acts = cast.plan(list(reversed(openers)))
    assert scripted.asked == list(REACTIONS)  # asked in the order of sending, however given
    assert [(act.at - NINE, act.outcome) for act in acts] == [
        (timedelta(minutes=5), "opted_out"),
        (timedelta(minutes=6), "replied"),
        (timedelta(minutes=12), "dismissed"),
        (timedelta(minutes=12, seconds=20), "dismissed"),
        (timedelta(minutes=100), "followed_up"),
    ]
    for act in acts:
        cast.perform(act)
    stop, reply, dismissal, reason, more = stage.done
    assert stop[:3] == ("say", "U_leaves", "D_leaves")
    assert stop[3] in phrases.farewells
    assert stop[4] == "17.3"
    assert reply[3] in phrases.answers
    assert reply[4] == "17.1"
    assert dismissal == ("press", "U_dismisses", "D_dismisses", "17.2", "not_for_me")
    assert reason == ("press", "U_dismisses", "D_dismisses", "17.2", "reason:timing")
    assert more == ("press", "U_asks", "D_asks", "17.0", "more")


def test_nobody_reacts_to_what_did_not_arrive_what_is_unknown_or_for_whom_somebody_plays(
    scripted: Scripted, bundle: Bundle, phrases: Phrases
) -> None:
    cast = Cast(scripted, Stage(), bundle, phrases, 1)
    assert cast.plan([opener("asks", 0, sent=False), opener("new", 1)]) == []
    assert cast.plan([opener("asks", 0)], leave_out={"U_asks"}) == []
    assert len(cast.plan([opener("asks", 0)])) == 1


def test_a_plan_can_be_made_again(bundle: Bundle, phrases: Phrases, world: DefaultWorld) -> None:
    cast = Cast(world, Stage(), bundle, phrases, 1)
    openers = []
    for member in bundle.agreed:
        one = opener(bundle.items[0].id, 0)
        one.member_id, one.id = member.id, f"op_{member.id}"
        openers.append(one)
    acts = cast.plan(openers)
    assert acts
    assert acts == cast.plan(openers)
    assert acts == sorted(acts, key=lambda act: (act.at, act.user))


def test_members_go_on_talking_in_channels(
    bundle: Bundle, phrases: Phrases, world: DefaultWorld
) -> None:
    stage = Stage()
    cast = Cast(world, stage, bundle, phrases, 1)
    acts = cast.chatter(DEMO_BEGINS.date())
    assert len(acts) > 20
    assert [act.at for act in acts] == sorted(act.at for act in acts)
    assert acts == cast.chatter(DEMO_BEGINS.date())
    cast.perform(acts[0])
    first: Act = acts[0]
    assert stage.done == [("say", first.user, first.channel, first.what, "")]
