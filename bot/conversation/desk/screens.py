"""What the desk shows of the pool: lists, one item, and the forms; free of any channel's shapes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.curating.figures import figures
from bot.curating.roles import Actor
from bot.curating.seeing import listed, visible
from bot.curating.twins import WORDS
from bot.ports import Asked, Clock, Refused
from bot.store import tables
from bot.store.channels import Channels
from bot.store.curations import Curations
from bot.store.database import Unit
from bot.store.desk import MOST, SHELVES, DeskItems
from bot.store.items import Items
from bot.store.members import Members
from bot.store.topics import Topics

PAGE = 10
SHELF_NAMES: Mapping[str, str] = {
    "waiting": "Waiting for you",
    "offered": "Offered",
    "pinned": "Pinned",
    "embargoed": "Not out yet",
    "twins": "Told twice?",
    "dead": "Dead links",
    "rejected": "Rejected",
    "expired": "Expired",
    "all": "All",
}
ACTS: Mapping[str, str] = {
    "approve": "Approve",
    "reject": "Reject, and say why below",
    "expire": "Let expire now",
    "pin": "Pin",
    "merge": "Merge into what they are like",
}
KINDS = ("news", "work", "learning", "health", "thread")
NOBODY = "nobody"
"""the audience of what was said where not everybody can read, until somebody widens it"""

Content = dict[str, Any]


@dataclass(frozen=True)
class State:
    """Where a list stands: shelf, page, words; written ``waiting;0;words``."""

    shelf: str = "waiting"
    page: int = 0
    words: str = ""

    @classmethod
    def of(cls, told: str) -> State:
        shelf, page, words = (*told.split(";", 2), "", "", "")[:3]
        known = shelf if shelf in SHELVES else "waiting"
        return cls(known, int(page) if page.isdecimal() else 0, words[:100])

    def __str__(self) -> str:
        return f"{self.shelf};{self.page};{self.words}"


@dataclass(frozen=True)
class Screens:
    """Draws for one who acts; every method is given who that is, and shows them nothing more."""

    clock: Clock

    def pool(self, unit: Unit, actor: Actor, asked: Asked) -> Content:
        """A page of a list; typed words (without a state) search the whole pool."""
        told = asked.value or asked.subject
        is_words = bool(asked.value) and asked.value.count(";") < 2
        state = State("all", 0, asked.value[:100]) if is_words else State.of(told)
        return self.page(unit, actor, state)

    def page(
        self, unit: Unit, actor: Actor, state: State, note: str = "", without: tuple[str, ...] = ()
    ) -> Content:
        """The page of a list, as if the items `without` were decided on already."""
        now = self.clock.now()
        found = listed(unit, actor, state.shelf, state.words, now)
        ids = [one for one in found.ids if one not in without]
        pages = max(1, math.ceil(len(ids) / PAGE))
        page = min(state.page, pages - 1)
        rows = [Items(unit).get(one) for one in ids[page * PAGE : (page + 1) * PAGE]]
        return {
            "shelf": state.shelf,
            "shelves": list(SHELF_NAMES.items()),
            "words": state.words,
            "page": page,
            "pages": pages,
            "count": len(ids),
            "rows": [_row(row, state.shelf, now) for row in rows if row is not None],
            "acts": list(ACTS.items()),
            "summary": _summary(state, len(ids), page, pages, found.hidden),
            "note": note,
        }

    def item(self, unit: Unit, actor: Actor, asked: Asked) -> Content:
        return self.one(unit, actor, asked.subject or asked.value, asked.address)

    def one(self, unit: Unit, actor: Actor, item: str, state: str = "", note: str = "") -> Content:
        """One item, with what may be done with it."""
        row, now = seen(unit, actor, item), self.clock.now()
        return {
            "id": row.id,
            "state": state,
            "title": row.title,
            "facts": facts_of(unit, row, now),
            "flags": flags_of(unit, actor, row),
            "text": "\n\n".join(p for p in (row.summary, row.text) if p not in ("", row.title)),
            "figures": figures(unit, row.id).sentence(),
            "acts": _acts(unit, actor, row),
            "note": note,
        }

    def edit(self, unit: Unit, actor: Actor, asked: Asked) -> Content:
        """An item as a form."""
        row = seen(unit, actor, asked.subject or asked.value)
        return {
            "id": row.id,
            "title": row.title,
            "text": _editable(row),
            "kind": row.kind,
            "chosen": list(row.topics),
            "not_before": _day(row.not_before),
            "expires": _day(row.expires_at),
            "among": list(row.audience_ids) if row.audience_kind == "channels" else [],
            **self.choices(unit, row.kind, row.topics, row.channel_id),
            "audience": {"workspace": "workspace", "channels": "channels"}.get(
                row.audience_kind, NOBODY
            ),
        }

    def reject(self, unit: Unit, actor: Actor, asked: Asked) -> Content:
        row = seen(unit, actor, asked.subject or asked.value)
        return {"id": row.id, "title": row.title}

    def choices(
        self, unit: Unit, kind: str = "", topics: Any = (), channel: str | None = None
    ) -> Content:
        """What the forms let choose from."""
        named = Topics(unit).titles()
        for slug in topics:
            named.setdefault(slug, slug)
        public = [(c.id, f"#{c.name}") for c in Channels(unit).list() if c.kind == "public"]
        kinds = dict.fromkeys((*KINDS, *DeskItems(unit).kinds(), *([kind] if kind else ())))
        audiences = [("workspace", "Everybody here"), ("channels", "Those who can read channels")]
        home = Channels(unit).get(channel) if channel else None
        if channel and (home is None or home.kind != "public"):
            audiences.append((NOBODY, "Nobody, for now"))
        return {
            "topics": sorted(named.items(), key=lambda pair: pair[1].casefold()),
            "channels": sorted(public, key=lambda pair: pair[1]),
            "kinds": sorted(kinds),
            "audiences": audiences,
        }


def seen(unit: Unit, actor: Actor, item: str) -> tables.Item:
    """An item that whoever acts may see. Raises Refused where there is none."""
    row = Items(unit).get(item) if visible(unit, actor, [item]) else None
    if row is None:
        raise Refused("there is no such item in the pool")
    return row


def found_item(unit: Unit, actor: Actor, name: str) -> tables.Item:
    """An item by its id, or how that begins. Raises Refused for none or several."""
    ids = visible(unit, actor, DeskItems(unit).named(name)) if name else ()
    if len(ids) > 1:
        raise Refused(f"several items begin with “{name}”: {', '.join(ids)}")
    if not ids:
        raise Refused(f"there is no item “{name[:60]}”; `/overture pool search` finds them")
    return seen(unit, actor, ids[0])


def facts_of(unit: Unit, row: tables.Item, now: datetime) -> list[str]:
    """Where an item stands, for whom it is, and where it comes from; a line each."""
    state = standing(row, now)
    who = row.approved_by or ""
    by = f" by {_name(unit, who)}" if row.approved_at and who else ""
    titles = Topics(unit).titles()
    topics = f" · {', '.join(titles.get(t, t) for t in row.topics)}" if row.topics else ""
    why = f": {row.rejected_why}" if row.rejected_at and row.rejected_why else ""
    return [
        f"{state}{by}{why} · {row.kind}{topics}",
        f"For {audience_of(unit, row)} · from {_source(row)}, {_day(row.published_at)}",
        row.url or "",
    ]


def standing(row: tables.Item, now: datetime) -> str:
    """What holds of an item, in a few words."""
    pinned = ", pinned" if row.pinned_at else ""
    if row.rejected_at:
        return "Rejected"
    if row.expires_at is not None and row.expires_at <= now:
        return f"Expired {_day(row.expires_at)}{pinned}"
    if row.approved_at is None:
        return f"Waits for approval{pinned}"
    if row.not_before is not None and row.not_before > now:
        return f"Approved, not before {_day(row.not_before)}{pinned}"
    until = f", until {_day(row.expires_at)}" if row.expires_at else ""
    return f"Offered{until}{pinned}"


def audience_of(unit: Unit, row: tables.Item) -> str:
    """Who may hear of an item, in words."""
    if row.audience_kind == "workspace":
        return "everybody here"
    if row.audience_kind == "channels":
        places = [Channels(unit).get(one) for one in row.audience_ids]
        names = [f"#{p.name}" if p is not None else "another channel" for p in places]
        return f"those who can read {' or '.join(names)}"
    return "a few members" if row.audience_kind == "members" else "nobody, until it is widened"


def flags_of(unit: Unit, actor: Actor, row: tables.Item) -> list[str]:
    """What a curator should know before they decide."""
    flags = []
    if row.twin_of:
        by, told = WORDS.get(row.twin_by, "much in common"), "another item"
        other = Items(unit).get(row.twin_of)
        if other is not None and visible(unit, actor, [other.id]):
            told = f"“{other.title}”"
        flags.append(f"it has {by} as {told}. Merge it, or say that it is another one.")
    if row.link_dead_at is not None:
        flags.append(f"its link leads nowhere since {_day(row.link_dead_at)} ({row.link_problem}).")
    if row.audience_kind == "unknown":
        flags.append("nobody hears of it until its audience is widened.")
    return flags


def _row(row: tables.Item, shelf: str, now: datetime) -> Content:
    marks = [standing(row, now)] if shelf in ("all", "pinned", "twins", "dead") else []
    marks += [_source(row), *row.topics[:3]]
    marks += [WORDS.get(row.twin_by, "a twin")] if row.twin_of else []
    marks += ["dead link"] if row.link_dead_at else []
    return {"id": row.id, "title": row.title, "detail": " · ".join(marks)}


def _summary(state: State, count: int, page: int, pages: int, hidden: int) -> str:
    items = f"{count:,}{'+' if count >= MOST else ''} item{'' if count == 1 else 's'}"
    words = f" with “{state.words}”" if state.words else ""
    where = f", page {page + 1} of {pages}" if pages > 1 else ""
    told = f"{SHELF_NAMES[state.shelf]}: {items if count else 'nothing'}{words}{where}."
    more = f" {hidden:,} more can only be seen by those who read their channels." if hidden else ""
    return told + more


def _acts(unit: Unit, actor: Actor, row: tables.Item) -> list[tuple[str, str]]:
    acts = [] if row.approved_at else [("pool_approve", "Approve")]
    acts += [] if row.rejected_at else [("pool_reject", "Reject…")]
    acts += [
        ("pool_edit", "Edit…"),
        ("pool_unpin", "Unpin") if row.pinned_at else ("pool_pin", "Pin"),
        ("pool_preview", "How would it open?"),
    ]
    acts += [("pool_merge", "Merge"), ("pool_apart", "No twin")] if row.twin_of else []
    acts += [("pool_expire", "Let expire now")]
    if Curations(unit).last_batch(actor.name, row.id):
        acts.append(("pool_undo", "Undo"))
    return acts


def _source(row: tables.Item) -> str:
    """Where it came from; of a message, the channel alone."""
    return row.source.removeprefix("slack:")


def _editable(row: tables.Item) -> str | None:
    """A text as it fits an input; None where it does not."""
    return row.text if len(row.text) <= 3000 else None


def _name(unit: Unit, who: str) -> str:
    member = Members(unit).get(who)
    return member.name if member is not None else who


def _day(at: datetime | None) -> str:
    return "" if at is None else at.date().isoformat()


Drawn = Callable[[Unit, Actor, Asked], Content]
