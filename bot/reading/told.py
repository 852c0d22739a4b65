"""What members were told and what became of it, as columns; only of those who agreed to openers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from sqlalchemy import ColumnElement, and_, case, select, true, type_coerce

from bot.openers.styles import STYLES
from bot.policy.purposes import OPENERS
from bot.reading.moments import seconds
from bot.store import marks, tables
from bot.store.database import Unit
from bot.store.marks import Marks
from bot.store.types import Stored
from recsys.state import empty_exposures, local_hour
from recsys.types import Exposures, ItemId, MemberId, OutcomeKind, Pool

OUTCOMES = {kind.name.lower(): int(kind) for kind in OutcomeKind}
_STYLES = {style: position for position, style in enumerate(STYLES)}


class _Shown(NamedTuple):
    opener: str
    member: MemberId
    item: ItemId
    style: str
    """as drawn; empty where it was said in another one, for the draw is not to learn from that"""
    at: float
    closes: float
    """when its window closes; nan where that is not kept"""
    expected: float
    """P(engages) as it was decided by; nan where that is not kept"""

    @property
    def silence(self) -> tuple[int, float]:
        """What became of it unless something else did: known as its window closes, not at night."""
        if np.isnan(self.closes):
            return int(OutcomeKind.OPEN), np.inf
        return int(OutcomeKind.IGNORED), self.closes


def read(
    unit: Unit,
    pool: Pool,
    zones: Mapping[MemberId, str],
    granted: Mapping[str, frozenset[str]] | None,
    upto: Marks | None = None,
) -> Exposures:
    """All openers that arrived, ascending by time; `member` is the position within `zones`.

    One that nothing came of reads as ignored from the end of its window on, be that yet to come:
    live it is known then what a night's training will know of that moment.

    `granted` says what each agreed to, None reads everybody's. With `upto`, only what was known
    of them at these marks.
    """
    shown = [
        one
        for one in _shown(unit, upto)
        if granted is None or OPENERS in granted.get(one.member, ())
    ]
    if not shown:
        return empty_exposures()
    outcomes = fates(unit, upto)
    positions = {member: position for position, member in enumerate(zones)}
    ends = [outcomes.get(one.opener, one.silence) for one in shown]
    at = np.array([one.at for one in shown])
    member = np.array([positions[one.member] for one in shown], np.int32)
    hour = np.zeros(len(shown), np.int8)
    for position, zone in enumerate(zones.values()):
        mine = member == position
        if mine.any():
            hour[mine] = local_hour(at[mine], zone)
    return Exposures(
        at=at,
        row=np.array([pool.row_of.get(one.item, -1) for one in shown], np.int32),
        style=np.array([_STYLES.get(one.style, -1) for one in shown], np.int8),
        outcome=np.array([fate[0] for fate in ends], np.int8),
        outcome_at=np.array([fate[1] for fate in ends]),
        member=member,
        hour=hour,
        expected=np.array([one.expected for one in shown]),
    )


def of(exposures: Exposures, position: int) -> Exposures:
    """Those of the member at this position."""
    mine = np.flatnonzero(exposures.member == position)
    return Exposures(
        exposures.at[mine],
        exposures.row[mine],
        exposures.style[mine],
        exposures.outcome[mine],
        exposures.outcome_at[mine],
        exposures.member[mine],
        exposures.hour[mine],
        exposures.expected[mine],
    )


def _shown(unit: Unit, upto: Marks | None) -> list[_Shown]:
    arrived = true() if upto is None else marks.known("openers", upto.openers)
    drawn, said = tables.Decision.style, tables.Opener.style
    rows = unit.session.execute(
        select(
            tables.Opener.id,
            tables.Opener.member_id,
            tables.Opener.item_id,
            case((drawn != said, ""), else_=said),
            type_coerce(tables.Opener.sent_at, Stored),
            type_coerce(tables.Opener.window_closes_at, Stored),
            tables.Decision.engages,
        )
        .join(tables.Decision, tables.Decision.id == tables.Opener.decision_id)
        .where(
            tables.Opener.workspace_id == unit.workspace,
            tables.Opener.state.in_(("sent", "closed")),
            tables.Opener.sent_at.is_not(None),
            arrived,
        )
        .order_by(tables.Opener.sent_at, tables.Opener.id)
    ).all()
    if not rows:
        return []
    *who, at, closes, engages = zip(*rows, strict=True)
    expected = (np.nan if one is None else one for one in engages)
    columns = (*who, seconds(at).tolist(), seconds(closes).tolist(), expected)
    return [_Shown(*one) for one in zip(*columns, strict=True)]


def fates(unit: Unit, upto: Marks | None = None) -> dict[str, tuple[int, float]]:
    """(kind, moment) of what became of each opener: the last, but nothing yields to silence."""
    stands: ColumnElement[bool] = tables.Outcome.undone_at.is_(None)
    if upto is not None:
        stands = and_(
            marks.known("outcomes", upto.outcomes),
            marks.standing("outcomes_undone", upto.outcomes_undone),
        )
    rows = unit.session.execute(
        select(
            tables.Outcome.opener_id,
            tables.Outcome.kind,
            type_coerce(tables.Outcome.at, Stored),
        )
        .where(
            tables.Outcome.workspace_id == unit.workspace,
            stands,
        )
        .order_by(tables.Outcome.at, tables.Outcome.id)
    ).all()
    final: dict[str, tuple[int, float]] = {}
    for (opener, kind, _), at in zip(rows, seconds([row[2] for row in rows]).tolist(), strict=True):
        if opener not in final or kind != "ignored":
            final[opener] = OUTCOMES[kind], at
    return final
