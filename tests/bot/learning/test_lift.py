"""Lift: what is planted is found, nothing is found where nothing is, and too little is said."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from bot.learning.lift import MIN_SIDE, Case, measure, read
from bot.store import tables
from bot.store.consents import Consents
from bot.store.signals import Signals
from tests.bot.scene import NOW, WORKSPACE, Scene, said, shown

SINCE, UNTIL = NOW - timedelta(days=30), NOW + timedelta(days=3)


def drawn(told: float, withheld: float, seed: int = 1) -> list[Case]:
    dice = np.random.default_rng(seed)
    return [
        Case(f"m{n % 40}", is_told, bool(dice.random() < (told if is_told else withheld)))
        for n in range(600)
        for is_told in (n % 4 > 0,)
    ]


def test_a_planted_difference_is_found() -> None:
    found = measure(drawn(0.4, 0.1), seed=0)
    assert found.low is not None
    assert found.high is not None
    assert 0.1 < found.low < 0.3 < found.high < 0.45
    assert (found.told, found.withheld, found.reason) == (450, 150, "")


def test_where_telling_changes_nothing_the_interval_holds_zero() -> None:
    held = 0
    for seed in range(20):
        found = measure(drawn(0.2, 0.2, seed), seed=0)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 0 <= found.high
    assert held >= 17


def test_too_few_are_said() -> None:
    cases = [Case("a", True, True)] * 100 + [Case("b", False, False)] * (MIN_SIDE - 1)
    found = measure(cases, seed=0)
    assert found.difference is None
    assert found.reason.startswith(f"too few: 100 told and {MIN_SIDE - 1} withheld")
    assert measure([], seed=0).told_went is None


def withhold(scene: Scene, member: str, item: str, **changes: object) -> None:
    with scene.store.writing(WORKSPACE) as unit:
        plain: dict[str, object] = {
            "id": f"de_{member}", "workspace_id": WORKSPACE, "run_id": "run",
            "member_id": member, "slot": "withheld", "at": NOW, "verdict": "silent",
            "reason": "holdout", "rules": [], "arm": "holdout", "seed": 1, "policy_version": "p",
            "item_id": item,
        }  # fmt: skip
        unit.session.add(tables.Decision(**{**plain, **changes}))
        unit.commit()


def go(scene: Scene, member: str, item: str, after: timedelta) -> None:
    with scene.store.writing(WORKSPACE) as unit:
        key = f"{member}:{item}:{after}"
        Signals(unit).save([said(member, 0, key=key, item=item, at=NOW + after, kind="visited")])
        unit.commit()


def found(scene: Scene) -> list[tuple[str, bool, bool]]:
    with scene.store.reading(WORKSPACE) as unit:
        return [(one.member, one.told, one.went) for one in read(unit, SINCE, UNTIL)]


def told(scene: Scene, member: str, item: str) -> None:
    shown(scene.store, f"told-{member}", member, item_id=item, at=NOW)
    with scene.store.writing(WORKSPACE) as unit:
        unit.session.get_one(tables.Decision, f"de_told-{member}").item_id = item
        unit.commit()


@pytest.mark.parametrize(
    ("after", "went"),
    [(timedelta(hours=2), True), (timedelta(days=1), True), (timedelta(days=1, minutes=1), False),
     (-timedelta(minutes=1), False)],
)  # fmt: skip
def test_who_went_within_a_day(populated: Scene, after: timedelta, went: bool) -> None:
    told(populated, "ana", "python-1")
    withhold(populated, "bo", "python-1")
    for member in ("ana", "bo"):
        go(populated, member, "python-1", after)
        go(populated, member, "python-2", timedelta(hours=1))
    assert found(populated) == [("bo", False, went), ("ana", True, went)]


def test_what_is_no_comparison_is_left_out(populated: Scene) -> None:
    withhold(populated, "ana", "python-1", reason="quiet_hours")
    withhold(populated, "bo", "python-1", at=UNTIL - timedelta(hours=5))
    told(populated, "cy", "python-1")
    with populated.store.writing(WORKSPACE) as unit:
        unit.session.query(tables.Opener).one().state = "withdrawn"
        unit.commit()
    assert found(populated) == []


def test_where_somebody_went_is_not_read_without_their_consent(populated: Scene) -> None:
    withhold(populated, "bo", "python-1")
    go(populated, "bo", "python-1", timedelta(hours=1))
    assert found(populated) == [("bo", False, True)]
    with populated.store.writing(WORKSPACE) as unit:
        Consents(unit).withdraw("bo", ["channel_messages"], at=NOW)
        unit.commit()
    assert found(populated) == [("bo", False, False)]
