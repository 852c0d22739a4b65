"""Payloads as signed requests to an app's address, in place of Socket Mode.

Source: docs.slack.dev/authentication/verifying-requests-from-slack; an event that is not answered
with 200 within three seconds is sent again, with its number and the reason in headers.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Literal
from urllib.parse import urlencode

Json = dict[str, Any]
Kind = Literal["events_api", "interactive", "slash_commands"]
GivenUp = Callable[[Kind, Json], None]
ANSWER_SECONDS = 3.0
MOST_RETRIES = 3
AT_ONCE = 8


class RequestUrl:
    """Where one app's requests go. `given_up` is called for each that nobody answered."""

    def __init__(self, url: str, signing_secret: str, given_up: GivenUp) -> None:
        self.url = url
        self._secret = signing_secret.encode()
        self._given_up = given_up
        self._pool = ThreadPoolExecutor(AT_ONCE, "slack-requests")

    def send(self, kind: Kind, payload: Json, answer: Future[Json | None]) -> None:
        """Deliver a payload; `answer` resolves with what the app said to it."""
        self._pool.submit(self._send, kind, payload, answer)

    def stop(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _send(self, kind: Kind, payload: Json, answer: Future[Json | None]) -> None:
        body, content_type = _body(kind, payload)
        tries = MOST_RETRIES + 1 if kind == "events_api" else 1
        problem: Exception = RuntimeError("it was not sent")
        for number in range(tries):
            again = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": "http_error"}
            try:
                answer.set_result(self._post(body, content_type, again if number else {}))
            except (OSError, urllib.error.URLError) as error:
                problem = error
            else:
                return
        self._given_up(kind, payload)
        answer.set_exception(TimeoutError(f"{kind} to {self.url}: {problem}"))

    def _post(self, body: bytes, kind: str, more: Mapping[str, str]) -> Json | None:
        stamp = str(int(time.time()))  # the app compares it with its own machine's clock
        signed = hmac.new(self._secret, b"v0:" + stamp.encode() + b":" + body, hashlib.sha256)
        headers = {
            "Content-Type": kind,
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": f"v0={signed.hexdigest()}",
            **more,
        }
        request = urllib.request.Request(self.url, body, headers, method="POST")
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as found:
            text = found.read().decode()
        try:
            said = json.loads(text)
        except ValueError:
            return None
        return said if isinstance(said, dict) else None


def _body(kind: Kind, payload: Json) -> tuple[bytes, str]:
    """Events as JSON; presses and modals as JSON in a form; commands as a form."""
    if kind == "events_api":
        return json.dumps(payload).encode(), "application/json"
    fields = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    plain = {name: value for name, value in fields.items() if value is not None}
    return urlencode(plain).encode(), "application/x-www-form-urlencoded"
