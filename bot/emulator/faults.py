"""Trouble on request: what a call meets instead of a plain answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

FaultKind = Literal[
    "drop_after_commit",
    "drop_before",
    "status",
    "rate_limited",
    "delay",
    "drip",
    "history_lag",
    "error",
]


@dataclass(frozen=True)
class Fault:
    """What happens to the next `times` calls of `method` ("*" for any), after letting `skip` by.

    drop_after_commit  the effect happens, then the connection closes without an answer
    drop_before        the connection closes and nothing happens
    status             an HTTP `status` instead of the effect (after it when `after_commit`)
    rate_limited       429 with Retry-After: `retry_after` seconds
    delay              waits `seconds` and then does it (answers late when `after_commit`)
    drip               does it, then sends the answer byte by byte over `seconds`
    history_lag        reads do not see what was committed in the last `seconds` of real time
    error              `ok: false` with `error`, and no effect
    """

    method: str
    kind: FaultKind
    times: int = 1
    status: int = 500
    retry_after: int = 1
    seconds: float = 1.0
    error: str = "internal_error"
    after_commit: bool = False
    skip: int = 0
    when: Callable[[Mapping[str, Any]], bool] | None = None


class Faults:
    """Faults that are still to come, oldest first. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[list[Any]] = []
        self._fired: list[Fault] = []

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._waiting.append([fault, fault.skip, fault.times])

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def fired(self) -> list[Fault]:
        """Every fault that a call met, in order, once for each call."""
        with self._lock:
            return list(self._fired)

    def take(self, method: str, args: Mapping[str, Any]) -> Fault | None:
        """The fault that this call meets, if any; it is used up by this."""
        with self._lock:
            for slot in self._waiting:
                fault: Fault = slot[0]
                if fault.method not in (method, "*") or (fault.when and not fault.when(args)):
                    continue
                if slot[1] > 0:
                    slot[1] -= 1
                    continue
                slot[2] -= 1
                if slot[2] <= 0:
                    self._waiting.remove(slot)
                self._fired.append(fault)
                return fault
        return None
