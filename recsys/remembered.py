"""What was worked out a moment ago for the very same objects."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_clearing: list[Callable[[], None]] = []
"""what empties the results of each function that is remembered"""


def remembered(kept: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Keep the last `kept` results of a pure function, by the identity of its arguments.

    States, pools and arrays are large and never changed, so the same object is the same value;
    numbers and texts count by value. An entry holds its arguments, so an identity is never
    another's. Two threads that ask at once may both work it out. Arguments go by position.
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        results: OrderedDict[tuple[Any, ...], tuple[Any, T]] = OrderedDict()
        lock = Lock()

        def clear() -> None:
            with lock:
                results.clear()

        _clearing.append(clear)

        @wraps(function)
        def recall(*args: P.args, **kwargs: P.kwargs) -> T:
            key = tuple(a if isinstance(a, (int, float, str)) else id(a) for a in args)
            with lock:
                held = results.get(key)
                if held is not None:
                    results.move_to_end(key)
                    return held[1]
            found = function(*args, **kwargs)
            with lock:
                results[key] = (args, found)
                while len(results) > kept:
                    results.popitem(last=False)
            return found

        return recall

    return decorate


def forget() -> None:
    """Let go of all results, as when somebody's data are deleted: their arguments may hold them."""
    for clear in _clearing:
        clear()
