"""`/overture pool …` in words: the same acts as the modals', for whoever would rather type."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches

from bot.conversation.desk.acts import day
from bot.conversation.desk.counter import Answer, Counter, Obey
from bot.conversation.desk.foreseeing import Foreseeing, missing
from bot.conversation.desk.screens import (
    PAGE,
    SHELF_NAMES,
    State,
    audience_of,
    facts_of,
    flags_of,
    found_item,
)
from bot.conversation.desk.telling import told
from bot.conversation.handlers import Handlers
from bot.curating.changes import Changes
from bot.curating.desk import Desk, Done
from bot.curating.figures import figures
from bot.curating.roles import CURATOR, Actor
from bot.curating.seeing import listed
from bot.inbox import Act
from bot.ports import Arrival, Refused
from bot.store.channels import Channels
from bot.store.database import Unit
from bot.store.items import Items
from recsys.types import WHOLE_WORKSPACE, Audience

HELP = (
    "`/overture pool` opens the desk. In words:\n"
    "• `pool list waiting` – also `offered`, `pinned`, `embargoed`, `twins`, `dead`, `rejected`,"
    " `expired` and `all`; `pool list waiting 2` is the second page\n"
    "• `pool search indexes` – items with these words\n"
    "• `pool show ID` – one item; ID may be how it begins\n"
    "• `pool approve ID …`, `pool reject ID … because REASON`\n"
    "• `pool edit ID title WORDS` – also `text`, `topics a, b` and `kind`\n"
    "• `pool expire ID` now, or `pool expire ID 2026-03-02`\n"
    "• `pool embargo ID 2026-03-02`, or `pool embargo ID off`\n"
    "• `pool pin ID`, `pool unpin ID`, `pool merge ID`, `pool apart ID`\n"
    "• `pool audience ID everybody` or `#channel …`; `knowingly` at the end widens\n"
    "• `pool preview ID` – or `pool preview ID question`; how it would open, and for how many\n"
    "• `pool missing` – what members asked for and the pool lacks\n"
    "• `pool undo` – takes back the last thing you did, `pool undo ID` to one item"
)
FIELDS = ("title", "text", "topics", "kind")
MOST_IDS = 20
Say = Callable[[Unit, Actor, list[str], datetime], Answer]


@dataclass(frozen=True)
class PoolWords:
    """Obeys the words after `/overture pool`."""

    counter: Counter
    foreseeing: Foreseeing

    def handlers(self) -> Handlers:
        return Handlers(commands={"pool": self.typed})

    def typed(self, arrival: Arrival, now: datetime) -> Act:
        return self.counter.thinking(CURATOR, self._think)(arrival, now)

    def _think(self, arrival: Arrival, now: datetime) -> Obey:
        """A preview is thought about first; all else is read and done in the transaction."""
        words = str(arrival.payload["text"]).split()[1:]
        if words and words[0].lower() == "preview":
            with self.counter.conversing.store.reading(self.counter.conversing.workspace) as unit:
                actor = self.counter.book.required(unit, str(arrival.payload["member"]), CURATOR)
            seen = self.preview(actor, words[1:], now)
            return lambda unit, actor, arrival, at: Answer(seen)
        return lambda unit, actor, arrival, at: self.obey(unit, actor, words, at)

    def obey(self, unit: Unit, actor: Actor, said: list[str], now: datetime) -> Answer:
        """Do what these words say. Raises Refused."""
        word, rest = (said[0].lower(), said[1:]) if said else ("list", [])
        says: Mapping[str, Say] = {
            "help": lambda unit, actor, rest, now: Answer(HELP),
            "list": _list,
            "queue": lambda unit, actor, rest, now: _list(unit, actor, ["waiting"], now),
            "search": _search,
            "show": _show,
            "approve": lambda u, a, r, n: _done(
                "Approved", u, Desk(u, a, n).approve(_ids(u, a, r)), n
            ),
            "reject": _reject,
            "edit": _edit,
            "expire": _expire,
            "embargo": _embargo,
            "pin": lambda u, a, r, n: _done("Pinned", u, Desk(u, a, n).pin(_ids(u, a, r), True), n),
            "unpin": lambda u, a, r, n: _done(
                "No longer pinned", u, Desk(u, a, n).pin(_ids(u, a, r), False), n
            ),
            "merge": lambda u, a, r, n: _done("Merged", u, Desk(u, a, n).merge(_ids(u, a, r)), n),
            "apart": lambda u, a, r, n: _done(
                "Kept apart", u, Desk(u, a, n).keep_apart(_ids(u, a, r)), n
            ),
            "audience": _audience,
            "missing": lambda u, a, r, n: Answer("\n\n".join(missing(u, n))),
            "undo": _undo,
        }
        if word not in says:
            return Answer(unknown("pool", word, (*says, "preview"), HELP))
        return says[word](unit, actor, rest, now)

    def preview(self, actor: Actor, rest: list[str], now: datetime) -> str:
        """How an item would open, and for how many. Raises Refused; may ask a model."""
        counter = self.counter
        with counter.conversing.store.reading(counter.conversing.workspace) as unit:
            item = found_item(unit, actor, _first(rest)).id
        seen = self.foreseeing.ahead(actor, item, "_".join(rest[1:]).lower(), now)
        notes = "\n".join(seen["notes"])
        return f"{seen['title']}\n\n> {seen['opener']}\n\n{notes}"


def unknown(group: str, word: str, known: tuple[str, ...], helped: str) -> str:
    """What is said to a word that nobody knows: the nearest one, and all of them."""
    near = get_close_matches(word, known, n=1)
    meant = f" Did you mean `{group} {near[0]}`?" if near else ""
    return f"I do not know `{group} {word[:30]}`.{meant}\n\n{helped}"


def _list(unit: Unit, actor: Actor, rest: list[str], now: datetime) -> Answer:
    shelf = rest[0].lower() if rest else "waiting"
    if shelf not in SHELF_NAMES:
        raise Refused(f"there is no list “{shelf[:30]}”; there are {', '.join(SHELF_NAMES)}")
    page = int(rest[1]) - 1 if len(rest) > 1 and rest[1].isdecimal() else 0
    return _told(unit, actor, State(shelf, max(0, page)), now)


def _search(unit: Unit, actor: Actor, rest: list[str], now: datetime) -> Answer:
    if not rest:
        raise Refused("say what to search for, such as `/overture pool search indexes`")
    return _told(unit, actor, State("all", 0, " ".join(rest)[:100]), now)


def _told(unit: Unit, actor: Actor, state: State, now: datetime) -> Answer:
    found = listed(unit, actor, state.shelf, state.words, now)
    pages = max(1, math.ceil(len(found.ids) / PAGE))
    page = min(state.page, pages - 1)
    rows = [Items(unit).get(one) for one in found.ids[page * PAGE : (page + 1) * PAGE]]
    lines = [f"• {row.title} (`{row.id}`)" for row in rows if row is not None]
    head = f"{SHELF_NAMES[state.shelf]}: {len(found.ids):,}"
    if state.words:
        head = f"{len(found.ids):,} with “{state.words}”"
    if found.hidden:
        head += f", and {found.hidden:,} that only readers of their channels see"
    more = f"\nPage {page + 1} of {pages}." if pages > 1 else ""
    buttons = ((f"pool|{state}", "Open it at the desk"),) if lines else ()
    return Answer("\n".join([f"{head}.", *lines]) + more, buttons)


def _show(unit: Unit, actor: Actor, rest: list[str], now: datetime) -> Answer:
    row = found_item(unit, actor, _first(rest))
    facts = [fact for fact in facts_of(unit, row, now) if fact]
    flags = [f"Note: {flag}" for flag in flags_of(unit, actor, row)]
    parts = [
        row.title,
        *facts,
        *flags,
        row.summary or row.text[:600],
        figures(unit, row.id).sentence(),
    ]
    return Answer(
        "\n\n".join(part for part in parts if part), ((f"pool_item|{row.id}", "Open it"),)
    )


def _reject(unit: Unit, actor: Actor, rest: list[str], now: datetime) -> Answer:
    at = next((n for n, word in enumerate(rest) if word.lower() == "because"), len(rest))
    ids, why = _ids(unit, actor, rest[:at]), " ".join(rest[at + 1 :])
    if not why:
        raise Refused("say why: `pool reject ID because REASON`. Whoever sees it rejected will ask")
    return _done("Rejected", unit, Desk(unit, actor, now).reject(ids, why), now)


def _edit(unit: Unit, actor: Actor, rest: list[str], now: datetime) -> Answer:
    row = found_item(unit, actor, _first(rest))
    name, words = (rest[1].lower() if len(rest) > 1 else ""), " ".join(rest[2:])
    if name not in FIELDS or not words:
        raise Refused(f"say what to change: `pool edit {row.id} title …`, or {', '.join(FIELDS)}")
    listed_topics = tuple(t for t in (part.strip() for part in words.split(",")) if t)
    changes = Changes(
        title=words if name == "title" else None,
        text=words if name == "text" else None,
        topics=listed_topics if name == "topics" else None,
        kind=words if name == "kind" else None,
    )
    return _done("Saved", unit, Desk(unit, actor, now).edit(row.id, changes), now)


def _expire(unit: Unit, actor: Actor, rest: list[str], now: datetime) -> Answer:
    row = found_item(unit, actor, _first(rest))
    at = day(rest[1]) if len(rest) > 1 else None
    done = Desk(unit, actor, now).expire([row.id], at)
    return _done("Expires" if at else "Expired", unit, done, now)


def _embargo(unit: Unit, actor: Actor, rest: list[str], now: datetime) -> Answer:
    row = found_item(unit, actor, _first(rest))
    if len(rest) < 2:
        raise Refused(f"say from when on: `pool embargo {row.id} 2026-03-02`, or `off`")
    until = None if rest[1].lower() == "off" else day(rest[1])
    return _done("Saved", unit, Desk(unit, actor, now).embargo(row.id, until), now)


def _audience(unit: Unit, actor: Actor, rest: list[str], now: datetime) -> Answer:
    row = found_item(unit, actor, _first(rest))
    names = [word for word in rest[1:] if word.lower() != "knowingly"]
    knowingly = len(names) < len(rest[1:])
    if not names:
        raise Refused(f"it is for {audience_of(unit, row)}. Say `everybody`, or `#channel …`")
    audience = WHOLE_WORKSPACE
    if names != ["everybody"]:
        audience = Audience("channels", frozenset(channel_of(unit, name) for name in names))
    done = Desk(unit, actor, now).limit(row.id, audience, knowingly=knowingly)
    return _done("Saved", unit, done, now)


def channel_of(unit: Unit, name: str) -> str:
    """The id of a public channel by its name, its id or a mention. Raises Refused."""
    said = name.strip("<>#").partition("|")[0].lower()
    for place in Channels(unit).list():
        if place.kind == "public" and said in (place.name.lower(), place.id.lower()):
            return place.id
    raise Refused(f"there is no public channel “{name[:60]}”")


def _undo(unit: Unit, actor: Actor, rest: list[str], now: datetime) -> Answer:
    desk = Desk(unit, actor, now)
    done = desk.undo_last(found_item(unit, actor, rest[0]).id) if rest else desk.undo()
    return Answer(told("Taken back", unit, done, now))


def _ids(unit: Unit, actor: Actor, names: list[str]) -> list[str]:
    if len(names) > MOST_IDS:
        raise Refused(f"{len(names)} are too many at once; {MOST_IDS} are the most")
    return [found_item(unit, actor, name.strip(",")).id for name in names or [_first(names)]]


def _first(rest: list[str]) -> str:
    if not rest:
        raise Refused("say which item, by its id; `/overture pool list` has them")
    return rest[0]


def _done(what: str, unit: Unit, done: Done, now: datetime) -> Answer:
    undo = ((f"pool_undo|{done.batch}", "Undo"),) if done.items else ()
    return Answer(told(what, unit, done, now), undo)
