"""Writes the simulated past into the store, every row marked as simulated, and reads it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select

from bot.demo.history import SPEAKS, Past, Told
from bot.demo.load import Bundle
from bot.ids import digest, seed_of
from bot.store import tables
from bot.store.database import Store, Unit
from bot.store.signals import Happened, Signals
from bot.store.upsert import upsert
from recsys.types import OutcomeKind

ARM = "history"
SIMULATED = "simulated"
PURPOSE = "channel_messages"
WHY = "This opener is part of the demo's simulated past."
WINDOW = timedelta(hours=12)


class Line(NamedTuple):
    """A post of the past, for a channel that shows it."""

    channel: str
    user: str
    ts: float
    """epoch seconds"""
    text: str


def write(store: Store, bundle: Bundle, past: Past, seed: int) -> None:
    """Write posts as signals, openers with their decisions and outcomes; once, however often.

    Raises what the store raises; members and items must be loaded.
    """
    with store.writing(bundle.id) as unit:
        Signals(unit).save(
            [
                Happened(
                    key=f"demo:{digest(post.channel, post.member, post.at, number)}",
                    member=post.member,
                    purpose=PURPOSE,
                    kind=post.kind,
                    at=_utc(post.at),
                    channel=post.channel,
                    text=post.text,
                )
                for number, post in enumerate(past.posts)
            ]
        )
        _write_openers(unit, past.openers, seed)
        unit.commit()


def posts(store: Store, workspace: str) -> list[Line]:
    """What members of a workspace said in channels, oldest first."""
    with store.reading(workspace) as unit:
        said = Signals(unit).list(purposes=(PURPOSE,))
    return [
        Line(one.channel, one.member, one.at.timestamp(), one.text)
        for one in said
        if one.channel is not None and one.text
    ]


def is_written(store: Store, workspace: str) -> bool:
    """Whether the simulated past is in the store."""
    with store.reading(workspace) as unit:
        first = select(tables.Decision.id).where(
            tables.Decision.workspace_id == workspace, tables.Decision.arm == ARM
        )
        return unit.session.scalar(first.limit(1)) is not None


def _write_openers(unit: Unit, openers: Sequence[Told], seed: int) -> None:
    by_day: dict[date, int] = {}
    for told in openers:
        by_day[told.day] = by_day.get(told.day, 0) + 1
    runs = [_run(unit.workspace, day, count, seed) for day, count in by_day.items()]
    upsert(unit.session, tables.Run, runs, key=("id",))
    for table, row in (
        (tables.Decision, _decision),
        (tables.Opener, _opener),
        (tables.Outcome, _outcome),
    ):
        key = ("opener_id", "kind") if table is tables.Outcome else ("id",)
        rows = [row(unit.workspace, told, seed) for told in openers]
        upsert(unit.session, table, rows, key=key)


def _id(prefix: str, workspace: str, told: Told) -> str:
    return f"{prefix}_{digest(workspace, told.member, told.day.isoformat())}"


def _run_id(workspace: str, day: date) -> str:
    return f"ru_{digest(workspace, ARM, day.isoformat())}"


def _run(workspace: str, day: date, count: int, seed: int) -> dict[str, Any]:
    return {
        "id": _run_id(workspace, day),
        "workspace_id": workspace,
        "kind": SIMULATED,
        "now": datetime(day.year, day.month, day.day, tzinfo=UTC),
        "summary": {"simulated": True, "seed": seed, "openers": count},
    }


def _decision(workspace: str, told: Told, seed: int) -> dict[str, Any]:
    return {
        "id": _id("de", workspace, told),
        "workspace_id": workspace,
        "run_id": _run_id(workspace, told.day),
        "member_id": told.member,
        "slot": told.day.isoformat(),
        "at": _utc(told.at),
        "verdict": "speak",
        "reason": SIMULATED,
        "rules": [],
        "slate": None,
        "item_id": told.item.id,
        "style": told.style,
        "arm": ARM,
        "p_speak": SPEAKS,
        "p_item": told.p_item,
        "p_style": told.p_style,
        "propensity": SPEAKS * told.p_item * told.p_style,
        "seed": seed_of(seed, workspace, told.member, told.day),
        "model_version": None,
        "policy_version": SIMULATED,
    }


def _opener(workspace: str, told: Told, _seed: int) -> dict[str, Any]:
    at = _utc(told.at)
    return {
        "id": _id("op", workspace, told),
        "workspace_id": workspace,
        "decision_id": _id("de", workspace, told),
        "member_id": told.member,
        "item_id": told.item.id,
        "state": "closed",
        "text": f"{told.item.title}. Would you like to hear more? (simulated)",
        "why": WHY,
        "style": told.style,
        "prompt": SIMULATED,
        "language_model": SIMULATED,
        "created_at": at,
        "sent_at": at,
        "window_closes_at": at + WINDOW,
        "closed_at": at + WINDOW,
    }


def _outcome(workspace: str, told: Told, _seed: int) -> dict[str, Any]:
    ignored = told.reaction.kind is OutcomeKind.IGNORED
    after = WINDOW if ignored else timedelta(seconds=round(told.reaction.minutes * 60))
    return {
        "workspace_id": workspace,
        "opener_id": _id("op", workspace, told),
        "member_id": told.member,
        "kind": told.reaction.kind.name.lower(),
        "reason": told.reaction.reason,
        "at": _utc(told.at) + after,
        "seconds_after": after.total_seconds(),
    }


def _utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
