"""Items: what may be talked about, saved as curators and importers give it."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, update

from bot.store import marks, tables
from bot.store.database import Unit
from bot.store.likeness import title_key, url_key
from bot.store.marks import Marks
from bot.store.upsert import Saved, chunks, upsert
from recsys import types

_CONTENT = (
    "kind", "title", "summary", "text", "text_hash", "topics", "level", "builds_on", "url",
    "source", "author_id", "channel_id", "message_ref", "audience_kind", "audience_ids",
    "addressed_to", "mentions", "published_at", "not_before", "expires_at",
)  # fmt: skip
_KEYS = ("url_key", "title_key")
_UNCOMPARED: Mapping[str, Any] = {"compared_at": None, "twin_of": None, "twin_by": ""}
"""what says something else now may be like another one, or no longer"""


@dataclass(frozen=True, slots=True)
class SavedItems(Saved):
    """Also: how many lost their approval, because what had been approved is not what came."""

    unapproved: int = 0


class Items:
    """Reads and writes the items of one workspace."""

    def __init__(self, unit: Unit) -> None:
        self._session = unit.session
        self._workspace = unit.workspace

    def save(
        self,
        items: Sequence[types.Item],
        *,
        at: datetime,
        approved_by: str | None = None,
        message_refs: Mapping[types.ItemId, str] | None = None,
    ) -> SavedItems:
        """Add or update `items`, whose ids differ; `message_refs` says where a message stands.

        `approved_by` approves them all. Without it a new item waits for approval, and an approved
        one whose content changed waits again: nobody has agreed to what it says now. An item that
        was withdrawn or rejected stays so, and what a curator wrote into one is not written over.
        An unknown publication (nan) keeps what is stored, else is `at`. The flag `approved` of the
        given items is not read.
        """
        refs = message_refs or {}
        stored = self._stored([item.id for item in items])
        rows, new, changed, unapproved = [], 0, 0, 0
        for item in items:
            old = stored.get(item.id)
            row = self._row(item, refs.get(item.id), at if old is None else old["published_at"])
            if old is not None and old["edited_at"] is not None:
                row |= {name: old[name] for name in (*_CONTENT, *_KEYS)}
            differs = old is not None and any(old[name] != row[name] for name in _CONTENT)
            was = None if old is None else old["approved_at"]
            row["approved_at"], row["approved_by"] = was, old and old["approved_by"]
            if old is not None and old["rejected_at"] is not None:
                row["approved_at"], row["approved_by"] = None, None
            elif approved_by is not None and (was is None or differs):
                row["approved_at"], row["approved_by"] = at, approved_by
            elif was is not None and differs:
                row["approved_at"], row["approved_by"] = None, None
                unapproved += 1
            row["imported_at"] = row["first_at"] = at
            row["changed_at"] = at if differs else old and old["changed_at"]
            row |= _UNCOMPARED if old is None or differs else {n: old[n] for n in _UNCOMPARED}
            new += old is None
            changed += differs
            if old is None or differs or row["approved_at"] != was:
                rows.append(row)
        touched = (*_KEYS, *_UNCOMPARED, "approved_at", "approved_by", "imported_at", "changed_at")
        columns = (*_CONTENT, *touched)
        upsert(self._session, tables.Item, rows, key=("workspace_id", "id"), update=columns)
        return SavedItems(new, changed, len(items) - new - changed, unapproved)

    def get(self, item_id: str) -> tables.Item | None:
        """One item as stored, withdrawn or not."""
        return self._session.get(tables.Item, (self._workspace, item_id))

    def by_message(self, channel_id: str, message_ref: str) -> tables.Item | None:
        """The item that was made from a message."""
        return self._session.scalar(
            select(tables.Item).where(
                tables.Item.workspace_id == self._workspace,
                tables.Item.channel_id == channel_id,
                tables.Item.message_ref == message_ref,
            )
        )

    def pool(
        self, *, published_by: datetime | None = None, as_of: Marks | None = None
    ) -> tuple[types.Item, ...]:
        """All items that are not withdrawn, approved or not, in the order of their ids.

        With `published_by`, only those published at that moment: a replay sees nothing later.
        With `as_of`, those that were there at these marks, with the approval that they had then;
        what they said then is not kept, so one that was reworded since says what it says now.
        """
        query = (
            select(tables.Item.__table__)
            .where(tables.Item.workspace_id == self._workspace)
            .order_by(tables.Item.id)
        )
        if published_by is not None:
            query = query.where(tables.Item.published_at <= published_by)
        if as_of is None:
            query = query.where(tables.Item.withdrawn_at.is_(None))
        else:
            query = query.where(
                marks.known("items", as_of.items),
                marks.standing("items_withdrawn", as_of.items_withdrawn),
            )
        rows = [dict(row) for row in self._session.execute(query).mappings()]
        if as_of is not None:
            for row in rows:
                if not _was_approved(row["approved_at"], as_of.items_approved):
                    row["approved_at"] = None
        return tuple(as_item(row) for row in rows)

    def of_authors(self, authors: Collection[str]) -> Sequence[str]:
        """Ids of what these authors wrote and nobody withdrew."""
        return [
            item_id
            for some in chunks(authors)
            for item_id in self._session.scalars(
                select(tables.Item.id).where(
                    tables.Item.workspace_id == self._workspace,
                    tables.Item.author_id.in_(some),
                    tables.Item.withdrawn_at.is_(None),
                )
            )
        ]

    def pinned(self) -> Sequence[str]:
        """Ids of what curators pinned and nobody withdrew."""
        return self._session.scalars(
            select(tables.Item.id).where(
                tables.Item.workspace_id == self._workspace,
                tables.Item.pinned_at.is_not(None),
                tables.Item.withdrawn_at.is_(None),
            )
        ).all()

    def touched_since(self, as_of: Marks) -> tuple[tuple[str, str, datetime], ...]:
        """Items that were there at the marks and are not as they were: id, what, when."""
        query = select(tables.Item).where(
            tables.Item.workspace_id == self._workspace, marks.known("items", as_of.items)
        )
        told = {"edited": "items_changed", "withdrawn": "items_withdrawn"}
        found = []
        for what, mark in told.items():
            column = tables.Item.changed_at if what == "edited" else tables.Item.withdrawn_at
            later = query.where(
                column.is_not(None), marks.standing(mark, getattr(as_of, mark))
            ).order_by(tables.Item.id)
            for row in self._session.scalars(later):
                at = row.changed_at if what == "edited" else row.withdrawn_at
                if at is not None:
                    found.append((row.id, what, at))
        return tuple(found)

    def approve(self, item_ids: Iterable[str], *, at: datetime, by: str) -> int:
        """Approve the items that are not yet; how many that were."""
        values = {"approved_at": at, "approved_by": by}
        return self._set(item_ids, values, tables.Item.approved_at.is_(None))

    def withdraw(self, item_ids: Iterable[str], *, at: datetime) -> int:
        """Take items out for good, whatever is imported later; how many that were."""
        return self._set(item_ids, {"withdrawn_at": at}, tables.Item.withdrawn_at.is_(None))

    def reword(self, item_id: str, title: str, text: str, *, at: datetime) -> None:
        """The message behind an item says something else now: it waits for approval again."""
        row = self.get(item_id)
        if row is None or row.text == text:
            return
        row.title, row.summary, row.text = title, "", text
        row.text_hash, row.title_key = text_hash(stored(row)), title_key(title)
        row.approved_at = row.approved_by = row.compared_at = None
        row.changed_at = at

    def _set(self, item_ids: Iterable[str], values: dict[str, Any], only: Any) -> int:
        touched = 0
        for ids in chunks(item_ids):
            statement = (
                update(tables.Item)
                .where(tables.Item.workspace_id == self._workspace, tables.Item.id.in_(ids), only)
                .values(values)
                .returning(tables.Item.id)
            )
            touched += len(self._session.scalars(statement).all())
        return touched

    def _stored(self, item_ids: Collection[str]) -> dict[str, Mapping[str, Any]]:
        found: dict[str, Mapping[str, Any]] = {}
        for ids in chunks(item_ids):
            query = select(tables.Item.__table__).where(
                tables.Item.workspace_id == self._workspace, tables.Item.id.in_(ids)
            )
            found |= {row["id"]: dict(row) for row in self._session.execute(query).mappings()}
        return found

    def _row(
        self, item: types.Item, message_ref: str | None, published: datetime
    ) -> dict[str, Any]:
        return {
            "workspace_id": self._workspace,
            "id": item.id,
            "kind": item.kind,
            "title": item.title,
            "summary": item.summary,
            "text": item.text,
            "text_hash": text_hash(item),
            "topics": list(item.topics),
            "level": None if math.isnan(item.level) else int(item.level),
            "builds_on": list(item.builds_on),
            "url": item.url,
            "url_key": url_key(item.url),
            "title_key": title_key(item.title),
            "source": item.source,
            "author_id": item.author,
            "channel_id": item.channel,
            "message_ref": message_ref,
            "audience_kind": item.audience.kind,
            "audience_ids": sorted(item.audience.ids),
            "addressed_to": item.addressed_to,
            "mentions": list(item.mentions),
            "published_at": published if math.isnan(item.published) else _moment(item.published),
            "not_before": _moment(item.not_before),
            "expires_at": _moment(item.expires),
        }


def text_hash(item: types.Item) -> str:
    """Changes with the words of an item, and with nothing else."""
    words = "\x1f".join((item.title, item.summary, item.text))
    return hashlib.sha256(words.encode()).hexdigest()


def as_item(row: Mapping[str, Any]) -> types.Item:
    """An item as the recommender takes it, from its row."""
    never_before, never_after = row["not_before"], row["expires_at"]
    return types.Item(
        id=types.ItemId(row["id"]),
        kind=row["kind"],
        title=row["title"],
        summary=row["summary"],
        text=row["text"],
        topics=tuple(types.Topic(topic) for topic in row["topics"]),
        source=row["source"],
        published=row["published_at"].timestamp(),
        not_before=-math.inf if never_before is None else never_before.timestamp(),
        expires=math.inf if never_after is None else never_after.timestamp(),
        level=math.nan if row["level"] is None else float(row["level"]),
        builds_on=tuple(types.ItemId(item_id) for item_id in row["builds_on"]),
        url=row["url"],
        author=row["author_id"],
        channel=row["channel_id"],
        audience=types.Audience(row["audience_kind"], frozenset(row["audience_ids"])),
        addressed_to=row["addressed_to"],
        mentions=tuple(types.MemberId(member) for member in row["mentions"]),
        approved=row["approved_at"] is not None,
    )


def _was_approved(at: datetime | None, mark: datetime | None) -> bool:
    return at is not None and mark is not None and at <= mark


def stored(row: tables.Item) -> types.Item:
    """The same from a row that was read one by one."""
    return as_item({column.name: getattr(row, column.name) for column in row.__table__.columns})


def _moment(seconds: float) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if math.isfinite(seconds) else None
