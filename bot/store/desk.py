"""Items as the curators' desk asks for them: by what is to be done about them, page by page."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select

from bot.store import tables
from bot.store.database import Unit
from bot.store.upsert import chunks

Item = tables.Item
Where = Callable[[datetime], ColumnElement[bool]]
MOST = 2_000
"""rows of one list that are looked at; who has more than that searches"""


class Outline(NamedTuple):
    """What says whether somebody may see an item, and nothing of what it says."""

    id: str
    audience_kind: str
    audience_ids: list[str]
    channel_id: str | None


def _fresh(now: datetime) -> ColumnElement[bool]:
    return or_(Item.expires_at.is_(None), Item.expires_at > now)


def _out(now: datetime) -> ColumnElement[bool]:
    return or_(Item.not_before.is_(None), Item.not_before <= now)


_THERE = Item.rejected_at.is_(None)

SHELVES: Mapping[str, Where] = {
    "waiting": lambda now: and_(_THERE, Item.approved_at.is_(None), _fresh(now)),
    "offered": lambda now: and_(Item.approved_at.is_not(None), _fresh(now), _out(now)),
    "pinned": lambda now: and_(_THERE, Item.pinned_at.is_not(None)),
    "embargoed": lambda now: and_(_THERE, Item.not_before > now),
    "twins": lambda now: and_(_THERE, Item.twin_of.is_not(None)),
    "dead": lambda now: and_(_THERE, Item.link_dead_at.is_not(None)),
    "rejected": lambda now: Item.rejected_at.is_not(None),
    "expired": lambda now: and_(_THERE, Item.expires_at <= now),
    "all": lambda now: Item.id.is_not(None),
}
"""Lists by name. What is addressed to one member stands in none: it is theirs alone."""


class DeskItems:
    """Reads the items of one workspace for its curators."""

    def __init__(self, unit: Unit) -> None:
        self._session = unit.session
        self._workspace = unit.workspace

    def outlines(self, shelf: str, words: str, now: datetime) -> Sequence[Outline]:
        """What stands on a shelf and has all these words, pinned first, then the newest."""
        columns = (Item.id, Item.audience_kind, Item.audience_ids, Item.channel_id)
        rows = self._session.execute(
            select(*columns)
            .where(*self._mine(), SHELVES[shelf](now), *_with(words))
            .order_by(
                Item.pinned_at.is_(None),
                func.coalesce(Item.first_at, Item.imported_at).desc(),
                Item.id,
            )
            .limit(MOST)
        )
        return [Outline(*row) for row in rows]

    def outlines_of(self, ids: Collection[str]) -> Sequence[Outline]:
        """The same for items by their ids; those that are not there are left out."""
        columns = (Item.id, Item.audience_kind, Item.audience_ids, Item.channel_id)
        return [
            Outline(*row)
            for some in chunks(ids)
            for row in self._session.execute(
                select(*columns).where(*self._mine(), Item.id.in_(some))
            )
        ]

    def named(self, name: str) -> Sequence[str]:
        """Ids that are `name`, else those that begin so, with or without where they are from."""
        query = select(Item.id).where(*self._mine())
        exact = self._session.scalar(query.where(Item.id == name))
        if exact is not None:
            return [exact]
        starts = [Item.id.startswith(f"{prefix}{name}", autoescape=True) for prefix in _PREFIXES]
        return self._session.scalars(query.where(or_(*starts)).order_by(Item.id).limit(5)).all()

    def kinds(self) -> Sequence[str]:
        """Kinds of items that there are."""
        return self._session.scalars(
            select(Item.kind).where(*self._mine()).distinct().order_by(Item.kind)
        ).all()

    def openers(self, item: str) -> Sequence[tuple[str, datetime | None]]:
        """(id, when it was sent) of the openers about an item that reached somebody."""
        rows = self._session.execute(
            select(tables.Opener.id, tables.Opener.sent_at).where(
                tables.Opener.workspace_id == self._workspace,
                tables.Opener.item_id == item,
                tables.Opener.state.in_(("sent", "closed")),
            )
        )
        return [(row[0], row[1]) for row in rows]

    def outcomes(self, item: str) -> Sequence[tuple[str, str, str]]:
        """(member, kind, reason) of what stands of those openers."""
        rows = self._session.execute(
            select(tables.Outcome.member_id, tables.Outcome.kind, tables.Outcome.reason)
            .join(tables.Opener, tables.Opener.id == tables.Outcome.opener_id)
            .where(
                tables.Opener.workspace_id == self._workspace,
                tables.Opener.item_id == item,
                tables.Opener.state.in_(("sent", "closed")),
                tables.Outcome.undone_at.is_(None),
            )
        )
        return [(row[0], row[1], row[2]) for row in rows]

    def _mine(self) -> tuple[ColumnElement[bool], ...]:
        return (
            Item.workspace_id == self._workspace,
            Item.withdrawn_at.is_(None),
            Item.addressed_to.is_(None),
        )


_PREFIXES = ("", "pool-", "thread-")


def _with(words: str) -> list[ColumnElement[bool]]:
    """Each word somewhere in what an item says, or in where it comes from."""
    places: tuple[Any, ...] = (Item.title, Item.summary, Item.text, Item.source)
    return [
        or_(*(place.icontains(word, autoescape=True) for place in places))
        for word in words.split()[:8]
    ]
