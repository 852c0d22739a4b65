"""Lift: do members who were told of an item go there more often than those who were not?

One in ten slots that may speak is withheld at random, so the two sides differ in nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from bot.policy.rules import PROMISED
from bot.store import tables
from bot.store.consents import Consents
from bot.store.database import Unit
from recsys.evaluation.bootstrap import difference_interval

WITHIN = timedelta(days=1)
MIN_SIDE = 20
"""decisions a side below which no difference is told: one member more would turn it around"""
ROUNDS = 2_000


@dataclass(frozen=True, slots=True)
class Case:
    """One decision of either side."""

    member: str
    told: bool
    went: bool
    """a signal of theirs touched the item within a day"""


@dataclass(frozen=True, slots=True)
class Lift:
    """Shares that went there within a day, and their difference with its 95 % interval."""

    told: int
    withheld: int
    told_went: float | None
    withheld_went: float | None
    difference: float | None
    low: float | None
    high: float | None
    reason: str
    """empty where there is enough to tell"""

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


def read(unit: Unit, since: datetime, until: datetime) -> list[Case]:
    """Decisions in [since, until) whose day is over by `until`, told or withheld at random.

    What explored below the threshold counts, for it was withheld as often. An opener that never
    left was told to nobody. A signal that its member does not agree to is not read: they count as
    not having gone, on either side.
    """
    rows = unit.session.execute(
        select(tables.Decision, tables.Opener.state, tables.Opener.sent_at)
        .outerjoin(tables.Opener, tables.Opener.decision_id == tables.Decision.id)
        .where(
            tables.Decision.workspace_id == unit.workspace,
            tables.Decision.at >= since,
            tables.Decision.at < until - WITHIN,
            tables.Decision.item_id.is_not(None),
            tables.Decision.kind == "slot",
            tables.Decision.arm != PROMISED,
        )
        .order_by(tables.Decision.at, tables.Decision.id)
    ).all()
    visits = touched(unit)
    cases = []
    for decision, state, sent_at in rows:
        told = state in ("sent", "closed")
        withheld = decision.arm == "holdout" and decision.reason == "holdout"
        if not (told or withheld):
            continue
        begins = sent_at if told and sent_at is not None else decision.at
        moments = visits.get((decision.member_id, decision.item_id or ""), ())
        went = any(begins < at <= begins + WITHIN for at in moments)
        cases.append(Case(decision.member_id, told, went))
    return cases


def measure(cases: Iterable[Case], *, seed: int) -> Lift:
    """The difference of the two shares, members resampled whole."""
    known = list(cases)
    told = np.array([case.told for case in known], np.bool_)
    went = np.array([case.went for case in known], np.float64)
    sides = int(told.sum()), int((~told).sum())
    if min(sides) < MIN_SIDE:
        few = f"too few: {sides[0]} told and {sides[1]} withheld, {MIN_SIDE} of each are needed"
        return Lift(*sides, _share(went[told]), _share(went[~told]), None, None, None, few)
    members = [case.member for case in known]
    found = difference_interval(went, told, members, seed=seed, rounds=ROUNDS)
    ours, theirs = float(went[told].mean()), float(went[~told].mean())
    return Lift(*sides, ours, theirs, found.value, found.low, found.high, "")


def _share(values: NDArray[np.float64]) -> float | None:
    return float(values.mean()) if values.size else None


def touched(unit: Unit) -> dict[tuple[str, str], list[datetime]]:
    """When each member touched each item, by (member, item), as far as they agree to its use."""
    granted = Consents(unit).all_granted()
    found: dict[tuple[str, str], list[datetime]] = {}
    rows = unit.session.execute(
        select(
            tables.Signal.member_id, tables.Signal.item_id, tables.Signal.at, tables.Signal.purpose
        ).where(tables.Signal.workspace_id == unit.workspace, tables.Signal.item_id.is_not(None))
    )
    for member, item, at, purpose in rows:
        if purpose in granted.get(member, ()) and item is not None:
            found.setdefault((member, item), []).append(at)
    return found
