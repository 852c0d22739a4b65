"""What differs from a snapshot: items that came, changed or went since it was built."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from recsys.snapshot import Opened
from recsys.stored_items import encoded, print_of
from recsys.types import Item, ItemId


@dataclass(frozen=True)
class Delta:
    """Changes since a snapshot."""

    late: tuple[Item, ...] = ()
    """items that are not in it, or not as they are now, by id"""
    gone: frozenset[ItemId] = frozenset()
    """items of it that are not there any more"""

    def __len__(self) -> int:
        return len(self.late) + len(self.gone)

    def is_due(self, base: Opened) -> bool:
        """Whether it fills half of the room for later rows: a new snapshot is worth its time."""
        return len(self) > base.parts.room // 2

    def leaves(self, base: Opened) -> int:
        """How many items there are with it."""
        new = sum(item.id not in base.pool.row_of for item in self.late)
        return len(base.pool) - len(self.gone) + new

    def is_same(self, other: Delta) -> bool:
        """Whether it says the same; an unknown level (nan) is equal to itself."""
        return self.gone == other.gone and list(map(encoded, self.late)) == list(
            map(encoded, other.late)
        )


def differing(base: Opened, items: Iterable[Item]) -> Delta:
    """What is not as the snapshot has it, when these are all the items that there are."""
    late: list[Item] = []
    seen = bytearray(len(base.pool))
    for item in items:
        row = base.pool.row_of.get(item.id)
        if row is not None:
            seen[row] = 1
        if row is None or _differs(base, row, item):
            late.append(item)
    gone = [base.pool.ids[row] for row, there in enumerate(seen) if not there]
    return Delta(tuple(sorted(late, key=_by_id)), frozenset(gone))


def moved(base: Opened, before: Delta, touched: Mapping[ItemId, Item | None]) -> Delta:
    """A delta after some items were touched; None stands for one that is not there any more."""
    late = {item.id: item for item in before.late}
    gone = set(before.gone)
    for item_id, item in touched.items():
        late.pop(item_id, None)
        gone.discard(item_id)
        row = base.pool.row_of.get(item_id)
        if item is None:
            if row is not None:
                gone.add(item_id)
        elif row is None or _differs(base, row, item):
            late[item_id] = item
    return Delta(tuple(sorted(late.values(), key=_by_id)), frozenset(gone))


def _differs(base: Opened, row: int, item: Item) -> bool:
    return bool(base.parts.prints[row].tobytes() != print_of(item))


def _by_id(item: Item) -> str:
    return item.id
