"""Curate: an item of one's own, who would hear of it, how it would open, and its approval."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median
from textwrap import shorten
from typing import Any

from bot.app import App
from bot.demo.scenes.aside import aside, neighbours, tomorrow
from bot.demo.stage import Stage
from bot.emulator.extension import AskError, Given
from bot.openers.brief import Brief, Withheld
from bot.openers.styles import suited
from bot.policy.words import in_words
from bot.pool import files
from bot.pool.entries import item_of
from bot.pool.leftout import Flaw, Sieve
from bot.ports import BadInput
from bot.store.items import Items
from recsys.types import Item, Topic

APPROVER = "the demo's curator"
SOURCE = "pasted"
MOST_ITEMS = 20
MOST_NAMES = 8
MOST_SHOWN = 240
"""letters of a draft's text"""
NEAREST = 4
"""members named for whom it stands highest without being the pick"""
NEAR = 5
"""items whose topics a new one without topics takes over"""


@dataclass
class Curate:
    """Holds the draft that a curator looks at."""

    stage: Stage

    def __post_init__(self) -> None:
        self._drafts: dict[str, Item] = {}

    def draft(self, given: Given) -> Mapping[str, Any]:
        """Items of a pasted text or a file of items or feed entries. Raises AskError."""
        found = self._of_file(given) if given.file else [self._of_text(given.values)]
        now = self.stage.clock.now().timestamp()
        made = [replace(one, published=min(one.published, now)) if one.published == one.published
                else replace(one, published=now) for one in found]  # fmt: skip
        self._drafts = {one.id: one for one in map(self._with_topics, made)}
        titles = {one.slug: one.title for one in self.stage.bundle.topics}
        usual = round(median(map(_words, self.stage.bundle.items)))
        return {
            "items": [
                {"id": one.id, "title": one.title, "summary": _beginning(one),
                 "topics": [titles.get(topic, topic) for topic in one.topics],
                 "words": _words(one), "usual": usual}
                for one in self._drafts.values()
            ]
        }  # fmt: skip

    def preview(self, given: Given) -> Mapping[str, Any]:
        """Who would be told of a draft tomorrow, and how it would open, style by style."""
        item = self._draft(given)
        with aside(self.stage) as app:
            with app.store.writing(app.workspace) as unit:
                Items(unit).save([item], at=self.stage.clock.now(), approved_by=APPROVER)
                unit.commit()
            app.refresh(self.stage.clock.now())
            return {**self._audience(app, item), "openers": self._openers(app, item)}

    def approve(self, given: Given) -> Mapping[str, Any]:
        """Put a draft into the pool, approved; tomorrow's passes may pick it."""
        item, app = self._draft(given), self.stage.app
        now = self.stage.clock.now()
        with app.store.writing(app.workspace) as unit:
            Items(unit).save([item], at=now, approved_by=APPROVER)
            unit.commit()
        app.refresh(now)
        return {"title": item.title}

    def _draft(self, given: Given) -> Item:
        item = self._drafts.get(str(given.values.get("item")))
        if item is None:
            raise AskError("That draft is gone. Paste it again.")
        return item

    def _of_text(self, values: Mapping[str, Any]) -> Item:
        lines = str(values.get("text") or "").strip().splitlines()
        if not lines:
            raise AskError("Paste a text: its first line is the title.")
        title, text = lines[0], "\n".join(lines[1:]).strip()
        try:
            return item_of({"title": title, "text": text or title, "kind": "news"}, SOURCE)
        except Flaw as flaw:
            raise AskError(f"The text {flaw}.") from None

    def _of_file(self, given: Given) -> Sequence[Item]:
        try:
            found = files.parse(given.file, given.file_name, Sieve(True)).items
        except BadInput as error:
            raise AskError(str(error)) from None
        if not found:
            raise AskError(f"{given.file_name} has no entry that could become an item.")
        return found[:MOST_ITEMS]

    def _with_topics(self, item: Item) -> Item:
        """Without topics of its own, an item takes those of the items most like it."""
        known = {one.slug for one in self.stage.bundle.topics}
        own = tuple(topic for topic in item.topics if topic in known)
        if own:
            return replace(item, topics=own)
        app = self.stage.app
        vector = app.encoder.encode([f"{item.title}. {item.summary} {item.text}"[:2000]])[0]
        pool = app.recommender.view.pipeline.pool
        nearest = (pool.vectors @ vector).argsort()[::-1][:NEAR]
        votes = Counter(
            pool.topics[column] for row in nearest for column in pool.topic[row].nonzero()[0]
        )
        return replace(item, topics=tuple(Topic(topic) for topic, _ in votes.most_common(2)))

    def _audience(self, app: App, item: Item) -> dict[str, Any]:
        """By a rehearsal of everybody's next morning, each in their own zone."""
        told: list[str] = []
        places: list[tuple[int, int, str]] = []
        due = 0
        for at, members in self._mornings().items():
            done = app.plan(at, members=members, keeps=False, wait_for_moment=False)
            for attempt in done.attempts:
                name = self._name(attempt.decision.member_id)
                due += attempt.slate is not None
                if attempt.speaks and attempt.decision.item_id == item.id:
                    told.append(name)
                elif attempt.slate is not None:
                    ranked = list(app.recommender.view.ids(attempt.slate.ranked.rows))
                    if item.id in ranked:
                        places.append((ranked.index(item.id) + 1, len(ranked), name))
        return {
            "told": sorted(told)[:MOST_NAMES],
            "told_count": len(told),
            "due": due,
            "members": len(neighbours(self.stage)),
            "places": [
                {"place": place, "of": many, "name": name}
                for place, many, name in sorted(places)[:NEAREST]
            ],
        }

    def _mornings(self) -> dict[datetime, tuple[str, ...]]:
        by_moment: dict[datetime, list[str]] = {}
        for one in neighbours(self.stage):
            by_moment.setdefault(tomorrow(self.stage, one.tz), []).append(one.id)
        return {at: tuple(members) for at, members in sorted(by_moment.items())}

    def _name(self, member: str) -> str:
        return next(one.real_name for one in neighbours(self.stage) if one.id == member)

    def _openers(self, app: App, item: Item) -> list[dict[str, str]]:
        reader = neighbours(self.stage)[0]
        about = app.briefing.about(item)
        told = []
        for style in suited(item.kind):
            brief = Brief(reader.real_name.split()[0], about, style, seed=f"preview:{style}")
            composed = app.composer.compose(brief)
            said = ("", in_words(composed.reason)) if isinstance(composed, Withheld) else (
                composed.text, "")  # fmt: skip
            told.append({"style": style.replace("_", " "), "text": said[0], "reason": said[1]})
        return told


def _beginning(item: Item) -> str:
    return shorten(item.summary or item.text, MOST_SHOWN, placeholder=" …")


def _words(item: Item) -> int:
    return len(f"{item.summary} {item.text}".split())
