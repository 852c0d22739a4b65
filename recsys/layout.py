"""Which file of a snapshot holds which column; no file holds a Python object.

Columns of items have room after their last row, so that what comes later can stand beside them
(`recsys.overlay`). The room is a hole in the file: it takes no place on the disk.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import faiss
import numpy as np
from numpy.typing import NDArray

from recsys.indexes import Indexes, VectorIndex
from recsys.keywords import KeywordIndex, Postings
from recsys.stored_items import PRINT_BYTES, Bytes, StoredItems, encoded, print_of
from recsys.types import Audience, ChannelId, Item, ItemId, MemberId, Pool, Topic

FORMAT = 5

ROOM_SHARE, ROOM_AT_LEAST = 10, 256
"""room for one item in so many, and for so many at least"""

POOL_ARRAYS = (
    "vectors",
    "published",
    "not_before",
    "expires",
    "level",
    "approved",
    "words",
    "asks",
    "terms",
    "address",
    "heading",
    "kind",
    "topic",
    "author",
    "channel",
    "source",
    "audience",
    "addressee",
    "mention",
    "order",
)
POOL_TEXTS = ("ids", "kinds", "topics", "authors", "channels", "sources", "addressees")
KEYWORD_ARRAYS = ("data", "indices", "starts", "item_words", "item_starts")

_TEXTS = "columns.json"
_DENSE = "dense.faiss"


@dataclass(frozen=True, eq=False)
class Parts:
    """What a snapshot holds."""

    pool: Pool
    indexes: Indexes
    items: StoredItems
    prints: Bytes
    """(n, 16): what tells each item from any other version of it"""
    room: int
    """rows that may come after the last"""
    awaited: Mapping[ItemId, tuple[int, ...]]
    """rows that build on an item that is not there"""


def write_parts(folder: Path, pool: Pool, indexes: Indexes, items: Iterable[Item]) -> None:
    """Write every column of a pool, its indexes and its items into an empty folder."""
    room = room_for(len(pool))
    for column in POOL_ARRAYS:
        _write_with_room(folder / f"pool_{column}.npy", getattr(pool, column), room)
    for column in KEYWORD_ARRAYS:
        array = getattr(indexes.keywords.main, column)
        np.save(folder / f"words_{column}.npy", array, allow_pickle=False)
    counts = np.array([len(rows) for rows in pool.builds_on], dtype=np.int64)
    parents = np.array([row for rows in pool.builds_on for row in rows], dtype=np.int32)
    np.save(folder / "builds_on_counts.npy", counts, allow_pickle=False)
    np.save(folder / "builds_on_rows.npy", parents, allow_pickle=False)
    texts: dict[str, Any] = {column: list(getattr(pool, column)) for column in POOL_TEXTS}
    texts["format"], texts["room"] = FORMAT, room
    texts["audiences"] = [[a.kind, sorted(a.ids)] for a in pool.audiences]
    texts["mentions"] = [list(named) for named in pool.mentions]
    texts["words"] = list(indexes.keywords.words)
    texts["usual_length"] = indexes.keywords.usual_length
    texts["recall"] = indexes.dense.recall
    texts["awaited"] = _write_items(folder, pool, items)
    (folder / _TEXTS).write_text(json.dumps(texts, ensure_ascii=False), encoding="utf-8")
    faiss.write_index(indexes.dense.main, str(folder / _DENSE))


def room_for(items: int) -> int:
    """How many rows may come after so many."""
    return max(ROOM_AT_LEAST, items // ROOM_SHARE)


def read_parts(folder: Path) -> Parts:
    """Map what `write_parts` wrote. Verify the files first: this trusts them.

    Raises ValueError, KeyError, OSError or RuntimeError where they do not fit together.
    """
    texts = json.loads((folder / _TEXTS).read_text(encoding="utf-8"))
    if texts["format"] != FORMAT:
        raise ValueError(f"format {texts['format']}, not {FORMAT}")
    pool = _pool(folder, texts)
    words = {column: _array(folder, f"words_{column}") for column in KEYWORD_ARRAYS}
    keywords = KeywordIndex(tuple(texts["words"]), Postings(**words), texts["usual_length"])
    dense = faiss.read_index(str(folder / _DENSE), faiss.IO_FLAG_MMAP_IFC)
    items = StoredItems(_array(folder, "items_content"), _array(folder, "items_starts"))
    prints = _array(folder, "items_prints")
    sizes = {len(pool), len(pool.vectors), dense.ntotal, len(keywords), len(items), len(prints)}
    if len(sizes) != 1:
        raise ValueError(f"its parts hold different numbers of items: {sorted(sizes)}")
    awaited = {ItemId(item): tuple(rows) for item, rows in texts["awaited"].items()}
    indexes = Indexes(VectorIndex(dense, recall=texts["recall"]), keywords)
    return Parts(pool, indexes, items, prints, int(texts["room"]), awaited)


def private_columns(folder: Path) -> dict[str, Any]:
    """The columns of items with their room, mapped so that writing to them stays in memory."""
    return {column: _mapped(folder / f"pool_{column}.npy", "c") for column in POOL_ARRAYS}


def _write_with_room(path: Path, column: NDArray[Any], room: int) -> None:
    shape = (len(column) + room, *column.shape[1:])
    if 0 in shape:
        np.save(path, np.zeros(shape, column.dtype), allow_pickle=False)
        return
    file = np.lib.format.open_memmap(path, mode="w+", dtype=column.dtype, shape=shape)
    file[: len(column)] = column
    file.flush()


def _write_items(folder: Path, pool: Pool, items: Iterable[Item]) -> dict[str, list[int]]:
    """Write the items one after the other; returns what they build on that is not there."""
    ends, prints = [0], bytearray()
    awaited: dict[str, list[int]] = {}
    with (folder / "items.bytes").open("wb") as file:
        for row, item in enumerate(items):
            content = encoded(item)
            file.write(content)
            ends.append(ends[-1] + len(content))
            prints += print_of(item)
            for needed in item.builds_on:
                if needed not in pool.row_of:
                    awaited.setdefault(needed, []).append(row)
    if len(ends) != len(pool) + 1:
        raise ValueError(f"{len(pool)} rows cannot be kept with {len(ends) - 1} items")
    written = folder / "items.bytes"
    np.save(folder / "items_content.npy", np.fromfile(written, np.uint8), allow_pickle=False)
    written.unlink()
    np.save(folder / "items_starts.npy", np.array(ends, dtype=np.int64), allow_pickle=False)
    table = np.frombuffer(bytes(prints), np.uint8).reshape(-1, PRINT_BYTES)
    np.save(folder / "items_prints.npy", table, allow_pickle=False)
    return awaited


def _pool(folder: Path, texts: dict[str, Any]) -> Pool:
    counts = _array(folder, "builds_on_counts")
    parents = _array(folder, "builds_on_rows").tolist()
    ends = np.cumsum(counts).tolist()
    ids = tuple(ItemId(item) for item in texts["ids"])
    columns = {column: _array(folder, f"pool_{column}")[: len(ids)] for column in POOL_ARRAYS}
    return Pool(
        ids=ids,
        row_of=MappingProxyType({item: row for row, item in enumerate(ids)}),
        kinds=tuple(texts["kinds"]),
        topics=tuple(Topic(topic) for topic in texts["topics"]),
        authors=tuple(MemberId(author) for author in texts["authors"]),
        channels=tuple(ChannelId(channel) for channel in texts["channels"]),
        sources=tuple(texts["sources"]),
        audiences=tuple(Audience(kind, frozenset(ids)) for kind, ids in texts["audiences"]),
        addressees=tuple(MemberId(member) for member in texts["addressees"]),
        mentions=tuple(tuple(map(MemberId, named)) for named in texts["mentions"]),
        builds_on=tuple(
            tuple(parents[end - count : end]) if count else ()
            for end, count in zip(ends, counts.tolist(), strict=True)
        ),
        **columns,
    )


def _array(folder: Path, name: str) -> Any:
    return _mapped(folder / f"{name}.npy", "r")


def _mapped(path: Path, mode: Literal["r", "c"]) -> NDArray[Any]:
    """A mapped column as a plain array: each slice of a `memmap` is slow to make."""
    column: NDArray[Any] = np.load(path, mmap_mode=mode, allow_pickle=False).view(np.ndarray)
    return column
