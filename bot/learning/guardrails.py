"""Guardrails: an arm that members refuse, or leave over, more than its control is stopped."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import select

from bot.experiments import Experiment
from bot.reading import told
from bot.store import tables
from bot.store.arms import ArmStops
from bot.store.audit import Audit
from bot.store.database import Unit
from recsys.evaluation.bootstrap import Interval, difference_interval, mean_interval
from recsys.labels import target
from recsys.types import OutcomeKind

log = logging.getLogger("overture.arms")

SINCE = timedelta(days=28)
"""openers that are looked at; an arm is judged by what it does now"""
LEAST = 20
"""closed openers a side below which nobody is stopped by a figure"""
LEVELS: Mapping[str, float] = {"dismissals": 0.95, "opt_outs": 0.9}
"""how sure an interval has to be: a lost member is worth stopping for sooner"""


@dataclass(frozen=True, slots=True)
class Closed:
    """One opener of an arm whose window is over."""

    member: str
    arm: str
    engaged: float
    dismissals: bool
    opt_outs: bool


@dataclass(frozen=True, slots=True)
class ArmFigures:
    """What came of an arm's openers, and how it compares with the control."""

    arm: str
    openers: int
    members: int
    engaged: Interval
    dismissals: Interval
    opt_outs: Interval
    against: Mapping[str, Interval]
    """by guardrail, the arm's rate less the control's; empty for the control"""
    broken: str
    """the guardrail that it broke; empty for none"""

    def as_json(self) -> dict[str, Any]:
        rates = {name: getattr(self, name).as_json() for name in ("engaged", *LEVELS)}
        against = {name: one.as_json() for name, one in self.against.items()}
        plain = {name: getattr(self, name) for name in ("openers", "members", "broken")}
        return {**plain, **rates, "against_control": against}


def watch(
    unit: Unit, experiments: Mapping[str, Experiment], now: datetime, *, seed: int
) -> list[tuple[str, ArmFigures]]:
    """Stop every running arm that broke a guardrail; returns (experiment, figures) of those."""
    stops, fresh = ArmStops(unit), []
    stopped = stops.stopped()
    for name, experiment in experiments.items():
        for found in figures(unit, name, experiment, now, seed=seed):
            if not found.broken or found.arm in stopped.get(name, ()):
                continue
            stops.stop(name, found.arm, now, found.broken, found.as_json())
            details = {"guardrail": found.broken, "openers": found.openers}
            Audit(unit).append(now, "guardrail", "arm.stopped", f"{name}/{found.arm}", details)
            log.warning("arm %s of experiment %s stopped: %s", found.arm, name, found.broken)
            fresh.append((name, found))
    return fresh


def figures(
    unit: Unit, name: str, experiment: Experiment, now: datetime, *, seed: int
) -> list[ArmFigures]:
    """Every arm of an experiment in the order of its settings, on the openers closed by `now`.

    Of an arm that was resumed only what it did since then counts; its control is not cut.
    """
    closed = _closed(unit, name, now)
    resumed = {
        row.arm: row.stopped_at
        for row in ArmStops(unit).rows()
        if row.experiment == name and not row.stopped_by
    }
    control = [one for at, one in closed if one.arm == experiment.control]
    found = []
    for arm in experiment.arms:
        since = resumed.get(arm)
        own = [one for at, one in closed if one.arm == arm and (since is None or at >= since)]
        found.append(_figures(arm, own, control if arm != experiment.control else [], seed))
    return found


def _figures(arm: str, own: Sequence[Closed], control: Sequence[Closed], seed: int) -> ArmFigures:
    members = [one.member for one in own]
    rates = {
        name: mean_interval(
            np.array([float(getattr(one, name)) for one in own]), members, seed=seed
        )
        for name in ("engaged", *LEVELS)
    }
    against: dict[str, Interval] = {}
    both = [*own, *control]
    for name, level in LEVELS.items() if control else ():
        against[name] = difference_interval(
            np.array([float(getattr(one, name)) for one in both]),
            np.arange(len(both)) < len(own),
            [one.member for one in both],
            seed=seed,
            level=level,
        )
    enough = min(len(own), len(control)) >= LEAST
    broken = next((name for name, one in against.items() if enough and one.low > 0), "")
    return ArmFigures(arm, len(own), len(set(members)), against=against, broken=broken, **rates)


def _closed(unit: Unit, experiment: str, now: datetime) -> list[tuple[datetime, Closed]]:
    """(when it was decided, what became of it) of the openers of the last weeks, by time."""
    arm = tables.Decision.inputs[("arms", experiment, "arm")].as_string()
    rows = unit.session.execute(
        select(tables.Opener.id, tables.Decision.member_id, tables.Decision.at, arm)
        .join(tables.Decision, tables.Decision.id == tables.Opener.decision_id)
        .where(
            tables.Opener.workspace_id == unit.workspace,
            tables.Opener.state == "closed",
            tables.Decision.at >= now - SINCE,
            tables.Decision.at < now,
            arm.is_not(None),
        )
        .order_by(tables.Decision.at, tables.Decision.id)
    ).all()
    fates, kinds = told.fates(unit), _kinds(unit)
    found = []
    for opener, member, at, one in rows:
        fate = np.array([fates.get(opener, (int(OutcomeKind.IGNORED), 0.0))[0]], np.int8)
        came = kinds.get(opener, frozenset())
        engaged = float(target(fate)[0])
        found.append((at, Closed(member, one, engaged, "dismissed" in came, "opted_out" in came)))
    return found


def _kinds(unit: Unit) -> dict[str, frozenset[str]]:
    """All outcomes of each opener that was refused or ended with the member leaving."""
    rows = unit.session.execute(
        select(tables.Outcome.opener_id, tables.Outcome.kind).where(
            tables.Outcome.workspace_id == unit.workspace,
            tables.Outcome.undone_at.is_(None),
            tables.Outcome.kind.in_(("dismissed", "opted_out")),
        )
    )
    found: dict[str, frozenset[str]] = {}
    for opener, kind in rows:
        found[opener] = found.get(opener, frozenset()) | {kind}
    return found
