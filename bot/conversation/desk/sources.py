"""Feeds at the desk: a list with a form below it, and `/overture feeds …` in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.conversation.desk.counter import Answer, Content, Counter, Obey, sentence
from bot.conversation.desk.screens import Screens
from bot.conversation.desk.words import channel_of, unknown
from bot.conversation.handlers import Handlers
from bot.curating.feeds import Feeding, Wanted, found_feed
from bot.curating.roles import CURATOR, Actor
from bot.pool.entries import topic_slug
from bot.ports import Arrival, Asked, BadInput, OvertureError, Refused
from bot.store import tables
from bot.store.channels import Channels
from bot.store.database import Unit
from bot.store.feeds import Feeds
from bot.store.items import SavedItems
from bot.store.topics import Topics
from recsys.types import WHOLE_WORKSPACE, Audience

HELP = (
    "`/overture feeds` opens the list. In words:\n"
    "• `feeds list`\n"
    "• `feeds add https://…` – after it may come `auto` (else each item waits), `topics a,b` and"
    " `for #channel`\n"
    "• `feeds pause N`, `feeds resume N`, `feeds remove N`, `feeds poll N`\n"
    "• `feeds auto N`, `feeds queue N` – whether what arrives may be offered at once"
)
NONE = "There is no feed yet. `/overture feeds add https://…` adds one."
Change = Callable[[Unit, tables.Feed, Actor, datetime], str]


@dataclass(frozen=True)
class FeedDesk:
    """Adds and changes feeds."""

    counter: Counter
    screens: Screens
    feeding: Feeding

    def handlers(self) -> Handlers:
        acting, thinking = self.counter.acting, self.counter.thinking
        changes = self._changes()
        return Handlers(
            presses={
                **{
                    f"feed_{name}": acting(CURATOR, self._pressed(do))
                    for name, do in changes.items()
                },
                "feed_poll": thinking(CURATOR, self._polled),
            },
            modals={"feeds": thinking(CURATOR, self._added)},
            commands={"feeds": thinking(CURATOR, self._typed)},
            shows={
                "feeds": self.counter.showing(CURATOR, self.feeds),
                "submit:feeds": self.counter.showing(CURATOR, self._asked),
            },
        )

    def feeds(self, unit: Unit, actor: Actor, asked: Asked, note: str = "") -> Content:
        """The list."""
        now = self.counter.clock.now()
        rows = [
            {"id": feed.id, "title": feed.url, "detail": detail(unit, feed, now),
             "acts": _acts(feed)}
            for feed in Feeds(unit).list()
        ]  # fmt: skip
        choices = self.screens.choices(unit)
        return {"rows": rows, "topics": choices["topics"], "channels": choices["channels"],
                "note": note}  # fmt: skip

    def _asked(self, unit: Unit, actor: Actor, asked: Asked) -> Content:
        """At once: what is missing, or the list with a word on what is going on."""
        url = str(asked.values.get("url") or "").strip()
        if not url:
            return {"errors": {"url": "Give the address of a feed."}}
        if not url.lower().startswith(("http://", "https://")):
            return {"errors": {"url": "It should begin with https:// or http://."}}
        note = "Reading it now. What comes of it stands in our conversation in a moment."
        return {**self.feeds(unit, actor, asked, note), "modal": "feeds"}

    def _changes(self) -> dict[str, Change]:
        feeding = self.feeding

        def pause(unit: Unit, feed: tables.Feed, by: Actor, now: datetime) -> str:
            feeding.pause(unit, feed, True, by=by, now=now)
            return "is paused"

        def resume(unit: Unit, feed: tables.Feed, by: Actor, now: datetime) -> str:
            feeding.pause(unit, feed, False, by=by, now=now)
            return "is asked again from now on"

        def auto(unit: Unit, feed: tables.Feed, by: Actor, now: datetime) -> str:
            feeding.set_approval(unit, feed, True, by=by, now=now)
            return "brings what may be offered at once"

        def queue(unit: Unit, feed: tables.Feed, by: Actor, now: datetime) -> str:
            feeding.set_approval(unit, feed, False, by=by, now=now)
            return "brings what waits for a curator"

        def remove(unit: Unit, feed: tables.Feed, by: Actor, now: datetime) -> str:
            feeding.remove(unit, feed, by=by, now=now)
            return "is removed; its items stay"

        return {"pause": pause, "resume": resume, "auto": auto, "queue": queue, "remove": remove}

    def _pressed(self, do: Change) -> Obey:
        def obey(unit: Unit, actor: Actor, arrival: Arrival, now: datetime) -> Answer:
            feed = found_feed(unit, str(arrival.payload.get("opener") or ""))
            told = f"{feed.url} {do(unit, feed, actor, now)}."
            return self._redrawn(arrival.payload, told)

        return obey

    def _redrawn(self, payload: Mapping[str, Any], told: str) -> Answer:
        if not payload.get("view"):
            return Answer(told)
        asked = Asked(str(payload["member"]), "feeds")
        return Answer(
            redraws=((str(payload["view"]), asked, lambda u, a, q: self.feeds(u, a, q, told)),)
        )

    def _polled(self, arrival: Arrival, now: datetime) -> Obey:
        told = self._poll(str(arrival.payload.get("opener") or ""), now)
        return lambda unit, actor, arrival, at: self._redrawn(arrival.payload, told)

    def _poll(self, name: str, now: datetime) -> str:
        """Ask a feed now; what came of it. Raises Refused."""
        with self.feeding.store.reading(self.feeding.workspace) as unit:
            feed = found_feed(unit, name)
            feed_id, url = feed.id, feed.url
        saved = self.feeding.poll(feed_id, now)
        if saved is None:
            with self.feeding.store.reading(self.feeding.workspace) as unit:
                feed_now = Feeds(unit).get(feed_id)
                return feed_now.problem if feed_now is not None else f"{url} is gone."
        return f"{url}: {brought(saved)}."

    def _added(self, arrival: Arrival, now: datetime) -> Obey:
        values = arrival.payload["values"]
        channels = frozenset(values.get("channels") or ())
        audience = Audience("channels", channels) if channels else WHOLE_WORKSPACE
        wanted = Wanted(
            str(values.get("url") or "").strip(),
            tuple(values.get("topics") or ()),
            audience,
            values.get("approval") == "auto",
        )
        try:
            adding = self._adding(wanted)
        except BadInput as error:
            problem = sentence(error)
            return lambda unit, actor, arrival, at: self._both(arrival.payload, problem)

        def obey(unit: Unit, actor: Actor, arrival: Arrival, at: datetime) -> Answer:
            try:
                said = adding(unit, actor, arrival, at).text
            except OvertureError as error:
                said = sentence(error)
            return self._both(arrival.payload, said)

        return obey

    def _both(self, payload: Mapping[str, Any], said: str) -> Answer:
        """In the list that is still open, and in the conversation for whoever has closed it."""
        return replace(self._redrawn(payload, said), text=said)

    def _adding(self, wanted: Wanted) -> Obey:
        """Read a feed, then keep it. Raises BadInput where it cannot be read."""
        read = self.feeding.read(wanted)

        def obey(unit: Unit, actor: Actor, arrival: Arrival, now: datetime) -> Answer:
            _check_channels(unit, wanted.audience)
            feed, saved = self.feeding.add(unit, wanted, read, by=actor, now=now)
            waits = "may be offered" if feed.approves else "wait for a curator"
            return Answer(f"{feed.url} is a feed now: {brought(saved)}. Its items {waits}.")

        return obey

    def _typed(self, arrival: Arrival, now: datetime) -> Obey:
        return self.obeying(str(arrival.payload["text"]).split()[1:], now)

    def obeying(self, said: list[str], now: datetime) -> Obey:
        """What these words ask for; a feed is read before anything is written. Raises BadInput."""
        word, rest = (said[0].lower(), said[1:]) if said else ("list", [])
        if word == "add":
            with self.feeding.store.reading(self.feeding.workspace) as unit:
                wanted = parsed(unit, rest)
            return self._adding(wanted)
        if word == "poll":
            told = self._poll(" ".join(rest), now)
            return lambda unit, actor, arrival, at: Answer(told)
        changes = self._changes()

        def obey(unit: Unit, actor: Actor, arrival: Arrival, now: datetime) -> Answer:
            if word in changes:
                feed = found_feed(unit, " ".join(rest))
                return Answer(f"{feed.url} {changes[word](unit, feed, actor, now)}.")
            if word == "list":
                lines = [f"{n}. {feed.url}\n   {detail(unit, feed, now)}"
                         for n, feed in enumerate(Feeds(unit).list(), 1)]  # fmt: skip
                return Answer("\n".join(lines) or NONE)
            known = ("list", "add", "poll", "help", *changes)
            return Answer(HELP if word == "help" else unknown("feeds", word, known, HELP))

        return obey


def parsed(unit: Unit, words: list[str]) -> Wanted:
    """A feed as somebody typed it. Raises Refused, BadInput."""
    if not words:
        raise Refused("say its address: `/overture feeds add https://…`")
    url, rest = words[0].strip("<>").partition("|")[0], words[1:]
    topics: list[str] = []
    channels: list[str] = []
    taking: list[str] | None = None
    approves = False
    for word in rest:
        if word.lower() in ("topics", "for"):
            taking = topics if word.lower() == "topics" else channels
        elif word.lower() in ("auto", "queue"):
            approves = word.lower() == "auto"
        elif taking is not None:
            taking += [part for part in word.split(",") if part]
        else:
            raise BadInput(f"“{word[:40]}” means nothing here; after the address come"
                           " auto, topics and for")  # fmt: skip
    ids = frozenset(channel_of(unit, name) for name in channels)
    audience = Audience("channels", ids) if ids else WHOLE_WORKSPACE
    return Wanted(url, tuple(topic_slug(one) for one in topics), audience, approves)


def detail(unit: Unit, feed: tables.Feed, now: datetime) -> str:
    """How a feed stands, in a line."""
    state = "Paused" if feed.paused_at is not None else "Asked regularly"
    if feed.failures and feed.paused_at is None:
        hours = max(1, round((feed.next_at - now).total_seconds() / 3600))
        times = "once" if feed.failures == 1 else f"{feed.failures} times in a row"
        state = f"Failed {times}, next in {hours} h: {feed.problem.removeprefix(f'{feed.url}: ')}"
    last = f"last {feed.polled_at:%Y-%m-%d %H:%M} UTC" if feed.polled_at else "not asked yet"
    waits = "what it brings is offered at once" if feed.approves else "what it brings waits for you"
    titles = Topics(unit).titles()
    topics = f" · {', '.join(titles.get(t, t) for t in feed.topics)}" if feed.topics else ""
    places = [Channels(unit).get(one) for one in feed.audience_ids]
    names = ", ".join(f"#{place.name}" for place in places if place is not None)
    who = f" · for {names}" if names else ""
    items = f"{feed.brought} item{'' if feed.brought == 1 else 's'} so far"
    return f"{state} · {last} · {items} · {waits}{topics}{who}"


def brought(saved: SavedItems) -> str:
    return f"{saved.new} new item{'' if saved.new == 1 else 's'}, {saved.changed} changed"


def _acts(feed: tables.Feed) -> list[tuple[str, str]]:
    paused = ("feed_resume", "Resume") if feed.paused_at else ("feed_pause", "Pause")
    auto = ("feed_queue", "Let its items wait for a curator")
    if not feed.approves:
        auto = ("feed_auto", "Offer its items at once")
    return [paused, ("feed_poll", "Ask it now"), auto, ("feed_remove", "Remove")]


def _check_channels(unit: Unit, audience: Audience) -> None:
    for channel in audience.ids:
        place = Channels(unit).get(channel)
        if place is None or place.kind != "public":
            raise Refused(f"{channel} is no public channel")
