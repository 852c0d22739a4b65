"""A pool file becomes items: JSONL, CSV, RSS or Atom, told apart by what is in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.pool import csv_rows, feeds
from bot.pool.entries import item_of
from bot.pool.json_text import array, decode, value
from bot.pool.leftout import Flaw, Sieve
from bot.ports import BadInput, Progress, silent
from recsys.types import Item

LARGEST = 64 << 20
"""bytes of a pool file"""
SOURCE = "pool"
_EVERY = 200

Rows = Iterator[tuple[int | None, Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class PoolFile:
    """What a file holds."""

    format: str
    """jsonl, json, csv or feed"""
    items: tuple[Item, ...]


def read(path: Path, sieve: Sieve, progress: Progress = silent) -> PoolFile:
    """Read a pool file; entries that are no items go to `sieve`.

    Raises:
        BadInput: the file is missing, empty, too large, or not what it seems to be; or an entry
            is bad and `sieve` skips none. Names the file and the line.
    """
    if not path.is_file():
        raise BadInput(f"{path}: there is no such file")
    if path.stat().st_size > LARGEST:
        raise BadInput(f"{path}: has more than {LARGEST:,} bytes. Split it.")
    return parse(path.read_bytes(), path.name, sieve, progress)


def parse(data: bytes, file: str, sieve: Sieve, progress: Progress = silent) -> PoolFile:
    """The same for bytes that are called `file` in messages."""
    if not data.strip():
        raise BadInput(f"{file}: is empty")
    shape, source, rows = _rows(data, file, sieve)
    items: list[Item] = []
    first_lines: dict[str, int | None] = {}
    read_so_far = 0
    for line, raw in rows:
        read_so_far += 1
        if read_so_far % _EVERY == 0:
            progress("Reading entries", read_so_far, 0)
        try:
            item = item_of(raw, source)
            if item.id in first_lines:
                raise Flaw(f"has the same id as line {first_lines[item.id]}: {item.id}")
        except Flaw as flaw:
            sieve.refuse(file, line, str(flaw))
            continue
        first_lines[item.id] = line
        items.append(item)
    if not read_so_far and not sieve.left_out:
        raise BadInput(f"{file}: holds no entry")
    return PoolFile(shape, tuple(items))


def _rows(data: bytes, file: str, sieve: Sieve) -> tuple[str, str, Rows]:
    if feeds.looks_like_feed(data):
        return "feed", *feeds.entries(data, file)
    text = decode(data, file)
    beginnings = [line.lstrip()[:1] for line in text.splitlines()[:20]]
    if not text.strip():
        raise BadInput(f"{file}: is empty")
    if text.lstrip().startswith("["):
        return "json", SOURCE, _objects(iter(array(text, file)), file, sieve)
    if "title" not in csv_rows.header_of(text)[1] and "{" in beginnings:
        return "jsonl", SOURCE, _objects(_lines(text, file, sieve), file, sieve)
    return "csv", SOURCE, csv_rows.rows(text, file, sieve)


def _lines(text: str, file: str, sieve: Sieve) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield number, value(line)
        except Flaw as flaw:
            sieve.refuse(file, number, str(flaw))


def _objects(values: Iterator[tuple[int, Any]], file: str, sieve: Sieve) -> Rows:
    for line, one in values:
        if isinstance(one, dict):
            yield line, one
        else:
            sieve.refuse(file, line, "should be an object with fields, {…}")
