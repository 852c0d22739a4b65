"""Openers of one pass that are composed several at once, while what was decided keeps its order.

A model takes seconds for an opener, and a pass over a thousand members would take hours. So the
next members are decided about while openers are composed; each decision knows what those before
it will use up, as if they were through, and they are concluded in the order of their decisions.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

from bot.openers.brief import Composed, Withheld
from bot.outreach import Attempt, Wanted

T = TypeVar("T")
Compose = Callable[[Wanted], Composed | Withheld]


@dataclass(frozen=True)
class Begun:
    """One member's attempt that is not concluded yet."""

    member: str
    decided: Attempt | Wanted
    composed: Future[Composed | Withheld] | None = None

    @property
    def is_ready(self) -> bool:
        return self.composed is None or self.composed.done()


class _Here(Executor):
    """Does at once, in this thread, what it is given."""

    def submit(self, act: Callable[..., T], /, *args: Any, **more: Any) -> Future[T]:
        done: Future[T] = Future()
        try:
            done.set_result(act(*args, **more))
        except Exception as error:
            done.set_exception(error)
        return done


class Composing:
    """A window of attempts: at most `at_once` openers are composed at one time."""

    def __init__(self, compose: Compose, at_once: int) -> None:
        self._compose = compose
        self._at_once = at_once
        self._pool: Executor = _Here() if at_once == 1 else ThreadPoolExecutor(at_once, "composing")
        self._begun: deque[Begun] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    @property
    def under_way(self) -> list[Wanted]:
        """What was decided and is not on its way yet."""
        return [one.decided for one in self._begun if isinstance(one.decided, Wanted)]

    def begin(self, member: str, decided: Attempt | Wanted) -> None:
        """Compose what is wanted, in a thread; what was decided to be silence is ready as it is."""
        composed = None
        if isinstance(decided, Wanted):
            composed = self._pool.submit(copy_context().run, self._compose, decided)
        self._begun.append(Begun(member, decided, composed))

    def ready(self, *, last: bool = False) -> Iterator[Begun]:
        """Those at the front that are ready, in order; waits while the window is full.

        `last` waits for all of them.
        """
        while self._begun and (
            last or self._begun[0].is_ready or len(self.under_way) >= self._at_once
        ):
            first = self._begun.popleft()
            if first.composed is not None:
                first.composed.exception()  # waits; whoever concludes it is told
            yield first
