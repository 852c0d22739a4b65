"""A store with members, an emulator that shares its time, and what that committed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.emulator import Emulator, Fault
from bot.ports import Channel
from bot.store.database import Store
from tests.bot.outbox_bench import START, populate, slack
from tests.bot.slack.conftest import workspace


@dataclass
class Ticking:
    """The time that the emulator and the outbox share."""

    now: datetime = START

    def __call__(self) -> float:
        return self.now.timestamp()

    def later(self, **more: float) -> datetime:
        self.now += timedelta(**more)
        return self.now


@dataclass
class Scene:
    """A store with members, an emulator, and what it committed."""

    store: Store
    emulator: Emulator
    clock: Ticking
    channel: Channel = field(init=False)

    def __post_init__(self) -> None:
        self.channel = slack(self.emulator.api_url, self.emulator.bot_token)

    def posts(self) -> int:
        return len(self.emulator.journal.entries("chat.postMessage"))

    def fault(self, kind: str, method: str = "chat.postMessage", **more: object) -> None:
        self.emulator.faults.add(Fault(method, kind, **more))  # type: ignore[arg-type]


@contextmanager
def staged(store: Store) -> Iterator[Scene]:
    """A scene with two members in a workspace at `START`."""
    populate(store)
    clock = Ticking()
    with Emulator(workspace(), clock=clock) as emulator:
        yield Scene(store, emulator, clock)
