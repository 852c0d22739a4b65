"""How far a reading went: what was known then, told apart from what came or went since.

Moments are compared with moments of the same column, never with a clock: a pass that was told to
believe in another hour is replayed like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, true

from bot.store import tables
from bot.store.database import Unit


@dataclass(frozen=True, slots=True)
class Marks:
    """The highest of each column when it was read; None where there was none."""

    items: datetime | None = None
    items_changed: datetime | None = None
    items_approved: datetime | None = None
    items_withdrawn: datetime | None = None
    signals: int | None = None
    openers: datetime | None = None
    outcomes: int | None = None
    outcomes_undone: datetime | None = None
    consents: int | None = None
    consents_withdrawn: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """Moments as ISO 8601."""
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Marks:
        """Marks as `as_json` gave them."""
        values: dict[str, Any] = {
            field.name: datetime.fromisoformat(value) if isinstance(value, str) else value
            for field in fields(cls)
            if (value := told.get(field.name)) is not None
        }
        return cls(**values)


_COLUMNS: Mapping[str, Any] = {
    "items": tables.Item.first_at,
    "items_changed": tables.Item.changed_at,
    "items_approved": tables.Item.approved_at,
    "items_withdrawn": tables.Item.withdrawn_at,
    "signals": tables.Signal.id,
    "openers": tables.Opener.sent_at,
    "outcomes": tables.Outcome.id,
    "outcomes_undone": tables.Outcome.undone_at,
    "consents": tables.Consent.id,
    "consents_withdrawn": tables.Consent.withdrawn_at,
}
OF_ITEMS = tuple(name for name in _COLUMNS if name.startswith("items"))


def read(unit: Unit, names: tuple[str, ...] = tuple(_COLUMNS)) -> Marks:
    """The marks of these names as they stand in this unit."""
    values: dict[str, Any] = {
        name: unit.session.scalar(
            select(func.max(_COLUMNS[name])).where(
                _COLUMNS[name].class_.workspace_id == unit.workspace
            )
        )
        for name in names
    }
    return Marks(**values)


def column(name: str) -> ColumnElement[Any]:
    """The column that a mark is the highest of."""
    found: ColumnElement[Any] = _COLUMNS[name]
    return found


def known(name: str, mark: Any) -> ColumnElement[bool]:
    """Whether a row was there at a mark; one without a value always was."""
    column = _COLUMNS[name]
    there: ColumnElement[bool] = column.is_(None)
    return there if mark is None else or_(there, column <= mark)


def standing(name: str, mark: Any) -> ColumnElement[bool]:
    """Whether what ends a row (a withdrawal, an undoing) had not come by the mark."""
    column = _COLUMNS[name]
    return true() if mark is None else or_(column.is_(None), column > mark)
