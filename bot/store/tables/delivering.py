"""What leaves and what arrives: openers, the outbox, the inbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.declarative import OfWorkspace, Serial, Table, of_member
from bot.store.types import Sealed, SealedJson


class Opener(OfWorkspace, Table):
    """What was said, or is about to be: the impression that a decision made."""

    __tablename__ = "openers"
    __table_args__ = (
        of_member(),
        Index("ix_openers_member_sent", "workspace_id", "member_id", "sent_at"),
        Index("ix_openers_created", "workspace_id", "created_at"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    decision_id: Mapped[str] = mapped_column(String(64), ForeignKey("decisions.id"), unique=True)
    member_id: Mapped[str] = mapped_column(String(64))
    item_id: Mapped[str] = mapped_column(String(128))
    state: Mapped[str] = mapped_column(String(16), index=True)
    text: Mapped[str] = mapped_column(Sealed)
    why: Mapped[str] = mapped_column(Sealed)
    style: Mapped[str] = mapped_column(String(32))
    prompt: Mapped[str] = mapped_column(String(128))
    """prompt@version+hash, or template@version+hash"""
    language_model: Mapped[str] = mapped_column(String(128))
    """the model's name, or `template`"""
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    address: Mapped[str | None] = mapped_column(String(64))
    message_ref: Mapped[str | None] = mapped_column(String(64), index=True)
    window_closes_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    satisfaction: Mapped[int | None]


class Outbox(OfWorkspace, Table):
    """One row a message that is to leave; it exists before the call does."""

    __tablename__ = "outbox"
    __table_args__ = (
        of_member(),
        UniqueConstraint("workspace_id", "dedupe_key"),
        Index("ix_outbox_claim", "workspace_id", "state", "not_before"),
        Index("ix_outbox_member", "workspace_id", "member_id", "state"),
        Index("ix_outbox_called", "workspace_id", "called_at"),
        Index("ix_outbox_opener", "opener_id", "workspace_id"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    member_id: Mapped[str] = mapped_column(String(64))
    opener_id: Mapped[str | None] = mapped_column(String(64), ForeignKey("openers.id"))
    kind: Mapped[str] = mapped_column(String(16))
    """opener, welcome or answer"""
    dedupe_key: Mapped[str] = mapped_column(String(192))
    payload: Mapped[dict[str, Any]] = mapped_column(SealedJson)
    state: Mapped[str] = mapped_column(String(16))
    """queued, held, streaming, sending, sent, failed, withdrawn, expired or unresolved"""
    reason: Mapped[str] = mapped_column(server_default="")
    not_before: Mapped[datetime]
    expires_at: Mapped[datetime]
    owner: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None]
    called_at: Mapped[datetime | None]
    """when the call to the channel began: from here on a crash is ambiguous"""
    address: Mapped[str | None]
    """where that call went, or where the message was told to go"""
    absent_reads: Mapped[int] = mapped_column(server_default=text("0"))
    unread_since: Mapped[datetime | None]
    """since when its conversation cannot be read, or shows nothing that was sent later"""
    seen_at: Mapped[datetime | None]
    """when its conversation was first read with the message in it"""
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    message_ref: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    settled_by: Mapped[str | None] = mapped_column(String(64))
    """who said what became of an unresolved row"""


class Inbox(OfWorkspace, Table):
    """What arrived, stored before it was acknowledged."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("workspace_id", "key"),
        Index("ix_inbox_open", "workspace_id", "done_at", "conversation", "id"),
        Index("ix_inbox_oldest", "workspace_id", "done_at", "id"),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(192))
    kind: Mapped[str] = mapped_column(String(32))
    conversation: Mapped[str] = mapped_column(String(128))
    """rows of one conversation are worked off in order"""
    payload: Mapped[dict[str, Any]] = mapped_column(SealedJson)
    received_at: Mapped[datetime]
    owner: Mapped[str | None] = mapped_column(String(64))
    """who thinks about it now"""
    lease_until: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    error: Mapped[str] = mapped_column(server_default="")
