"""How a workspace is governed: its installation, rules and reviews, and the log of all acts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.declarative import InWorkspace, OfWorkspace, Serial, Table
from bot.store.types import Sealed


class Installation(InWorkspace, Table):
    """The tokens of one workspace."""

    __tablename__ = "installations"

    team_id: Mapped[str] = mapped_column(String(64))
    enterprise_id: Mapped[str] = mapped_column(String(64), server_default="")
    app_id: Mapped[str] = mapped_column(String(64), server_default="")
    bot_user_id: Mapped[str] = mapped_column(String(64), server_default="")
    scopes: Mapped[str] = mapped_column(server_default="")
    bot_token: Mapped[str] = mapped_column(Sealed)
    refresh_token: Mapped[str | None] = mapped_column(Sealed)
    expires_at: Mapped[datetime | None]
    """null for a token that does not rotate"""
    installed_at: Mapped[datetime]
    installed_by: Mapped[str] = mapped_column(String(64), server_default="")
    refreshed_at: Mapped[datetime | None]
    refresher: Mapped[str | None] = mapped_column(String(64))
    """who trades the refresh token in just now"""
    refreshing_until: Mapped[datetime | None]
    """when they have ended, one way or another"""


class OAuthState(Table):
    """An installation that a browser began; its row goes with its first use. It is nobody's yet."""

    __tablename__ = "oauth_states"

    state: Mapped[str] = mapped_column(String(64), primary_key=True)
    """a hash of what Slack hands back"""
    browser: Mapped[str] = mapped_column(String(64))
    """a hash of the cookie of who began it"""
    expires_at: Mapped[datetime] = mapped_column(index=True)


class AdminRule(OfWorkspace, Table):
    """A rule that an admin wrote; a change is a new version, and one version at most is on."""

    __tablename__ = "admin_rules"
    __table_args__ = (UniqueConstraint("workspace_id", "name", "version"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(String(64))
    version: Mapped[int]
    expression: Mapped[str]
    """silence where it holds"""
    is_on: Mapped[bool] = mapped_column(server_default=text("false"))
    saved_at: Mapped[datetime]
    saved_by: Mapped[str] = mapped_column(String(64))


class Review(InWorkspace, Table):
    """An opener that a person looks at before it leaves."""

    __tablename__ = "reviews"

    opener_id: Mapped[str] = mapped_column(String(64), ForeignKey("openers.id"), primary_key=True)
    state: Mapped[str] = mapped_column(String(16), index=True)
    """waiting, approved, edited, answered or skipped"""
    asked_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(64))
    original: Mapped[str] = mapped_column(Sealed)
    edited: Mapped[str | None] = mapped_column(Sealed)
    note: Mapped[str] = mapped_column(Sealed, server_default="")
    """what the reviewer answered back"""
    message_ref: Mapped[str | None] = mapped_column(String(64))
    """the message in the review channel"""


class AuditEntry(OfWorkspace, Table):
    """Who did what, and when; each entry holds the hash of the one before it."""

    __tablename__ = "audit_log"
    __table_args__ = (UniqueConstraint("workspace_id", "number"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    number: Mapped[int]
    """1, 2, 3 … within the workspace, without a gap"""
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(128))
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(192), server_default="")
    details: Mapped[dict[str, Any]]
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
