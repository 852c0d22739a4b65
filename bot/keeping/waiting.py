"""Arrivals that waited in a restored copy: what takes something back is obeyed, without a word.

The others may have been answered after the copy was made, and are not answered again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot.inbox import moment
from bot.keeping.erasing import note_erasure
from bot.openers.intents import Intent, intent_of
from bot.policy import pauses
from bot.policy.purposes import NAMES, OPENERS
from bot.reading.silence import silence_meant
from bot.store import tables
from bot.store.consents import Consents
from bot.store.database import Unit
from bot.store.members import Members
from bot.store.outbox import UNASKED, OutboxRows
from bot.store.shelf import Shelf

ANSWERED = ("message", "press", "command", "view")
"""arrivals that make us say something; to work off the others twice changes nothing"""

LEAVE, PAUSE, ERASE = "leave", "pause", "erase"
ENDS = {"consent_no": LEAVE, "withdraw": LEAVE, "erase": ERASE}
"""presses that end all of it"""
Taken = tuple[str, str | frozenset[str] | datetime]
"""`LEAVE`, `ERASE`, or `PAUSE` and until when, or ``withdraw`` and what"""
_NOTHING: Taken = ("", "")


def set_aside(
    unit: Unit, channel: str, now: datetime, zone: Callable[[tables.Member], ZoneInfo]
) -> int:
    """Set aside what waits and would be answered, obeying it first; how many there were.

    `zone` tells the time zone of a member, where their pauses end.
    """
    rows = unit.session.scalars(
        select(tables.Inbox)
        .where(
            tables.Inbox.workspace_id == unit.workspace,
            tables.Inbox.done_at.is_(None),
            tables.Inbox.kind.in_(ANSWERED),
        )
        .order_by(tables.Inbox.id)
    ).all()
    for row in rows:
        member = Members(unit).behind(channel, str(row.payload.get("member")))
        if member is not None:
            at = moment(row.payload, now)
            _obey(unit, member, taken_back(row.kind, row.payload, at, zone(member)), at)
        row.done_at, row.error, row.owner, row.lease_until = now, "restored", None, None
    return len(rows)


def taken_back(kind: str, payload: Mapping[str, Any], at: datetime, zone: ZoneInfo) -> Taken:
    """What an arrival takes back, if anything; it came `at` a moment, from somebody in `zone`."""
    text = str(payload.get("text", ""))
    if kind == "message":
        intent = intent_of(text) if payload.get("direct") else Intent.OTHER
        end = _silent(text, at, zone) or pauses.until("week", at, zone)
        meant: Mapping[Intent, Taken] = {Intent.STOP: (LEAVE, ""), Intent.PAUSE: (PAUSE, end)}
        return meant.get(intent, _NOTHING)
    if kind == "command":
        word, _, rest = text.partition(" ")
        name = pauses.named(rest)
        until = pauses.until(name, at, zone) if name else _silent(rest, at, zone)
        taken: Mapping[str, Taken] = {
            "stop": (LEAVE, ""),
            PAUSE: (PAUSE, until) if until else _NOTHING,
        }
        return taken.get(word.lower(), _NOTHING)
    if kind == "view":
        kept = payload.get("values", {}).get("purposes")
        return _NOTHING if kept is None else ("withdraw", frozenset(NAMES) - frozenset(kept))
    action, value = str(payload.get("action")), str(payload.get("value") or "")
    if action in ENDS:
        return ENDS[action], ""
    if action == "disallow":
        return "withdraw", frozenset({value}) & frozenset(NAMES)
    return (PAUSE, pauses.until(value, at, zone)) if action == PAUSE else _NOTHING


def _silent(words: str, at: datetime, zone: ZoneInfo) -> datetime | None:
    meant = silence_meant(words, at, zone)
    return None if meant is None else meant[1]


def _obey(unit: Unit, member: tables.Member, taken: Taken, at: datetime) -> None:
    what, value = taken
    if what in (LEAVE, ERASE):
        leave(unit, member, at)
        Consents(unit).withdraw_older(member.id, None, at=at)
        if what == ERASE:
            note_erasure(unit, member, at)
    elif isinstance(value, datetime):
        member.paused_until = value
        OutboxRows(unit).withdraw("paused", member.id, UNASKED)
    elif isinstance(value, frozenset) and value:
        ended = Consents(unit).withdraw_older(member.id, set(value), at=at)
        if OPENERS in ended:
            OutboxRows(unit).withdraw("no_consent", member.id, UNASKED)
        elif ended:
            OutboxRows(unit).withdraw("purpose_withdrawn", member.id, ("opener",))


def leave(unit: Unit, member: tables.Member, at: datetime) -> None:
    """They have left: nothing is said to them first any more."""
    member.left_at = member.left_at or at
    Shelf(unit).clear(member.id)
    OutboxRows(unit).withdraw("opted_out", member.id, UNASKED)
