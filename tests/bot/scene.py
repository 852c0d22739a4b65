"""A small workspace in a real database, and the parts that decide whether to speak in it.

Texts are embedded by the hashes of their words: who says "decoder" is near to what is about
decoders, and no model has to be loaded.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from bot.deciding.briefing import Briefing
from bot.deciding.facts import FactsReader
from bot.deciding.recommender import Recommender
from bot.openers import bundled
from bot.openers.brief import Brief, Composed, Withheld
from bot.openers.compose import Composer
from bot.outreach import Outreach
from bot.planning import Planner
from bot.policy.purposes import NAMES
from bot.reading.standing import Standings, limits_of
from bot.settings import PolicySettings, RecommenderSettings
from bot.store import tables
from bot.store.channels import Channels, Place
from bot.store.consents import Consents
from bot.store.database import Store
from bot.store.decisions import Decisions
from bot.store.items import Items
from bot.store.members import Members
from bot.store.members import Person as Somebody
from bot.store.signals import Happened, Signals
from bot.store.topics import Subject, Topics
from bot.today import Person
from recsys.encoder import Embeds, Encoder
from recsys.registry import Registry
from recsys.types import WHOLE_WORKSPACE, Floats, Item, ItemId, Topic

WORKSPACE = "W1"
NOW = datetime(2026, 9, 7, 10, 0, tzinfo=UTC)
"""a Monday, an hour into everybody's day"""
WIDTH = 64
BEST_ONLY = RecommenderSettings(epsilon=0.0)
MEMBERS = ("ana", "bo", "cy")
WORDS = {
    "python": "decoder iterator generator package",
    "bread": "sourdough oven flour crust",
}


def hashing(model: str | None) -> Embeds:
    """An embedder whose vectors count words, each on an axis of its own."""

    def embed(texts: Sequence[str]) -> Floats:
        vectors = np.zeros((len(texts), WIDTH), np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().split():
                vectors[row, zlib.crc32(word.strip(".,").encode()) % WIDTH] += 1.0
        return vectors

    return embed


def policy(**changes: Any) -> PolicySettings:
    """A policy that lets nearly everything pass, so that a test shows what stops it."""
    easy = {"threshold": 0.05, "holdout": 0.0, "explore_per_day": 0, "pilot_only": False}
    return PolicySettings(**{**easy, **changes})


def item(name: str, topic: str = "python", **changes: Any) -> Item:
    """An item for everybody, a day old, with words of its own."""
    words = WORDS[topic]
    own = " ".join(f"{name}-{number}" for number in range(8))
    plain: dict[str, Any] = {
        "id": ItemId(name),
        "kind": "learning",
        "title": f"A short note on {words.split()[0]}s",
        "summary": f"It shows how a {words.split()[0]} and a {words.split()[1]} work together.",
        "text": f"{words} {own} number{zlib.crc32(name.encode()) % 9}",
        "topics": (Topic(topic),),
        "published": (NOW - timedelta(days=1)).timestamp(),
        "audience": WHOLE_WORKSPACE,
    }
    return Item(**{**plain, **changes})


def items(count: int = 12) -> list[Item]:
    return [item(f"{t}-{n}", t) for n in range(count // 2) for t in WORDS]


def populate(store: Store, members: Iterable[str] = MEMBERS, pool: Sequence[Item] = ()) -> None:
    """A workspace whose members agreed to everything, care about decoders and follow python."""
    with store.writing(WORKSPACE) as unit:
        unit.session.add(tables.Workspace(id=WORKSPACE, name="Ours", created_at=NOW))
        unit.session.flush()
        Topics(unit).save([Subject("python", "Python"), Subject("bread", "Bread")])
        Channels(unit).save([Place("C1", "code", "public"), Place("G1", "board", "private")])
        Items(unit).save(pool or items(), at=NOW, approved_by="curator")
        Members(unit).save([Somebody(m, name=m.title()) for m in members], at=NOW)
        Members(unit).reachable_by("slack", [(f"U-{m}", m) for m in members])
        for member in members:
            long_ago = NOW - timedelta(days=60)
            Consents(unit).grant(member, NAMES, at=long_ago, origin="welcome")
            Topics(unit).choose(member, "python", "follow", at=long_ago)
        Signals(unit).save([said(m, n) for m in members for n in range(4)])
        Decisions(unit).start_run("run", "plan", NOW)
        unit.commit()


def said(member: str, number: int, **changes: Any) -> Happened:
    """A message in a public channel about decoders, `number` days ago."""
    plain: dict[str, Any] = {
        "key": f"{member}:{number}",
        "member": member,
        "purpose": "channel_messages",
        "kind": "posted",
        "at": NOW - timedelta(days=number + 1),
        "channel": "C1",
        "text": "a decoder and an iterator generator",
    }
    return Happened(**{**plain, **changes})


def shown(
    store: Store,
    name: str,
    member: str = "ana",
    *,
    item_id: str = "python-0",
    at: datetime = NOW - timedelta(days=3),
    **changes: Any,
) -> tables.Opener:
    """An opener that was sent `at`, its window twelve hours long, with its decision."""
    with store.writing(WORKSPACE) as unit:
        unit.session.add(
            tables.Decision(
                id=f"de_{name}", workspace_id=WORKSPACE, run_id="run", member_id=member,
                slot=name, at=at, verdict="speak", reason="worth_it", rules=[], arm="normal",
                seed=1, policy_version="p",
            )
        )  # fmt: skip
        unit.session.flush()
        plain: dict[str, Any] = {
            "id": f"op_{name}", "workspace_id": WORKSPACE, "decision_id": f"de_{name}",
            "member_id": member, "item_id": item_id, "state": "sent", "text": "Shall we?",
            "why": "", "style": "offer", "prompt": "template@1", "language_model": "template",
            "created_at": at, "sent_at": at, "window_closes_at": at + timedelta(hours=12),
        }  # fmt: skip
        opener = tables.Opener(**{**plain, **changes})
        unit.session.add(opener)
        unit.commit()
    return opener


class Withholds:
    """A composer that finds nothing worth saying."""

    def compose(self, brief: Brief) -> Composed | Withheld:
        return Withheld("composer_abstained")


@cache
def composer() -> Composer:
    """The composer as it is without a language model."""
    return Composer(bundled.library(), bundled.templates(), None, 1.0)


@dataclass
class Scene:
    """The parts of one process over a populated store."""

    store: Store
    home: Path
    policy: PolicySettings
    settings: RecommenderSettings = BEST_ONLY

    @cached_property
    def registry(self) -> Registry:
        return Registry(self.home / "models")

    @cached_property
    def encoder(self) -> Encoder:
        return Encoder("hashing", self.home / "vectors", open_model=hashing)

    @cached_property
    def recommender(self) -> Recommender:
        made = Recommender(
            self.store, self.encoder, self.registry, self.settings, self.home / "snapshots"
        )
        made.refresh(WORKSPACE, NOW)
        return made

    @property
    def standings(self) -> Standings:
        return Standings(self.policy)

    @cached_property
    def facts(self) -> FactsReader:
        return FactsReader(
            self.store, WORKSPACE, self.standings, self.recommender, self.settings
        )  # fmt: skip

    def outreach(self, **changes: Any) -> Outreach:
        plain: dict[str, Any] = {
            "store": self.store,
            "workspace": WORKSPACE,
            "facts": self.facts,
            "recommender": self.recommender,
            "briefing": Briefing(self.store, WORKSPACE),
            "composer": composer(),
            "policy": self.policy,
            "run": "run",
        }
        return Outreach(**{**plain, **changes})

    def planner(
        self, *, keeps: bool = True, seed: int = 0, at_once: int = 1, **changes: Any
    ) -> Planner:
        with self.store.reading(WORKSPACE) as unit:
            people = {
                member.id: Person(ZoneInfo(member.zone or "UTC"), limits_of(member, self.policy))
                for member in Members(unit).list()
            }
        outreach = self.outreach(keeps=keeps, **changes)
        return Planner(self.store, WORKSPACE, self.facts, outreach, people, keeps, seed, at_once)

    def change(self, member: str, **values: Any) -> None:
        """Set columns of a member's row."""
        with self.store.writing(WORKSPACE) as unit:
            row = unit.session.get_one(tables.Member, (WORKSPACE, member))
            for name, value in values.items():
                setattr(row, name, value)
            unit.commit()

    def rows(self, table: type[tables.Table]) -> list[Any]:
        with self.store.reading(WORKSPACE) as unit:
            return list(unit.session.query(table).all())

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table."""
        with self.store.reading(WORKSPACE) as unit:
            return {
                name: sorted(map(tuple, unit.session.execute(table.select())), key=repr)
                for name, table in tables.Table.metadata.tables.items()
            }
