"""Items as bytes: kept with a snapshot, so that texts need no memory until one of them is told."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys.types import Audience, Item

PRINT_BYTES = 16
Bytes = NDArray[np.uint8]

_FIELDS = tuple(field.name for field in fields(Item))


def encoded(item: Item) -> bytes:
    """Every field of an item; equal items give equal bytes, an unknown level (nan) too."""
    told = [getattr(item, name) for name in _FIELDS]
    place = _FIELDS.index("audience")
    told[place] = [item.audience.kind, sorted(item.audience.ids)]
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def decoded(content: bytes) -> Item:
    """The item that these bytes say."""
    told: dict[str, Any] = dict(
        zip(_FIELDS, json.loads(content.decode("utf-8", "surrogatepass")), strict=True)
    )
    kind, ids = told["audience"]
    told["audience"] = Audience(kind, frozenset(ids))
    for name in ("topics", "builds_on", "mentions"):
        told[name] = tuple(told[name])
    return Item(**told)


def print_of(item: Item) -> bytes:
    """What tells one version of an item from another: 16 bytes over all its fields."""
    return blake2b(encoded(item), digest_size=PRINT_BYTES).digest()


def prints_of(items: Iterable[Item]) -> Bytes:
    """(n, 16): the print of each item."""
    told = b"".join(print_of(item) for item in items)
    return np.frombuffer(told, np.uint8).reshape(-1, PRINT_BYTES)


@dataclass(frozen=True, eq=False)
class StoredItems(Sequence[Item]):
    """The items of a snapshot by row, each read when it is asked for."""

    content: Bytes
    starts: NDArray[np.int64]
    """(n + 1,)"""

    def __len__(self) -> int:
        return int(self.starts.size - 1)

    def __getitem__(self, row: Any) -> Any:
        """One item; slices are not needed, and raise TypeError."""
        place = range(len(self))[row]
        return decoded(self.content[self.starts[place] : self.starts[place + 1]].tobytes())
