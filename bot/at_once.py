"""Working off rows of a queue several at once, in threads, until nothing is due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Protocol, TypeVar

CLAIM_AGAIN_SECONDS = 0.5
"""how often more is looked for while some are at work: one that hangs must not hold the others"""


class Claimed(Protocol):
    """A row that is now ours."""

    @property
    def id(self) -> object: ...


Row = TypeVar("Row", bound=Claimed)


def work_off(
    claim: Callable[[int, Collection[object]], Sequence[Row]],
    act: Callable[[Row], str],
    *,
    threads: int,
    limit: int,
    goes_on: Callable[[], bool],
    again: float = CLAIM_AGAIN_SECONDS,
) -> Counter[str]:
    """Claim at most `limit` rows and act on each once; how often `act` said what.

    `claim` is given how many it may take, and the ids of those at work. Once `goes_on` says no,
    nothing more is claimed, and what is at work ends. More is looked for at least every `again`
    seconds. Raises what `claim` and `act` raise, after
    the others have ended.
    """
    said: Counter[str] = Counter()
    running: dict[Future[str], object] = {}
    with ThreadPoolExecutor(threads) as pool:
        while True:
            claims = limit > 0 and goes_on()
            free = min(threads - len(running), limit) if claims else 0
            rows = claim(free, running.values()) if free > 0 else ()
            limit -= len(rows)
            running |= {pool.submit(act, row): row.id for row in rows}
            if not running:
                return said
            done, _ = wait(running, again if claims else None, FIRST_COMPLETED)
            for one in done:
                del running[one]
                said[one.result()] += 1
