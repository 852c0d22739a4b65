"""Changes over a snapshot: the same picks as from a pool that was built from nothing."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recsys import snapshot
from recsys.assembly import assemble
from recsys.catalogue import Catalogue, lay_out
from recsys.delta import Delta, differing, moved
from recsys.overlay import overlay
from recsys.ranker import PriorScorer
from recsys.snapshot import Opened
from recsys.types import Floats, Item, ItemId, MemberId, Pool, Query, Slate, Topic
from tests.recsys.builders import (
    DAY,
    ME,
    NOW,
    TOPICS,
    WIDTH,
    WORDS,
    axis,
    item,
    member,
    query,
    signals,
    unit,
)

ENCODER = "by name"


def made(name: str, version: int = 0) -> Item:
    """An item that follows from its name and version."""
    dice = np.random.default_rng([*name.encode(), version])
    topic = TOPICS[int(dice.integers(3))]
    return item(
        name,
        title=f"A note about {topic} {version}",
        text=f"{WORDS[topic]} number{dice.integers(5)}",
        topics=(Topic(topic),) if dice.random() < 0.8 else (Topic(f"own-{name}"),),
        published=NOW - float(dice.integers(1, 5)) * DAY,
        author=MemberId(f"U-{dice.integers(4)}") if dice.random() < 0.7 else None,
        addressed_to=ME if dice.random() < 0.1 else None,
        builds_on=(ItemId(f"i{dice.integers(30):02d}"),) if dice.random() < 0.4 else (),
    )


def vectors_of(items: Sequence[Item]) -> Floats:
    """(n, WIDTH): what an encoder would make of each item's words."""
    out = np.zeros((len(items), WIDTH), np.float32)
    for row, one in enumerate(items):
        dice = np.random.default_rng([*one.title.encode(), *one.id.encode()])
        out[row] = axis(hash_of(one.text)) * 2 + dice.normal(0, 0.2, WIDTH)
    return unit(out) if len(items) else out


def hash_of(text: str) -> int:
    return sum(text.encode()) % WIDTH


def fresh(items: Sequence[Item]) -> Catalogue:
    ordered = sorted(items, key=lambda one: one.id)
    return lay_out(ordered, vectors_of(ordered), ENCODER)


def saved(root: Path, items: Sequence[Item]) -> Opened:
    whole = fresh(items)
    name = snapshot.save(root, whole.pool, whole.indexes, whole.items, ENCODER)
    return snapshot.load(root, name)


def over(base: Opened, delta: Delta) -> Catalogue:
    return overlay(base, delta, vectors_of(delta.late), ENCODER)


def asked(catalogue: Catalogue, seed: int, limit: int = 1000) -> Query:
    """Somebody with a past over the items of this catalogue, the same one whatever its rows are."""
    row_of = catalogue.pool.row_of
    dice = np.random.default_rng(seed)
    touched = [row_of.get(ItemId(f"i{n:02d}"), -1) for n in dice.integers(0, 30, 4)]
    said = [(NOW - (9 - n) * DAY / 2, row, axis(n)) for n, row in enumerate(touched)]
    follows = frozenset({Topic(TOPICS[seed % 3])})
    return query(member(signals=signals(said), follows=follows), seed=seed, limit=limit)


def slate(catalogue: Catalogue, seed: int, limit: int = 1000) -> Slate:
    pipeline = assemble(catalogue.pool, catalogue.indexes, PriorScorer(catalogue.pool))
    found = pipeline.run(asked(catalogue, seed, limit))
    assert found.failures == ()
    return found


def told(catalogue: Catalogue, seed: int, limit: int = 1000) -> dict[str, float | str]:
    """P(engages) by item, and the pick; sums over rows in another order may round otherwise."""
    found = slate(catalogue, seed, limit)
    ids = [str(catalogue.pool.ids[row]) for row in found.ranked.rows]
    chances = [round(float(p), 4) for p in found.ranked.engages]
    return {**dict(zip(ids, chances, strict=True)), "": found.chosen.item if found.chosen else ""}


names = st.integers(0, 39).map(lambda n: f"i{n:02d}")


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    before=st.sets(names, min_size=1, max_size=30),
    after=st.dictionaries(names, st.integers(0, 1), min_size=1, max_size=35),
    seed=st.integers(0, 99),
)
def test_a_delta_ranks_as_a_pool_that_was_built_from_nothing(
    tmp_path: Path, before: set[str], after: dict[str, int], seed: int
) -> None:
    base = saved(tmp_path, [made(name) for name in before])
    now = [made(name, version) for name, version in after.items()]
    laid, anew = over(base, differing(base, now)), fresh(now)
    one, other = told(laid, seed), told(anew, seed)
    assert one.pop("") == other.pop("")
    assert one == pytest.approx(other, abs=1e-3)
    assert laid.fingerprint == anew.fingerprint
    assert len(laid) == len(anew) == len(after)
    assert {i: laid.items[row].title for i, row in laid.pool.row_of.items()} == {
        i: anew.items[row].title for i, row in anew.pool.row_of.items()
    }


def test_what_is_merged_is_what_would_be_built(tmp_path: Path) -> None:
    """A snapshot of the items as a delta left them is the same file by file, so also by name."""
    base = saved(tmp_path / "a", [made(f"i{n:02d}") for n in range(20)])
    now = [made(f"i{n:02d}", n % 2) for n in range(5, 25)]
    laid = over(base, differing(base, now))
    left = [laid.items[row] for row in laid.pool.row_of.values()]
    assert saved(tmp_path / "b", left).name == saved(tmp_path / "c", now).name


def test_touching_items_one_by_one_comes_to_the_same_delta(tmp_path: Path) -> None:
    base = saved(tmp_path, [made(f"i{n:02d}") for n in range(10)])
    steps: list[dict[ItemId, Item | None]] = [
        {ItemId("i03"): made("i03", 1), ItemId("i20"): made("i20")},
        {ItemId("i04"): None, ItemId("i20"): None},
        {ItemId("i03"): made("i03"), ItemId("i04"): made("i04", 1)},
    ]
    delta = Delta()
    for step in steps:
        delta = moved(base, delta, step)
    now = [made(f"i{n:02d}", int(n == 4)) for n in range(10)]
    assert delta.is_same(differing(base, now))
    assert ([one.id for one in delta.late], delta.gone) == (["i04"], frozenset())
    assert delta.leaves(base) == 10


def test_nothing_of_the_snapshot_changes_under_a_delta(tmp_path: Path) -> None:
    base = saved(tmp_path, [made(f"i{n:02d}") for n in range(10)])
    before = told(over(base, Delta()), 1)
    laid = over(base, Delta((made("i03", 1),), frozenset({ItemId("i05")})))
    assert told(laid, 1) != before
    assert told(over(base, Delta()), 1) == before
    assert snapshot.load(tmp_path, base.name).pool.published[5] == base.pool.published[5]


def test_an_item_that_is_gone_is_nowhere(tmp_path: Path) -> None:
    base = saved(tmp_path, [made(f"i{n:02d}") for n in range(10)])
    laid = over(base, Delta(gone=frozenset({ItemId("i05")})))
    assert ItemId("i05") not in laid.pool.row_of
    assert "i05" not in told(laid, 1)
    assert base.pool.row_of[ItemId("i05")] not in slate(laid, 1).retrieved.rows
    assert "i05" in told(over(base, Delta()), 1)


def test_more_than_there_is_room_for_is_refused_and_due_long_before(tmp_path: Path) -> None:
    base = saved(tmp_path, [made("i00")])
    late = tuple(made(f"x{n:03d}") for n in range(base.parts.room + 1))
    assert not Delta(late[: base.parts.room // 2]).is_due(base)
    assert Delta(late[: base.parts.room // 2 + 1]).is_due(base)
    with pytest.raises(ValueError, match="do not fit into the room"):
        over(base, Delta(late))


def test_the_manifest_tells_the_recall_and_whose_vectors_they_are(tmp_path: Path) -> None:
    base = saved(tmp_path, [made(f"i{n:02d}") for n in range(10)])
    manifest = json.loads((base.folder / "manifest.json").read_text())
    assert manifest["recall@1000"] == 1.0
    assert (manifest["items"], manifest["encoder"]) == (10, ENCODER)


def test_queries_see_one_version_whole_while_others_take_its_place(tmp_path: Path) -> None:
    """Each version's items bear its number in their title; no slate may mix two."""
    served: list[Catalogue] = []

    def version(number: int) -> list[Item]:
        return [
            replace(made(f"i{n:02d}"), title=f"version {number}", text=WORDS["bread"])
            for n in range(20)
        ]

    base = saved(tmp_path, version(0))
    served.append(over(base, Delta()))
    stop, mixed, seen = threading.Event(), [], set()

    def ask() -> None:
        while not stop.is_set():
            catalogue = served[-1]
            found = slate(catalogue, 3)
            titles = {catalogue.items[int(row)].title for row in found.ranked.rows}
            seen.update(titles)
            if len(titles) != 1:
                mixed.append(titles)

    askers = [threading.Thread(target=ask) for _ in range(3)]
    for asker in askers:
        asker.start()
    for number in range(1, 7):
        if number % 2:
            served.append(over(base, differing(base, version(number))))
        else:
            base = saved(tmp_path, version(number))
            served.append(over(base, Delta()))
    stop.set()
    for asker in askers:
        asker.join()
    assert mixed == []
    assert len(seen) > 1


def test_every_column_has_its_place_in_a_delta() -> None:
    """A column that is added to the pool has to be said here, or an overlay would leave it out."""
    from recsys.layout import POOL_ARRAYS, POOL_TEXTS

    # figures of a benchmark alone count a part of their pool, and that is never a snapshot's
    others = {"row_of", "audiences", "builds_on", "mentions", "counted"}
    assert {field.name for field in fields(Pool)} == {*POOL_ARRAYS, *POOL_TEXTS} | others
