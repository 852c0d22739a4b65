"""What members did with an opener, and the conversations about it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.declarative import InWorkspace, OfWorkspace, Serial, Table, of_member
from bot.store.types import Sealed, SealedJson


class Outcome(OfWorkspace, Table):
    """What a member did with an opener; each kind at most once."""

    __tablename__ = "outcomes"
    __table_args__ = (
        of_member(),
        UniqueConstraint("opener_id", "kind"),
        Index("ix_outcomes_opener", "workspace_id", "opener_id"),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    opener_id: Mapped[str] = mapped_column(String(64), ForeignKey("openers.id"))
    member_id: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    """the name of a recsys OutcomeKind, lower case"""
    reason: Mapped[str] = mapped_column(server_default="")
    at: Mapped[datetime]
    seconds_after: Mapped[float]
    undone_at: Mapped[datetime | None]


class Conversation(OfWorkspace, Table):
    __tablename__ = "conversations"
    __table_args__ = (
        of_member(),
        UniqueConstraint("workspace_id", "address", "thread_ref"),
        Index("ix_conversations_member", "workspace_id", "member_id"),
        Index("ix_conversations_opener", "opener_id", "workspace_id"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    member_id: Mapped[str] = mapped_column(String(64))
    opener_id: Mapped[str | None] = mapped_column(String(64), ForeignKey("openers.id"))
    address: Mapped[str] = mapped_column(String(64))
    thread_ref: Mapped[str] = mapped_column(String(64))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    """when the member was asked how it went"""


class Turn(OfWorkspace, Table):
    __tablename__ = "turns"
    __table_args__ = (
        UniqueConstraint("conversation_id", "key"),
        Index("ix_turns_conversation", "workspace_id", "conversation_id"),
        Index("ix_turns_key", "workspace_id", "key"),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    conversation_id: Mapped[str] = mapped_column(String(64), ForeignKey("conversations.id"))
    key: Mapped[str] = mapped_column(String(192))
    author: Mapped[str] = mapped_column(String(16))
    """member or bot"""
    text: Mapped[str] = mapped_column(Sealed)
    at: Mapped[datetime]
    prompt: Mapped[str] = mapped_column(String(128), server_default="")
    language_model: Mapped[str] = mapped_column(String(128), server_default="")
    rating: Mapped[int | None]
    """what the member thinks of an answer of ours: 1 good, -1 bad"""
    rated_at: Mapped[datetime | None]


class Handoff(OfWorkspace, Table):
    """A member asked for a person."""

    __tablename__ = "handoffs"
    __table_args__ = (of_member(),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    member_id: Mapped[str] = mapped_column(String(64))
    opener_id: Mapped[str | None] = mapped_column(String(64), ForeignKey("openers.id"))
    asked_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    taken_by: Mapped[str | None]
    conversation_id: Mapped[str | None] = mapped_column(String(64))
    shared: Mapped[bool | None]
    """whether what was said may be shown to the taker; null while the member has not said"""
    told_at: Mapped[datetime | None]
    """when a taker was first told"""
    reminded_at: Mapped[datetime | None]
    reminders: Mapped[int] = mapped_column(server_default=text("0"))


class Proposal(OfWorkspace, Table):
    """What we would change or keep for a member, once they say yes."""

    __tablename__ = "proposals"
    __table_args__ = (of_member(),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    member_id: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    """setting, reminder or goal"""
    payload: Mapped[dict[str, Any]] = mapped_column(SealedJson)
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    agreed: Mapped[bool | None]


class Correction(InWorkspace, Table):
    """An edit or a deletion that came before its message: it waits for that."""

    __tablename__ = "corrections"
    __table_args__ = (of_member(),)

    address: Mapped[str] = mapped_column(String(64), primary_key=True)
    message_ref: Mapped[str] = mapped_column(String(64), primary_key=True)
    member_id: Mapped[str | None] = mapped_column(String(64))
    """whose words they are; null for a deletion"""
    text: Mapped[str | None] = mapped_column(Sealed)
    """what the message says now; null where it is gone"""
    came_at: Mapped[datetime]
