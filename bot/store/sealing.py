"""Words and tokens sealed at rest with Fernet: what is in the database's file says nothing.

A sealed value reads ``ovt1:KEY:TOKEN``, where KEY are eight digits that name its key. So a value
from before sealing is known by its lack of a mark, one of a key that was lost is told by its
name, and what `overture keys rotate` has still to do is a question to the database. Fernet
(AES-128 in CBC mode under HMAC-SHA256) also refuses values that were changed. What it cannot do
is tie a value to its row: whoever can write to the database can put one in another one's place.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from bot.ports import Refused

MARK = "ovt1:"
NAME_DIGITS = 8
MARK_LENGTH = len(MARK) + NAME_DIGITS + 1
"""characters before the token"""


def new_key() -> str:
    """A fresh key, as the settings take it."""
    return Fernet.generate_key().decode()


def name_of(key: str) -> str:
    """Eight digits that stand for a key and tell nothing of it."""
    return sha256(b"overture key\x00" + key.encode()).hexdigest()[:NAME_DIGITS]


def key_name(value: str) -> str | None:
    """The name of the key that a stored value was sealed with; None for one that is not sealed."""
    return value[len(MARK) : MARK_LENGTH - 1] if value.startswith(MARK) else None


@dataclass(frozen=True)
class Ring:
    """Keys by name; the newest seals, all of them open."""

    newest: str
    keys: dict[str, Fernet]

    @classmethod
    def of(cls, keys: Sequence[str]) -> Ring:
        return cls(name_of(keys[0]), {name_of(key): Fernet(key) for key in keys})


class Sealer:
    """Seals and opens values of one database, from several threads at once.

    With a `file`, keys that are put there later are taken up without a restart. Without any key
    it seals nothing (that is `OVERTURE_SEALING=false`), and refuses what is sealed.
    """

    def __init__(self, keys: Sequence[str] = (), file: Path | None = None) -> None:
        self._file = file
        self._seen: tuple[int, int] | None = None
        self._reading = threading.Lock()
        self._ring = Ring.of(keys) if keys else None
        if file is not None:
            self._ring = Ring.of(read_keys(file))
            self._seen = _print_of(file)

    @property
    def newest(self) -> str | None:
        """The name of the key that seals; None where sealing is off."""
        ring = self._current()
        return None if ring is None else ring.newest

    def seal(self, value: str) -> str:
        """What is stored for a value; nothing stays nothing."""
        ring = self._current()
        if not value:
            return value
        if ring is None:
            # words that happen to begin as a sealed value would be taken for one
            return f" {value}" if value.startswith(MARK) else value
        return f"{MARK}{ring.newest}:{ring.keys[ring.newest].encrypt(value.encode()).decode()}"

    def open(self, value: str) -> str:
        """The value again; one that was never sealed is itself.

        Raises:
            Refused: its key is not there, or the value was changed.
        """
        name = key_name(value)
        if name is None:
            return value
        ring = self._current()
        key = None if ring is None else ring.keys.get(name)
        if key is None:
            raise Refused(
                f"Something in the database is sealed with the key {name}, which is not among"
                f" {self._where()}. Put that key back (it may stand last); until then nothing of it"
                " can be read, and nothing is lost."
            )
        try:
            return key.decrypt(value[MARK_LENGTH:]).decode()
        except InvalidToken:
            raise Refused(
                f"A value in the database that was sealed with the key {name} was changed since."
                " Restore it from a backup."
            ) from None

    def _where(self) -> str:
        return "OVERTURE_KEYS" if self._file is None else f"{self._file} (or OVERTURE_KEYS)"

    def _current(self) -> Ring | None:
        """The ring, read anew where its file changed; a file that went stays in memory."""
        if self._file is None or _print_of(self._file) in (self._seen, None):
            return self._ring
        with self._reading:
            seen = _print_of(self._file)
            if seen != self._seen:
                self._ring, self._seen = Ring.of(read_keys(self._file)), seen
        return self._ring


def _print_of(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino


def read_keys(file: Path) -> tuple[str, ...]:
    """The keys of a file, one a line, the newest first; a line that begins with # is a comment.

    Raises:
        Refused: it cannot be read, holds no key, or something that is none.
    """
    try:
        lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{file}, the file of keys, cannot be read: {error}.") from None
    keys = tuple(line for line in lines if line and not line.startswith("#"))
    for key in keys:
        try:
            Fernet(key)
        except ValueError:
            raise Refused(
                f"{file} holds a line that is no key. `overture keys new` prints what one looks"
                " like; keys stand one a line, the newest first."
            ) from None
    if not keys:
        raise Refused(f"{file} holds no key. Put the former ones back, or remove the file.")
    return keys


def make_key_file(file: Path) -> None:
    """Make a file with a fresh key that only its owner may read; one that is there stays."""
    file.parent.mkdir(parents=True, exist_ok=True)
    text = f"# Keys of Overture, newest first; without them no words can be read.\n{new_key()}\n"
    made = file.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
    try:
        handle = os.open(made, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        os.link(made, file)  # of two that begin, one makes it
    except FileExistsError:
        return
    except OSError as error:
        raise Refused(
            f"{file} cannot be made: {error.strerror}. Make OVERTURE_HOME writable, or set"
            " OVERTURE_KEYS (`overture keys new` prints a key)."
        ) from None
    finally:
        made.unlink(missing_ok=True)
