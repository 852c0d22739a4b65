"""Everything about a member is deleted, and a keyed hash is kept so that nothing brings them back.

It is asked for in one transaction: they have left from then on, and the journal beside the database
says so, for a backup that is put back. The rest follows within a minute, and again after a crash,
until it is done: rows, what others' rows say of them, vectors, snapshots, exports, and what the
database's file still held of all that. What stays in Slack is not ours to delete.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.keeping.files import Files, scrub_database
from bot.keeping.own_rows import delete_rows
from bot.keeping.traces import (
    ERASED,
    items_of,
    remove_arrivals,
    remove_items,
    remove_messages,
    unname,
)
from bot.store import tables
from bot.store.audit import Audit
from bot.store.database import Store, Unit
from bot.store.erasures import Erasures
from bot.store.exports import Exports
from bot.store.items import stored
from recsys.encoder import digest
from recsys.pool import clean_text, item_text

WAITS = timedelta(seconds=40)
"""how long a message that is under way just now is waited for"""
_log = logging.getLogger("overture.erasing")


@dataclass(frozen=True)
class Erasing:
    """Erases members of one workspace."""

    store: Store
    workspace: str
    files: Files

    def ask(self, unit: Unit, member: tables.Member, at: datetime) -> bool:
        """Note that this member is to be erased; they must have left. False where it was noted.

        Raises Refused where the key of the hash cannot be had.
        """
        if not note_erasure(unit, member, at):
            return False
        assert unit.beside is not None  # the hash could be made
        unit.beside.withdrawals.note(unit.workspace, member.id, "erased", at)
        return True

    def work(self, now: datetime) -> int:
        """Erase whoever asked for it; how many are done. Another process may do the same."""
        done = 0
        with self.store.reading(self.workspace) as unit:
            waiting = [(one.name, one.asked_at) for one in Erasures(unit).pending()]
        for name, asked_at in waiting:
            done += self._erase(name, asked_at, now)
        return done

    def _erase(self, name: str, asked_at: datetime, now: datetime) -> bool:
        with self.store.writing(self.workspace) as unit:
            row = unit.session.get(tables.Erasure, (self.workspace, name), with_for_update=True)
            whose = row.whose if row is not None else None
            if row is None or not whose:
                return False
            if "digests" not in whose:
                if asked_at + WAITS > now and _under_way(unit, whose["member"]):
                    return False
                row.whose = {**whose, **forget(unit, whose, now)}
                unit.session.flush()
                whose = row.whose
            folders = Exports(unit).folders()
            unit.commit()
        if not self._clean(whose, folders):
            return False
        with self.store.writing(self.workspace) as unit:
            Erasures(unit).finish(asked_at, name, now)
            unit.commit()
        scrub_database(self.store)  # of the ids that told what was still to be cleaned
        _log.info("somebody's data is deleted")
        return True

    def _clean(self, whose: Mapping[str, Any], folders: Sequence[Path]) -> bool:
        self.files.forget_vectors([bytes.fromhex(one) for one in whose["digests"]])
        if whose["items"]:
            self.files.drop_snapshots()
        for folder in folders:
            self.files.clean_export(folder, whose["ids"])
        return scrub_database(self.store)


def note_erasure(unit: Unit, member: tables.Member, at: datetime) -> bool:
    """Note whom to erase, and where they are known; False where that was noted before.

    `Erasing.work` does the rest. Raises Refused where the key of the hash cannot be had.
    """
    identities = unit.session.scalars(
        select(tables.Identity).where(
            tables.Identity.workspace_id == unit.workspace,
            tables.Identity.member_id == member.id,
        )
    ).all()
    ids = sorted({member.id, *(one.external_id for one in identities)})
    places = sorted(one.address for one in identities if one.address)
    whose = {"member": member.id, "ids": ids, "places": places}
    return Erasures(unit).note(member.id, ids, whose, at)


def forget(unit: Unit, whose: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Delete the rows, in the caller's transaction; what is still to be cleaned beside them.

    `whose` has the ``member``'s id, all ``ids`` under which they are known, and the ``places``
    where they were written to.
    """
    member, ids, places = str(whose["member"]), list(whose["ids"]), list(whose["places"])
    session = unit.session
    said = select(tables.Signal.text).where(
        tables.Signal.workspace_id == unit.workspace, tables.Signal.member_id == member
    )
    texts = [clean_text(text) for text in session.scalars(said) if text]
    texts += [item_text(stored(item)) for item in items_of(unit, ids)]
    parts = [*ids, *_own(unit, tables.Opener, member), *_own(unit, tables.Handoff, member)]
    items = remove_items(unit, ids)
    remove_messages(unit, parts)
    remove_arrivals(unit, ids, places)
    unname(unit, ids)
    Audit(unit).redact([*ids, *parts], ERASED, now)
    delete_rows(unit, member)
    return {"digests": [digest(text).hex() for text in texts], "items": items}


def _own(unit: Unit, table: Any, member: str) -> list[str]:
    mine = select(table.id).where(table.workspace_id == unit.workspace, table.member_id == member)
    return list(unit.session.scalars(mine))


def _under_way(unit: Unit, member: str) -> bool:
    """Whether a call to the channel has begun whose end nobody has seen yet."""
    outbox = tables.Outbox
    rows = select(outbox.id).where(
        outbox.workspace_id == unit.workspace,
        outbox.member_id == member,
        outbox.state == "sending",
        outbox.called_at.is_not(None),
    )
    return unit.session.scalar(rows.limit(1)) is not None
