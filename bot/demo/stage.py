"""The demo's stage: an emulated Slack, the production bot pointed at it, and an invented past."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.app import App, build
from bot.demo import records, worlds
from bot.demo.cast import Cast
from bot.demo.chatter import Phrases, read_phrases
from bot.demo.history import DAYS, Past, live
from bot.demo.load import DEMO_BEGINS, HISTORY_BEGINS, Bundle, load, read
from bot.emulator import Conversation, EmulatedWorkspace, Emulator, Person
from bot.emulator.extension import Extension
from bot.learning.night import Trained
from bot.openers.styles import OFFER
from bot.ports import Progress, silent
from bot.settings import LearningSettings, PolicySettings, RecommenderSettings, Settings
from bot.simulating.clock import SimulatedClock
from bot.slack import manifest
from bot.slack.app import SlackApp
from bot.store.database import Store
from bot.store.opening import open_store
from bot.store.schema import upgrade
from recsys.pool import clean_text, item_text
from recsys.simulation import always_send
from recsys.types import MemberId
from recsys.world import DefaultWorld

DATA = Path(__file__).resolve().parents[2] / "data"
NOTICE = "Invented workspace: people, activity and outcomes are simulated."
SHOWN = timedelta(days=10)
"""how far back the channels of the page go"""
WINDOW_HOURS = 8.0
"""shorter than in production, so that a night can learn from the day before it"""
CONNECT_SECONDS = 10.0

Control = Callable[[Callable[[str, float], None]], Mapping[str, Any]]


@dataclass(frozen=True)
class Stage:
    """One demo, set up and listening; `close` takes it down."""

    app: App
    emulator: Emulator
    slack: SlackApp
    clock: SimulatedClock
    bundle: Bundle
    past: Past
    world: DefaultWorld
    cast: Cast
    first_model: Trained
    seed: int
    baseline_world: DefaultWorld
    """as the past left it; the always-send policy lives in it"""

    def close(self) -> None:
        self.slack.stop()
        self.emulator.stop()
        self.app.close()

    def drain(self) -> None:
        """Work off all that arrived, and send what follows from it."""
        now = self.clock.now()
        self.app.inbox.work(now)
        self.app.deliver(now)

    def always_send(self, first: date, days: int) -> list[dict[str, Any]]:
        """What a bot that never holds back would have come to, with the same members and dice."""
        said = [one for day in worlds.days(HISTORY_BEGINS, DAYS) for one in self.world.signals(day)]
        agreed = frozenset(MemberId(one.id) for one in self.bundle.agreed)
        tallies = always_send(
            self.baseline_world.copy(),
            worlds.days(first, days),
            worlds.Similarity(self.bundle, said).ranking,
            seed=self.seed,
            style=OFFER,
            members=agreed,
            already=self.past.sent,
        )
        return [
            {
                "day": tally.day.isoformat(),
                "openers": tally.openers,
                "engaged": tally.engaged,
                "dismissed": tally.dismissed,
                "opted_out": tally.opted_out,
                "precision": None if not tally.openers else round(tally.precision, 3),
            }
            for tally in tallies
        ]


def emulate(
    clock: SimulatedClock,
    controls: Mapping[str, Control],
    port: int = 0,
    extension: Extension | None = None,
) -> tuple[Emulator, Bundle]:
    """The emulated workspace with the bundle's people and channels; not started yet."""
    bundle = read(DATA / "workspace.json", DATA / "pool")
    workspace = EmulatedWorkspace(
        [
            Person(
                id=one.id,
                name=one.handle,
                real_name=one.name,
                tz=one.zone,
                title=one.title,
                is_restricted=one.is_guest,
                extra={"agreed": one.agreed},
            )
            for one in bundle.residents
        ],
        name=bundle.name,
        id=bundle.id,
        domain=bundle.domain,
    )
    for room in bundle.rooms:
        bot = () if room.is_private else (workspace.bot.id,)
        workspace.put_conversation(
            Conversation(
                id=room.id,
                name=room.name,
                kind="private" if room.is_private else "public",
                members=(*room.members, *bot),
                topic=room.topic,
            )
        )
    emulator = Emulator(
        workspace,
        clock=lambda: clock.now().timestamp(),
        manifest=manifest.load(),
        controls=controls,
        extension=extension,
        notice=NOTICE,
        port=port,
    )
    return emulator, bundle


def settings_for(emulator: Emulator, folder: Path, seed: int, base: Settings) -> Settings:
    """The production settings, pointed at the emulator; the model is the user's own, if any."""
    return base.model_copy(
        update={
            "database_url": f"sqlite:///{folder / 'demo.db'}",
            "home": folder,
            "workspace": None,
            "policy": PolicySettings(),
            "recommender": RecommenderSettings(seed=seed, encoder=base.recommender.encoder),
            "learning": LearningSettings(window_hours=WINDOW_HOURS),
            "slack": base.slack.model_copy(
                update={
                    "api_url": emulator.api_url,
                    "bot_token": SecretStr(emulator.bot_token),
                    "app_token": SecretStr(emulator.app_token),
                }
            ),
        }
    )


def set_up(
    emulator: Emulator,
    clock: SimulatedClock,
    folder: Path,
    seed: int,
    base: Settings,
    progress: Progress = silent,
) -> Stage:
    """Load the bundle, live its past, learn the first model, and let the bot listen.

    The demo starts over each time; only embeddings of texts are kept from one to the next.
    """
    settings = settings_for(emulator, folder, seed, base)
    _start_over(folder)
    progress("Creating the database", 0, 5)
    upgrade(settings.database_url)
    store = open_store(settings)
    progress("Loading people and items", 1, 5)
    bundle = load(store, DATA / "workspace.json", DATA / "pool", DEMO_BEGINS)
    progress("Living eight weeks", 2, 5)
    phrases = read_phrases(DATA / "phrases.json")
    world = worlds.world_of(bundle, seed)
    past = live(world, bundle, phrases, seed)
    records.write(store, bundle, past, seed)
    _fill_channels(emulator, store, bundle)
    store.close()
    app = build(settings, clock)
    app.encoder.encode(
        texts(bundle, phrases), lambda done, total: progress("Reading the pool", done, total)
    )
    app.refresh(clock.now())
    progress("Learning a first model", 4, 5)
    first = app.train(clock.now(), "outcome")
    app.refresh(clock.now())
    slack = SlackApp(
        app.settings.slack,
        receive=app.receive,
        shows=app.shows,
        clock=clock,
    )
    slack.start()
    _await_connection(slack)
    progress("Ready", 5, 5)
    return Stage(
        app=app,
        emulator=emulator,
        slack=slack,
        clock=clock,
        bundle=bundle,
        past=past,
        world=world,
        cast=Cast(world, emulator, bundle, phrases, seed),
        first_model=first,
        seed=seed,
        baseline_world=world.copy(),
    )


def texts(bundle: Bundle, phrases: Phrases) -> list[str]:
    """All that is read in a demo, whatever its seed.

    Embedded together: a text's vector differs in its last bits with the others of its batch, and
    the same seed must give the same whatever was embedded when.
    """
    said = [clean_text(line) for lines in phrases.phrases.values() for line in lines]
    return [*map(item_text, bundle.items), *said]


def _start_over(folder: Path) -> None:
    for name in ("demo.db", "demo.db-wal", "demo.db-shm"):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / "models", ignore_errors=True)


def _fill_channels(emulator: Emulator, store: Store, bundle: Bundle) -> None:
    since = (DEMO_BEGINS - SHOWN).timestamp()
    for line in records.posts(store, bundle.id):
        if line.ts >= since:
            emulator.workspace.record(line.channel, line.user, line.text, line.ts)


def _await_connection(slack: SlackApp) -> None:
    until = time.monotonic() + CONNECT_SECONDS
    while not slack.connected and time.monotonic() < until:
        time.sleep(0.02)


def morning_begins(day: date) -> datetime:
    """When the demo's day begins: before the easternmost member's."""
    return DEMO_BEGINS.replace(year=day.year, month=day.month, day=day.day, hour=3, minute=0)
