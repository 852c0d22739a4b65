"""A pool with its indexes on disk: built beside the live one, checked, mapped, swapped whole.

    root/current                    JSON: the serving snapshot's name and those before it
    root/<name>/manifest.json       the SHA-256 of every file; its own is the snapshot's name
    root/<name>/columns.json        what is text
    root/<name>/<column>.npy        what is numbers, mapped into memory; the items' texts too
    root/<name>/dense.faiss         the vector index

The manifest also tells whose vectors these are, and the recall of the vector index as it was
measured against exact search when it was built.

Everything is verified before anything is parsed: a damaged file, one taken from another
snapshot, or one more or less than the manifest names refuses the snapshot.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from filelock import FileLock

from recsys.indexes import RECALL_AT, Indexes
from recsys.layout import Parts, read_parts, write_parts
from recsys.types import Item, Pool

KEEP = 3
"""snapshots that stay, the serving one among them"""

LOCK_SECONDS = 60.0
_NAME = re.compile(r"[0-9a-f]{64}")
_MANIFEST = "manifest.json"
_CURRENT = "current"


class SnapshotError(RuntimeError):
    """A snapshot is missing, damaged or mixed up; nothing of it was used."""


@dataclass(frozen=True)
class Opened:
    """A snapshot that serves, and what was wrong with newer ones, newest first."""

    name: str
    folder: Path
    parts: Parts
    manifest: Mapping[str, Any]
    problems: tuple[str, ...] = ()

    @property
    def pool(self) -> Pool:
        return self.parts.pool

    @property
    def indexes(self) -> Indexes:
        return self.parts.indexes

    @property
    def encoder(self) -> str:
        """Whose vectors these are."""
        return str(self.manifest["encoder"])


def save(root: Path, pool: Pool, indexes: Indexes, items: Iterable[Item], encoder: str = "") -> str:
    """Write a snapshot and make it the current one; returns its name.

    The name follows from the content: saving the same again changes nothing. Readers see the
    former snapshot or the new one, never a mixture. `items` are those of the pool by row; raises
    ValueError where they are not as many.
    """
    root.mkdir(parents=True, exist_ok=True)
    with FileLock(root / ".lock", timeout=LOCK_SECONDS):
        for abandoned in root.glob(".building-*"):  # by a process that died
            shutil.rmtree(abandoned, ignore_errors=True)
        building = Path(tempfile.mkdtemp(prefix=".building-", dir=root))
        try:
            write_parts(building, pool, indexes, items)
            name = _seal(building, _told(pool, indexes, encoder))
            if _sound(root / name, name):
                shutil.rmtree(building)
            else:
                shutil.rmtree(root / name, ignore_errors=True)
                building.rename(root / name)
        except BaseException:
            shutil.rmtree(building, ignore_errors=True)
            raise
        names = [name, *(former for former in _names(root) if former != name)]
        _write(root / _CURRENT, json.dumps({"names": names[:KEEP]}).encode())
        for stale in root.iterdir():
            if _NAME.fullmatch(stale.name) and stale.name not in names[:KEEP]:
                shutil.rmtree(stale, ignore_errors=True)
    return name


def load(root: Path, name: str) -> Opened:
    """Verify one snapshot and map it. Raises SnapshotError where anything is not as saved."""
    if not _NAME.fullmatch(name):
        raise SnapshotError(f"{name!r} is no snapshot's name")
    folder = root / name
    manifest = _verify(folder, name)
    try:
        parts = read_parts(folder)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise SnapshotError(
            f"snapshot {folder} was written by another version of Overture ({error}); "
            "build it again"
        ) from error
    return Opened(name, folder, parts, manifest)


def open_current(root: Path) -> Opened:
    """The newest sound snapshot; the former one serves where the current is damaged.

    `Opened.problems` then says what was wrong. Raises SnapshotError where none is sound.
    """
    problems: list[str] = []
    for name in _names(root):
        try:
            opened = load(root, name)
        except SnapshotError as error:
            problems.append(str(error))
            continue
        return replace(opened, problems=tuple(problems))
    found = "; ".join(problems) or "there is none yet"
    raise SnapshotError(f"no snapshot below {root} can serve: {found}; build one from the pool")


def _names(root: Path) -> list[str]:
    """Names that `current` lists, newest first; none where it is missing or unreadable."""
    try:
        listed = json.loads((root / _CURRENT).read_bytes())["names"]
    except (OSError, ValueError, KeyError, TypeError):
        listed = _by_age(root)
    return [name for name in listed if isinstance(name, str) and _NAME.fullmatch(name)]


def _by_age(root: Path) -> list[str]:
    """Snapshots by the time of writing, newest first: what is left when `current` is lost."""
    if not root.is_dir():
        return []
    folders = [path for path in root.iterdir() if _NAME.fullmatch(path.name)]
    folders.sort(key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)
    return [path.name for path in folders]


def _told(pool: Pool, indexes: Indexes, encoder: str) -> dict[str, Any]:
    dense = indexes.dense.main
    return {
        "items": len(pool),
        "encoder": encoder,
        "index": type(dense).__name__,
        "cells": getattr(dense, "nlist", 0),
        "probed": getattr(dense, "nprobe", 0),
        f"recall@{RECALL_AT}": round(indexes.dense.recall, 6),
    }


def _seal(folder: Path, told: Mapping[str, Any]) -> str:
    """Write the manifest of a finished folder; returns the manifest's SHA-256."""
    sums = {path.name: _sha256(path) for path in sorted(folder.iterdir())}
    manifest = json.dumps({**told, "files": sums}, indent=1, sort_keys=True).encode()
    _write(folder / _MANIFEST, manifest)
    return hashlib.sha256(manifest).hexdigest()


def _verify(folder: Path, name: str) -> dict[str, Any]:
    """The manifest, once every file is as it says. Raises SnapshotError."""
    try:
        manifest = (folder / _MANIFEST).read_bytes()
        if hashlib.sha256(manifest).hexdigest() != name:
            raise SnapshotError(f"snapshot {folder}: its manifest is not the one it was named for")
        told: dict[str, Any] = json.loads(manifest)
        files: dict[str, str] = told["files"]
        there = {path.name for path in folder.iterdir()} - {_MANIFEST}
        if there != files.keys():
            odd = ", ".join(sorted(there ^ files.keys()))
            raise SnapshotError(f"snapshot {folder}: missing or unknown files: {odd}")
        for file, expected in files.items():
            if _sha256(folder / file) != expected:
                raise SnapshotError(f"snapshot {folder}: {file} is damaged or from elsewhere")
    except OSError as error:
        raise SnapshotError(f"snapshot {folder} cannot be read: {error}") from error
    return told


def _sound(folder: Path, name: str) -> bool:
    try:
        _verify(folder, name)
    except SnapshotError:
        return False
    return True


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, content: bytes) -> None:
    """Write so that the file appears whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
