"""The curators' desk: who may do what, where items come from by themselves, what can be undone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.declarative import InWorkspace, OfWorkspace, Serial, Table, of_member
from bot.store.types import SealedJson


class Role(InWorkspace, Table):
    """What one member may do beyond what every member may; a row outweighs the settings."""

    __tablename__ = "roles"
    __table_args__ = (of_member(),)

    member_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    role: Mapped[str] = mapped_column(String(16))
    """member, curator or admin; member takes away what the settings give"""
    origin: Mapped[str] = mapped_column(String(16))
    """given, or slack for those who administer the workspace there"""
    granted_at: Mapped[datetime]
    granted_by: Mapped[str] = mapped_column(String(128))


class Feed(InWorkspace, Table):
    """A feed that is asked for news by itself."""

    __tablename__ = "feeds"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    url: Mapped[str]
    title: Mapped[str] = mapped_column(server_default="")
    topics: Mapped[list[Any]]
    """what its items are about beside their own topics"""
    audience_kind: Mapped[str] = mapped_column(String(16))
    audience_ids: Mapped[list[Any]]
    approves: Mapped[bool] = mapped_column(server_default=text("false"))
    """whether its items may be offered without anybody having looked at them"""
    added_at: Mapped[datetime]
    added_by: Mapped[str] = mapped_column(String(128))
    paused_at: Mapped[datetime | None]
    next_at: Mapped[datetime]
    """when it is asked next"""
    polled_at: Mapped[datetime | None]
    etag: Mapped[str] = mapped_column(server_default="")
    modified: Mapped[str] = mapped_column(server_default="")
    """what it said of itself last time, to be asked only for what is newer"""
    failures: Mapped[int] = mapped_column(server_default=text("0"))
    """times in a row that it could not be read"""
    problem: Mapped[str] = mapped_column(server_default="")
    brought: Mapped[int] = mapped_column(server_default=text("0"))
    """items that came from it"""


class Curation(OfWorkspace, Table):
    """One change of one item by a person, with what was there before, so that it can be undone."""

    __tablename__ = "curations"
    __table_args__ = (Index("ix_curations_item", "workspace_id", "item_id"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    batch: Mapped[str] = mapped_column(String(64), index=True)
    """what was done at once"""
    item_id: Mapped[str] = mapped_column(String(128))
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(128))
    action: Mapped[str] = mapped_column(String(32))
    before: Mapped[dict[str, Any]] = mapped_column(SealedJson)
    after: Mapped[dict[str, Any]] = mapped_column(SealedJson)
    undone_at: Mapped[datetime | None]
