"""A gain on average that is a loss for some is seen as both."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recsys.calibration import Calibration
from recsys.evaluation.slices import Sliced, compare
from recsys.labels import Lesson
from recsys.model import Head, Model
from recsys.prior import ENGAGES
from tests.recsys.classroom import pool, taught

COLUMNS = pool()


def constant(probability: float) -> Model:
    """Says the same of everything."""
    logit = float(np.log(probability / (1 - probability)))
    return Model(engages=Head(ENGAGES, None, Calibration("platt", (0.0,), (logit,))))


def gladly(kind: str, share: float) -> float:
    return 0.9


@pytest.fixture(scope="module")
def lessons() -> list[Lesson]:
    """Half of the members, in Tokyo, take up nearly all; the others, in UTC, hardly any."""
    told = []
    for lesson in taught(gladly, members=20, openers=12):
        member = lesson.query.member
        if int(member.member[1:]) % 2:
            told.append(replace(lesson, query=replace(
                lesson.query, member=replace(member, zone="Asia/Tokyo"))))  # fmt: skip
        else:
            told.append(replace(lesson, engaged=1 - lesson.engaged))
    return told


def found(sliced: tuple[Sliced, ...], family: str) -> dict[str, Sliced]:
    return {one.name: one for one in sliced if one.family == family}


def test_a_model_that_is_better_here_and_worse_there(lessons: list[Lesson]) -> None:
    sliced = compare(constant(0.5), constant(0.85), lessons, COLUMNS, seed=1)
    zones = found(sliced, "zone")
    assert zones["Asia/Tokyo"].gain.low > 0
    assert zones["UTC"].gain.high < 0
    (all_of_them,) = found(sliced, "all").values()
    assert all_of_them.lessons == len(lessons) == sum(one.lessons for one in zones.values())
    weighed = sum(one.gain.value * one.lessons for one in zones.values()) / len(lessons)
    assert all_of_them.gain.value == pytest.approx(weighed, abs=0.02)
    assert all_of_them.log_loss[0] == pytest.approx(np.log(2), abs=1e-6)


def test_new_members_and_hours_are_slices_of_all(lessons: list[Lesson]) -> None:
    sliced = compare(constant(0.5), constant(0.5), lessons, COLUMNS, seed=1)
    for family in ("members", "hour", "topic"):
        assert sum(one.lessons for one in found(sliced, family).values()) >= len(lessons)
    assert found(sliced, "members")["fewer than 3 openers"].lessons == 20 * 3
    for one in sliced:
        assert one.gain.value == 0.0
        assert one.auc[0] == 0.5 or np.isnan(one.auc[0])


def test_a_slice_of_few_has_no_interval(lessons: list[Lesson]) -> None:
    (all_of_them,) = found(
        compare(constant(0.5), constant(0.6), lessons[:9], COLUMNS, seed=1), "all"
    ).values()
    assert np.isfinite(all_of_them.gain.value)
    assert all_of_them.as_json()["gain"]["low"] is None
    assert compare(constant(0.5), constant(0.6), [], COLUMNS, seed=1) == ()
