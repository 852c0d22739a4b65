"""One call to a model server that ends: in time, and before it has sent too much.

A client's `timeout` holds for each read, so a server that sends a byte a second outlives it; and
a retry may wait for two minutes because a server said so. Here the whole call has one end.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

import httpx2
from openai import OpenAIError

from bot.ports import ModelError

Result = TypeVar("Result")

MOST_BYTES = 1_000_000
"""Bytes that an answer may have, envelope included."""


class Ending:
    """The moment, on the monotonic clock, at which a call is over."""

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds until then; never negative."""
        return max(self._at - time.monotonic(), 0.0)


class Unbounded(OpenAIError):
    """The server sent more than an answer may have, or would not stop in time.

    An error of the client's own family, because that is what it neither wraps nor tries again.
    """

    def __init__(self, message: str, reason: str = "too_large") -> None:
        super().__init__(message)
        self.reason = reason


class _BoundedStream(httpx2.SyncByteStream):
    def __init__(self, inner: httpx2.SyncByteStream, ending: Ending, most_bytes: int) -> None:
        self._inner = inner
        self._ending = ending
        self._left = most_bytes

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._inner:
            self._left -= len(chunk)
            if self._left < 0:
                raise Unbounded("the answer is larger than an answer may be")
            if not self._ending.left():
                raise Unbounded("the answer was not complete in time", "timeout")
            yield chunk

    def close(self) -> None:
        self._inner.close()


def bounded_client(ending: Ending, trust: ssl.SSLContext) -> httpx2.Client:
    """An HTTP client for one call; whatever it does ends with `ending`.

    Bodies are bounded as they come from the wire and compression is refused, so that a small
    body cannot unfold. Redirects are not followed: a model server has no reason to send a key
    and a colleague's words elsewhere.
    """

    def before(request: httpx2.Request) -> None:
        request.headers["accept-encoding"] = "identity"
        left = ending.left()
        if not left:
            raise Unbounded("no time is left for another try", "timeout")
        request.extensions["timeout"] = httpx2.Timeout(left, connect=min(left, 5.0)).as_dict()

    def after(response: httpx2.Response) -> None:
        if response.headers.get("content-encoding", "identity") != "identity":
            raise Unbounded("the answer is compressed although that was not asked for")
        if isinstance(response.stream, httpx2.SyncByteStream):
            response.stream = _BoundedStream(response.stream, ending, MOST_BYTES)
        if _seconds(response.headers.get("retry-after")) >= ending.left():
            # The client reads this header: waiting would only use up a thread.
            response.headers["x-should-retry"] = "false"

    return httpx2.Client(
        verify=trust,
        follow_redirects=False,
        event_hooks={"request": [before], "response": [after]},
    )


def _seconds(header: str | None) -> float:
    if header is None:
        return 0.0
    try:
        return float(header)
    except ValueError:
        # A date: no server that wants an answer soon writes one.
        return float("inf")


class _Outcome(Generic[Result]):
    def __init__(self) -> None:
        self.value: Result | None = None
        self.error: BaseException | None = None


def within(
    seconds: float, call: Callable[[Ending], Result], stop: Callable[[], None] = lambda: None
) -> Result:
    """What `call` returns, if it does so within `seconds`.

    The call runs in a thread of its own, for a server can hold a client in places that no check
    of ours is reached (its head, its pauses before a retry). When the time is over, `stop` is
    called to take the connection away, and the caller goes on.

    Raises:
        ModelError: the time is over.
        Exception: whatever `call` raised.
    """
    outcome: _Outcome[Result] = _Outcome()
    ending = Ending(seconds)

    def run() -> None:
        try:
            outcome.value = call(ending)
        except BaseException as error:
            outcome.error = error

    worker = threading.Thread(target=run, name="model-call", daemon=True)
    worker.start()
    worker.join(seconds)
    if worker.is_alive():
        stop()
        raise ModelError(f"the model server gave no answer within {seconds:g} s", "timeout")
    if outcome.error is not None:
        raise outcome.error
    return outcome.value  # type: ignore[return-value]
