"""Lives that know nothing of each other, one after the other or in processes of their own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from contextlib import suppress
from multiprocessing.queues import Queue
from queue import Empty
from typing import TypeVar

from bot.ports import Progress

Lived = TypeVar("Lived")
Life = Callable[[str, Progress], Lived]
"""lives the life of this name to its end; for processes it must be picklable"""

TOLD_EVERY = 0.2
"""seconds between two looks at how far the processes are"""

_told: Queue[tuple[str, int, int]] | None = None
"""in a process of a life: where it tells how far it is"""


def side_by_side(
    life: Life[Lived], names: Sequence[str], jobs: int, progress: Progress
) -> dict[str, Lived]:
    """Every life by its name, in the order of `names`; `jobs` of them at a time.

    What a life raises is raised here, and the others are not waited for.
    """
    if jobs == 1:
        return {name: life(name, progress) for name in names}
    context = multiprocessing.get_context("spawn")
    told: Queue[tuple[str, int, int]] = context.Queue()
    with ProcessPoolExecutor(jobs, context, initializer=_begin, initargs=(told,)) as pool:
        lives = {name: pool.submit(_live, life, name) for name in names}
        try:
            _follow(lives, told, progress)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return {name: done.result() for name, done in lives.items()}


def _follow(
    lives: dict[str, Future[Lived]], told: Queue[tuple[str, int, int]], progress: Progress
) -> None:
    """Tell how far all of them are together, until the last one is done or the first one fails."""
    far: dict[str, tuple[int, int]] = {}
    left = set(lives.values())
    while left:
        done, left = wait(left, TOLD_EVERY)
        for life in done:
            life.result()
        with suppress(Empty):
            while True:
                name, at, total = told.get_nowait()
                far[name] = at, total
        if far:
            total = max(total for _, total in far.values()) * len(lives)
            progress(f"{len(lives)} lives", sum(at for at, _ in far.values()), total)


def _begin(told: Queue[tuple[str, int, int]]) -> None:
    global _told
    _told = told


def _live(life: Life[Lived], name: str) -> Lived:
    def tell(what: str, done: int, total: int) -> None:
        if _told is not None:
            _told.put((name, done, total))

    return life(name, tell)
