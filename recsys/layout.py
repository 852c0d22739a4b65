"""Which file of a snapshot holds which column; no file holds a Python object."""

from __future__ import annotations

import json
from pathlib import Path
from types import MappingProxyType
from typing import Any

import faiss
import numpy as np

from recsys.indexes import Indexes, VectorIndex
from recsys.keywords import KeywordIndex, Postings
from recsys.types import Audience, ChannelId, ItemId, MemberId, Pool, Topic

FORMAT = 3

POOL_ARRAYS = (
    "vectors",
    "published",
    "not_before",
    "expires",
    "level",
    "approved",
    "words",
    "asks",
    "kind",
    "topic",
    "author",
    "channel",
    "source",
    "audience",
    "addressee",
    "order",
)
POOL_TEXTS = ("ids", "kinds", "topics", "authors", "channels", "sources", "addressees")
KEYWORD_ARRAYS = ("data", "indices", "starts", "item_words", "item_starts")

_TEXTS = "columns.json"
_DENSE = "dense.faiss"


def write_parts(folder: Path, pool: Pool, indexes: Indexes) -> None:
    """Write every column of a pool and its indexes into an empty folder."""
    for column in POOL_ARRAYS:
        np.save(folder / f"pool_{column}.npy", getattr(pool, column), allow_pickle=False)
    for column in KEYWORD_ARRAYS:
        array = getattr(indexes.keywords.main, column)
        np.save(folder / f"words_{column}.npy", array, allow_pickle=False)
    counts = np.array([len(rows) for rows in pool.builds_on], dtype=np.int64)
    parents = np.array([row for rows in pool.builds_on for row in rows], dtype=np.int32)
    np.save(folder / "builds_on_counts.npy", counts, allow_pickle=False)
    np.save(folder / "builds_on_rows.npy", parents, allow_pickle=False)
    texts: dict[str, Any] = {column: list(getattr(pool, column)) for column in POOL_TEXTS}
    texts["format"] = FORMAT
    texts["audiences"] = [[a.kind, sorted(a.ids)] for a in pool.audiences]
    texts["words"] = list(indexes.keywords.words)
    texts["usual_length"] = indexes.keywords.usual_length
    texts["recall"] = indexes.dense.recall
    (folder / _TEXTS).write_text(json.dumps(texts, ensure_ascii=False), encoding="utf-8")
    faiss.write_index(indexes.dense.main, str(folder / _DENSE))


def read_parts(folder: Path) -> tuple[Pool, Indexes]:
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
    sizes = {len(pool), len(pool.vectors), dense.ntotal, len(keywords)}
    if len(sizes) != 1:
        raise ValueError(f"its parts hold different numbers of items: {sorted(sizes)}")
    return pool, Indexes(VectorIndex(dense, recall=texts["recall"]), keywords)


def _pool(folder: Path, texts: dict[str, Any]) -> Pool:
    counts = _array(folder, "builds_on_counts")
    parents = _array(folder, "builds_on_rows").tolist()
    ends = np.cumsum(counts).tolist()
    ids = tuple(ItemId(item) for item in texts["ids"])
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
        builds_on=tuple(
            tuple(parents[end - count : end])
            for end, count in zip(ends, counts.tolist(), strict=True)
        ),
        **{column: _array(folder, f"pool_{column}") for column in POOL_ARRAYS},
    )


def _array(folder: Path, name: str) -> Any:
    return np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
