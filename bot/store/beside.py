"""What is kept beside the database, in the folder `settings.home`: what a copy of it cannot hold.

The head of the audit log says how long the log was, so that one that was cut short is noticed. The
journal of withdrawals (`bot.store.withdrawals`) says what members took back.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from bot.ports import Refused
from bot.store.withdrawals import Withdrawals


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of a workspace's audit log, as it was noted."""

    number: int
    hash: str


@dataclass(frozen=True, slots=True)
class Beside:
    """The files of one home; processes on one machine share them under a lock."""

    home: Path

    @property
    def heads_file(self) -> Path:
        return self.home / "audit-head.json"

    def heads(self) -> dict[str, Head]:
        """The heads by workspace. Raises Refused for a file that cannot be read as such."""
        try:
            told = json.loads(self.heads_file.read_text(encoding="utf-8"))
            return {name: Head(int(one["number"]), str(one["hash"])) for name, one in told.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise Refused(
                f"{self.heads_file} cannot be read ({type(error).__name__}): it says how long the"
                " audit log was. Put it back from a backup, or move it away knowing that a log"
                " that was cut short before will not be noticed."
            ) from None

    @property
    def withdrawals(self) -> Withdrawals:
        """What members took back."""
        return Withdrawals(self.home)

    def note_head(self, workspace: str, head: Head, *, anew: bool = False) -> None:
        """Note a longer log; a shorter one, of a writer that was overtaken, changes nothing.

        With `anew` it counts whatever was noted before: a restored log goes on from there.
        """
        with self.locked():
            heads = self.heads()
            known = heads.get(workspace)
            if known is not None and known.number >= head.number and not anew:
                return
            heads[workspace] = head
            told = {name: {"number": one.number, "hash": one.hash} for name, one in heads.items()}
            replace_file(self.heads_file, json.dumps(told, indent=1, sort_keys=True) + "\n")

    def locked(self) -> FileLock:
        """A lock for whoever changes these files."""
        self.home.mkdir(parents=True, exist_ok=True)
        return FileLock(self.home / "beside.lock")


def replace_file(path: Path, text: str) -> None:
    """Put `text` in the place of a file, whole or not at all; only its owner may read it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # made with mode 600
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(name, path)
