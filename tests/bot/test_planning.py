"""One pass over the members: whose turn it is, who waits, and whom trouble stops."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bot.openers.brief import Brief, Composed, Withheld
from bot.planning import Pass
from bot.store import tables
from bot.store.database import Store, connect
from bot.store.items import Items
from bot.store.signals import Signals
from recsys.model import TrainingResult
from recsys.training import train
from tests.bot.scene import NOW, WORKSPACE, Scene, composer, item, policy, populate, said
from tests.recsys.builders import NOW as THEN
from tests.recsys.classroom import pool, taught

MANY = tuple(f"m{n:02}" for n in range(12))
MIDNIGHT = NOW.replace(hour=0)


@pytest.fixture
def crowd(sqlite_url: str, tmp_path: Path) -> Any:
    store = Store(connect(sqlite_url))
    populate(store, members=MANY)
    yield Scene(store, tmp_path, policy())
    store.close()


@pytest.fixture(scope="module")
def learned() -> TrainingResult:
    return train(taught(), pool(), seed=7, now=THEN, serving=None)


def order(done: Pass) -> list[str]:
    return [attempt.decision.member_id for attempt in done.attempts]


def day(scene: Scene, begins: datetime, members: Sequence[str], ticks: int = 96) -> list[Pass]:
    """A day of passes, one each quarter of an hour."""
    return [scene.planner().plan(members, begins + n * timedelta(minutes=15)) for n in range(ticks)]


def test_the_order_is_drawn_anew_each_day_and_belongs_to_the_seed(crowd: Scene) -> None:
    def drawn(now: datetime, seed: int = 0, members: Sequence[str] = MANY) -> list[str]:
        planner = crowd.planner(keeps=False, seed=seed)
        return order(planner.plan(members, now, wait_for_moment=False))

    today = drawn(NOW)
    assert sorted(today) == sorted(MANY)
    assert today == drawn(NOW) == drawn(NOW + timedelta(hours=1), members=MANY[::-1])
    others = [drawn(NOW + timedelta(days=1)), drawn(NOW + timedelta(days=2)), drawn(NOW, seed=1)]
    assert all(other != today for other in others)
    assert len({tuple(other) for other in others}) == 3
    firsts = {drawn(NOW + timedelta(days=n))[0] for n in range(20)}
    assert len(firsts) > 5


def test_a_day_has_one_decision_a_member_at_their_best_moment(crowd: Scene) -> None:
    crowd.change(MANY[0], zone="Asia/Kolkata")
    crowd.change(MANY[1], zone="America/New_York")
    passes = day(crowd, MIDNIGHT, MANY)
    decided = {a.decision.member_id: a for done in passes for a in done.attempts}
    assert sorted(decided) == sorted(MANY)
    assert len(crowd.rows(tables.Decision)) == len(MANY)
    slots = {slot.member_id: slot for slot in crowd.rows(tables.Slot) if slot.day == "2026-09-07"}
    for member, attempt in decided.items():
        best, at = slots[member].best_at, attempt.decision.at
        assert timedelta(0) <= at - best < timedelta(minutes=15)
        assert attempt.facts.standing.local.hour in (9, 10, 11, 12)
        assert attempt.speaks
    assert len({slot.best_at.minute for slot in slots.values()}) > 5
    assert [done.waiting + done.used + len(done.attempts) for done in passes] == [12] * 96


def test_a_model_that_is_promoted_meanwhile_decides_from_the_next_pass_on(
    crowd: Scene, learned: TrainingResult
) -> None:
    version = crowd.registry.register(learned)

    class Promotes:
        """While the first opener is written, a night somewhere else ends."""

        def compose(self, brief: Brief) -> Composed | Withheld:
            if crowd.registry.current() is None:
                crowd.registry.promote(version)
                crowd.recommender.refresh(WORKSPACE, NOW)
            return composer().compose(brief)

    done = crowd.planner(composer=Promotes()).plan(MANY, NOW, wait_for_moment=False)
    assert len(done.openers) > 1
    assert crowd.recommender.view.version == version
    assert {one.decision.model_version for one in done.attempts} == {"prior"}
    later = crowd.planner().plan(MANY, NOW + timedelta(days=1), wait_for_moment=False)
    ranked = {one.decision.model_version for one in later.attempts} - {None}
    assert ranked == {version}


def test_a_tick_that_waits_decides_nothing(crowd: Scene) -> None:
    done = crowd.planner().plan(MANY, NOW.replace(hour=9))
    early = len(done.attempts)
    assert done.waiting == len(MANY) - early > 0
    states = {slot.state for slot in crowd.rows(tables.Slot)}
    assert states == {"waiting", "used"} if early else {"waiting"}
    assert len(crowd.rows(tables.Decision)) == early


def test_whoever_comes_late_hears_at_the_best_moment_that_is_left(crowd: Scene) -> None:
    passes = day(crowd, NOW.replace(hour=15), MANY, ticks=13)
    openers = [attempt for done in passes for attempt in done.openers]
    assert len(openers) == len(MANY)
    assert {one.facts.standing.local.hour for one in openers} <= {15, 16, 17}
    assert (passes[-1].used, passes[-1].attempts) == (len(MANY), [])
    assert passes[-1].summary()["slots_used_before"] == len(MANY)


def test_of_whom_nothing_is_known_late_means_now(crowd: Scene) -> None:
    with crowd.store.writing(WORKSPACE) as unit:
        Signals(unit).forget([f"{member}:{n}" for member in MANY for n in range(4)])
        unit.commit()
    crowd.recommender.refresh(WORKSPACE, NOW)
    done = crowd.planner().plan(MANY, NOW.replace(hour=15))
    assert len(done.openers) == len(MANY)


def test_nobody_is_due_on_quiet_days_and_once_slots_are_used(crowd: Scene) -> None:
    assert crowd.planner().due(NOW + timedelta(days=5)) == []
    assert crowd.planner().due(NOW.replace(hour=18)) == []
    assert sorted(crowd.planner().due(NOW)) == sorted(MANY)
    crowd.planner().plan(MANY[:4], NOW.replace(hour=15), wait_for_moment=False)
    assert sorted(crowd.planner().due(NOW.replace(hour=15))) == sorted(MANY[4:])


def test_without_waiting_everybody_is_told_why_not(crowd: Scene) -> None:
    sunday = NOW + timedelta(days=6)
    done = crowd.planner(keeps=False).plan(MANY, sunday, wait_for_moment=False)
    assert done.summary()["decisions"] == {"speak": {}, "silent": {"quiet_day": len(MANY)}}


def test_a_rehearsal_opens_no_slot(crowd: Scene) -> None:
    before = crowd.everything()
    crowd.planner(keeps=False).plan(MANY, NOW.replace(hour=9))
    assert crowd.everything() == before


class Stumbles:
    """A composer that breaks over one member."""

    def compose(self, brief: Brief) -> Composed | Withheld:
        if brief.member_first_name == "M03":
            raise RuntimeError("no words")
        return composer().compose(brief)


def test_one_member_s_trouble_silences_no_other(
    crowd: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    done = crowd.planner(composer=Stumbles()).plan(MANY, NOW, wait_for_moment=False)
    assert len(done.openers) == len(MANY) - 1
    assert done.failed == done.summary()["failed"] == 1
    assert "nothing was decided for a member" in caplog.text
    again = crowd.planner().plan(MANY, NOW + timedelta(minutes=15), wait_for_moment=False)
    assert order(again) == ["m03"]


@pytest.mark.parametrize(
    ("zone", "starts", "ends"),
    [("UTC", 22 * 60, 6 * 60), ("Asia/Tokyo", 20 * 60, 4 * 60), ("America/New_York", 1380, 60)],
)
def test_night_workers_hear_in_their_night(crowd: Scene, zone: str, starts: int, ends: int) -> None:
    crowd.change("m00", zone=zone, day_starts=starts, day_ends=ends)
    day(crowd, NOW.replace(hour=0) - timedelta(days=1), ["m00"], ticks=228)
    spoken = [d for d in crowd.rows(tables.Decision) if d.verdict == "speak"]
    assert len(spoken) == 1
    (row,) = crowd.rows(tables.Outbox)
    assert row.not_before.astimezone(UTC) == spoken[0].at


def test_as_the_clocks_go_back_a_day_is_one_day(crowd: Scene) -> None:
    """Lisbon, 25 October 2026: one o'clock comes twice, the slot does not."""
    crowd.policy = policy(
        weekdays="0123456", day_starts="01:00", day_ends="03:00", cooldown_hours=0
    )
    crowd.change("m00", zone="Europe/Lisbon")
    midnight = datetime(2026, 10, 24, 23, 0, tzinfo=UTC)
    yesterday = midnight - timedelta(days=1)
    with crowd.store.writing(WORKSPACE) as unit:
        fresh = item("fresh", published=yesterday.timestamp())
        Items(unit).save([fresh], at=yesterday, approved_by="curator")
        Signals(unit).save([said("m00", n, key=f"new{n}", at=yesterday) for n in range(4)])
        unit.commit()
    crowd.recommender.refresh(WORKSPACE, midnight)
    day(crowd, midnight, ["m00"], ticks=30)
    decided = crowd.rows(tables.Decision)
    assert [one.verdict for one in decided] == ["speak"]
    assert len(crowd.rows(tables.Opener)) == 1


def test_over_weeks_no_cap_is_exceeded(crowd: Scene) -> None:
    crowd.policy = policy(daily_cap=1, weekly_cap=2, cooldown_hours=30)
    for number in range(14):
        crowd.planner().plan(MANY[:3], NOW + timedelta(days=number), wait_for_moment=False)
    openers = crowd.rows(tables.Opener)
    assert len(openers) >= 3
    for member in MANY[:3]:
        at = sorted(one.created_at for one in openers if one.member_id == member)
        assert all(later - one >= timedelta(hours=30) for one, later in pairwise(at))
        for first in at:
            assert sum(first <= one < first + timedelta(days=7) for one in at) <= 2


@pytest.mark.parametrize("keeps", [True, False], ids=["for good", "in rehearsal"])
def test_what_all_share_is_shared_out_within_a_pass(crowd: Scene, keeps: bool) -> None:
    """A rehearsal counts what it would have sent, so that it says what a real pass would do."""
    done = crowd.planner(keeps=keeps).plan(MANY, NOW, wait_for_moment=False)
    told = Counter(attempt.decision.item_id for attempt in done.openers)
    assert sum(told.values()) == len(MANY)
    assert max(told.values()) == crowd.settings.item_daily_cap


@pytest.mark.parametrize("keeps", [True, False], ids=["for good", "in rehearsal"])
def test_the_budget_of_exploration_lasts_for_a_day(crowd: Scene, keeps: bool) -> None:
    crowd.policy = policy(threshold=0.99, explore_floor=0.0, explore_per_day=2)
    done = crowd.planner(keeps=keeps).plan(MANY, NOW, wait_for_moment=False)
    assert [attempt.decision.arm for attempt in done.openers] == ["explore"] * 2
    assert done.summary()["decisions"]["silent"] == {"below_threshold": len(MANY) - 2}
