"""What a refresh keeps of the one before it, and what it may not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import fields, replace
from datetime import timedelta
from threading import Barrier, BrokenBarrierError
from typing import Any

import numpy as np
import pytest

from bot.deciding.catalogues import Catalogues
from bot.deciding.recommender import Recommender, View
from bot.policy.purposes import NAMES
from bot.reading import heard as hearing
from bot.store.consents import Consents
from bot.store.database import Unit
from bot.store.items import Items
from bot.store.signals import Signals
from recsys.types import Audience, Item, ItemId, MemberId, Pool, Topic
from tests.bot.scene import NOW, WORKSPACE, Scene, item, said
from tests.bot.test_at_once import at_once

ANA = MemberId("ana")
SECRET = "a most particular secret about flour"


def change(scene: Scene, act: Callable[[Unit], object]) -> None:
    with scene.store.writing(WORKSPACE) as unit:
        act(unit)
        unit.commit()


def refreshed(scene: Scene) -> View:
    return scene.recommender.refresh(WORKSPACE, NOW)


def from_nothing(scene: Scene) -> View:
    """The view of a process that has just started and remembers nothing."""
    fresh = Recommender(scene.store, scene.encoder, scene.registry, scene.settings)
    return fresh.refresh(WORKSPACE, NOW)


def same_columns(one: Any, other: Any) -> bool:
    """Whether two frozen columns hold the same, number for number."""
    for field in fields(one):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        if isinstance(mine, np.ndarray):
            if not np.array_equal(mine, theirs, equal_nan=mine.dtype.kind == "f"):
                return False
        elif mine != theirs:
            return False
    return True


def pool_of(view: View) -> Pool:
    return view.pipeline.pool


def test_two_refreshes_at_once_take_turns(
    populated: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else both would build the snapshot of a large pool, and the older view might stay."""
    together, read = Barrier(2), Catalogues.read
    met: list[str] = []

    def meets(self: Catalogues, *args: Any) -> Any:
        with suppress(BrokenBarrierError):
            together.wait(0.3)
            met.append("both are reading")
        return read(self, *args)

    recommender = populated.recommender
    monkeypatch.setattr(Catalogues, "read", meets)
    views = at_once(*[lambda: recommender.refresh(WORKSPACE, NOW)] * 2)
    assert met == []
    assert recommender.view in views


def test_where_nothing_changed_pool_and_words_are_kept(populated: Scene) -> None:
    first = populated.recommender.view
    second = refreshed(populated)
    assert pool_of(second) is pool_of(first)
    assert second.memory.words is first.memory.words
    assert (second.preparation.embedded, second.preparation.seconds_embedding) == (0, 0.0)


CHANGES: dict[str, Callable[[Unit], object]] = {
    "withdrawn": lambda unit: Items(unit).withdraw(["python-0"], at=NOW),
    "reworded": lambda unit: Items(unit).reword("python-0", "Other", "and other words", at=NOW),
    "added": lambda unit: Items(unit).save([item("new")], at=NOW, approved_by="x"),
    "not approved any more": lambda unit: Items(unit).save([altered(topics=())], at=NOW),
    "kind": lambda unit: save(unit, kind="work"),
    "topics": lambda unit: save(unit, topics=(Topic("bread"),)),
    "level": lambda unit: save(unit, level=2.0),
    "url": lambda unit: save(unit, url="https://example.org/a"),
    "audience": lambda unit: save(unit, audience=Audience("members", frozenset({"bo"}))),
    "addressed": lambda unit: save(unit, addressed_to="bo"),
    "expires": lambda unit: save(unit, expires=NOW.timestamp() + 60.0),
    "embargo": lambda unit: save(unit, not_before=NOW.timestamp() + 60.0),
    "groundwork": lambda unit: save(unit, builds_on=(ItemId("python-1"),)),
}


def altered(**changes: Any) -> Item:
    return replace(item("python-0"), **changes)


def save(unit: Unit, **changes: Any) -> None:
    Items(unit).save([altered(**changes)], at=NOW, approved_by="curator")


@pytest.mark.parametrize("what", CHANGES)
def test_any_change_of_an_item_is_seen_by_the_next_refresh(populated: Scene, what: str) -> None:
    before = populated.recommender.view
    change(populated, CHANGES[what])
    after, fresh = refreshed(populated), from_nothing(populated)
    assert pool_of(after) is not pool_of(before)
    assert same_columns(pool_of(after), pool_of(fresh))
    assert after.items.keys() == fresh.items.keys()


def test_an_item_comes_into_the_pool_with_its_publication(populated: Scene) -> None:
    later = item("later", published=(NOW + timedelta(hours=1)).timestamp())
    change(populated, lambda unit: Items(unit).save([later], at=NOW, approved_by="curator"))
    assert "later" not in refreshed(populated).items
    assert "later" in populated.recommender.refresh(WORKSPACE, NOW + timedelta(hours=2)).items


def heard(scene: Scene, **changes: Any) -> None:
    one = said("ana", 9, **{"key": "secret", "text": SECRET, **changes})
    change(scene, lambda unit: Signals(unit).save([one]))


GONE: dict[str, Callable[[Unit], object]] = {
    "the message was deleted": lambda unit: Signals(unit).forget(["secret"]),
    "the message was edited": lambda unit: Signals(unit).amend("secret", "something harmless"),
    "consent was withdrawn": lambda unit: Consents(unit).withdraw(
        "ana", ["channel_messages"], at=NOW
    ),
    "they left": lambda unit: Consents(unit).withdraw("ana", None, at=NOW),
}


def test_only_of_whom_something_changed_is_read_again(
    populated: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = refreshed(populated).memory
    read: list[str] = []
    told = hearing._said

    def watched(unit: Unit, stamps: Mapping[str, Any], *args: Any, **more: Any) -> Any:
        read.extend(stamps)
        return told(unit, stamps, *args, **more)

    monkeypatch.setattr(hearing, "_said", watched)
    heard(populated)
    second = refreshed(populated).memory
    assert read == ["ana"]
    others = first.heard.signals.keys() - {ANA}
    assert all(second.heard.signals[one] is first.heard.signals[one] for one in others)
    assert refreshed(populated).memory.heard.texts == first.heard.texts + 1


@pytest.mark.parametrize("days", [0, 12], ids=["newer", "imported later, and older"])
def test_a_number_that_comes_again_is_not_taken_for_what_had_it(
    populated: Scene, days: int
) -> None:
    """SQLite gives the last row's number again once that row is gone."""
    heard(populated)
    before = refreshed(populated).memory
    change(populated, lambda unit: Signals(unit).forget(["secret"]))
    heard(populated, key="another", text="quite another matter", at=NOW - timedelta(days=days))
    after, fresh = refreshed(populated).memory, from_nothing(populated).memory
    assert SECRET in before.words.row_of
    assert SECRET not in after.words.row_of
    assert same_columns(after.heard.signals[ANA], fresh.heard.signals[ANA])


@pytest.mark.parametrize("why", GONE)
def test_words_vanish_with_the_next_refresh(populated: Scene, why: str) -> None:
    heard(populated)
    before = refreshed(populated).memory
    assert SECRET in before.words.row_of
    vector = before.words.vectors[before.words.row_of[SECRET]]
    change(populated, GONE[why])
    after, fresh = refreshed(populated).memory, from_nothing(populated).memory
    assert SECRET not in after.words.row_of
    assert not (after.words.vectors == vector).all(axis=1).any()
    mine, theirs = (m.state(ANA, "UTC", frozenset(NAMES)).signals for m in (after, fresh))
    assert same_columns(mine, theirs)


def test_consent_given_again_brings_them_back(populated: Scene) -> None:
    first = populated.recommender.view.memory.state(ANA, "UTC", frozenset(NAMES)).signals
    change(populated, GONE["consent was withdrawn"])
    refreshed(populated)
    change(
        populated,
        lambda unit: Consents(unit).grant("ana", ["channel_messages"], at=NOW, origin="home"),
    )
    again = refreshed(populated).memory.state(ANA, "UTC", frozenset(NAMES)).signals
    assert len(first) > 0
    assert same_columns(again, first)


def test_only_new_words_are_encoded(populated: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    _ = populated.recommender.view
    asked: list[str] = []
    encode = populated.encoder.encode

    def listening(texts: list[str], *args: Any) -> Any:
        asked.extend(texts)
        return encode(texts, *args)

    monkeypatch.setattr(populated.encoder, "encode", listening)
    heard(populated)
    heard(populated, key="twice")
    view = refreshed(populated)
    assert asked == [SECRET]
    assert same_columns(
        view.memory.state(ANA, "UTC", frozenset(NAMES)).signals,
        from_nothing(populated).memory.state(ANA, "UTC", frozenset(NAMES)).signals,
    )


def test_a_signal_about_an_item_follows_the_pool(populated: Scene) -> None:
    """Rows mean other items once the pool is another one, whatever was kept of the words."""
    heard(populated, kind="reacted", item="python-5", text="")
    change(populated, lambda unit: Items(unit).withdraw(["bread-0"], at=NOW))
    view = refreshed(populated)
    state = view.memory.state(ANA, "UTC", frozenset(NAMES))
    (row,) = state.signals.row[state.signals.row >= 0]
    assert pool_of(view).ids[row] == "python-5"
