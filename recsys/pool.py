"""Items become columns: the pool that sources, filters and features read."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from types import MappingProxyType
from typing import TypeVar

import numpy as np

from recsys.sameness import address_key, title_key
from recsys.terms import TERMS, terms
from recsys.types import Floats, Item, Pool, Rows

TEXT_LIMIT = 2000
"""characters of an item's text that are embedded and indexed; MiniLM reads about 1,000"""

ORDER_STEP = 1 << 20
"""from one item's place in the order to the next: room for those that come between them later"""

_SLACK_LINK = re.compile(r"<(?:https?|mailto|slack)[^<>|\s]*(?:\|([^<>]*))?>")
_SLACK_NAME = re.compile(r"<[@#!][^<>|]*(?:\|([^<>]*))?>")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,500}>")
_ADDRESS = re.compile(r"\bhttps?://\S+")
_EMOJI = re.compile(r"(?<!\w):[a-z0-9_+'-]{2,50}:(?!\w)")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
_UNSEEN = {"Cc", "Cf", "Co", "Cs", "Cn"}

T = TypeVar("T", bound=Hashable)


def clean_text(text: str, limit: int = TEXT_LIMIT) -> str:
    """The words of a text: no markup, addresses, emoji codes or control characters.

    Link labels stay, bare addresses and mentions go: who was named says nothing about what
    was said, and an address may carry a token. At most `limit` characters.
    """
    text = text[: limit * 4]
    text = _SLACK_LINK.sub(lambda match: f" {match.group(1) or ''} ", text)
    text = _SLACK_NAME.sub(" ", text)
    text = _TAG.sub(" ", text)
    text = _EMOJI.sub(" ", _ADDRESS.sub(" ", text))
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    if not text.isprintable():
        text = "".join(" " if unicodedata.category(c) in _UNSEEN else c for c in text)
    return " ".join(text.split())[:limit].rstrip()


def item_text(item: Item) -> str:
    """What is embedded and indexed of an item: title, summary and text, in that order."""
    parts = (clean_text(part) for part in (item.title, item.summary, item.text))
    return "\n".join(part for part in parts if part)[:TEXT_LIMIT]


def asks(item: Item) -> bool:
    """Whether an item asks something: in its title or summary, or in what little else it has."""
    return "?" in (item.title + item.summary if item.summary else item.title + item.text)


def build(items: Sequence[Item], vectors: Floats) -> Pool:
    """Lay `items` out as columns, in the order given.

    `vectors` has shape (n, d), one unit row per item. Raises ValueError for repeated ids and
    for vectors that do not fit the items.
    """
    vectors = _checked(vectors, len(items))
    ids = tuple(item.id for item in items)
    row_of = {item_id: row for row, item_id in enumerate(ids)}
    if len(row_of) != len(ids):
        seen = sorted(i for i, times in Counter(ids).items() if times > 1)
        raise ValueError(f"the pool has items with the same id: {', '.join(seen[:5])}; rename them")
    texts = [item_text(item) for item in items]
    kinds, kind = _codes(item.kind for item in items)
    sources, source = _codes(item.source for item in items)
    authors, author = _codes(item.author for item in items)
    channels, channel = _codes(item.channel for item in items)
    addressees, addressee = _codes(item.addressed_to for item in items)
    mentions, mention = _codes(item.mentions or None for item in items)
    audiences = tuple(dict.fromkeys(item.audience for item in items))
    audience_at = {audience: position for position, audience in enumerate(audiences)}
    topics = tuple(sorted({topic for item in items for topic in item.topics}))
    topic_at = {topic: position for position, topic in enumerate(topics)}
    topic = np.zeros((len(items), len(topics)), dtype=np.bool_)
    for row, item in enumerate(items):
        topic[row, [topic_at[t] for t in item.topics]] = True
    return Pool(
        ids=ids,
        row_of=MappingProxyType(row_of),
        vectors=vectors,
        published=np.array([item.published for item in items], dtype=np.float64),
        not_before=np.array([item.not_before for item in items], dtype=np.float64),
        expires=np.array([item.expires for item in items], dtype=np.float64),
        level=np.array([item.level for item in items], dtype=np.float32),
        approved=np.array([item.approved for item in items], dtype=np.bool_),
        words=np.array([len(text.split()) for text in texts], dtype=np.float32),
        asks=np.array([asks(item) for item in items], dtype=np.bool_),
        terms=np.array([terms(text) for text in texts], dtype=np.int32).reshape(-1, TERMS),
        address=np.array([address_key(item.url) for item in items], dtype=np.int64),
        heading=np.array([title_key(clean_text(item.title)) for item in items], dtype=np.int64),
        kinds=kinds,
        kind=kind.astype(np.int16),
        topics=topics,
        topic=topic,
        authors=authors,
        author=author,
        channels=channels,
        channel=channel,
        sources=sources,
        source=source.astype(np.int16),
        audiences=audiences,
        audience=np.array([audience_at[item.audience] for item in items], dtype=np.int32),
        addressees=addressees,
        addressee=addressee,
        mentions=mentions,
        mention=mention,
        builds_on=tuple(tuple(row_of[i] for i in item.builds_on if i in row_of) for item in items),
        order=np.arange(len(items), dtype=np.int64) * ORDER_STEP,
    )


def _checked(vectors: Floats, n: int) -> Floats:
    if vectors.ndim != 2 or vectors.shape[0] != n:
        raise ValueError(f"{n} items need vectors of shape ({n}, d), not {vectors.shape}")
    vectors = np.ascontiguousarray(vectors, dtype=np.float32)
    lengths = np.linalg.norm(vectors, axis=1)
    wrong = np.flatnonzero(~((np.abs(lengths - 1) < 1e-3) | (lengths == 0)))
    if wrong.size:
        raise ValueError(
            f"vector {wrong[0]} has length {lengths[wrong[0]]:.4f}; the pool takes unit vectors"
        )
    return vectors


def _codes(values: Iterable[T | None]) -> tuple[tuple[T, ...], Rows]:
    """Distinct values in order of first appearance, and each value's position, -1 for None."""
    positions: dict[T, int] = {}
    codes = [-1 if v is None else positions.setdefault(v, len(positions)) for v in values]
    return tuple(positions), np.array(codes, dtype=np.int32)
