"""What members took back, noted apart from the database: a restored copy must not forget it.

`withdrawals.log` is only ever appended to and written through to the disk. It names members by a
keyed hash alone: who finds the file learns no name from it, and whoever has the key can ask for
one member at a time.
"""

from __future__ import annotations

import hmac
import json
import logging
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Literal

from bot.ports import Refused

What = Literal["consent", "left", "erased"]
_log = logging.getLogger("overture.withdrawals")


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """One thing that a member took back; `purpose` is empty where it is everything."""

    at: datetime
    member: str
    """the keyed hash of workspace and member"""
    what: What
    purpose: str = ""


@dataclass(frozen=True)
class Withdrawals:
    """The journal of one home."""

    home: Path

    @property
    def file(self) -> Path:
        return self.home / "withdrawals.log"

    @property
    def key_file(self) -> Path:
        return self.home / "withdrawals.key"

    def note(
        self, workspace: str, member: str, what: What, at: datetime, purposes: Sequence[str] = ("",)
    ) -> None:
        """Append a line for each purpose; it is on the disk when this returns.

        What cannot be noted is logged and hinders nobody: taking back must always be possible.
        """
        try:
            name = self.name_of(workspace, member, makes_key=True)
            when = at.astimezone(UTC).isoformat()
            lines = [
                json.dumps({"at": when, "member": name, "what": what, "purpose": purpose}) + "\n"
                for purpose in purposes
            ]
            handle = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(handle, "".join(lines).encode())
                os.fsync(handle)
            finally:
                os.close(handle)
        except (OSError, Refused) as error:
            _log.error("a withdrawal could not be noted beside the database: %s", error)

    def name_of(self, workspace: str, member: str, *, makes_key: bool = False) -> str:
        """The keyed hash that stands for a member. Raises Refused where the key is lost."""
        said = f"{workspace}\x1f{member}".encode()
        return hmac.new(self._key(makes_key), said, sha256).hexdigest()

    def read(self) -> tuple[tuple[Withdrawal, ...], int]:
        """Everything that was noted, oldest first, and how many lines could not be read."""
        try:
            lines = self.file.read_bytes().splitlines()
        except FileNotFoundError:
            return (), 0
        found, bad = [], 0
        for line in lines:
            try:
                told = json.loads(line)
                at = datetime.fromisoformat(told["at"])
                found.append(Withdrawal(at, told["member"], told["what"], told["purpose"]))
            except (ValueError, KeyError, TypeError):  # a line that a crash cut short, or damage
                bad += 1
        return tuple(sorted(found, key=lambda one: one.at)), bad

    def _key(self, makes: bool) -> bytes:
        try:
            return self.key_file.read_bytes()
        except FileNotFoundError:
            pass
        if not makes or self.file.exists():
            raise Refused(
                f"{self.key_file} is missing: without it nobody can say whom the lines of"
                f" {self.file.name} are about. Put it back from a backup of OVERTURE_HOME."
            )
        self.home.mkdir(parents=True, exist_ok=True)
        made = self.home / f".{secrets.token_hex(8)}"
        handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(handle, secrets.token_bytes(32))
            os.fsync(handle)
            os.close(handle)
            os.link(made, self.key_file)  # of two that begin, one makes it
        except FileExistsError:
            pass
        finally:
            made.unlink(missing_ok=True)
        return self.key_file.read_bytes()
