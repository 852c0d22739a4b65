"""What may be talked about, where it may be seen, and what members showed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.declarative import InWorkspace, OfWorkspace, Serial, Table, of_member
from bot.store.types import Sealed


class Topic(InWorkspace, Table):
    __tablename__ = "topics"

    slug: Mapped[str] = mapped_column(String(64), primary_key=True)
    title: Mapped[str]
    about: Mapped[str] = mapped_column(server_default="")
    sensitive: Mapped[bool] = mapped_column(server_default=text("false"))


class Channel(InWorkspace, Table):
    __tablename__ = "channels"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(String(16))
    """public, private, im or mpim"""


class ChannelMember(InWorkspace, Table):
    __tablename__ = "channel_members"
    __table_args__ = (
        of_member(),
        Index("ix_channel_members_member", "workspace_id", "member_id", "channel_id"),
    )

    channel_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    member_id: Mapped[str] = mapped_column(String(64), primary_key=True)


class Item(InWorkspace, Table):
    __tablename__ = "items"
    __table_args__ = (
        Index("ix_items_text", "workspace_id", "text_hash"),
        Index("ix_items_url", "workspace_id", "url_key"),
        Index("ix_items_title", "workspace_id", "title_key"),
        Index("ix_items_message", "workspace_id", "channel_id", "message_ref"),
        Index("ix_items_addressed", "workspace_id", "addressed_to"),
    )

    id: Mapped[str] = mapped_column(String(128), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    title: Mapped[str]
    summary: Mapped[str] = mapped_column(server_default="")
    text: Mapped[str] = mapped_column(server_default="")
    text_hash: Mapped[str] = mapped_column(String(64))
    topics: Mapped[list[Any]]
    level: Mapped[int | None]
    builds_on: Mapped[list[Any]]
    url: Mapped[str | None]
    source: Mapped[str] = mapped_column(String(128))
    author_id: Mapped[str | None] = mapped_column(String(64))
    channel_id: Mapped[str | None] = mapped_column(String(64))
    message_ref: Mapped[str | None] = mapped_column(String(64))
    audience_kind: Mapped[str] = mapped_column(String(16))
    """workspace, channels, members or unknown"""
    audience_ids: Mapped[list[Any]]
    addressed_to: Mapped[str | None] = mapped_column(String(64))
    mentions: Mapped[list[Any]] = mapped_column(server_default="[]")
    """ids of the members whom its words name"""
    published_at: Mapped[datetime]
    not_before: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[str | None]
    withdrawn_at: Mapped[datetime | None]
    imported_at: Mapped[datetime]
    first_at: Mapped[datetime | None]
    """when it was met for the first time; null for those from before this was kept"""
    changed_at: Mapped[datetime | None]
    """when its content changed last; null where it never did"""
    pinned_at: Mapped[datetime | None]
    rejected_at: Mapped[datetime | None]
    rejected_why: Mapped[str] = mapped_column(server_default="")
    edited_at: Mapped[datetime | None]
    """when a curator last wrote into it; where it comes from does not overwrite that"""
    url_key: Mapped[str | None] = mapped_column(String(32))
    title_key: Mapped[str | None] = mapped_column(String(32))
    """by these and by `text_hash` twins find each other, see `bot.store.likeness`"""
    compared_at: Mapped[datetime | None]
    """when it was held against the others; null where that is still to be done"""
    twin_of: Mapped[str | None] = mapped_column(String(128))
    twin_by: Mapped[str] = mapped_column(String(16), server_default="")
    """address, text, title or meaning; empty where it is like no other, or was found not to be"""
    link_checked_at: Mapped[datetime | None]
    link_dead_at: Mapped[datetime | None]
    """since when its address has led nowhere"""
    link_problem: Mapped[str] = mapped_column(server_default="")


class Signal(OfWorkspace, Table):
    __tablename__ = "signals"
    __table_args__ = (
        of_member(),
        UniqueConstraint("workspace_id", "key"),
        Index("ix_signals_member_at", "workspace_id", "member_id", "at"),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    member_id: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(192))
    """what makes it unique: importing or hearing of it twice changes nothing"""
    purpose: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(16))
    """the name of a recsys SignalKind, lower case"""
    at: Mapped[datetime]
    item_id: Mapped[str | None] = mapped_column(String(128))
    channel_id: Mapped[str | None] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Sealed, server_default="")
