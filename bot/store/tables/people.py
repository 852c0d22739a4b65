"""Workspaces, their members, and what those allowed and chose."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.declarative import InWorkspace, OfWorkspace, Serial, Table, of_member
from bot.store.types import SealedJson


class Workspace(Table):
    __tablename__ = "workspaces"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str]
    zone: Mapped[str] = mapped_column(server_default="UTC")
    created_at: Mapped[datetime]
    killed_at: Mapped[datetime | None]
    killed_by: Mapped[str | None]
    country: Mapped[str] = mapped_column(String(8), server_default="")
    """ISO 3166 code of its public holidays; empty where none are kept"""
    reviews: Mapped[bool] = mapped_column(server_default=text("false"))
    """whether a person looks at every opener before it leaves"""
    paused_at: Mapped[datetime | None]
    """when it was paused because too many opted out"""
    pause_reason: Mapped[str] = mapped_column(server_default="")
    held_until: Mapped[datetime | None]
    """until when the channel asked not to be called"""
    reads_held_until: Mapped[datetime | None]
    """until when it asked that no conversation be read"""
    uninstalled_at: Mapped[datetime | None]
    enterprise_id: Mapped[str] = mapped_column(String(64), server_default="")
    """the organisation it belongs to; empty where it belongs to none"""
    org_id: Mapped[str | None] = mapped_column(String(64))
    """the organisation that installed the app for it: that one's row has the tokens"""
    is_org: Mapped[bool] = mapped_column(server_default=text("false"))
    """an organisation that holds tokens for its workspaces, and is no workspace itself"""
    settings: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    """settings of this workspace alone, by their dotted names; see `bot.own_settings`"""


class Member(InWorkspace, Table):
    __tablename__ = "members"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str]
    title: Mapped[str] = mapped_column(server_default="")
    team: Mapped[str] = mapped_column(server_default="")
    zone: Mapped[str] = mapped_column(server_default="")
    """IANA name; empty means the workspace's"""
    zone_is_own: Mapped[bool] = mapped_column(server_default=text("false"))
    """whether they chose it themselves: then the channel's does not count"""
    is_bot: Mapped[bool] = mapped_column(server_default=text("false"))
    is_guest: Mapped[bool] = mapped_column(server_default=text("false"))
    is_stranger: Mapped[bool] = mapped_column(server_default=text("false"))
    """from another organisation, seen in a shared channel"""
    pilot: Mapped[bool] = mapped_column(server_default=text("false"))
    came_at: Mapped[datetime | None]
    """when they first turned to the bot by themselves"""
    welcomed_at: Mapped[datetime | None]
    deactivated_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    """when they opted out for good; cleared when they come back by themselves"""
    paused_until: Mapped[datetime | None]
    country: Mapped[str] = mapped_column(String(8), server_default="")
    """ISO 3166 code of their public holidays; empty means the workspace's"""
    busy_until: Mapped[datetime | None]
    """until when their status says that they are not to be disturbed"""
    locale: Mapped[str] = mapped_column(String(16), server_default="")
    """IETF tag of the language they use the channel in, such as es-ES; empty where unknown"""
    daily_cap: Mapped[int | None]
    weekly_cap: Mapped[int | None]
    day_starts: Mapped[int | None]
    """minutes after local midnight; null means the workspace's default"""
    day_ends: Mapped[int | None]
    weekdays: Mapped[str | None]
    """digits 0 (Monday) to 6; null means the default"""
    reworded: Mapped[int] = mapped_column(server_default=text("0"))
    """how often something that they said was edited or deleted: whoever read it reads it again"""


class Identity(InWorkspace, Table):
    """One member on one channel of delivery."""

    __tablename__ = "identities"
    __table_args__ = (
        of_member(),
        Index("ix_identities_member", "workspace_id", "channel", "member_id"),
    )

    channel: Mapped[str] = mapped_column(String(32), primary_key=True)
    external_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    member_id: Mapped[str] = mapped_column(String(64))
    address: Mapped[str | None]
    """where messages go: on Slack, the direct message's channel id"""


class Consent(OfWorkspace, Table):
    __tablename__ = "consents"
    __table_args__ = (
        of_member(),
        Index("ix_consents_member", "workspace_id", "member_id", "purpose"),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    member_id: Mapped[str] = mapped_column(String(64))
    purpose: Mapped[str] = mapped_column(String(32))
    granted_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    origin: Mapped[str] = mapped_column(String(32))


class TopicChoice(InWorkspace, Table):
    __tablename__ = "topic_choices"
    __table_args__ = (of_member(),)

    member_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    topic: Mapped[str] = mapped_column(String(64), primary_key=True)
    stance: Mapped[str] = mapped_column(String(16))
    """follow or mute"""
    at: Mapped[datetime]


class Erasure(InWorkspace, Table):
    """Somebody who had their data deleted: a keyed hash, so that nothing brings them back."""

    __tablename__ = "erasures"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    """see `bot.store.withdrawals.Withdrawals.name_of`"""
    asked_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    whose: Mapped[dict[str, Any] | None] = mapped_column(SealedJson)
    """what is still to be cleaned, and where; null once it is done"""
