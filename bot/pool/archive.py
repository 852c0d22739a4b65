"""A zip from a stranger, read in memory: nothing is unpacked, and no declared size is believed."""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from bot.pool.leftout import Flaw, Sieve
from bot.ports import BadInput

_DRIVE = re.compile(r"^[A-Za-z]:")
_CHUNK = 1 << 20
_ENCRYPTED = 0x1 | 0x40 | 0x2000


@dataclass(frozen=True, slots=True)
class Limits:
    """What an archive may hold, once unpacked."""

    entries: int = 100_000
    total: int = 2 << 30
    """bytes of all entries that are read"""
    one: int = 256 << 20
    """bytes of one entry"""
    ratio: int = 200
    """bytes for each compressed byte, above `ratio_from` bytes"""
    ratio_from: int = 10 << 20


class Archive:
    """The entries of a zip file that may be read, by name.

    Raises:
        BadInput: it is no zip, has too many entries, or says itself that it is too large.
    """

    def __init__(self, path: Path, sieve: Sieve, limits: Limits | None = None) -> None:
        self.file = path.name
        self._limits = limits or Limits()
        self._read = 0
        if not path.is_file():
            raise BadInput(f"{path}: there is no such file")
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise BadInput(
                f"{path}: cannot be read as a zip ({error}). Download it again."
            ) from None
        try:
            self._entries = self._checked(sieve)
        except BadInput:
            self._zip.close()
            raise

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._zip.close()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the files in it, sorted; folders have none."""
        return tuple(sorted(self._entries))

    def read(self, name: str) -> bytes:
        """The bytes of one entry.

        Raises:
            Flaw: this entry cannot be read.
            BadInput: the archive holds more than its limits allow.
        """
        entry = self._entries[name]
        limits, pieces, size = self._limits, [], 0
        allowed = max(limits.ratio_from, limits.ratio * entry.compress_size)
        try:
            with self._zip.open(entry) as stream:
                while piece := stream.read(_CHUNK):
                    size += len(piece)
                    self._read += len(piece)
                    if self._read > limits.total:
                        raise self._too_large()
                    if size > limits.one:
                        raise Flaw(f"holds more than {limits.one:,} bytes")
                    if size > allowed:
                        raise Flaw(f"unpacks to more than {limits.ratio} times its size")
                    pieces.append(piece)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise Flaw(f"is damaged ({error})") from None
        except (NotImplementedError, RuntimeError, ValueError) as error:
            raise Flaw(f"cannot be unpacked ({error})") from None
        return b"".join(pieces)

    def _checked(self, sieve: Sieve) -> dict[str, zipfile.ZipInfo]:
        listed = self._zip.infolist()
        if len(listed) > self._limits.entries:
            raise BadInput(
                f"{self.file}: has {len(listed):,} entries; {self._limits.entries:,} are allowed"
            )
        entries: dict[str, zipfile.ZipInfo] = {}
        for entry in listed:
            reason = "is there twice" if entry.filename in entries else self._objection(entry)
            if reason is not None:
                sieve.refuse(f"{self.file}: {entry.orig_filename!r}", None, reason)
            elif not entry.is_dir():
                entries[entry.filename] = entry
        if sum(entry.file_size for entry in entries.values()) > self._limits.total:
            raise self._too_large()
        return entries

    def _objection(self, entry: zipfile.ZipInfo) -> str | None:
        name = entry.orig_filename.replace("\\", "/")
        if not name or any(ord(character) < 32 for character in name):
            return "has a name that is no name of a file"
        if name.startswith("/") or _DRIVE.match(name) or ".." in name.split("/"):
            return "has a path that leaves the archive"
        if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
            return "is a link or a special file"
        if entry.flag_bits & _ENCRYPTED:
            return "is encrypted"
        grows = entry.file_size > self._limits.ratio * max(entry.compress_size, 1)
        if grows and entry.file_size > self._limits.ratio_from:
            return f"unpacks to more than {self._limits.ratio} times its size"
        return None

    def _too_large(self) -> BadInput:
        return BadInput(f"{self.file}: unpacks to more than {self._limits.total:,} bytes")
