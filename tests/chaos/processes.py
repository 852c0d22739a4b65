"""Sending processes that cost little to start and are killed without ceremony.

A server that has imported everything forks them (multiprocessing's own `forkserver`). Where
hundreds have to live and die within seconds, a nursery has warmed up before it forks. Each is a
process of the system with its own connections and its own lock, as `overture worker` is.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, cast

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["pytest", "tests.chaos.worker", "tests.chaos.pass_process"])

Task = Callable[..., None]
"""Called in the process with its arguments and, last, the end of a pipe to speak into."""


@dataclass
class Running:
    """A process under way."""

    process: Any
    pipe: Connection

    def told(self, seconds: float = 60.0) -> Any:
        """What it says next; AssertionError where it says nothing."""
        assert self.pipe.poll(seconds), "a process says nothing"
        return self.pipe.recv()

    def kill(self) -> None:
        self.process.kill()
        self.process.join()

    def ended(self, seconds: float = 60.0) -> int:
        """Its exit code; -9 for one that was killed."""
        self.process.join(seconds)
        assert self.process.exitcode is not None, "a process does not end"
        return cast(int, self.process.exitcode)

    def until_asleep(self, seconds: float = 30.0) -> None:
        """Wait until it has been stopped (SIGSTOP)."""
        end = time.monotonic() + seconds
        while Path(f"/proc/{self.process.pid}/stat").read_text().split(") ")[1][0] != "T":
            assert time.monotonic() < end, "a process does not fall asleep"
            time.sleep(0.005)

    def wake(self) -> None:
        os.kill(self.process.pid, signal.SIGCONT)


@contextmanager
def running(task: Task, *arguments: object) -> Iterator[Running]:
    """A process at its task; it does not outlive the block."""
    here, there = CONTEXT.Pipe()
    process = CONTEXT.Process(target=task, args=(*arguments, there), daemon=True)
    process.start()
    there.close()
    try:
        yield Running(process, here)
    finally:
        if process.is_alive():
            process.kill()
        process.join()
        here.close()


def result(task: Task, *arguments: object) -> Any:
    """Let a process do its task to the end; what it says."""
    with running(task, *arguments) as worker:
        said = worker.told(120)
        assert worker.ended() == 0
    return said
