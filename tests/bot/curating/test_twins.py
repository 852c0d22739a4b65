"""Twins are found on the way in, flagged, and merged by a person; nothing goes by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.curating.desk import Desk
from bot.curating.roles import Actor
from bot.curating.twins import Meaning, Twins
from bot.ports import Refused
from bot.store import tables
from bot.store.items import Items
from bot.store.likeness import title_key, url_key
from recsys.types import Item, MemberId
from tests.bot.scene import NOW, WORKSPACE, Scene, item

CURATOR = Actor("ana", "curator", "ana")
LATER = NOW + timedelta(minutes=1)


def take_in(scene: Scene, *items: Item, meaning: bool = False, **kept: Any) -> None:
    with scene.store.writing(WORKSPACE) as unit:
        Items(unit).save(items, at=LATER, **kept)
        unit.commit()
    alike = Meaning(scene.recommender, scene.encoder, WORKSPACE) if meaning else None
    Twins(scene.store, WORKSPACE, alike).sweep(LATER)


def twin(scene: Scene, name: str) -> tuple[str, str | None]:
    row = next(row for row in scene.rows(tables.Item) if row.id == name)
    return row.twin_by, row.twin_of


def test_the_same_address_words_or_title_are_noticed(populated: Scene) -> None:
    own: dict[str, Any] = {"title": "Partial indexes, explained", "url": "https://a.example.org/p"}
    take_in(populated, item("first", **own, text="All about them."))
    take_in(
        populated,
        item("address", url="http://www.a.example.org/p/?utm_source=mail#top", title="Else wholly"),
        item("words", title="Partial indexes, explained", summary=item("first").summary,
             text="All about them."),
        item("title", title="PARTIAL indexes – explained!", text="Other words."),
        item("other", title="Something different entirely", text="Nothing in common."),
    )  # fmt: skip
    assert twin(populated, "address") == ("address", "first")
    assert twin(populated, "words")[1] == "first"
    assert twin(populated, "title") == ("title", "first")
    assert twin(populated, "other") == ("", None)
    assert twin(populated, "first") == ("", None)  # the older one is nobody's twin


def test_nearly_the_same_words_are_noticed_by_their_meaning(populated: Scene) -> None:
    words = "partial indexes serve queries whose condition they share"
    take_in(populated, item("first", title=words, summary=words, text=f"{words} well"))
    again = item("again", title=words, summary=words, text=f"{words} nicely")
    take_in(populated, again)
    assert twin(populated, "again")[0] in ("", "title")
    with populated.store.writing(WORKSPACE) as unit:
        row = Items(unit).get("again")
        assert row is not None
        row.title, row.title_key, row.compared_at, row.twin_of = "Quite partial", None, None, None
        unit.commit()
    Twins(populated.store, WORKSPACE, None).sweep(LATER)
    assert twin(populated, "again")[1] is None  # the control: without meaning nobody notices
    with populated.store.writing(WORKSPACE) as unit:
        row = Items(unit).get("again")
        assert row is not None
        row.compared_at = None
        unit.commit()
    Twins(
        populated.store, WORKSPACE, Meaning(populated.recommender, populated.encoder, WORKSPACE)
    ).sweep(LATER)
    assert twin(populated, "again") == ("meaning", "first")


def test_what_is_meant_for_one_member_is_nobodys_twin(populated: Scene) -> None:
    same: dict[str, Any] = {
        "title": "I want to sleep better",
        "text": "Every night.",
        "summary": "",
    }
    take_in(populated, item("goal", **same, addressed_to=MemberId("ana")))
    take_in(populated, item("news", **same))
    assert twin(populated, "news") == ("", None)
    take_in(populated, item("more", **same))
    assert twin(populated, "more")[1] == "news"


def test_a_merge_keeps_the_other_one_with_both_topics_and_is_taken_back(populated: Scene) -> None:
    same: dict[str, Any] = {
        "title": "I want to know indexes",
        "text": "All of them.",
        "summary": "",
    }
    take_in(populated, item("first", "python", **same), approved_by="curator")
    take_in(populated, item("again", "bread", **same), approved_by="curator")
    with populated.store.writing(WORKSPACE) as unit:
        with pytest.raises(Refused, match="like no other"):
            Desk(unit, CURATOR, LATER).merge(["first"])
        done = Desk(unit, CURATOR, LATER).merge(["again"])
        first, again = Items(unit).get("first"), Items(unit).get("again")
        assert first is not None
        assert again is not None
        assert (first.topics, first.approved_at is not None) == (["python", "bread"], True)
        assert (again.rejected_why, again.approved_at) == ("the same as another one", None)
        assert again.withdrawn_at is None
        Desk(unit, CURATOR, LATER).undo(done.batch)
        assert first.topics == ["python"]
        assert again.approved_at is not None


def test_twins_that_are_none_are_kept_apart_for_good(populated: Scene) -> None:
    take_in(populated, item("first", title="The weekly release notes", text="Of May."))
    take_in(populated, item("again", title="The weekly release notes", text="Of June."))
    with populated.store.writing(WORKSPACE) as unit:
        Desk(unit, CURATOR, LATER).keep_apart(["again"])
        unit.commit()
    Twins(populated.store, WORKSPACE).sweep(LATER)
    assert twin(populated, "again") == ("", None)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://www.a.org/p/?b=2&a=1", "http://a.org/p?a=1&b=2", True),
        ("https://a.org/p?utm_medium=x", "https://a.org/p", True),
        ("https://a.org/p/index.html", "https://a.org/p", True),
        ("https://a.org/p?id=1", "https://a.org/p?id=2", False),
        ("https://a.org/p", "https://b.org/p", False),
        ("https://a.org:8443/p", "https://a.org/p", False),
    ],
)
def test_addresses_that_are_called_the_same(one: str, other: str, same: bool) -> None:
    assert (url_key(one) == url_key(other)) is same


def test_short_titles_are_no_sign(populated: Scene) -> None:
    assert title_key("Release notes") is None
    assert title_key("The release notes") == title_key("the RELEASE notes!")
