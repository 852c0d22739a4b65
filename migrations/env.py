"""Alembic's entry: `bot.store.schema` hands it a connection; alone, it connects by the settings."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

from bot.settings import load
from bot.store.database import connect
from bot.store.schema import differs_in_default
from bot.store.tables import Table
from bot.store.types import Moment


def _render(kind: str, column: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write plain types into revisions: an old revision must not change with our classes."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(column, Moment) else False


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Table.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=_render,
        compare_type=True,
        compare_server_default=differs_in_default,
    )
    with context.begin_transaction():
        context.run_migrations()


def _alone() -> None:
    engine = connect(load().database_url)
    with engine.execution_options(overture_writes=True).begin() as connection:
        _migrate(connection)
    engine.dispose()


given = context.config.attributes.get("connection")
if given is None:
    _alone()
else:
    _migrate(given)
