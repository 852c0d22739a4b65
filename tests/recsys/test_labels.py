"""Outcomes become lessons as of their moment; a day of threads becomes weak ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recsys import labels
from recsys.labels import GRADES, HISTORY, OUTCOME, history_lessons, lessons
from recsys.pool import build
from recsys.state import empty_exposures
from recsys.types import MemberId, MemberState, OutcomeKind, Pool, WorkspaceState
from tests.recsys.builders import DAY, ME, NOW, WIDTH, exposures, item, member, signals, unit

HOUR = 3600.0
MIDNIGHT = NOW - 8 * HOUR
YES, NO, MUTE = OutcomeKind.ACCEPTED, OutcomeKind.DISMISSED, OutcomeKind.IGNORED


def workspace(**changes: object) -> WorkspaceState:
    nothing = np.zeros(0, np.int32)
    plain = WorkspaceState((ME,), empty_exposures(), np.zeros(0), nothing, nothing)
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_every_outcome_but_open_has_a_grade_and_a_reason() -> None:
    assert set(GRADES) == set(OutcomeKind) - {OutcomeKind.OPEN}
    assert all(0 <= g.target <= 1 and g.weight > 0 and g.reason for g in GRADES.values())
    kinds = np.array([YES, OutcomeKind.SAVED, OutcomeKind.HANDED_OFF, NO, 0], np.int8)
    assert labels.target(kinds)[:4] == pytest.approx([1.0, 0.8, 0.5, 0.0])
    assert np.isnan(labels.target(kinds)[4])


def test_a_quick_refusal_weighs_more_and_silence_less() -> None:
    kinds, delay = np.array([NO, NO, MUTE], np.int8), np.array([59.0, 61.0, DAY])
    assert labels.weight(kinds, delay).tolist() == [1.5, 1.0, 0.5]


def test_a_lesson_knows_what_was_known_then_and_no_more() -> None:
    told = exposures(
        [
            (NOW - 5 * DAY, 0, YES, NOW - 3 * DAY),
            (NOW - 4 * DAY, 1, NO, NOW - 4 * DAY + 30),
            (NOW - 2 * DAY, 2, OutcomeKind.OPTED_OUT, NOW - 2 * DAY + HOUR),
        ]
    )
    said = signals([(NOW - 6 * DAY, -1, None), (NOW - 3 * DAY, -1, None)])
    state = member(signals=said, exposures=told)
    first, second, third = lessons([state], workspace(exposures=told), NOW)
    assert [first.at, second.at, third.at] == told.at.tolist()
    assert len(first.query.member.signals) == 1
    assert len(first.query.member.exposures) == len(first.query.workspace.exposures) == 0
    # the first opener was taken up only after the second was shown: then still open
    assert second.query.member.exposures.outcome.tolist() == [OutcomeKind.OPEN]
    assert (second.engaged[0], second.dismissed[0], second.weight[0]) == (0, 1, 1.5)
    assert (third.opted_out[0], third.origin) == (1, OUTCOME)
    assert third.query.member.exposures.outcome.tolist() == [YES, NO]


def test_open_windows_and_lost_items_teach_nothing() -> None:
    told = exposures(
        [
            (NOW - 5 * DAY, 0, OutcomeKind.OPEN, np.inf),
            (NOW - 4 * DAY, -1, YES, NOW - 3 * DAY),
            (NOW - 2 * DAY, 1, MUTE, NOW + HOUR),
        ]
    )
    state = member(exposures=told)
    assert list(lessons([state], workspace(exposures=told), NOW)) == []
    later = list(lessons([state], workspace(exposures=told), NOW + DAY))
    assert [lesson.rows.tolist() for lesson in later] == [[1]]


def threads() -> Pool:
    """Six threads of one day, the last by the member, and one of the day before."""
    times = [1.0, 2.0, 3.0, 4.0, 23.0, 5.0, -3.0]
    items = [
        item(
            f"t{n}", kind="thread", published=MIDNIGHT + hour * HOUR, author=ME if n == 5 else "U-B"
        )
        for n, hour in enumerate(times)
    ]
    return build(items, unit(np.random.default_rng(0).normal(size=(len(items), WIDTH))))


def joiner(*joins: tuple[float, int]) -> MemberState:
    before = [(MIDNIGHT - (5 - n) * DAY, -1, None) for n in range(5)]
    return member(signals=signals([*before, *((MIDNIGHT + h * HOUR, r, None) for h, r in joins)]))


def taught(state: MemberState, end: float = MIDNIGHT + 2 * DAY) -> list[labels.Lesson]:
    return list(history_lessons([state], workspace(), threads(), MIDNIGHT - DAY, end, keep_quiet=1))


def test_joining_within_a_day_of_the_root_is_the_weak_label() -> None:
    (lesson,) = taught(joiner((1.5, 0), (24.5 + 2, 1), (40, 4)))
    assert lesson.rows.tolist() == [0, 1, 2, 3, 4]  # not the member's own, nor yesterday's
    # t1 was joined 24.5 hours after its root, t4 within 17, though on the next day
    assert lesson.engaged.tolist() == [1, 0, 0, 0, 1]
    assert np.isnan(lesson.dismissed).all()
    assert np.isnan(lesson.opted_out).all()
    assert (lesson.origin, lesson.at, lesson.query.now) == (HISTORY, MIDNIGHT, MIDNIGHT)
    assert len(lesson.query.member.signals) == 5


def test_a_day_that_is_not_over_is_left_out() -> None:
    assert taught(joiner((1.5, 0)), end=MIDNIGHT + 2 * DAY - 1) == []


def test_strangers_and_thin_days_are_left_out() -> None:
    newcomer = member(signals=signals([(MIDNIGHT + HOUR, 0, None)]))
    assert taught(newcomer) == []
    few = history_lessons(
        [joiner((1.5, 0))], workspace(), threads(), MIDNIGHT, MIDNIGHT + 2 * DAY, min_candidates=6
    )
    assert list(few) == []


def test_quiet_days_are_thinned_and_the_kept_stand_for_all() -> None:
    crowd = [replace(joiner(), member=MemberId(f"U{n}")) for n in range(200)]
    kept = list(
        history_lessons(crowd, workspace(), threads(), MIDNIGHT, MIDNIGHT + 2 * DAY, keep_quiet=4)
    )
    assert 30 <= len(kept) <= 70
    assert {float(lesson.weight[0]) for lesson in kept} == {4.0}
