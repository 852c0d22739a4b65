"""Folders that decisions were exported to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from bot.store import tables
from bot.store.database import Unit
from bot.store.upsert import upsert


class Exports:
    """Reads and writes where the exports of one workspace went."""

    def __init__(self, unit: Unit) -> None:
        self._session = unit.session
        self._workspace = unit.workspace

    def note(self, folder: Path, at: datetime) -> None:
        """Files were written into this folder, an absolute path."""
        row = {"workspace_id": self._workspace, "folder": str(folder), "at": at}
        key = ("workspace_id", "folder")
        upsert(self._session, tables.Export, [row], key=key, update=("at",))

    def folders(self) -> Sequence[Path]:
        """All of them; some may be gone."""
        mine = select(tables.Export.folder).where(tables.Export.workspace_id == self._workspace)
        return [Path(folder) for folder in self._session.scalars(mine)]
