"""What sending processes of a scene do: work a pass, work on until killed, finish everything."""

from __future__ import annotations

import math
import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError

from bot.ports import Channel
from bot.sending import Sending
from bot.settings import Settings
from bot.slack.delivery import SlackChannel
from bot.store.database import Store, connect
from tests.bot.outbox_bench import Wrapped
from tests.chaos.fuses import Fuse, Fused
from tests.chaos.switched_off import CHANNELS, SIDES, Seeing, hasten
from tests.chaos.timepiece import Running, Timepiece

STEP, LATER_STEP = timedelta(seconds=20), timedelta(minutes=2)
STEPS, MOST_STEPS = 30, 1000
"""passes after which the time moves faster, and after which a worker cannot finish"""


@dataclass(frozen=True)
class Orders:
    """What a worker is told. `without` names the mechanism that a control switches off."""

    settings: Settings
    time: Path
    without: str = ""
    fuse: int = 0
    """the step at which it gets `how`; 0 for never"""
    how: signal.Signals = signal.SIGKILL
    after: float = 0.0
    """seconds between that step and its end"""
    named: str = ""
    """the only steps that count; all where it is empty"""
    sees: bool = False
    """it reads how members stand in Slack before each message"""
    full: bool = False
    """at that step the disk is full, and nothing else happens"""
    hasty: bool = False
    """its time runs, so leases and settling are as short as `bot.sending` would not have them"""


@dataclass
class Worker:
    """The sending side as a process has it, by its orders."""

    orders: Orders
    engine: Engine
    slack: Channel
    fuse: Fuse = field(init=False)
    time: Timepiece = field(init=False)
    side: Sending = field(init=False)

    def __post_init__(self) -> None:
        settings, without = self.orders.settings, self.orders.without
        told = self.orders
        self.fuse = Fuse(told.fuse, told.how, told.after, told.named)
        self.time = (Running if told.hasty else Timepiece)(self.orders.time)
        channel = CHANNELS.get(without, Wrapped)(Fused(self.slack, fuse=self.fuse))
        kind = SIDES.get(without, Seeing if told.sees else Sending)
        store = Store(self.engine)
        self.side = kind(settings, self.time, store, str(settings.workspace), channel)
        if told.hasty:
            hasten(self.side.outbox)
        self.side.outbox  # noqa: B018, takes the owner's lock
        self.fuse.laid_in(self.engine)

    @classmethod
    def of(cls, orders: Orders) -> Worker:
        settings = orders.settings
        worker = cls(orders, connect(settings.database_url), SlackChannel(settings.slack))
        if orders.full:
            worker.fuse.act = worker.fill
        return worker

    def fill(self) -> None:
        """From now on the database cannot grow; SQLite takes the size it has for the least."""

        def at_most(raw: Any, *_: Any) -> None:
            raw.execute("PRAGMA max_page_count=1")

        event.listen(self.engine, "checkout", at_most)

    def work(self) -> int:
        """One pass; how many rows are still on their way."""
        return self.side.deliver(self.time.now()).waiting

    def work_on(self, seconds: float = math.inf) -> int:
        """Until killed, or for so long; how many passes failed. The time is somebody else's."""
        end, failed = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            try:
                self.work()
            except DBAPIError:  # as `bot.working` does
                failed += 1
            time.sleep(0.01)
        return failed

    def finish(self, most: int = MOST_STEPS) -> None:
        """Until nothing waits, moving the time on after each pass."""
        for number in range(most):
            if not self.work():
                return
            self.time.move(STEP if number < STEPS else LATER_STEP)


def work_on(orders: Orders, pipe: Connection) -> None:
    """Work until killed; tells the name under which it claims."""
    worker = Worker.of(orders)
    pipe.send(worker.side.owner.name)
    worker.work_on()


def work_for(orders: Orders, seconds: float, pipe: Connection) -> None:
    """Work for so long; tells how many passes failed."""
    worker = Worker.of(orders)
    pipe.send(worker.work_on(seconds))
    worker.side.close()


def finish(orders: Orders, pipe: Connection) -> None:
    """Work until nothing waits; tells the steps that it took."""
    worker = Worker.of(orders)
    worker.finish()
    pipe.send(worker.fuse.names)
    worker.side.close()


def works(orders: Orders, passes: int, pipe: Connection) -> None:
    """So many passes, or until nothing waits."""
    worker = Worker.of(orders)
    worker.finish(passes)
    pipe.send("done")
    worker.side.close()


def work_once(orders: Orders, pipe: Connection) -> None:
    """One pass; tells the steps that it took."""
    worker = Worker.of(orders)
    worker.work()
    pipe.send(worker.fuse.names)
    worker.side.close()


@dataclass(frozen=True)
class Life:
    """One worker's: it ends so many seconds after the step `fuse`; then the time moves on."""

    fuse: int
    after: float = 0.0
    then: timedelta = timedelta(0)


def nursery(orders: Orders, pipe: Connection) -> None:
    """One life after the other, each in a process forked from this one.

    Warm before it forks: what was compiled and read once need not be again. So it first works
    off what is there, and tells its steps; then it is told the lives, and tells how many of them
    were ended by a kill.
    """
    engine, slack = connect(orders.settings.database_url), SlackChannel(orders.settings.slack)
    warm = Worker(replace(orders, fuse=0), engine, slack)
    warm.work()
    warm.side.owner.close()
    pipe.send(warm.fuse.names)
    lives: Sequence[Life] = pipe.recv()
    killed = 0
    for life in lives:
        engine.dispose(close=False)
        killed += _lived(orders, engine, slack, life) == -signal.SIGKILL
        warm.time.move(life.then)
    pipe.send(killed)


def _lived(orders: Orders, engine: Engine, slack: Channel, life: Life) -> int:
    """Its exit code."""
    child = os.fork()
    if child == 0:
        _live(replace(orders, fuse=life.fuse, after=life.after), engine, slack)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _live(orders: Orders, engine: Engine, slack: Channel) -> None:
    try:
        worker = Worker(orders, engine, slack)
        worker.work()
        time.sleep(2 * orders.after)  # the end may still be to come
        worker.side.owner.close()
        os._exit(0)
    finally:
        os._exit(1)
