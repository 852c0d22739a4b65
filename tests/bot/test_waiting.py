"""A slot stays open for what passes the same day; one decision a slot is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.policy.purposes import OPENERS
from bot.ports import Seen
from bot.reading.sight import Sight
from bot.reading.standing import limits_of
from bot.store import tables
from bot.store.consents import Consents
from bot.store.database import Store, connect
from bot.store.items import Items
from bot.today import Person, Today
from recsys.types import MemberId
from tests.bot.scene import NOW, WORKSPACE, Scene, item, policy, populate

QUARTER = timedelta(minutes=15)
EVENING = NOW.replace(hour=18)
WHO = ("ana", "bo")


@pytest.fixture
def scene(sqlite_url: str, tmp_path: Path) -> Any:
    store = Store(connect(sqlite_url))
    populate(store, members=WHO)
    yield Scene(store, tmp_path, policy())
    store.close()


def consent(scene: Scene, member: str, at: datetime | None) -> None:
    with scene.store.writing(WORKSPACE) as unit:
        if at is None:
            Consents(unit).withdraw(member, [OPENERS], at=NOW - timedelta(days=9))
        else:
            Consents(unit).grant(member, [OPENERS], at=at, origin="member")
        unit.commit()


def live(scene: Scene, until: datetime = EVENING, begins: datetime | None = None) -> None:
    """Ticks from midnight, or from `begins`, until a moment."""
    now = NOW.replace(hour=0) if begins is None else begins
    while now < until:
        scene.planner().plan(WHO, now)
        now += QUARTER


def decisions(scene: Scene, member: str = "ana") -> list[tuple[str, str]]:
    return [(d.verdict, d.reason) for d in scene.rows(tables.Decision) if d.member_id == member]


def slot(scene: Scene, member: str = "ana") -> Any:
    (found,) = [one for one in scene.rows(tables.Slot) if one.member_id == member]
    return found


AGREED = NOW.replace(hour=14)
PASSES: dict[str, tuple[Any, Any, str]] = {
    "consent": (
        lambda s: consent(s, "ana", None), lambda s: consent(s, "ana", AGREED), "no_consent"
    ),
    "a busy status": (
        lambda s: s.change("ana", busy_until=AGREED), lambda s: None, "busy"
    ),
    "the pilot list": (
        lambda s: setattr(s, "policy", policy(pilot_only=True)),
        lambda s: s.change("ana", came_at=AGREED),
        "not_on_pilot_list",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", PASSES)
def test_what_passes_leaves_the_slot_open(scene: Scene, what: str) -> None:
    begins, ends, reason = PASSES[what]
    begins(scene)
    live(scene, AGREED)
    assert decisions(scene) == [("silent", reason)]
    assert (slot(scene).state, slot(scene).waits_for) == ("waiting", reason)
    ends(scene)
    live(scene, EVENING, AGREED)
    assert decisions(scene) == [("speak", "worth_it")], "one decision a slot: the last"
    assert slot(scene).state == "used"
    (opener,) = [one for one in scene.rows(tables.Opener) if one.member_id == "ana"]
    assert AGREED <= opener.created_at < EVENING


def test_without_it_the_day_is_lost(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.outreach.PASSING", frozenset())
    consent(scene, "ana", None)
    live(scene, AGREED)
    consent(scene, "ana", AGREED)
    live(scene, EVENING, AGREED)
    assert decisions(scene) == [("silent", "no_consent")]


def test_what_does_not_pass_uses_the_slot(scene: Scene) -> None:
    scene.change("ana", paused_until=AGREED)
    live(scene)
    assert decisions(scene) == [("silent", "paused")]
    assert slot(scene).state == "used"


def test_what_lasts_is_kept_once_and_asks_for_no_refresh(scene: Scene) -> None:
    consent(scene, "ana", None)
    live(scene, AGREED)
    (first,) = [one.at for one in scene.rows(tables.Decision) if one.member_id == "ana"]
    assert scene.planner().due(AGREED) == []
    live(scene, EVENING, AGREED)
    assert [one.at for one in scene.rows(tables.Decision) if one.member_id == "ana"] == [first]
    consent(scene, "ana", AGREED)
    assert scene.planner().due(EVENING - QUARTER) == ["ana"]
    assert scene.planner().due(EVENING) == []


def test_a_pass_before_the_day_begins_costs_nobody_their_slot(scene: Scene) -> None:
    early = NOW.replace(hour=7)
    done = scene.planner().plan(WHO, early, wait_for_moment=False)
    assert done.summary()["decisions"]["silent"] == {"quiet_hours": 2}
    live(scene, begins=early)
    assert decisions(scene) == [("speak", "worth_it")]


@dataclass
class Shows:
    """A channel that shows do-not-disturb until a moment, or nothing at all."""

    until: datetime
    readable: bool = True
    expected: list[Sequence[str]] = field(default_factory=list)

    def expect(self, people: Callable[[], Sequence[str]]) -> None:
        self.expected.append(people())

    def look(
        self, person: str, now: datetime, *, closely: bool = False, away: bool = False
    ) -> Seen | None:
        if now < self.until:
            return Seen(dnd=True) if self.readable else None
        return Seen(dnd=False)


@pytest.mark.parametrize(
    ("readable", "reason"), [(True, "do_not_disturb"), (False, "presence_unknown")]
)
def test_what_the_channel_shows_is_waited_for(scene: Scene, readable: bool, reason: str) -> None:
    shows = Shows(AGREED, readable)
    sight = Sight(scene.store, WORKSPACE, "slack", shows)
    now = NOW.replace(hour=9)
    while now < AGREED:
        scene.planner(sight=sight).plan(WHO, now)
        now += QUARTER
    assert decisions(scene) == [("silent", reason)]
    assert slot(scene).waits_for == reason
    assert any(set(one) == {"U-ana", "U-bo"} for one in shows.expected)
    scene.planner(sight=sight).plan(WHO, AGREED)
    assert decisions(scene) == [("speak", "worth_it")]


def test_a_rehearsal_looks_at_nobody(scene: Scene) -> None:
    shows = Shows(EVENING)
    sight = Sight(scene.store, WORKSPACE, "slack", shows)
    done = scene.planner(sight=sight, keeps=False).plan(WHO, NOW, wait_for_moment=False)
    assert len(done.openers) == 2
    assert shows.expected == []


def test_whom_the_channel_does_not_know_is_not_written_to(scene: Scene) -> None:
    sight = Sight(scene.store, WORKSPACE, "elsewhere", Shows(NOW))
    done = scene.planner(sight=sight).plan(WHO, NOW, wait_for_moment=False)
    assert done.summary()["decisions"]["silent"] == {"presence_unknown": 2}


def test_nobody_is_asked_again_before_the_end_of_their_busy_status() -> None:
    limits = limits_of(tables.Member(), policy())
    today = Today({}, frozenset())
    for until, over in ((None, True), (NOW, True), (NOW + QUARTER, False)):
        person = Person(ZoneInfo("UTC"), limits, busy_until=until)
        assert today.has_passed("ana", person, NOW, "busy") is over
        assert today.has_passed("ana", person, NOW, "do_not_disturb")


def addressed(scene: Scene, to: str, at: datetime, **changes: Any) -> None:
    """Something for one member, there from a moment on."""
    made = replace(
        item("new", "python", **changes), addressed_to=MemberId(to), not_before=at.timestamp()
    )
    with scene.store.writing(WORKSPACE) as unit:
        Items(unit).save([made], at=NOW, approved_by="curator")
        unit.commit()
    scene.recommender.refresh(WORKSPACE, at)


CALLED = NOW.replace(hour=14)
REMINDER = {"kind": "reminder", "source": "member"}


@pytest.mark.parametrize(("to", "said"), [("ana", True), ("bo", False)], ids=["to her", "control"])
def test_what_happens_after_silence_opens_the_slot_again(scene: Scene, to: str, said: bool) -> None:
    scene.policy = policy(threshold=0.999)
    addressed(scene, to, CALLED, **REMINDER)
    live(scene, CALLED)
    assert decisions(scene) == [("silent", "below_threshold")]
    assert (slot(scene).state, slot(scene).waits_for) == ("used", "below_threshold")
    assert (WHO[0] in scene.planner().due(CALLED)) is said
    live(scene, CALLED + QUARTER, CALLED)
    assert decisions(scene) == [("speak", "worth_it") if said else ("silent", "below_threshold")]
    assert {one.member_id for one in scene.rows(tables.Opener)} == {to}


def test_it_is_looked_at_once(scene: Scene) -> None:
    scene.policy = policy(threshold=0.999)
    addressed(scene, "ana", CALLED)
    live(scene, CALLED + QUARTER)
    assert decisions(scene) == [("silent", "below_threshold")]
    (kept,) = [one for one in scene.rows(tables.Decision) if one.member_id == "ana"]
    assert kept.at == CALLED
    assert scene.planner().due(CALLED + QUARTER) == []


def test_who_was_spoken_to_is_left_in_peace(scene: Scene) -> None:
    live(scene, CALLED)
    before = [one for one in scene.rows(tables.Decision) if one.member_id == "ana"]
    assert [one.verdict for one in before] == ["speak"]
    addressed(scene, "ana", CALLED, **REMINDER)
    live(scene, CALLED + 2 * QUARTER, CALLED)
    after = [one for one in scene.rows(tables.Decision) if one.member_id == "ana"]
    assert [(one.id, one.at) for one in after] == [(one.id, one.at) for one in before]


def test_after_hours_nothing_opens_again(scene: Scene) -> None:
    scene.policy = policy(threshold=0.999)
    live(scene)
    addressed(scene, "ana", EVENING, **REMINDER)
    assert scene.planner().due(EVENING + QUARTER) == []
