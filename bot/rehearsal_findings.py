"""What a rehearsal came to: what would have been said, what not, and who went there anyway."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from sqlalchemy import select

from bot.learning.lift import WITHIN, touched
from bot.store import tables
from bot.store.database import Unit
from recsys.evaluation.bootstrap import mean_interval

EXTREMES = 10
"""how many of the best and of the worst are told"""
SAID, HELD_BACK, UNSAID = "said", "held back at random", "not said"
KINDS = (SAID, HELD_BACK, UNSAID)


@dataclass(frozen=True, slots=True)
class Day:
    """One rehearsed day, from its night to the next one."""

    day: date
    begins: datetime
    """its night"""
    model: str
    """the version that served when it ended"""
    learned: str
    """what the night's training came to, in words"""
    openers: int
    silences: Mapping[str, int]
    seconds: float

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "day": self.day.isoformat(), "begins": self.begins.isoformat()}


@dataclass(frozen=True, slots=True)
class Choice:
    """A decision that had an item to speak of."""

    decision: str
    member: str
    name: str
    at: datetime
    kind: str
    """one of KINDS"""
    item: str
    title: str
    text: str
    """what would have been written; empty where nothing would"""
    why: str
    engages: float
    """P(engages) that it was believed to have"""
    arm: str
    model: str
    went: bool | None
    """whether the member went there within a day; None where the export ends before"""

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "at": self.at.isoformat()}


@dataclass(frozen=True)
class Findings:
    """All that a rehearsal came to."""

    days: tuple[Day, ...]
    choices: tuple[Choice, ...]
    within_reach: int
    """items that members joined within a day of such a decision and that were out by then, whether
    it picked them or not: more could not have been foretold"""

    def of(self, kind: str) -> list[Choice]:
        return [one for one in self.choices if one.kind == kind]

    @property
    def openers(self) -> list[Choice]:
        """What would have been said, in order."""
        return self.of(SAID)

    @property
    def silences(self) -> dict[str, int]:
        """Silences by reason, the most frequent first."""
        counts: Counter[str] = Counter()
        for day in self.days:
            counts.update(day.silences)
        return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))

    def extremes(self, went: bool) -> list[Choice]:
        """The surest openers whose member went there by themselves, or did not."""
        known = [one for one in self.openers if one.went is went]
        return sorted(known, key=lambda one: (-one.engages, one.at, one.member))[:EXTREMES]

    def went(self, kind: str, seed: int) -> dict[str, Any]:
        """How often members went there by themselves, with an interval over members."""
        ours = self.of(kind)
        known = [one for one in ours if one.went is not None]
        values = np.array([float(bool(one.went)) for one in known], np.float64)
        share = mean_interval(values, [one.member for one in known], seed=seed)
        return {
            "decisions": len(ours),
            "unknown": len(ours) - len(known),
            "went": int(values.sum()),
            "share": share.as_json(),
        }

    def as_json(self, seed: int) -> dict[str, Any]:
        """The object that `overture rehearse --json` prints, but for what was asked."""
        return {
            "days": [day.as_json() for day in self.days],
            "openers": [one.as_json() for one in self.openers],
            "silences": self.silences,
            "within_reach": self.within_reach,
            "went_by_themselves": {kind.replace(" ", "_"): self.went(kind, seed) for kind in KINDS},
            "best": [one.decision for one in self.extremes(True)],
            "worst": [one.decision for one in self.extremes(False)],
        }


def choices(unit: Unit, ends: datetime) -> tuple[Choice, ...]:
    """All decisions that had an item to speak of, in order; the export ends at `ends`."""
    rows = unit.session.execute(
        select(tables.Decision, tables.Opener, tables.Member.name, tables.Item.title)
        .outerjoin(tables.Opener, tables.Opener.decision_id == tables.Decision.id)
        .join(
            tables.Member,
            (tables.Member.workspace_id == tables.Decision.workspace_id)
            & (tables.Member.id == tables.Decision.member_id),
        )
        .join(
            tables.Item,
            (tables.Item.workspace_id == tables.Decision.workspace_id)
            & (tables.Item.id == tables.Decision.item_id),
        )
        .where(tables.Decision.workspace_id == unit.workspace)
        .order_by(tables.Decision.at, tables.Decision.id)
    ).all()
    visits = touched(unit)
    return tuple(
        Choice(
            decision=decision.id,
            member=decision.member_id,
            name=name or decision.member_id,
            at=decision.at,
            kind=_kind(decision),
            item=decision.item_id or "",
            title=title,
            text=opener.text if opener is not None else "",
            why=opener.why if opener is not None else "",
            engages=round(decision.engages or 0.0, 4),
            arm=decision.arm,
            model=decision.model_version or "",
            went=_went(
                decision, visits.get((decision.member_id, decision.item_id or ""), ()), ends
            ),
        )
        for decision, opener, name, title in rows
    )


def within_reach(unit: Unit, chosen: Sequence[Choice]) -> int:
    """How many joins, each member's first of an item, one of these could have foretold."""
    decided: dict[str, list[datetime]] = {}
    for one in chosen:
        decided.setdefault(one.member, []).append(one.at)
    item = tables.Item
    rows = unit.session.execute(
        select(item.id, item.published_at).where(item.workspace_id == unit.workspace)
    )
    out = {row.id: row.published_at for row in rows}
    return sum(
        any(out[name] <= at < min(moments) <= at + WITHIN for at in decided.get(member, ()))
        for (member, name), moments in touched(unit).items()
        if name in out
    )


def _kind(decision: tables.Decision) -> str:
    if decision.verdict == "speak":
        return SAID
    return HELD_BACK if decision.reason == "holdout" else UNSAID


def _went(decision: tables.Decision, moments: Sequence[datetime], ends: datetime) -> bool | None:
    over = decision.at + WITHIN
    if any(decision.at < at <= over for at in moments):
        return True
    return False if over <= ends else None
