"""What every table shares: the declarative base, and the workspace that each row belongs to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    String,
    Text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bot.store.types import Json, Moment

Serial = BigInteger().with_variant(Integer(), "sqlite")


class Table(DeclarativeBase):
    """Declarative base: named constraints, so that migrations can drop what they made."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Moment, dict[str, Any]: Json, list[Any]: Json, str: Text}  # noqa: RUF012


def of_member() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["workspace_id", "member_id"], ["members.workspace_id", "members.id"]
    )


class InWorkspace:
    """The column that every table but `workspaces` begins with, and that leads its key."""

    workspace_id: Mapped[str] = mapped_column(
        String(64), ForeignKey("workspaces.id"), primary_key=True, sort_order=-1
    )


class OfWorkspace:
    """The same column for tables that have an id of their own."""

    workspace_id: Mapped[str] = mapped_column(
        String(64), ForeignKey("workspaces.id"), index=True, sort_order=-1
    )
