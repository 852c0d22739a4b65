"""Passes, slots and decisions: silence is kept as carefully as speech."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.declarative import InWorkspace, OfWorkspace, Table, of_member
from bot.store.types import Sealed


class JobRun(InWorkspace, Table):
    """One row per job and slot of its schedule: whoever inserts it, runs it."""

    __tablename__ = "job_runs"

    job: Mapped[str] = mapped_column(String(32), primary_key=True)
    slot: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner: Mapped[str | None] = mapped_column(String(64))
    """who runs it, or ran it"""
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
    __table_args__ = (of_member(), Index("ix_slots_day", "workspace_id", "day"))

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
    __table_args__ = (
        of_member(),
        UniqueConstraint("workspace_id", "member_id", "slot"),
        Index("ix_decisions_arm_at", "workspace_id", "arm", "at"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    run_id: Mapped[str] = mapped_column(String(64), ForeignKey("runs.id"), index=True)
    member_id: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16), server_default="slot")
    """slot, asked (by `/overture now`) or prompts (suggested where a conversation begins)"""
    slot: Mapped[str] = mapped_column(String(32))
    """the local day; of other kinds what makes it one of its own"""
    at: Mapped[datetime]
    verdict: Mapped[str] = mapped_column(String(16))
    """speak or silent"""
    reason: Mapped[str] = mapped_column(String(64))
    """the deciding rule's reason; `worth_it` when we speak"""
    rules: Mapped[list[Any]]
    """every rule's verdict: name, allowed, reason"""
    slate: Mapped[dict[str, Any] | None]
    """the top of the slate whole, counts and a hash of the rest"""
    why: Mapped[str] = mapped_column(Sealed, server_default="")
    """what spoke for the pick, a sentence a line, whether or not we spoke"""
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
    """what the decision was made from, so that it can be made again; see `bot.deciding.inputs`"""
    prompt_tokens: Mapped[int] = mapped_column(server_default=text("0"))
    completion_tokens: Mapped[int] = mapped_column(server_default=text("0"))
    micros: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    """what the language model cost for it, in millionths of the currency of the settings"""
    estimated: Mapped[bool] = mapped_column(server_default=text("false"))
    """some of the tokens were estimated by length, for the model server did not tell them"""


class Spending(InWorkspace, Table):
    """What the language model cost on one UTC day, by what it was asked for."""

    __tablename__ = "spending"

    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    """ISO"""
    purpose: Mapped[str] = mapped_column(String(16), primary_key=True)
    """the first part of a prompt's id: opener or responses"""
    calls: Mapped[int] = mapped_column(BigInteger)
    estimated: Mapped[int] = mapped_column(BigInteger)
    """calls among them whose tokens the model server did not tell"""
    prompt_tokens: Mapped[int] = mapped_column(BigInteger)
    completion_tokens: Mapped[int] = mapped_column(BigInteger)
    micros: Mapped[int] = mapped_column(BigInteger)


class Shelved(InWorkspace, Table):
    """An item that waits on a member's home tab: good, but not sure enough to speak of."""

    __tablename__ = "shelf"
    __table_args__ = (of_member(),)

    member_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    item_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    decision_id: Mapped[str] = mapped_column(String(64), ForeignKey("decisions.id"))
    why: Mapped[str] = mapped_column(Sealed, server_default="")
    put_at: Mapped[datetime]
    until: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    """when the member's home tab first showed it"""
    opened_at: Mapped[datetime | None]
    dismissed_at: Mapped[datetime | None]
