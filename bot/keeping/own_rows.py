"""Which rows are a member's: read off the tables, so that none can be forgotten.

A row is theirs where the table names them as its member, and where it hangs on a row of theirs, as
a turn hangs on a conversation.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, and_, delete, or_, select
from sqlalchemy import Table as CoreTable

from bot.store import tables
from bot.store.database import Unit

Owned = tuple[CoreTable, ColumnElement[bool]]


def owned(workspace: str, member: str) -> tuple[Owned, ...]:
    """(table, where) of all rows that are a member's, those first that hang on others.

    The row of the member is the last.
    """
    found: dict[CoreTable, ColumnElement[bool]] = {}
    members = tables.Member.__table__
    for table in tables.Table.metadata.sorted_tables:  # parents first
        theirs = list(_conditions(table, workspace, member, found))
        if table is members:
            theirs = [members.c.id == member]
        if theirs:
            found[table] = and_(table.c.workspace_id == workspace, or_(*theirs))
    return tuple(reversed(found.items()))


def delete_rows(unit: Unit, member: str) -> dict[str, int]:
    """Delete them all; returns how many by table."""
    gone = {}
    for table, where in owned(unit.workspace, member):
        first = next(iter(table.primary_key))
        rows = unit.session.execute(delete(table).where(where).returning(first)).all()
        gone[table.name] = len(rows)
    unit.session.expire_all()
    return gone


def _conditions(
    table: CoreTable, workspace: str, member: str, found: dict[CoreTable, ColumnElement[bool]]
) -> Iterator[ColumnElement[bool]]:
    for constraint in table.foreign_key_constraints:
        parent = constraint.referred_table
        for key in constraint.elements:
            if parent.name == "members" and key.column.name == "id":
                yield key.parent == member
            elif parent in found and key.column.name != "workspace_id":
                yield key.parent.in_(select(key.column).where(found[parent]))
