"""A member's and a workspace's past, cut at a moment; and clocks on their walls.

Everything that looks backwards goes through `as_of`, so that a feature in training sees exactly
what it would have seen live.
"""

from __future__ import annotations

from dataclasses import replace
from typing import overload

import numpy as np

from recsys.clocks import local_hour, local_weekday
from recsys.types import Exposures, Flags, MemberState, OutcomeKind, Signals, WorkspaceState

__all__ = [
    "ENGAGING",
    "as_of",
    "closed",
    "empty_exposures",
    "empty_signals",
    "empty_workspace",
    "engaged",
    "local_hour",
    "local_weekday",
]

ENGAGING = (
    OutcomeKind.FOLLOWED_UP,
    OutcomeKind.REPLIED,
    OutcomeKind.ACCEPTED,
    OutcomeKind.SAVED,
    OutcomeKind.RESOLVED,
)
"""outcomes that say an opener was welcome"""

_IS_ENGAGING: Flags = np.isin(np.arange(len(OutcomeKind)), ENGAGING)


def empty_signals(width: int) -> Signals:
    """The signals of somebody who did nothing yet; `width` is the encoder's."""
    return Signals(
        at=np.zeros(0, dtype=np.float64),
        kind=np.zeros(0, dtype=np.int8),
        row=np.zeros(0, dtype=np.int32),
        channel=np.zeros(0, dtype=np.int32),
        vectors=np.zeros((0, width), dtype=np.float32),
    )


def empty_exposures() -> Exposures:
    """The exposures of somebody whom nothing reached yet."""
    return Exposures(
        at=np.zeros(0, dtype=np.float64),
        row=np.zeros(0, dtype=np.int32),
        style=np.zeros(0, dtype=np.int8),
        outcome=np.zeros(0, dtype=np.int8),
        outcome_at=np.zeros(0, dtype=np.float64),
        member=np.zeros(0, dtype=np.int32),
        hour=np.zeros(0, dtype=np.int8),
        expected=np.zeros(0, dtype=np.float64),
    )


def empty_workspace() -> WorkspaceState:
    """A workspace in which nothing happened yet."""
    return WorkspaceState(
        members=(),
        exposures=empty_exposures(),
        touches_at=np.zeros(0, dtype=np.float64),
        touches_row=np.zeros(0, dtype=np.int32),
        touches_member=np.zeros(0, dtype=np.int32),
    )


def engaged(exposures: Exposures) -> Flags:
    """(m,), which exposures were welcome."""
    flags: Flags = _IS_ENGAGING[exposures.outcome]
    return flags


def closed(exposures: Exposures) -> Flags:
    """(m,), which exposures have an outcome; an open one says nothing yet."""
    flags: Flags = exposures.outcome != int(OutcomeKind.OPEN)
    return flags


@overload
def as_of(state: MemberState, t: float) -> MemberState: ...


@overload
def as_of(state: WorkspaceState, t: float) -> WorkspaceState: ...


def as_of(state: MemberState | WorkspaceState, t: float) -> MemberState | WorkspaceState:
    """What was known of a member, or of the workspace, strictly before `t`.

    Later signals, touches and exposures are gone, and an outcome that came at `t` or later
    reads as open. What has no history here (follows, mutes, channels, team) stays as it is.
    Returns the same object where nothing changes.
    """
    exposures = _exposures_before(state.exposures, t)
    if isinstance(state, MemberState):
        signals = _signals_before(state.signals, t)
        if signals is state.signals and exposures is state.exposures:
            return state
        return replace(state, signals=signals, exposures=exposures)
    end = int(np.searchsorted(state.touches_at, t, side="left"))
    if end == state.touches_at.size and exposures is state.exposures:
        return state
    return replace(
        state,
        exposures=exposures,
        touches_at=state.touches_at[:end],
        touches_row=state.touches_row[:end],
        touches_member=state.touches_member[:end],
    )


def _signals_before(signals: Signals, t: float) -> Signals:
    end = int(np.searchsorted(signals.at, t, side="left"))
    if end == len(signals):
        return signals
    return Signals(
        signals.at[:end],
        signals.kind[:end],
        signals.row[:end],
        signals.channel[:end],
        signals.vectors[:end],
    )


def _exposures_before(exposures: Exposures, t: float) -> Exposures:
    end = int(np.searchsorted(exposures.at, t, side="left"))
    outcome, outcome_at = exposures.outcome[:end], exposures.outcome_at[:end]
    later = ~(outcome_at < t) & (outcome != OutcomeKind.OPEN)
    if end == len(exposures) and not later.any():
        return exposures
    return Exposures(
        at=exposures.at[:end],
        row=exposures.row[:end],
        style=exposures.style[:end],
        outcome=np.where(later, np.int8(OutcomeKind.OPEN), outcome),
        outcome_at=np.where(later, np.inf, outcome_at),
        member=exposures.member[:end],
        hour=exposures.hour[:end],
        expected=exposures.expected[:end],
    )
