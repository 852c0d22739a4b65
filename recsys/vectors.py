"""Where embedded texts are remembered: plain NumPy files that several processes may share.

A store is a folder of segments, each two files: ``NNNNNN.vectors.npy`` (n, d) float32 and
``NNNNNN.keys.npy`` (n, 32) uint8. A segment counts once its keys are there, which are written
last; both appear whole or not at all. A segment that cannot be read, and a vector that is no unit
vector, counts as unknown and is embedded again.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from recsys.types import Floats

Digest = bytes

KEY_BYTES = 32
MAX_SEGMENTS = 48
"""more than this are merged into one when the next is added"""

LOCK_SECONDS = 60.0


class VectorStore(Protocol):
    """Vectors by the digest of their text."""

    @property
    def width(self) -> int: ...

    def missing(self, digests: Iterable[Digest]) -> list[Digest]: ...

    def get(self, digests: Sequence[Digest]) -> Floats: ...

    def add(self, digests: Sequence[Digest], vectors: Floats) -> None: ...


class MemoryVectors:
    """Remembers for the life of the process."""

    def __init__(self) -> None:
        self._vectors: dict[Digest, Floats] = {}

    @property
    def width(self) -> int:
        """Length of a vector, 0 while nothing is known."""
        return next((v.size for v in self._vectors.values()), 0)

    def missing(self, digests: Iterable[Digest]) -> list[Digest]:
        """Those without a vector, in order."""
        return [d for d in digests if d not in self._vectors]

    def get(self, digests: Sequence[Digest]) -> Floats:
        """(n, d); KeyError for one that is missing."""
        return np.stack([self._vectors[d] for d in digests])

    def add(self, digests: Sequence[Digest], vectors: Floats) -> None:
        """Remember one vector for each digest."""
        self._vectors.update(zip(digests, vectors, strict=True))


class StoredVectors:
    """Remembers in a folder of segments; see the module's docstring."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = FileLock(folder / ".lock", timeout=LOCK_SECONDS)
        self._segments: dict[str, Floats] = {}
        self._place: dict[Digest, tuple[str, int]] = {}
        self._unreadable: set[str] = set()

    @property
    def width(self) -> int:
        """Length of a vector, 0 while nothing is known."""
        self._refresh()
        return next((int(v.shape[1]) for v in self._segments.values()), 0)

    def missing(self, digests: Iterable[Digest]) -> list[Digest]:
        """Those without a sound vector, in order; sees what other processes have added."""
        self._refresh()
        wanted = list(digests)
        known = [d for d in wanted if d in self._place]
        unsound: set[Digest] = set()
        if known:
            lengths = np.linalg.norm(self.get(known), axis=1)
            sound = np.abs(lengths - 1) < 1e-3  # False for nan too
            unsound = {d for d, fine in zip(known, sound, strict=True) if not fine}
        return [d for d in wanted if d not in self._place or d in unsound]

    def get(self, digests: Sequence[Digest]) -> Floats:
        """(n, d); KeyError for one that is missing."""
        if any(d not in self._place for d in digests):
            self._refresh()
        places = [self._place[d] for d in digests]
        names = np.array([name for name, _ in places])
        rows = np.array([row for _, row in places], dtype=np.intp)
        width = self._segments[places[0][0]].shape[1]
        out = np.empty((len(places), width), dtype=np.float32)
        for name in dict.fromkeys(name for name, _ in places):
            within = names == name
            out[within] = self._segments[name][rows[within]]
        return out

    def add(self, digests: Sequence[Digest], vectors: Floats) -> None:
        """Write one segment, atomically; merges when there are too many."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._lock:
            self._read_new()
            self._write(list(digests), np.ascontiguousarray(vectors, dtype=np.float32))
            self._read_new()
            if len(self._segments) > MAX_SEGMENTS:
                self._merge()

    def forget(self, digests: Iterable[Digest]) -> int:
        """Remove vectors: every segment that holds one is written anew without; how many went."""
        unwanted, gone = set(digests), 0
        if not unwanted or not self._folder.is_dir():
            return 0
        with self._lock:
            self._read_new()
            for name in list(self._segments):
                keys, vectors = self._read(name)
                there = [key.tobytes() for key in keys]
                kept = [row for row, key in enumerate(there) if key not in unwanted]
                if len(kept) == len(there):
                    continue
                gone += len(there) - len(kept)
                if kept:
                    self._write([there[row] for row in kept], np.asarray(vectors[kept]))
                del self._segments[name]
                (self._folder / f"{name}.keys.npy").unlink(missing_ok=True)
                (self._folder / f"{name}.vectors.npy").unlink(missing_ok=True)
            self._segments.clear()
            self._place.clear()
            self._read_new()
        return gone

    def _refresh(self) -> None:
        if self._folder.is_dir():
            with self._lock:
                self._read_new()

    def _read_new(self) -> None:
        there = {path.name.removesuffix(".keys.npy") for path in self._folder.glob("*.keys.npy")}
        if any(name not in there for name in self._segments):  # another process merged them
            self._segments.clear()
            self._place.clear()
        for name in sorted(there - self._segments.keys() - self._unreadable):
            try:
                keys, vectors = self._read(name)
            except (OSError, ValueError, EOFError):
                self._unreadable.add(name)
                continue
            self._segments[name] = vectors
            self._place.update(
                (key.tobytes(), (name, row)) for row, key in enumerate(keys)
            )  # a later segment mends an earlier one

    def _read(self, name: str) -> tuple[NDArray[np.uint8], Floats]:
        keys = np.load(self._folder / f"{name}.keys.npy", allow_pickle=False)
        vectors = np.load(self._folder / f"{name}.vectors.npy", mmap_mode="r", allow_pickle=False)
        fits = (
            keys.dtype == np.uint8
            and vectors.dtype == np.float32
            and vectors.ndim == 2
            and keys.shape == (len(vectors), KEY_BYTES)
            and all(vectors.shape[1] == s.shape[1] for s in self._segments.values())
        )
        if not fits:
            raise ValueError(f"segment {name} is no segment")
        return keys, vectors

    def _write(self, digests: list[Digest], vectors: Floats) -> str:
        numbers = [int(p.name.split(".")[0]) for p in self._folder.glob("[0-9]*.npy")]
        name = f"{max(numbers, default=0) + 1:06d}"
        keys = np.frombuffer(b"".join(digests), dtype=np.uint8).reshape(-1, KEY_BYTES)
        write_array(self._folder / f"{name}.vectors.npy", vectors)
        write_array(self._folder / f"{name}.keys.npy", keys)
        return name

    def _merge(self) -> None:
        former = list(self._segments)
        digests = list(self._place)
        merged = self._write(digests, self.get(digests))
        self._read_new()
        for name in former:
            del self._segments[name]
            (self._folder / f"{name}.keys.npy").unlink(missing_ok=True)
            (self._folder / f"{name}.vectors.npy").unlink(missing_ok=True)
        self._place = {d: place for d, place in self._place.items() if place[0] == merged}


def write_array(path: Path, array: NDArray[np.generic]) -> None:
    """Write an array so that the file appears whole or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with part.open("wb") as file:
        np.save(file, array, allow_pickle=False)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
