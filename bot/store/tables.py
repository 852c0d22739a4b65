"""Every table of Overture; the target of the migrations in `migrations/`.

Each row belongs to a workspace. Members, items, channels and topics keep the ids of their origin
and are keyed together with their workspace, so no query can reach into another one by accident.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    text,
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


def _member() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["workspace_id", "member_id"], ["members.workspace_id", "members.id"]
    )


class Workspace(Table):
    __tablename__ = "workspaces"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str]
    zone: Mapped[str] = mapped_column(server_default="UTC")
    created_at: Mapped[datetime]
    killed_at: Mapped[datetime | None]
    killed_by: Mapped[str | None]


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


class Member(InWorkspace, Table):
    __tablename__ = "members"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str]
    title: Mapped[str] = mapped_column(server_default="")
    team: Mapped[str] = mapped_column(server_default="")
    zone: Mapped[str] = mapped_column(server_default="")
    """IANA name; empty means the workspace's"""
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
    busy_until: Mapped[datetime | None]
    """until when their status says that they are not to be disturbed"""
    daily_cap: Mapped[int | None]
    weekly_cap: Mapped[int | None]
    day_starts: Mapped[int | None]
    """minutes after local midnight; null means the workspace's default"""
    day_ends: Mapped[int | None]
    weekdays: Mapped[str | None]
    """digits 0 (Monday) to 6; null means the default"""


class Identity(InWorkspace, Table):
    """One member on one channel of delivery."""

    __tablename__ = "identities"
    __table_args__ = (_member(),)

    channel: Mapped[str] = mapped_column(String(32), primary_key=True)
    external_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    member_id: Mapped[str] = mapped_column(String(64))
    address: Mapped[str | None]
    """where messages go: on Slack, the direct message's channel id"""


class Consent(OfWorkspace, Table):
    __tablename__ = "consents"
    __table_args__ = (
        _member(),
        Index("ix_consents_member", "workspace_id", "member_id", "purpose"),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    member_id: Mapped[str] = mapped_column(String(64))
    purpose: Mapped[str] = mapped_column(String(32))
    granted_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    origin: Mapped[str] = mapped_column(String(32))


class Topic(InWorkspace, Table):
    __tablename__ = "topics"

    slug: Mapped[str] = mapped_column(String(64), primary_key=True)
    title: Mapped[str]
    about: Mapped[str] = mapped_column(server_default="")
    sensitive: Mapped[bool] = mapped_column(server_default=text("false"))


class TopicChoice(InWorkspace, Table):
    __tablename__ = "topic_choices"
    __table_args__ = (_member(),)

    member_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    topic: Mapped[str] = mapped_column(String(64), primary_key=True)
    stance: Mapped[str] = mapped_column(String(16))
    """follow or mute"""
    at: Mapped[datetime]


class Channel(InWorkspace, Table):
    __tablename__ = "channels"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(String(16))
    """public, private, im or mpim"""


class ChannelMember(InWorkspace, Table):
    __tablename__ = "channel_members"
    __table_args__ = (_member(),)

    channel_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    member_id: Mapped[str] = mapped_column(String(64), primary_key=True)


class Item(InWorkspace, Table):
    __tablename__ = "items"

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


class Signal(OfWorkspace, Table):
    __tablename__ = "signals"
    __table_args__ = (
        _member(),
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
    text: Mapped[str] = mapped_column(server_default="")


class JobRun(InWorkspace, Table):
    """One row per job and slot of its schedule: whoever inserts it, runs it."""

    __tablename__ = "job_runs"

    job: Mapped[str] = mapped_column(String(32), primary_key=True)
    slot: Mapped[str] = mapped_column(String(32), primary_key=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    summary: Mapped[dict[str, Any] | None]


class Run(OfWorkspace, Table):
    """One pass of planning, or one night."""

    __tablename__ = "runs"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    now: Mapped[datetime]
    summary: Mapped[dict[str, Any]]


class Slot(InWorkspace, Table):
    """One member's chance to be spoken to; by default one each working day."""

    __tablename__ = "slots"
    __table_args__ = (_member(),)

    member_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    """local date, ISO"""
    best_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(16))
    """waiting or used"""
    waits_for: Mapped[str] = mapped_column(server_default="")
    checked_at: Mapped[datetime]


class Decision(OfWorkspace, Table):
    __tablename__ = "decisions"
    __table_args__ = (_member(), UniqueConstraint("workspace_id", "member_id", "slot"))

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    run_id: Mapped[str] = mapped_column(String(64), ForeignKey("runs.id"), index=True)
    member_id: Mapped[str] = mapped_column(String(64))
    slot: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]
    verdict: Mapped[str] = mapped_column(String(16))
    """speak or silent"""
    reason: Mapped[str] = mapped_column(String(64))
    """the deciding rule's reason; `worth_it` when we speak"""
    rules: Mapped[list[Any]]
    """every rule's verdict: name, allowed, reason"""
    slate: Mapped[dict[str, Any] | None]
    """the top of the slate whole, counts and a hash of the rest"""
    item_id: Mapped[str | None] = mapped_column(String(128))
    style: Mapped[str | None] = mapped_column(String(32))
    arm: Mapped[str] = mapped_column(String(32))
    """normal, explore, holdout"""
    p_speak: Mapped[float | None]
    p_item: Mapped[float | None]
    p_style: Mapped[float | None]
    propensity: Mapped[float | None]
    engages: Mapped[float | None]
    dismisses: Mapped[float | None]
    opts_out: Mapped[float | None]
    utility: Mapped[float | None]
    seed: Mapped[int] = mapped_column(BigInteger)
    model_version: Mapped[str | None] = mapped_column(String(32))
    policy_version: Mapped[str] = mapped_column(String(32))
    inputs: Mapped[dict[str, Any] | None]
    """what the decision was made from, so that it can be made again; see `bot.inputs`"""


class Opener(OfWorkspace, Table):
    """What was said, or is about to be: the impression that a decision made."""

    __tablename__ = "openers"
    __table_args__ = (
        _member(),
        Index("ix_openers_member_sent", "workspace_id", "member_id", "sent_at"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    decision_id: Mapped[str] = mapped_column(String(64), ForeignKey("decisions.id"), unique=True)
    member_id: Mapped[str] = mapped_column(String(64))
    item_id: Mapped[str] = mapped_column(String(128))
    state: Mapped[str] = mapped_column(String(16), index=True)
    text: Mapped[str]
    why: Mapped[str]
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
        _member(),
        UniqueConstraint("workspace_id", "dedupe_key"),
        Index("ix_outbox_claim", "state", "not_before"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    member_id: Mapped[str] = mapped_column(String(64))
    opener_id: Mapped[str | None] = mapped_column(String(64), ForeignKey("openers.id"))
    kind: Mapped[str] = mapped_column(String(16))
    """opener, welcome or answer"""
    dedupe_key: Mapped[str] = mapped_column(String(192))
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(16))
    """queued, sending, sent, failed, withdrawn, expired or unresolved"""
    reason: Mapped[str] = mapped_column(server_default="")
    not_before: Mapped[datetime]
    expires_at: Mapped[datetime]
    owner: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None]
    called_at: Mapped[datetime | None]
    """when the call to the channel began: from here on a crash is ambiguous"""
    absent_reads: Mapped[int] = mapped_column(server_default=text("0"))
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    message_ref: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class Inbox(OfWorkspace, Table):
    """What arrived, stored before it was acknowledged."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("workspace_id", "key"),
        Index("ix_inbox_open", "done_at", "conversation", "id"),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(192))
    kind: Mapped[str] = mapped_column(String(32))
    conversation: Mapped[str] = mapped_column(String(128))
    """rows of one conversation are worked off in order"""
    payload: Mapped[dict[str, Any]]
    received_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    error: Mapped[str] = mapped_column(server_default="")


class Outcome(OfWorkspace, Table):
    """What a member did with an opener; each kind at most once."""

    __tablename__ = "outcomes"
    __table_args__ = (_member(), UniqueConstraint("opener_id", "kind"))

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
    __table_args__ = (_member(), UniqueConstraint("workspace_id", "address", "thread_ref"))

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    member_id: Mapped[str] = mapped_column(String(64))
    opener_id: Mapped[str | None] = mapped_column(String(64), ForeignKey("openers.id"))
    address: Mapped[str] = mapped_column(String(64))
    thread_ref: Mapped[str] = mapped_column(String(64))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class Turn(OfWorkspace, Table):
    __tablename__ = "turns"
    __table_args__ = (UniqueConstraint("conversation_id", "key"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    conversation_id: Mapped[str] = mapped_column(String(64), ForeignKey("conversations.id"))
    key: Mapped[str] = mapped_column(String(192))
    author: Mapped[str] = mapped_column(String(16))
    """member or bot"""
    text: Mapped[str]
    at: Mapped[datetime]
    prompt: Mapped[str] = mapped_column(String(128), server_default="")
    language_model: Mapped[str] = mapped_column(String(128), server_default="")


class Handoff(OfWorkspace, Table):
    """A member asked for a person."""

    __tablename__ = "handoffs"
    __table_args__ = (_member(),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    member_id: Mapped[str] = mapped_column(String(64))
    opener_id: Mapped[str | None] = mapped_column(String(64), ForeignKey("openers.id"))
    asked_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    taken_by: Mapped[str | None]
