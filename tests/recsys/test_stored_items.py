"""Items as bytes: all of them, exactly, and a print that any change moves."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from recsys.stored_items import StoredItems, decoded, encoded, print_of
from recsys.types import Audience, Item, ItemId, MemberId, Topic
from tests.recsys.builders import item

OTHER: dict[str, Any] = {
    "id": ItemId("b"), "kind": "work", "title": "Ünïcode 東京 \ud800", "summary": "s", "text": "t",
    "topics": (Topic("bread"),), "source": "feed", "published": 1.5, "not_before": 2.5,
    "expires": 3.5, "level": 2.0, "builds_on": (ItemId("z"),), "url": "https://example.org",
    "author": MemberId("dee"), "channel": "C1", "audience": Audience("members", frozenset("ab")),
    "addressed_to": MemberId("bo"), "mentions": (MemberId("bo"),), "approved": False,
}  # fmt: skip


@pytest.mark.parametrize("name", [field.name for field in fields(Item)])
def test_every_field_comes_back_and_counts(name: str) -> None:
    plain = item("a")
    changed = replace(plain, **{name: OTHER[name]})
    back = decoded(encoded(changed))
    assert getattr(back, name) == OTHER[name]
    assert encoded(back) == encoded(changed)
    assert print_of(changed) != print_of(plain)


def test_the_same_item_has_the_same_print() -> None:
    """Whatever the order in which a set gives its members, and with an unknown level."""
    one = item("a", audience=Audience("channels", frozenset(["x", "y", "z"])), level=np.nan)
    other = item("a", audience=Audience("channels", frozenset(["z", "x", "y"])), level=float("nan"))
    assert print_of(one) == print_of(other)


def test_items_are_read_by_row() -> None:
    contents = [encoded(item(name)) for name in "abc"]
    starts = np.cumsum([0, *map(len, contents)])
    stored = StoredItems(np.frombuffer(b"".join(contents), np.uint8), starts)
    assert [stored[row].id for row in range(3)] == ["a", "b", "c"]
    assert stored[-1].id == "c"
    with pytest.raises(IndexError):
        stored[3]
