"""Edits and deletions that came before their message, until that comes."""

from __future__ import annotations

from datetime import datetime

from bot.store import tables
from bot.store.database import Unit


class Corrections:
    """Reads and writes what overtook its message, in one workspace."""

    def __init__(self, unit: Unit) -> None:
        self._session = unit.session
        self._workspace = unit.workspace

    def keep(
        self, address: str, message_ref: str, text: str | None, member: str | None, at: datetime
    ) -> None:
        """Note what the message says now, None where it is gone; what is gone stays so."""
        known = self.of(address, message_ref)
        if known is None:
            known = tables.Correction(
                workspace_id=self._workspace, address=address, message_ref=message_ref
            )
            self._session.add(known)
        elif known.text is None or (text is not None and at < known.came_at):
            return
        known.text, known.member_id, known.came_at = text, member, at
        self._session.flush()

    def of(self, address: str, message_ref: str) -> tables.Correction | None:
        """What came before the message at this place."""
        return self._session.get(tables.Correction, (self._workspace, address, message_ref))
