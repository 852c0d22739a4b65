"""The audit log: who did what and when, in a chain that shows where it was tampered with.

Each entry holds the hash of the one before it, over all of its own content. It is appended inside
the caller's transaction, so there is no act without its entry and no entry without its act. It
holds ids, names of settings and counts, and never what a member said.
"""

from __future__ import annotations

import json
import logging
import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import select

from bot.ports import Refused
from bot.store import tables
from bot.store.beside import Head
from bot.store.database import Unit
from bot.store.workspaces import Workspaces

_log = logging.getLogger("overture.audit")
FIRST = "0" * 64
"""what the first entry has for the hash of the one before it"""
REDACTED = "entries.redacted"
MOST_REDACTED = 100
"""entries that one entry names"""
LONGEST = 256
"""characters of one text in the details: enough for an id or a reason, too little for a letter"""


@dataclass(frozen=True, slots=True)
class Verified:
    """How far the chain holds; `problem` is empty where it holds to its end."""

    entries: int
    problem: str = ""


class Audit:
    """Appends to, reads and checks the audit log of one workspace."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._session = unit.session
        self._workspace = unit.workspace

    def append(
        self,
        at: datetime,
        who: str,
        action: str,
        subject: str = "",
        details: Mapping[str, Any] | None = None,
    ) -> tables.AuditEntry:
        """Add an entry; the workspace's row is locked until the unit ends.

        `action` is a word such as `rule.saved`, `subject` the id of what it was done to. Details
        are flat JSON. Raises ValueError for details that are too long to be mere facts.
        """
        Workspaces(self._unit).lock(self._workspace)
        last = self._last()
        entry = tables.AuditEntry(
            workspace_id=self._workspace,
            number=1 if last is None else last.number + 1,
            at=at,
            who=who[:128],
            action=action,
            subject=subject[:192],
            details={name: _fact(name, value) for name, value in (details or {}).items()},
            previous=FIRST if last is None else last.hash,
        )
        entry.hash = hash_of(entry)
        self._session.add(entry)
        self._session.flush()
        head = Head(entry.number, entry.hash)
        self._unit.afterwards(lambda: self._note(head))
        return entry

    def redact(self, ids: Collection[str], name: str, at: datetime) -> int:
        """Take whoever is known by `ids` from the log; how many entries spoke of them.

        An entry keeps its place, its hash and what was done, and says `name` where it named them.
        That this was done, and to which entries, is an entry itself: by it alone `verify` knows
        what was redacted from what was tampered with.
        """
        numbers = []
        # whole ids: one may be the beginning of another one's
        theirs = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, ids))})(?!\w)")
        for entry in self._all():
            if theirs.search(json.dumps([entry.who, entry.subject, entry.details])):
                entry.who = name if theirs.search(entry.who) else entry.who
                entry.subject, entry.details = name, {}
                numbers.append(entry.number)
        self._session.flush()
        for start in range(0, len(numbers), MOST_REDACTED):
            some = numbers[start : start + MOST_REDACTED]
            self.append(at, "overture", REDACTED, name, {"entries": some})
        return len(numbers)

    def list(self, since: datetime | None = None) -> Sequence[tables.AuditEntry]:
        """Entries from `since` on, in order."""
        query = select(tables.AuditEntry).where(tables.AuditEntry.workspace_id == self._workspace)
        if since is not None:
            query = query.where(tables.AuditEntry.at >= since)
        return self._session.scalars(query.order_by(tables.AuditEntry.number)).all()

    def verify(self) -> Verified:
        """Walk the chain from its first entry, then hold it against the head noted beside it."""
        previous, count = FIRST, 0
        beside = self._unit.beside
        noted = None if beside is None else beside.heads().get(self._workspace)
        redacted = self._redacted()
        for entry in self._all():
            if entry.number != count + 1:
                return Verified(count, f"entry {count + 1} is missing: {entry.number} follows")
            if entry.previous != previous:
                return Verified(count, f"entry {entry.number} does not continue the one before it")
            if entry.hash != hash_of(entry) and not (
                entry.number in redacted and not entry.details
            ):
                return Verified(count, f"entry {entry.number} was changed after it was written")
            if noted is not None and noted.number == entry.number and noted.hash != entry.hash:
                return Verified(count, f"entry {entry.number} is not the one that was noted")
            previous, count = entry.hash, entry.number
        if noted is not None and noted.number > count:
            lost = f"entries {count + 1} to {noted.number} are missing: the log was cut short"
            return Verified(count, lost)
        return Verified(count)

    def _note(self, head: Head) -> None:
        if self._unit.beside is None:
            return
        try:
            self._unit.beside.note_head(self._workspace, head)
        except (OSError, Refused) as error:  # the act itself is done, and has its entry
            _log.error("the head of the audit log could not be noted: %s", error)

    def _redacted(self) -> frozenset[int]:
        """Numbers of entries that a later, unbroken one says were redacted."""
        told = self._session.scalars(
            select(tables.AuditEntry).where(
                tables.AuditEntry.workspace_id == self._workspace,
                tables.AuditEntry.action == REDACTED,
            )
        )
        return frozenset(
            number
            for entry in told
            for number in entry.details.get("entries", ())
            if entry.hash == hash_of(entry) and number < entry.number
        )

    def _last(self) -> tables.AuditEntry | None:
        return self._session.scalar(
            select(tables.AuditEntry)
            .where(tables.AuditEntry.workspace_id == self._workspace)
            .order_by(tables.AuditEntry.number.desc())
            .limit(1)
        )

    def _all(self) -> Iterator[tables.AuditEntry]:
        yield from self._session.scalars(
            select(tables.AuditEntry)
            .where(tables.AuditEntry.workspace_id == self._workspace)
            .order_by(tables.AuditEntry.number)
            .execution_options(yield_per=1000, populate_existing=True)
        )


def hash_of(entry: tables.AuditEntry) -> str:
    """SHA-256 over everything an entry says, as JSON in one spelling."""
    told = {
        "workspace": entry.workspace_id,
        "number": entry.number,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "who": entry.who,
        "action": entry.action,
        "subject": entry.subject,
        "details": _spelled(entry.details),
        "previous": entry.previous,
    }
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return sha256(text.encode()).hexdigest()


def _spelled(value: Any) -> Any:
    """The same JSON from both databases: one of them gives 1.0 back as 1."""
    if isinstance(value, dict):
        return {name: _spelled(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_spelled(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _fact(name: str, value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_fact(name, one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"detail {name}: {value} is no number that JSON knows")
    if isinstance(value, str) and len(value) > LONGEST:
        raise ValueError(f"detail {name}: {len(value)} characters, at most {LONGEST} may be kept")
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise ValueError(f"detail {name}: a {type(value).__name__} is no plain value")
