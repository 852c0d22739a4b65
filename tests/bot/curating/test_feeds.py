"""Feeds over real HTTP: only what is newer, with their own defaults, and never from inside."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from bot.curating.feeds import Feeding, Wanted
from bot.curating.roles import Actor, operator
from bot.curating.twins import Twins
from bot.pool.fetch import Web
from bot.ports import BadInput, Refused
from bot.store import tables
from bot.store.database import Store
from bot.store.feeds import Feeds
from bot.store.items import Items, SavedItems
from recsys.types import Audience, ItemId
from tests.bot.curating.feed_server import FeedServer, atom, feed_server
from tests.bot.scene import NOW, WORKSPACE, item, populate

HOUR = timedelta(hours=1)
ENTRY = ("Vacuum often", "https://news.example.org/a", "It helps a lot.")
OTHER = ("Analyze, too", "https://news.example.org/b", "Plans get better.")


@pytest.fixture(scope="module")
def running() -> Iterator[FeedServer]:
    with feed_server() as made:
        yield made


@pytest.fixture
def server(running: FeedServer) -> FeedServer:
    running.body, running.etag = atom(ENTRY), '"one"'
    running.statuses, running.moved, running.asked = {}, {}, []
    return running


@pytest.fixture
def feeding(store: Store) -> Feeding:
    populate(store, members=("ana",), pool=[item("python-0")])
    return Feeding(store, WORKSPACE, Web(frozenset({"127.0.0.1"})), HOUR)


def add(feeding: Feeding, url: str, **changes: Any) -> tuple[str, SavedItems]:
    wanted = Wanted(url, **changes)
    read = feeding.read(wanted)
    with feeding.store.writing(WORKSPACE) as unit:
        feed, saved = feeding.add(unit, wanted, read, by=operator("op"), now=NOW)
        feed_id = feed.id
        unit.commit()
    return feed_id, saved


def rows(feeding: Feeding, table: Any) -> list[Any]:
    with feeding.store.reading(WORKSPACE) as unit:
        return list(unit.session.query(table).all())


def arrived(feeding: Feeding) -> dict[str, tables.Item]:
    """Items that came from a feed, by title."""
    return {row.title: row for row in rows(feeding, tables.Item) if row.source != "pool"}


def test_a_feed_brings_items_with_its_own_topics_audience_and_approval(
    feeding: Feeding, server: FeedServer
) -> None:
    readers = Audience("channels", frozenset({"C1"}))
    _, saved = add(feeding, server.url, topics=("python",), audience=readers)
    row = arrived(feeding)["Vacuum often"]
    assert (saved.new, row.topics, row.audience_ids) == (1, ["python"], ["C1"])
    assert row.approved_at is None
    add(feeding, server.at("/auto"), approves=True)
    assert len(rows(feeding, tables.Feed)) == 2


def test_what_a_feed_may_approve_is_offered_at_once(feeding: Feeding, server: FeedServer) -> None:
    feed_id, _ = add(feeding, server.url, approves=True)
    assert arrived(feeding)["Vacuum often"].approved_by == f"feed:{feed_id}"


def test_it_is_asked_only_for_what_is_newer(feeding: Feeding, server: FeedServer) -> None:
    feed_id, _ = add(feeding, server.url)
    assert feeding.poll_due(NOW + HOUR / 2) == {"asked": 0, "new": 0, "failed": 0}
    assert feeding.poll_due(NOW + HOUR) == {"asked": 1, "new": 0, "failed": 0}
    headers = server.asked[-1][2]
    assert headers["If-None-Match"] == '"one"'
    assert headers["If-Modified-Since"] == "Wed, 01 Oct 2025 00:00:00 GMT"
    server.body, server.etag = atom(OTHER, ENTRY), '"two"'
    assert feeding.poll_due(NOW + 2 * HOUR) == {"asked": 1, "new": 1, "failed": 0}
    assert set(arrived(feeding)) == {"Vacuum often", "Analyze, too"}
    with feeding.store.reading(WORKSPACE) as unit:
        feed = Feeds(unit).get(feed_id)
        assert feed is not None
        assert (feed.etag, feed.brought) == ('"two"', 2)


def test_a_paused_feed_is_left_alone_until_it_is_resumed(
    feeding: Feeding, server: FeedServer
) -> None:
    feed_id, _ = add(feeding, server.url)
    by = operator("op")
    for on, asked in ((True, 0), (False, 1)):
        with feeding.store.writing(WORKSPACE) as unit:
            feed = Feeds(unit).get(feed_id)
            assert feed is not None
            feeding.pause(unit, feed, on, by=by, now=NOW + HOUR)
            unit.commit()
        assert feeding.poll_due(NOW + HOUR)["asked"] == asked


def test_one_that_fails_is_left_alone_for_longer_each_time_and_says_why(
    feeding: Feeding, server: FeedServer
) -> None:
    feed_id, _ = add(feeding, server.url)
    server.statuses, server.etag = {"/feed": 503}, ""
    waits, now = [], NOW + HOUR
    for _ in range(6):
        assert feeding.poll_due(now)["failed"] == 1
        with feeding.store.reading(WORKSPACE) as unit:
            feed = Feeds(unit).get(feed_id)
            assert feed is not None
            waits.append((feed.next_at - now) / HOUR)
            assert "answered with 503" in feed.problem
            now = feed.next_at
    assert waits == [2, 4, 8, 16, 24, 24]
    server.statuses = {}
    assert feeding.poll_due(now)["failed"] == 0
    (feed,) = rows(feeding, tables.Feed)
    assert (feed.failures, feed.problem, feed.next_at) == (0, "", now + HOUR)


@pytest.mark.parametrize("path", ["/feed", "/moved"])
def test_nothing_inside_is_read_whatever_leads_there(
    feeding: Feeding, server: FeedServer, path: str
) -> None:
    asks = Feeding(feeding.store, WORKSPACE, Web(), HOUR)
    with pytest.raises(BadInput, match="not on the open internet"):
        asks.read(Wanted(server.at("/feed")))
    assert server.asked == []
    # a host that may be read by name is no bridge to others
    inside = feeding.web.resolve
    named = Web(
        frozenset({"127.0.0.1", "localhost"}),
        resolve=lambda host, port: ["127.0.0.1"] if host == "feeds.example" else inside(host, port),
        allowed=lambda address: True,
    )
    server.moved = {"/moved": f"http://localhost:{server.port}/feed"}
    control = Feeding(feeding.store, WORKSPACE, named, HOUR)
    assert control.read(Wanted(f"http://feeds.example:{server.port}{path}"))[1]
    strict = Feeding(
        feeding.store, WORKSPACE, Web(named.private_hosts, resolve=named.resolve), HOUR
    )
    with pytest.raises(BadInput, match="not on the open internet"):
        strict.read(Wanted(f"http://feeds.example:{server.port}{path}"))
    with pytest.raises(BadInput, match="not on the open internet"):
        strict.read(Wanted(server.at("/moved")))  # from one private host to another name


def test_a_page_is_no_feed_and_nothing_is_kept(feeding: Feeding, server: FeedServer) -> None:
    server.body = b"<html><body>Hello</body></html>"
    with pytest.raises(BadInput):
        feeding.read(Wanted(server.url))
    server.body = b"{}"
    with pytest.raises(BadInput, match="no feed"):
        feeding.read(Wanted(server.url))
    assert rows(feeding, tables.Feed) == []


def test_two_spellings_of_an_address_are_one_feed(feeding: Feeding, server: FeedServer) -> None:
    add(feeding, server.url)
    with pytest.raises(Refused, match="already"):
        add(feeding, f"{server.url}?utm_source=x#top")


def test_only_curators_change_feeds(feeding: Feeding, server: FeedServer) -> None:
    read = feeding.read(Wanted(server.url))
    nobody = Actor("ana", "member", "ana")
    with feeding.store.writing(WORKSPACE) as unit, pytest.raises(Refused, match="only curators"):
        feeding.add(unit, Wanted(server.url), read, by=nobody, now=NOW)


def test_what_is_known_already_waits_even_where_a_feed_approves(
    feeding: Feeding, server: FeedServer
) -> None:
    known = item("known", title="Vacuum often", text="Other words.", url=ENTRY[1] + "?utm_source=q")
    with feeding.store.writing(WORKSPACE) as unit:
        Items(unit).save([known], at=NOW - HOUR, approved_by="curator")
        unit.commit()
    server.body = atom(ENTRY, OTHER, ("Analyze, too", OTHER[1] + "#again", "Plans get better."))
    add(feeding, server.url, approves=True)
    approved = [row.title for row in arrived(feeding).values() if row.approved_at]
    assert approved == ["Analyze, too"] or approved == []
    assert arrived(feeding)["Vacuum often"].approved_at is None
    assert Twins(feeding.store, WORKSPACE).sweep(NOW) >= 1
    assert arrived(feeding)["Vacuum often"].twin_of == ItemId("known")
