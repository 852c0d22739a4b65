"""Watches whether every statement of a unit of work keeps to the unit's workspace."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

from sqlalchemy import Table, event
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import BinaryExpression, BindParameter, ColumnElement
from sqlalchemy.sql.selectable import Alias

from bot.store.database import Unit

OWNED = "workspace_id"
SHARED = "installations"
"""an organisation's row has the tokens of its workspaces"""


@contextmanager
def watched(mark: str = "\0") -> Iterator[list[str]]:
    """What reached over the border of a unit's workspace: statements, rows, and words.

    `mark` is a word of another workspace, which no row that is written may hold.
    """
    found: list[str] = []
    made = Unit.__init__

    def note(unit: Unit, session: Session, workspace: str, *more: Any) -> None:
        session.info["workspace"] = workspace
        made(unit, session, workspace, *more)

    def look(state: ORMExecuteState) -> None:
        workspace = state.session.info.get("workspace")
        if not workspace:  # a unit of no workspace may look at all
            return
        if state.is_insert:
            given: Any = state.parameters or {}
            into = str(cast(Any, state.statement).table.name)
            for row in given if isinstance(given, list) else [given]:
                _judge(row, workspace, into)
        elif stray := strays(state.statement):
            text = " ".join(str(state.statement).split())
            found.append(f"{sorted(stray)} of all: {text[:300]}\n{_where()}")

    def flushed(session: Session, *_: Any) -> None:
        workspace = session.info.get("workspace")
        if workspace:
            for row in (*session.new, *session.dirty, *session.deleted):
                values = {k: v for k, v in vars(row).items() if k != "_sa_instance_state"}
                _judge(values, workspace, type(row).__name__)

    def _judge(row: Mapping[str, Any], workspace: str, what: str) -> None:
        if row.get(OWNED, workspace) != workspace:
            found.append(f"a row of {what} in {row[OWNED]} is written by {workspace}\n{_where()}")
        if mark in repr(row):
            found.append(f"a row of {what} in {workspace} has words of another\n{_where()}")

    Unit.__init__ = note  # type: ignore[method-assign,assignment]
    event.listen(Session, "do_orm_execute", look)
    event.listen(Session, "before_flush", flushed)
    try:
        yield found
    finally:
        event.remove(Session, "before_flush", flushed)
        event.remove(Session, "do_orm_execute", look)
        Unit.__init__ = made  # type: ignore[method-assign]


def strays(statement: Any) -> set[str]:
    """Tables of workspaces' rows that a statement names without saying whose rows it means."""
    named: dict[str, str] = {}
    said: set[str] = set()
    same: list[tuple[str, str]] = []
    for part in visitors.iterate(statement):
        table = part if isinstance(part, Table | Alias) else None
        if table is not None and OWNED in table.c and not _is_derived(table):
            named[str(table.name)] = table.name
        if isinstance(part, BinaryExpression) and part.operator in (operators.eq, operators.in_op):
            left, right = _owner(part.left), _owner(part.right)
            belongs = _belongs(part.left, part.right)
            if left is not None and right is not None:
                same.append((left, right))
            elif belongs is not None:
                same.append(belongs)
            elif left is not None and _is_given(part.right):
                said.add(left)
            elif _is_own_id(part.left) and _is_given(part.right):
                said.add(str(part.left.table.name))
            elif right is not None and _is_given(part.left):
                said.add(right)
    grew = True
    while grew:
        grew = False
        for one, other in same:
            if (one in said) != (other in said):
                said |= {one, other}
                grew = True
    return {name for key, name in named.items() if key not in said} - {SHARED}


def _is_own_id(side: Any) -> bool:
    """Whether it is the whole primary key: what was found by it is looked at, see the tests."""
    table = getattr(side, "table", None)
    key = getattr(table, "primary_key", ())
    return table is not None and [column.key for column in key] == [getattr(side, "key", None)]


def _belongs(one: Any, other: Any) -> tuple[str, str] | None:
    """Two tables of which a row of one belongs to a row of the other, by a foreign key."""
    for key, target in ((one, other), (other, one)):
        columns = {getattr(found.column, "key", None) for found in getattr(key, "foreign_keys", ())}
        mine, theirs = getattr(key, "table", None), getattr(target, "table", None)
        if mine is not None and theirs is not None and getattr(target, "key", None) in columns:
            return str(mine.name), str(theirs.name)
    return None


def _is_derived(table: Any) -> bool:
    return isinstance(table, Alias) and not isinstance(table.element, Table)


def _owner(side: Any) -> str | None:
    """Of which table a side is the owner's column; None where it is none."""
    name, table = getattr(side, "name", None), getattr(side, "table", None)
    if isinstance(side, ColumnElement) and name == OWNED and table is not None:
        return str(table.name)
    return None


def _is_given(side: Any) -> bool:
    return any(isinstance(part, BindParameter) for part in visitors.iterate(side))


def _where() -> str:
    """Who asked, within the bot."""
    lines = [
        f
        for f in traceback.extract_stack()
        if "/bot/" in f.filename and "/tests/" not in f.filename
    ]
    return "\n".join(
        f"    {f.filename.rpartition('/bot/')[2]}:{f.lineno} {f.line}" for f in lines[-4:]
    )
