"""Lists, twins, feeds and wishes as both databases answer them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.curating.changes import Changes
from bot.curating.desk import Desk
from bot.curating.roles import operator
from bot.curating.seeing import listed
from bot.curating.twins import Twins
from bot.curating.wants import wants
from bot.store import tables
from bot.store.database import Store, Unit, connect
from bot.store.desk import SHELVES, DeskItems
from bot.store.feeds import Feeds
from bot.store.items import Items
from recsys.types import Audience, MemberId
from tests.bot.scene import NOW, WORKSPACE, item, items, populate

BY = operator("op")
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def unit(database_url: str) -> Iterator[Unit]:
    store = Store(connect(database_url))
    populate(store, pool=items(4))
    with store.writing(WORKSPACE) as made:
        own = item("own", addressed_to=MemberId("ana"))
        new = item("new", title="50% of Indexes_are idle", url="https://a.example.org/i")
        old = item("old", title="Another one", url="https://www.a.example.org/i#top")
        Items(made).save([own, old], at=NOW)
        Items(made).save([new], at=LATER)
        made.commit()
    Twins(store, WORKSPACE).sweep(LATER)
    with store.writing(WORKSPACE) as made:
        yield made
    store.close()


def on(unit: Unit, shelf: str, words: str = "") -> list[str]:
    return sorted(listed(unit, BY, shelf, words, LATER).ids)


def test_every_shelf_has_what_belongs_there(unit: Unit) -> None:
    desk = Desk(unit, BY, LATER)
    offered = ["bread-0", "bread-1", "python-0", "python-1"]
    assert (on(unit, "waiting"), on(unit, "offered"), on(unit, "twins")) == (
        ["new", "old"], offered, ["bread-1", "new", "python-1"],
    )  # fmt: skip
    desk.reject(["bread-0"], "old")
    desk.expire(["bread-1"], None)
    desk.embargo("python-0", LATER + timedelta(days=1))
    desk.pin(["python-1"], True)
    found = {shelf: on(unit, shelf) for shelf in SHELVES}
    assert found == {
        "waiting": ["new", "old"], "offered": ["python-1"], "pinned": ["python-1"],
        "embargoed": ["python-0"], "twins": ["bread-1", "new", "python-1"], "dead": [],
        "rejected": ["bread-0"], "expired": ["bread-1"], "all": sorted([*offered, "new", "old"]),
    }  # fmt: skip
    assert listed(unit, BY, "all", "", LATER).ids[:2] == ("python-1", "new")
    assert list(DeskItems(unit).named("pyth")) == ["python-0", "python-1"]
    assert wants(unit, LATER).asked == ()


@pytest.mark.parametrize(
    ("words", "found"),
    [("INDEXES", ["new"]), ("50%", ["new"]), ("s_a", ["new"]), ("idle indexes", ["new"]),
     ("idle bread", []), ("%", ["new"])],
)  # fmt: skip
def test_words_are_searched_as_they_stand(unit: Unit, words: str, found: list[str]) -> None:
    assert on(unit, "all", words) == found


def test_all_that_was_done_is_taken_back_to_where_it_was(unit: Unit) -> None:
    row = Items(unit).get("python-0")
    assert row is not None
    names = [column.name for column in row.__table__.columns if column.name != "changed_at"]
    before = {name: getattr(row, name) for name in names}
    desk = Desk(unit, BY, LATER)
    moment = (LATER + timedelta(days=3),)
    readers = Audience("channels", frozenset({"C1"}))
    changes = Changes("T", "S", "X", ("a", "b"), "work", moment, (None,), readers)
    done = [desk.edit("python-0", changes), desk.pin(["python-0"], True)]
    done.append(desk.reject(["python-0"], "no"))
    assert row.rejected_at is not None
    for one in reversed(done):
        desk.undo(one.batch)
    assert {name: getattr(row, name) for name in names} == before


def test_feeds_that_are_due_come_in_order(unit: Unit) -> None:
    for number in range(3):
        unit.session.add(
            tables.Feed(
                workspace_id=WORKSPACE, id=f"fd_{number}", url=f"https://a.org/{number}",
                topics=[], audience_kind="workspace", audience_ids=[], added_at=NOW, added_by="t",
                next_at=LATER - timedelta(hours=number), paused_at=NOW if number == 1 else None,
            )
        )  # fmt: skip
    unit.session.flush()
    assert list(Feeds(unit).due(LATER)) == ["fd_2", "fd_0"]
    assert list(Feeds(unit).due(LATER - timedelta(hours=1))) == ["fd_2"]
