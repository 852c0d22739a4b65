"""A challenger scores what the serving model decided: beside it, afterwards, and for nothing else.

It sees the top of each slate with the features that were computed for the decision, so it costs a
prediction on ten rows, once the pass is over.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import select

from bot.deciding.slates import TOP
from bot.deciding.variants import Variants
from bot.outreach import Attempt
from bot.reading import told
from bot.store import tables
from bot.store.database import Store, Unit
from recsys.evaluation.bootstrap import mean_interval
from recsys.evaluation.calibration import log_losses
from recsys.evaluation.ranking import auc
from recsys.labels import target, weight
from recsys.model import Model
from recsys.ranker import rescored
from recsys.registry import Registry

log = logging.getLogger("overture.shadow")


@dataclass(frozen=True)
class Shadow:
    """Keeps what the registry's shadow, where there is one, would have picked."""

    store: Store
    workspace: str
    registry: Registry
    variants: Variants

    def watch(self, attempts: Iterable[Attempt]) -> int:
        """Score the decisions of a pass; returns how many. Never raises: nothing hangs on it."""
        try:
            version = self.registry.shadow()
            if version is None:
                return 0
            loaded = self.variants.load(version)
            model = Model() if loaded is None else loaded.model
            rows = [
                row
                for one in attempts
                if one.counts and one.decision.model_version != version
                if (row := self._row(one, version, model)) is not None
            ]
            with self.store.writing(self.workspace) as unit:
                unit.session.add_all(rows)
                unit.commit()
        except Exception:
            log.exception("the challenger could not be asked; decisions stand as they are")
            return 0
        return len(rows)

    def _row(self, attempt: Attempt, version: str, model: Model) -> tables.ShadowScore | None:
        slate, decision = attempt.slate, attempt.decision
        if slate is None or slate.chosen is None or slate.chosen.position >= TOP:
            return None
        found = rescored(model, slate.ranked.matrix[:TOP])
        own = int(found.by.argmax())
        return tables.ShadowScore(
            workspace_id=self.workspace,
            decision_id=decision.id,
            model_version=version,
            item_id=(decision.slate or {})["top"][own]["item"],
            engages=float(found.engages[own]),
            served_engages=float(found.engages[slate.chosen.position]),
        )


@dataclass(frozen=True, slots=True)
class Beside:
    """One scored decision: both models' figures for the pick that was made."""

    member: str
    served: float
    challenger: float
    first: bool
    """whether the serving model's own first was picked, rather than one drawn to explore"""
    otherwise: bool
    """whether the challenger would have picked another item"""
    engaged: float
    """nan until the window of an opener is closed"""
    weight: float


def read(unit: Unit, version: str) -> list[Beside]:
    """Every decision that this version scored, by time."""
    rows = unit.session.execute(
        select(tables.ShadowScore, tables.Decision, tables.Opener)
        .join(tables.Decision, tables.Decision.id == tables.ShadowScore.decision_id)
        .outerjoin(tables.Opener, tables.Opener.decision_id == tables.Decision.id)
        .where(
            tables.ShadowScore.workspace_id == unit.workspace,
            tables.ShadowScore.model_version == version,
        )
        .order_by(tables.Decision.at, tables.Decision.id)
    ).all()
    fates = told.fates(unit)
    found = []
    for scored, decision, opener in rows:
        engaged, counts = np.nan, 0.0
        if opener is not None and opener.state == "closed" and opener.id in fates:
            kind, at = fates[opener.id]
            outcome = np.array([kind], np.int8)
            delay = np.array([at - (opener.sent_at or opener.created_at).timestamp()])
            engaged = float(target(outcome)[0])
            counts = float(weight(outcome, delay)[0])
        slate = decision.slate or {}
        found.append(
            Beside(
                member=decision.member_id,
                served=decision.engages or 0.0,
                challenger=scored.served_engages,
                first=slate.get("chosen") == 0,
                otherwise=scored.item_id != slate["top"][0]["item"],
                engaged=engaged,
                weight=counts,
            )
        )
    return found


def compared(known: Sequence[Beside], *, seed: int) -> dict[str, Any]:
    """How often it would have picked otherwise, and how both foretold what came; as JSON.

    `gain` is the serving model's log loss less the challenger's, above zero where the challenger
    foretells better, with its 95 % interval over members.
    """
    closed = [one for one in known if np.isfinite(one.engaged)]
    came = np.array([one.engaged for one in closed], np.float64)
    counts = np.array([one.weight for one in closed], np.float64)
    said = [
        np.array([getattr(one, name) for one in closed], np.float64)
        for name in ("served", "challenger")
    ]
    losses = [log_losses(came, one) for one in said]
    members = [one.member for one in closed]
    gain = mean_interval(losses[0] - losses[1], members, seed=seed, weights=counts)
    total = counts.sum()
    return {
        "decisions": len(known),
        "otherwise": sum(one.otherwise for one in known),
        "closed": len(closed),
        "log_loss": [float((loss * counts).sum() / total) if total else None for loss in losses],
        "auc": [x if np.isfinite(x) else None for x in (auc(came, one) for one in said)],
        "gain": gain.as_json(),
    }
