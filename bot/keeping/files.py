"""What an erasure cleans beside the database: vectors, snapshots, exports, and the file's own past.

Vectors stand under digests of texts. Snapshots hold the texts of items. Exports hold figures under
pseudonyms, or under ids.
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bot.store.database import Store
from recsys.vectors import StoredVectors

BUSY_SECONDS = 20.0
"""how long a journal is waited for that somebody still reads"""
DECISIONS, CANDIDATES = "decisions.parquet", "candidates.parquet"

log = logging.getLogger("overture.erasing")


@dataclass(frozen=True)
class Files:
    """The files of one workspace in one home."""

    home: Path
    workspace: str
    pseudonym: Callable[[str], str]
    """what stands for a member in exports"""

    def forget_vectors(self, digests: Sequence[bytes]) -> int:
        """Remove the vectors of these texts, whatever model they are of; how many there were."""
        folders = (one for one in (self.home / "embeddings").glob("*") if one.is_dir())
        return sum(StoredVectors(folder).forget(digests) for folder in folders)

    def drop_snapshots(self) -> None:
        """Remove the pool's snapshots, older ones too; the next reading builds one anew."""
        shutil.rmtree(self.home / "snapshots" / quote(self.workspace, safe=""), ignore_errors=True)

    def clean_export(self, folder: Path, members: Collection[str]) -> None:
        """Remove a member's rows from exported files, whole or not at all; what is gone is gone."""
        import pyarrow as pa  # takes a while, and is seldom needed
        import pyarrow.compute as pc
        import pyarrow.parquet as pq

        names = pa.array([*members, *map(self.pseudonym, members)])
        decisions, candidates = folder / DECISIONS, folder / CANDIDATES
        if not decisions.is_file():
            return
        mine = pq.read_table(decisions, columns=["decision", "member"])
        theirs = mine.filter(pc.is_in(mine["member"], names))["decision"].combine_chunks()
        if not len(theirs):
            return
        for path in (candidates, decisions):  # these last: by them a cut is known and made again
            if path.is_file():
                _without(path, theirs)


def scrub_database(store: Store) -> bool:
    """Leave nothing of what was deleted in the database's file, nor in its write-ahead log.

    On SQLite deleted bytes are overwritten at once; rewriting the file also leaves out what pages
    kept when rows moved between them. False where somebody was reading all the time: try again.
    PostgreSQL's own vacuum does it there, and its files are none of ours.
    """
    if store.engine.dialect.name != "sqlite":
        return True
    connection = store.engine.raw_connection()
    try:
        plain: Any = connection.driver_connection
        plain.execute("VACUUM")
        return _checkpointed(plain)
    finally:
        connection.close()


def _checkpointed(plain: Any) -> bool:
    ends = time.monotonic() + BUSY_SECONDS
    while True:
        busy, _, _ = plain.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if not busy:
            return True
        if time.monotonic() > ends:
            log.warning("the write-ahead log is being read, and is cut at the next try")
            return False
        time.sleep(0.05)


def _without(path: Path, decisions: Any) -> None:
    """Write the file anew without the rows of these decisions, a row group at a time."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    made = path.with_suffix(".partial")
    try:
        with pq.ParquetFile(path) as file, pq.ParquetWriter(made, file.schema_arrow) as writer:
            for number in range(file.num_row_groups):
                group = file.read_row_group(number)
                writer.write_table(group.filter(pc.invert(pc.is_in(group["decision"], decisions))))
        os.replace(made, path)
    finally:
        made.unlink(missing_ok=True)
