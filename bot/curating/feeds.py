"""Feeds: added, paused, asked only for what is newer, and left alone for longer when they fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.curating.roles import CURATOR, Actor
from bot.curating.twins import APPROVER
from bot.ids import digest
from bot.pool import files
from bot.pool.feeds import looks_like_feed
from bot.pool.fetch import Fetched, Web
from bot.pool.leftout import Sieve
from bot.ports import BadInput, OvertureError, Refused
from bot.store import tables
from bot.store.audit import LONGEST, Audit
from bot.store.database import Store, Unit
from bot.store.feeds import Feeds
from bot.store.items import Items, SavedItems, text_hash
from bot.store.likeness import title_key, url_key
from bot.store.twins import TwinRows
from recsys.sameness import normal_url
from recsys.types import WHOLE_WORKSPACE, Audience, Item, Topic

MOST = 100
"""entries of one answer that are read, from its beginning"""
MOST_FEEDS = 100
AT_ONCE = 30
"""feeds of one round; the others come with the next one"""
SLOWEST = timedelta(days=1)
"""between two looks at a feed that fails"""
NOTHING_NEW = SavedItems()


@dataclass(frozen=True)
class Wanted:
    """A feed as a curator asks for it."""

    url: str
    topics: tuple[str, ...] = ()
    audience: Audience = WHOLE_WORKSPACE
    approves: bool = False


@dataclass(frozen=True)
class Feeding:
    """Keeps the feeds of one workspace, and asks them."""

    store: Store
    workspace: str
    web: Web
    every: timedelta

    def read(self, feed: Wanted | tables.Feed) -> tuple[Fetched, tuple[Item, ...]]:
        """Ask a feed; its items bear the feed's topics and audience. Never in a transaction.

        Raises BadInput: it cannot be reached or is no feed; the message says why.
        """
        known = (feed.etag, feed.modified) if isinstance(feed, tables.Feed) else ("", "")
        fetched = self.web.newer(feed.url, *known)
        if fetched.data is None:
            return fetched, ()
        if not looks_like_feed(fetched.data):
            raise BadInput(f"{feed.url}: is no feed; RSS and Atom are read")
        found = files.parse(fetched.data, feed.url, Sieve(skip_bad=True)).items[:MOST]
        return fetched, tuple(_dressed(item, feed) for item in found)

    def add(
        self,
        unit: Unit,
        wanted: Wanted,
        read: tuple[Fetched, tuple[Item, ...]],
        *,
        by: Actor,
        now: datetime,
    ) -> tuple[tables.Feed, SavedItems]:
        """Keep a feed that was read, with what it brought. Raises Refused."""
        _check(by)
        feed_id = feed_id_of(wanted.url)
        feeds = Feeds(unit)
        if feeds.get(feed_id) is not None:
            raise Refused(f"{wanted.url} is among the feeds already")
        if len(feeds.list()) >= MOST_FEEDS:
            raise Refused(f"there are {MOST_FEEDS} feeds, which is the most; remove one first")
        feed = tables.Feed(
            workspace_id=self.workspace, id=feed_id, url=wanted.url, topics=list(wanted.topics),
            audience_kind=wanted.audience.kind, audience_ids=sorted(wanted.audience.ids),
            approves=wanted.approves, added_at=now, added_by=by.name[:128], next_at=now,
            title="", etag="", modified="", failures=0, problem="", brought=0,
        )  # fmt: skip
        feeds.add(feed)
        told = {"url": wanted.url[:LONGEST], "approves": wanted.approves}
        Audit(unit).append(now, by.name, "feed.added", feed_id, told)
        return feed, self._take(unit, feed, read, now)

    def pause(self, unit: Unit, feed: tables.Feed, on: bool, *, by: Actor, now: datetime) -> None:
        """Ask a feed no more, or again from now on. Raises Refused."""
        _check(by)
        if (feed.paused_at is not None) is on:
            return
        feed.paused_at = now if on else None
        feed.next_at, feed.failures = now, 0
        Audit(unit).append(now, by.name, f"feed.{'paused' if on else 'resumed'}", feed.id)

    def set_approval(
        self, unit: Unit, feed: tables.Feed, approves: bool, *, by: Actor, now: datetime
    ) -> None:
        """Let what comes from now on be offered unseen, or wait. Raises Refused."""
        _check(by)
        if feed.approves is not approves:
            feed.approves = approves
            told = {"approves": approves}
            Audit(unit).append(now, by.name, "feed.changed", feed.id, told)

    def remove(self, unit: Unit, feed: tables.Feed, *, by: Actor, now: datetime) -> None:
        """Forget a feed; its items stay. Raises Refused."""
        _check(by)
        Audit(unit).append(now, by.name, "feed.removed", feed.id, {"url": feed.url[:LONGEST]})
        Feeds(unit).remove(feed)

    def poll_due(self, now: datetime) -> dict[str, int]:
        """Ask those whose time has come, the most overdue first."""
        told = {"asked": 0, "new": 0, "failed": 0}
        with self.store.reading(self.workspace) as unit:
            due = Feeds(unit).due(now)
        for feed_id in due[:AT_ONCE]:
            saved = self.poll(feed_id, now)
            told["asked"] += 1
            told["new"] += saved.new if saved is not None else 0
            told["failed"] += saved is None
        return told

    def poll(self, feed_id: str, now: datetime) -> SavedItems | None:
        """Ask one feed; None where that failed, which the feed then says of itself."""
        with self.store.reading(self.workspace) as unit:
            feed = Feeds(unit).get(feed_id)
            if feed is None:
                return None
            unit.session.expunge(feed)
        try:
            read = self.read(feed)
        except OvertureError as error:
            self._failed(feed_id, str(error), now)
            return None
        with self.store.writing(self.workspace) as unit:
            known = Feeds(unit).get(feed_id)
            saved = self._take(unit, known, read, now) if known is not None else None
            unit.commit()
        return saved

    def _take(
        self,
        unit: Unit,
        feed: tables.Feed,
        read: tuple[Fetched, tuple[Item, ...]],
        now: datetime,
    ) -> SavedItems:
        """Keep what a feed gave. An item that is like another one waits for a person."""
        fetched, items = read
        feed.etag, feed.modified = fetched.etag, fetched.modified
        feed.polled_at, feed.next_at = now, now + self.every
        feed.failures, feed.problem = 0, ""
        if not items:
            return NOTHING_NEW
        mine = [item for item in items if feed.approves and not _is_twin(unit, item, items)]
        rest = [item for item in items if item not in mine]
        by = f"{APPROVER}{feed.id}"
        done = [Items(unit).save(mine, at=now, approved_by=by), Items(unit).save(rest, at=now)]
        saved = SavedItems(*(sum(getattr(one, name) for one in done) for name in _COUNTS))
        feed.brought += saved.new
        if saved.new:
            counts = {"new": saved.new, "approved": done[0].new}
            Audit(unit).append(now, by, "items.arrived", feed.id, counts)
        return saved

    def _failed(self, feed_id: str, problem: str, now: datetime) -> None:
        with self.store.writing(self.workspace) as unit:
            feed = Feeds(unit).get(feed_id)
            if feed is not None:
                feed.failures += 1
                feed.problem, feed.polled_at = problem[:LONGEST], now
                wait = min(SLOWEST, self.every * 2 ** min(feed.failures, 10))
                feed.next_at = now + wait
            unit.commit()


_COUNTS = ("new", "changed", "same", "unapproved")


def feed_id_of(url: str) -> str:
    """The id of a feed: two spellings of one address are one feed. Raises BadInput."""
    try:
        return "fd_" + digest(normal_url(url))
    except ValueError:
        raise BadInput(f"{url[:200]}: is no address") from None


def found_feed(unit: Unit, name: str) -> tables.Feed:
    """A feed by its number in the list, how its id begins, or its address. Raises Refused."""
    feeds: Sequence[tables.Feed] = Feeds(unit).list()
    if name.isdecimal() and 1 <= int(name) <= len(feeds):
        return feeds[int(name) - 1]
    found = [feed for feed in feeds if name and (feed.id.startswith(name) or feed.url == name)]
    if len(found) != 1:
        raise Refused(f"there is no feed “{name[:100]}”; the list has their numbers")
    return found[0]


def _check(by: Actor) -> None:
    if not by.may(CURATOR):
        raise Refused("only curators may do that")


def _dressed(item: Item, feed: Wanted | tables.Feed) -> Item:
    topics = tuple(dict.fromkeys((*item.topics, *(Topic(topic) for topic in feed.topics))))
    if isinstance(feed, Wanted):
        return replace(item, topics=topics, audience=feed.audience)
    audience = Audience(feed.audience_kind, frozenset(feed.audience_ids))
    return replace(item, topics=topics, audience=audience)


def _is_twin(unit: Unit, item: Item, beside: Sequence[Item]) -> bool:
    """Whether an item that is not known yet is like one that is, or one that came before it."""
    if Items(unit).get(item.id) is not None:
        return False
    mine = _keys(item)
    before = beside[: beside.index(item)]
    shared = {key for one in before for key in _keys(one) if key}
    shared |= TwinRows(unit).known([mine])
    return any(key in shared for key in mine if key)


def _keys(item: Item) -> tuple[str | None, str, str | None]:
    return url_key(item.url), text_hash(item), title_key(item.title)
