"""What the language model cost, by day: one row for each thing that it was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Insert, Select, bindparam, func, select
from sqlalchemy import Table as CoreTable
from sqlalchemy.dialects import postgresql, sqlite

from bot.ports import Usage
from bot.store import tables
from bot.store.database import Unit

_SUMS = ("calls", "estimated", "prompt_tokens", "completion_tokens", "micros")


class Spendings:
    """Reads and adds to the spending of one workspace."""

    def __init__(self, unit: Unit) -> None:
        self._session = unit.session
        self._workspace = unit.workspace

    def add(self, day: str, purpose: str, usage: Usage) -> None:
        """Add one call to a day (ISO, UTC); the database adds, so no call of others is lost."""
        row = {
            "workspace_id": self._workspace,
            "day": day,
            "purpose": purpose,
            "calls": 1,
            "estimated": int(usage.estimated),
            "prompt_tokens": usage.prompt_tokens,
            "completion_tokens": usage.completion_tokens,
            "micros": usage.micros,
        }
        self._session.execute(_add(self._session.get_bind().dialect.name), row)

    def of(self, day: str) -> Usage:
        """All of one day together."""
        found = self._session.execute(_of(), {"workspace": self._workspace, "day": day}).one()
        estimated, prompt, completion, micros = map(int, found)
        return Usage(prompt, completion, estimated > 0, micros)

    def since(self, day: str) -> Sequence[tables.Spending]:
        """The rows from a day on, by day and purpose."""
        return self._session.scalars(
            select(tables.Spending)
            .where(
                tables.Spending.workspace_id == self._workspace,
                tables.Spending.day >= day,
            )
            .order_by(tables.Spending.day, tables.Spending.purpose)
        ).all()


@cache
def _add(dialect: str) -> Insert:
    target = tables.Spending.__table__
    assert isinstance(target, CoreTable)
    insert = (postgresql if dialect == "postgresql" else sqlite).insert(target)
    added: Insert = insert.on_conflict_do_update(
        index_elements=["workspace_id", "day", "purpose"],
        set_={name: target.c[name] + insert.excluded[name] for name in _SUMS},
    )
    return added


@cache
def _of() -> Select[Any]:
    spending = tables.Spending
    sums = [func.coalesce(func.sum(getattr(spending, name)), 0) for name in _SUMS[1:]]
    return select(*sums).where(
        spending.workspace_id == bindparam("workspace"), spending.day == bindparam("day")
    )
