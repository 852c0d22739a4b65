"""A process that ends itself, or falls asleep, at one exact step of its work.

Steps are the database's statements and commits and the calls to the channel, in their order: what
`kill -9` can fall between.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, event

from bot.ports import Channel, Delivery, Receipt
from tests.bot.outbox_bench import Wrapped


@dataclass
class Fuse:
    """Counts steps from 1 on; at step `at`, or so many seconds after it, its process gets `how`."""

    at: int = 0
    how: signal.Signals = signal.SIGKILL
    after: float = 0.0
    named: str = ""
    """only steps of this name count; all where it is empty"""
    names: list[str] = field(default_factory=list)
    act: Callable[[], None] | None = None
    """what happens instead of a signal"""
    busy: int = 0
    """connections to the database in use"""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def step(self, name: str) -> None:
        with self.lock:
            self.names.append(name)
            counts = self.named in ("", name)
            number = self.names.count(name) if self.named else len(self.names)
            goes_off = counts and number == self.at
        if goes_off and self.after:
            threading.Timer(self.after, self._go_off).start()
        elif goes_off:
            self._go_off()

    def _go_off(self) -> None:
        """At once; but a sleeper must not hold a lock of the database, for that is waited for."""
        if self.act is not None:
            self.act()
            return
        while self.how == signal.SIGSTOP:
            with self.lock:
                if not self.busy:
                    break
            time.sleep(0.001)
        # sent to this very thread, which goes no further then; another might be slow to notice
        signal.pthread_kill(threading.get_ident(), self.how)

    def _used(self, more: int) -> None:
        with self.lock:
            self.busy += more

    def laid_in(self, engine: Engine) -> None:
        """Every statement and every commit of this engine is a step."""

        def statement(connection: Any, cursor: Any, text: str, *_: Any) -> None:
            self.step(" ".join(text.split()[:3]))

        event.listen(engine, "checkout", lambda *_: self._used(1))
        event.listen(engine, "checkin", lambda *_: self._used(-1))
        event.listen(engine, "before_cursor_execute", statement)
        event.listen(engine, "commit", lambda connection: self.step("commit"))


@dataclass
class Fused(Wrapped):
    """A channel each of whose calls is two steps: before it and after it."""

    fuse: Fuse = field(default_factory=Fuse)

    def address_of(self, external_id: str) -> str:
        self.fuse.step("before opening")
        address = super().address_of(external_id)
        self.fuse.step("after opening")
        return address

    def send(self, delivery: Delivery) -> Receipt:
        self.fuse.step("before the call")
        receipt = super().send(delivery)
        self.fuse.step("after the call")
        return receipt


def fused(channel: Channel, fuse: Fuse) -> Fused:
    return Fused(channel, fuse=fuse)
