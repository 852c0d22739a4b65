"""Column types that behave the same on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, DateTime, Dialect, Text, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.operators import OperatorType, is_, is_not
from sqlalchemy.types import TypeDecorator

from bot.store.sealing import Sealer

Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class Moment(TypeDecorator[datetime]):
    """An instant: aware datetimes in, UTC datetimes out; refuses naive ones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment needs a time zone, got {value!r}")
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Stored(TypeDecorator[Any]):
    """A moment as the driver hands it over: ``type_coerce(column, Stored)``.

    A text in UTC on SQLite, an aware datetime on PostgreSQL; `bot.reading.moments` reads both.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> None:
        """None: nothing is made of it row by row."""


UNSEALED = Sealer()


def sealer_of(dialect: Dialect) -> Sealer:
    """The sealer of the engine that a dialect belongs to; see `bot.store.database.connect`."""
    found: Sealer = getattr(dialect, "overture_sealer", UNSEALED)
    return found


class _NotAsked(TypeDecorator.Comparator[Any]):
    """The same words are sealed differently each time: asking for them would find nothing."""

    def operate(self, op: OperatorType, *other: Any, **kwargs: Any) -> Any:
        # SQLAlchemy itself asks columns whether they are one another
        if op in (is_, is_not) or (other and isinstance(other[0], Column)):
            return super().operate(op, *other, **kwargs)
        raise TypeError(f"{self.expr} is sealed: nothing can be compared with it or sorted by it")


class Sealed(TypeDecorator[str]):
    """Text that is sealed at rest, and can be read but not asked for."""

    impl = Text
    cache_ok = True
    comparator_factory = _NotAsked

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else sealer_of(dialect).seal(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else sealer_of(dialect).open(value)


class SealedJson(TypeDecorator[dict[str, Any]]):
    """JSON that is sealed at rest as a whole; an empty object says nothing and stays as it is."""

    impl = Text
    cache_ok = True
    comparator_factory = _NotAsked

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Dialect) -> str | None:
        if not value:
            return None if value is None else "{}"
        return sealer_of(dialect).seal(json.dumps(value, ensure_ascii=False))

    def process_result_value(self, value: str | None, dialect: Dialect) -> dict[str, Any] | None:
        if value is None:
            return None
        read: dict[str, Any] = json.loads(sealer_of(dialect).open(value))
        return read


def raw(column: Any) -> ColumnElement[str]:
    """A sealed column as it is stored."""
    return type_coerce(column, Text)
