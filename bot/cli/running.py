"""What `serve` and `worker` share: they run until they are told to stop, and then stop in time."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Protocol

from bot.telemetry import logs

SIGNALS = (signal.SIGTERM, signal.SIGINT)
LOOK_SECONDS = 0.2
STOP_SECONDS = 60.0
"""longer than any call; what still runs then is taken over by others, as after a crash"""


class Runs(Protocol):
    """Something that works in the background between `start` and `stop`."""

    @property
    def health_url(self) -> str: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...


def run(make: Callable[[], Runs], told: str, log_level: str) -> None:
    """Run until SIGTERM or SIGINT; ends with exit code 0. A second signal ends it at once.

    It logs JSON, or plain lines where a person looks on.
    """
    told_to_stop: list[int] = []

    def stop(number: int, _frame: object) -> None:
        for name in SIGNALS:
            signal.signal(name, signal.SIG_DFL)
        told_to_stop.append(number)

    logs.set_up(log_level, as_json=not sys.stderr.isatty())
    for name in SIGNALS:
        signal.signal(name, stop)
    running = make()
    running.start()
    _say(f"{told} Health: {running.health_url}. Ctrl-C stops it.")
    while not told_to_stop:  # no lock, which a handler of signals could find taken
        time.sleep(LOOK_SECONDS)
    _say("Stopping: finishing what is in flight…")
    ending = threading.Thread(target=running.stop, daemon=True)
    ending.start()
    ending.join(STOP_SECONDS)
    if ending.is_alive():
        _say(f"Some work did not end within {STOP_SECONDS:g} s; it is taken up again elsewhere.")
        sys.stderr.flush()
        os._exit(0)  # threads that hang would keep the interpreter from ending


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
