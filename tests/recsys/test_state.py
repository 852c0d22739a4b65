"""Cutting the past at a moment: what comes later must leave no trace."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recsys.state import as_of, closed, empty_workspace, engaged
from recsys.types import Exposures, OutcomeKind, WorkspaceState
from tests.recsys.builders import DAY, NOW, axis, exposures, member, signals

PAST_SIGNALS = [(NOW - 2 * DAY, 3, axis(0)), (NOW - 1.0, -1, axis(1))]
PAST_OPENERS = [
    (NOW - 3 * DAY, 1, OutcomeKind.REPLIED, NOW - 2 * DAY),
    (NOW - 1 * DAY, 2, OutcomeKind.OPEN, np.inf),
]


def same(one: Exposures, other: Exposures) -> None:
    for column in Exposures.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(one, column), getattr(other, column))


def test_planted_future_events_leave_no_trace() -> None:
    then = member(signals=signals(PAST_SIGNALS), exposures=exposures(PAST_OPENERS))
    planted = member(
        signals=signals([*PAST_SIGNALS, (NOW, 5, axis(2)), (NOW + DAY, 6, axis(3))]),
        exposures=exposures(
            [
                PAST_OPENERS[0],
                (NOW - 1 * DAY, 2, OutcomeKind.DISMISSED, NOW + 1.0),
                (NOW, 7, OutcomeKind.ACCEPTED, NOW + 2.0),
            ]
        ),
    )
    cut = as_of(planted, NOW)
    same(cut.exposures, then.exposures)
    for column in ("at", "kind", "row", "channel", "vectors"):
        np.testing.assert_array_equal(getattr(cut.signals, column), getattr(then.signals, column))
    assert len(planted.signals) == 4  # what was cut is not changed


def test_without_the_cut_the_future_shows() -> None:
    planted = member(signals=signals([*PAST_SIGNALS, (NOW, 5, axis(2))]))
    assert 5 in planted.signals.row
    assert 5 not in as_of(planted, NOW).signals.row


@pytest.mark.parametrize(
    ("outcome_at", "outcome"),
    [
        (NOW - 0.001, OutcomeKind.DISMISSED),
        (NOW, OutcomeKind.OPEN),
        (NOW + 1, OutcomeKind.OPEN),
        (np.nan, OutcomeKind.OPEN),
    ],
)
def test_an_outcome_is_known_only_after_it_came(outcome_at: float, outcome: OutcomeKind) -> None:
    told = exposures([(NOW - DAY, 1, OutcomeKind.DISMISSED, outcome_at)])
    cut = as_of(member(exposures=told), NOW).exposures
    assert cut.outcome.tolist() == [outcome]
    assert cut.outcome_at.tolist() == [outcome_at if outcome else np.inf]
    assert cut.outcome.dtype == np.int8


def test_the_workspace_is_cut_too() -> None:
    state = WorkspaceState(
        members=(),
        exposures=exposures([*PAST_OPENERS, (NOW + 1, 3, OutcomeKind.OPEN, np.inf)]),
        touches_at=np.array([NOW - 5, NOW - 1, NOW, NOW + 5]),
        touches_row=np.arange(4, dtype=np.int32),
        touches_member=np.zeros(4, dtype=np.int32),
    )
    cut = as_of(state, NOW)
    same(cut.exposures, exposures(PAST_OPENERS))
    assert cut.touches_at.tolist() == [NOW - 5, NOW - 1]
    assert cut.touches_row.tolist() == [0, 1]
    assert cut.touches_member.size == 2


def test_where_nothing_changes_nothing_is_copied() -> None:
    state = member(signals=signals(PAST_SIGNALS), exposures=exposures(PAST_OPENERS))
    assert as_of(state, NOW) is state
    workspace = replace(empty_workspace(), exposures=exposures(PAST_OPENERS))
    assert as_of(workspace, NOW) is workspace


def test_cutting_twice_is_cutting_at_the_earlier_moment() -> None:
    state = member(signals=signals(PAST_SIGNALS), exposures=exposures(PAST_OPENERS))
    early = NOW - 2.5 * DAY
    same(as_of(as_of(state, NOW), early).exposures, as_of(state, early).exposures)


def test_which_outcomes_are_welcome_and_which_are_known() -> None:
    told = exposures([(float(kind), 0, kind, float(kind) + 1) for kind in OutcomeKind])
    welcome = {OutcomeKind(k) for k in told.outcome[engaged(told)]}
    assert welcome == {
        OutcomeKind.FOLLOWED_UP,
        OutcomeKind.REPLIED,
        OutcomeKind.ACCEPTED,
        OutcomeKind.SAVED,
        OutcomeKind.RESOLVED,
    }
    assert closed(told).tolist() == [kind != OutcomeKind.OPEN for kind in OutcomeKind]
