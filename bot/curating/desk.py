"""What curators do with items: each act is checked, put on record, and can be undone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.curating.changes import Changes, kept, value_of, widens
from bot.curating.roles import ADMIN, CURATOR, Actor
from bot.curating.seeing import visible
from bot.ids import digest
from bot.ports import Refused
from bot.store import tables
from bot.store.audit import LONGEST, Audit
from bot.store.curations import Curations
from bot.store.database import Unit
from bot.store.items import Items, stored, text_hash
from bot.store.likeness import title_key
from recsys.types import Audience

LONGEST_WHY = LONGEST
MERGED = "the same as another one"


@dataclass(frozen=True)
class Done:
    """What one act came to; `batch` undoes it."""

    batch: str
    items: tuple[str, ...]
    left_out: tuple[str, ...] = field(default=())
    """why some were not touched, in sentences"""
    undoes: str = ""
    """the act that was taken back, where one was"""


@dataclass(frozen=True)
class Desk:
    """Acts on items inside the caller's transaction.

    Every method raises Refused: whoever acts is no curator, there is no such item that they may
    see, or it is not possible, and why.
    """

    unit: Unit
    actor: Actor
    now: datetime

    def approve(self, ids: Sequence[str]) -> Done:
        """Let items be offered."""
        offered = {
            "approved_at": self.now, "approved_by": self.actor.name[:64], "rejected_at": None,
            "rejected_why": "",
        }  # fmt: skip
        return self._each("approved", ids, lambda row: {} if row.approved_at else offered)

    def reject(self, ids: Sequence[str], why: str) -> Done:
        """Offer items to nobody, whatever is imported later; `why` says it to other curators."""
        why = " ".join(why.split())[:LONGEST_WHY]
        if not why:
            raise Refused("say why: whoever sees it rejected will ask")
        gone = {
            "approved_at": None, "approved_by": None, "rejected_at": self.now, "rejected_why": why,
        }  # fmt: skip
        return self._each(
            "rejected", ids, lambda row: {} if row.rejected_at else gone, {"why": why}
        )

    def edit(self, item: str, changes: Changes, *, knowingly: bool = False) -> Done:
        """Change what an item says and whom it is for; `knowingly` lets more people see it.

        An approval stays: who edits has read it.
        """

        def values(row: tables.Item) -> dict[str, Any]:
            given = changes.values_for(row)
            self._check_dates(row, given)
            self._check_audience(row, given, knowingly)
            if given.keys() & {"title", "summary", "text", "topics", "kind"}:
                given["edited_at"] = self.now
            return given

        return self._each("edited", [item], values)

    def expire(self, ids: Sequence[str], at: datetime | None) -> Done:
        """Let items expire at a moment, by default now."""
        return self._each("expired", ids, lambda row: {"expires_at": at or self.now})

    def embargo(self, item: str, until: datetime | None) -> Done:
        """Speak of an item only from a moment on; None ends that."""
        return self.edit(item, Changes(not_before=(until,)))

    def pin(self, ids: Sequence[str], on: bool) -> Done:
        """Keep items on top, and among what is considered for everybody who may see them."""
        at = self.now if on else None
        name = "pinned" if on else "unpinned"
        return self._each(
            name, ids, lambda row: {} if bool(row.pinned_at) is on else {"pinned_at": at}
        )

    def limit(self, item: str, audience: Audience, *, knowingly: bool = False) -> Done:
        """Let only this audience see an item; letting more see it has to be done knowingly."""
        return self.edit(item, Changes(audience=audience), knowingly=knowingly)

    def merge(self, ids: Sequence[str]) -> Done:
        """Reject items as the twins of others, which keep their topics."""
        rows = self._rows(ids)
        for row in rows:
            other = Items(self.unit).get(row.twin_of) if row.twin_of else None
            if other is None or not visible(self.unit, self.actor, [other.id]):
                raise Refused(f"“{row.title}” is like no other item that is still there")
        done = self.reject(ids, MERGED)
        for row in rows:
            other = Items(self.unit).get(str(row.twin_of))
            new = [topic for topic in row.topics if other and topic not in other.topics]
            if other is not None and new:
                self._change(other, "merged", {"topics": [*other.topics, *new]}, done.batch)
        return done

    def keep_apart(self, ids: Sequence[str]) -> Done:
        """Say that items are no twins after all."""
        return self._each("kept_apart", ids, lambda row: {"twin_of": None, "twin_by": ""})

    def undo(self, batch: str | None = None) -> Done:
        """Take back what was done at once; by default the last thing that whoever acts did."""
        self._check_role()
        if batch is None:
            batch = Curations(self.unit).last_batch(self.actor.name)
        found = Curations(self.unit).of_batch(batch) if batch else ()
        if not found or batch is None:
            raise Refused("there is nothing to undo, or it was taken back already")
        if found[0].who != self.actor.name[:128] and not self.actor.may(ADMIN):
            raise Refused("only who did it, or an admin, may undo that")
        undone, left = [], []
        for one in found:
            problem = self._take_back(one)
            undone += [] if problem else [one.item_id]
            left += [problem] if problem else []
        if not undone:
            raise Refused(left[0])
        acts = [one.action for one in found]
        act = "merged" if "merged" in acts else acts[0]  # a merge rejects as well
        return Done(batch, tuple(dict.fromkeys(undone)), tuple(left), act)

    def undo_last(self, item: str) -> Done:
        """Take back the last thing that whoever acts did to an item."""
        self._check_role()
        return self.undo(Curations(self.unit).last_batch(self.actor.name, item) or "")

    def _take_back(self, one: tables.Curation) -> str:
        """Undo one change; else why that is not possible."""
        row = Items(self.unit).get(one.item_id)
        if row is None or row.withdrawn_at or not visible(self.unit, self.actor, [one.item_id]):
            return "it is not there any more"
        if not one.after:
            return f"what was done to “{row.title}” is too long ago, or its author took it back"
        if any(kept(getattr(row, name)) != value for name, value in one.after.items()):
            return f"“{row.title}” was changed again since"
        for name, value in one.before.items():
            setattr(row, name, value_of(name, value))
        self._settle(row)
        one.undone_at = self.now
        self._note(f"item.undone_{one.action}", row.id, {})
        return ""

    def _each(
        self,
        action: str,
        ids: Sequence[str],
        values: Callable[[tables.Item], Mapping[str, Any]],
        details: Mapping[str, Any] | None = None,
    ) -> Done:
        batch = "cu_" + digest(self.unit.workspace, self.actor.name, self.now, action, *ids)
        touched = [
            row.id
            for row in self._rows(ids)
            if self._change(row, action, values(row), batch, details)
        ]
        return Done(batch, tuple(touched))

    def _rows(self, ids: Sequence[str]) -> list[tables.Item]:
        self._check_role()
        seen = visible(self.unit, self.actor, list(dict.fromkeys(ids)))
        rows = [row for row in (Items(self.unit).get(one) for one in seen) if row is not None]
        if not rows:
            raise Refused("there is no such item in the pool")
        return rows

    def _check_role(self) -> None:
        if not self.actor.may(CURATOR):
            raise Refused("only curators may do that")

    def _check_dates(self, row: tables.Item, given: Mapping[str, Any]) -> None:
        starts = given.get("not_before", row.not_before)
        ends = given.get("expires_at", row.expires_at)
        if starts is not None and ends is not None and ends <= starts:
            raise Refused("it would expire before it may be spoken of")

    def _check_audience(self, row: tables.Item, given: Mapping[str, Any], knowingly: bool) -> None:
        if "audience_kind" in given and widens(row, given) and not knowingly:
            raise Refused(
                f"more people than now would see “{row.title}”. If that is what you mean,"
                " say so: widen it knowingly (the word `knowingly` at the end does)"
            )

    def _change(
        self,
        row: tables.Item,
        action: str,
        values: Mapping[str, Any],
        batch: str,
        details: Mapping[str, Any] | None = None,
    ) -> bool:
        """Set columns, with its entries; False where nothing would change."""
        changed = {name: v for name, v in values.items() if getattr(row, name) != v}
        if not changed:
            return False
        before = {name: kept(getattr(row, name)) for name in changed}
        told = {"fields": sorted(changed), **(details or {})}
        if "audience_kind" in changed or "audience_ids" in changed:
            told |= {"widened": widens(row, changed), "from": row.audience_kind,
                     "to": changed.get("audience_kind", row.audience_kind)}  # fmt: skip
        for name, value in changed.items():
            setattr(row, name, value)
        self._settle(row)
        after = {name: kept(value) for name, value in changed.items()}
        Curations(self.unit).add(
            batch, row.id, action, before, after, at=self.now, who=self.actor.name
        )
        self._note(f"item.{action}", row.id, told)
        return True

    def _settle(self, row: tables.Item) -> None:
        """What follows from a change: its keys, and that it is read and compared anew."""
        row.text_hash, row.title_key = text_hash(stored(row)), title_key(row.title)
        row.changed_at = self.now
        self.unit.session.flush()

    def _note(self, action: str, item: str, details: Mapping[str, Any]) -> None:
        Audit(self.unit).append(self.now, self.actor.name, action, item, details)
