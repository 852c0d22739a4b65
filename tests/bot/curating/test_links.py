"""Dead links are flagged once that is certain, and no item goes because of one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.curating.links import Links
from bot.pool.fetch import Web
from bot.store import tables
from bot.store.database import Store
from bot.store.items import Items
from tests.bot.curating.feed_server import FeedServer, feed_server
from tests.bot.scene import NOW, WORKSPACE, item, populate

DAY = timedelta(days=1)


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with feed_server() as running:
        yield running


def put(store: Store, url: str) -> None:
    populate(store, members=("ana",), pool=[item("python-0", url=url), item("python-1")])


def state(store: Store) -> tuple[str, bool, bool]:
    """(problem, dead, still offered)."""
    with store.reading(WORKSPACE) as unit:
        row = Items(unit).get("python-0")
        assert row is not None
        offered = row.approved_at is not None and row.withdrawn_at is None
        return row.link_problem, row.link_dead_at is not None, offered


def test_what_is_gone_is_flagged_at_once_and_stays_in_the_pool(
    store: Store, server: FeedServer
) -> None:
    put(store, server.at("/gone"))
    server.statuses = {"/gone": 410}
    links = Links(store, WORKSPACE, Web(frozenset({"127.0.0.1"})))
    assert links.check(NOW) == {"tried": 1, "dead": 1}
    assert state(store) == ("answers with 410", True, True)
    assert [one[0] for one in server.asked] == ["HEAD", "GET"]
    assert links.check(NOW) == {"tried": 0, "dead": 0}
    server.statuses = {}
    assert links.check(NOW + DAY) == {"tried": 1, "dead": 0}
    assert state(store) == ("", False, True)
    assert links.check(NOW + 2 * DAY)["tried"] == 0  # well, for a week


def test_what_only_failed_is_dead_when_it_fails_again(store: Store, server: FeedServer) -> None:
    put(store, server.at("/down"))
    server.statuses = {"/down": 503}
    links = Links(store, WORKSPACE, Web(frozenset({"127.0.0.1"})))
    links.check(NOW)
    assert state(store) == ("answers with 503", False, True)
    links.check(NOW + DAY)
    assert state(store) == ("answers with 503", True, True)


@pytest.mark.parametrize("status", [401, 403, 429])
def test_a_door_that_is_locked_is_there(store: Store, server: FeedServer, status: int) -> None:
    put(store, server.at("/locked"))
    server.statuses = {"/locked": status}
    Links(store, WORKSPACE, Web(frozenset({"127.0.0.1"}))).check(NOW)
    assert state(store) == ("", False, True)


def test_nothing_inside_is_asked(store: Store, server: FeedServer) -> None:
    put(store, server.at("/secret"))
    assert Links(store, WORKSPACE, Web()).check(NOW) == {"tried": 1, "dead": 0}
    assert server.asked == []
    assert state(store) == ("", False, True)


def test_a_night_of_links_comes_to_an_end(store: Store, server: FeedServer) -> None:
    pool = [item(f"python-{n}", url=server.at(f"/{n}")) for n in range(5)]
    populate(store, members=("ana",), pool=pool)
    ticks = iter(range(0, 10_000, 500))
    links = Links(store, WORKSPACE, Web(frozenset({"127.0.0.1"})), lambda: float(next(ticks)))
    assert links.check(NOW)["tried"] == 1
    assert len([r for r in _rows(store) if r.link_checked_at]) == 1


def _rows(store: Store) -> list[tables.Item]:
    with store.reading(WORKSPACE) as unit:
        return list(unit.session.query(tables.Item).all())
