"""Slack's Web API under a hard deadline, with every failure told apart.

slack_sdk's timeouts are per socket operation: an answer that drips outlives them. Here a call
runs in a thread of its own; at its deadline its socket is cut, and no byte of it can leave later.
So a caller knows at the deadline whether a call ended, never began, or may have had its effect.
"""

from __future__ import annotations

import contextlib
import http.client
import logging
import math
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from functools import cache, partial
from typing import Any, cast
from urllib.request import HTTPHandler, HTTPSHandler, ProxyHandler, Request, build_opener

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.ports import Ambiguous, ChannelError, Permanent, Transient
from bot.remote import open_web
from bot.settings import SlackSettings
from bot.slack.errors import STALE, code_of, refusal

TokenSource = Callable[[], str | None]
"""The bot's token for the next call; one with a `forget` is told when Slack does not take it, and
one with a `team` is an organisation's, used for that workspace of it."""
GRACE_SECONDS = 1.0
"""how long a call that was cut may take to notice"""


_AT_ONCE = struct.pack("ii", 1, 0)
"""a socket that is closed forgets what it has not sent"""


class Attempt:
    """One call under way: whether its request began to leave, and the socket to cut."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._over = False
        self.begun = False

    def begin(self, connected: socket.socket) -> None:
        """Called before any byte of the request is sent. Raises TimeoutError when too late."""
        with self._lock:
            if self._over:
                raise TimeoutError("the deadline passed before the request was sent")
            self._socket = connected
            self.begun = True

    def cut(self) -> bool:
        """End it: nothing leaves any more. Returns whether something had begun to leave."""
        with self._lock:
            self._over = True
            if self._socket is not None:
                # What the kernel still holds of the request must go too: it would send that again
                # for minutes. And the plain shutdown, since TLS would first want to say goodbye;
                # both fail where the connection has ended by itself.
                with contextlib.suppress(OSError):
                    self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
            return self.begun


class _Watched(http.client.HTTPConnection):
    """A connection that tells its attempt when the request leaves."""

    attempt: Attempt | None = None
    connecting = False

    def connect(self) -> None:
        self.connecting = True
        try:
            super().connect()
        finally:
            self.connecting = False

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        # what a proxy is told while connecting is not yet the request
        if self.attempt is not None and not self.connecting:
            self.attempt.begin(self.sock)
            _give_up_unsent(self.sock, self.timeout)
        super().send(data)


def _give_up_unsent(connected: socket.socket, timeout: float | None) -> None:
    """Let the kernel drop what is not acknowledged in time, also after this process was killed."""
    if timeout and hasattr(socket, "TCP_USER_TIMEOUT"):
        milliseconds = math.ceil(timeout * 1000)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)


class _WatchedSecure(_Watched, http.client.HTTPSConnection):
    """The same over TLS."""


class _UnderWay(threading.local):
    """The attempt of this thread."""

    attempt: Attempt | None = None


def _connection(kind: type[_Watched], under_way: _UnderWay, host: str, **rest: Any) -> _Watched:
    connection = kind(host, **rest)
    connection.attempt = under_way.attempt
    return connection


class _Plain(HTTPHandler):
    def __init__(self, under_way: _UnderWay) -> None:
        super().__init__()
        self.connection = cast(Any, partial(_connection, _Watched, under_way))

    def http_open(self, req: Request) -> http.client.HTTPResponse:
        return self.do_open(self.connection, req)


class _Secure(HTTPSHandler):
    def __init__(self, under_way: _UnderWay, context: ssl.SSLContext) -> None:
        super().__init__(context=context)
        self.context = context
        self.connection = cast(Any, partial(_connection, _WatchedSecure, under_way))

    def https_open(self, req: Request) -> http.client.HTTPResponse:
        return self.do_open(self.connection, req, context=self.context)


@cache
def _trust() -> ssl.SSLContext:
    """What is trusted, read once: that takes longer than a call."""
    return ssl.create_default_context()


class BoundedClient(WebClient):
    """A WebClient without retries, whose `within` bounds a whole call."""

    def __init__(
        self,
        settings: SlackSettings,
        deadline: float | None = None,
        token: TokenSource | None = None,
    ) -> None:
        plain = settings.bot_token.get_secret_value() if settings.bot_token else None
        self._source: TokenSource = token if token is not None else lambda: plain
        self.team: str | None = getattr(token, "team", None)
        """to be named in calls about a workspace, where the token is an organisation's"""
        self.deadline = settings.call_deadline if deadline is None else deadline
        super().__init__(
            token=None if token is not None else plain,
            base_url=settings.api_url,
            timeout=math.ceil(self.deadline),
            retry_handlers=[],
            ssl=_trust(),  # Socket Mode takes it from here, and would read it for each connection
            logger=quiet_logger("overture.slack.web", logging.CRITICAL),
        )
        if settings.is_loopback:
            self.proxy = None  # slack_sdk takes a proxy from the environment for any address
        self._under_way = _UnderWay()
        proxies = {"http": self.proxy, "https": self.proxy} if self.proxy else {}
        self._opener = build_opener(
            ProxyHandler(proxies),
            _Plain(self._under_way),
            _Secure(self._under_way, _trust()),
        )

    def within(self, what: str, call: Callable[[BoundedClient], SlackResponse]) -> SlackResponse:
        """Run `call` on this client; it has ended when this returns or raises.

        Raises:
            Transient: it did not happen, and may be tried again.
            Permanent: it did not happen, and never will.
            Ambiguous: it may have happened.
        """
        self.token = self._source()  # may refresh it, and raise Transient
        attempt = Attempt()
        done: list[SlackResponse] = []
        failed: list[BaseException] = []

        def work() -> None:
            self._under_way.attempt = attempt
            try:
                done.append(call(self))
            except BaseException as error:
                failed.append(error)

        thread = threading.Thread(target=work, name=f"slack {what}", daemon=True)
        thread.start()
        thread.join(self.deadline)
        if thread.is_alive():
            attempt.cut()
            thread.join(GRACE_SECONDS)
        if done:
            return done[0]
        error = failed[0] if failed else TimeoutError(f"no answer within {self.deadline:g} s")
        forget = getattr(self._source, "forget", None)
        if forget is not None and isinstance(error, SlackApiError) and code_of(error) in STALE:
            forget()
        raise _told_apart(what, error, attempt.begun) from None

    def upload(self, url: str, data: bytes) -> None:
        """Send bytes to the address that Slack gave for them. Raises `ChannelError`."""
        problem = open_web(url)
        if problem is not None:
            raise Permanent(f"Slack files: the address to upload to {problem}")
        headers = {"Content-Type": "application/octet-stream"}
        request = Request(url, data=data, headers=headers, method="POST")

        def call(client: BoundedClient) -> SlackResponse:
            answer = client._perform_urllib_http_request_internal(url, request)
            return cast(SlackResponse, answer)

        self.within("files upload", call)

    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
        # slack_sdk's one place for the network; tests/bot/slack/test_transport.py guards it
        with self._opener.open(req, timeout=self.timeout) as answer:
            charset = answer.headers.get_content_charset() or "utf-8"
            body = answer.read().decode(charset)
            return {"status": answer.code, "headers": answer.headers, "body": body}


def _told_apart(what: str, error: BaseException, begun: bool) -> ChannelError:
    if isinstance(error, SlackApiError):
        return refusal(what, error)
    if isinstance(error, Exception):
        text = f"Slack {what}: {type(error).__name__}: {error}"
        return Ambiguous(text) if begun else Transient(f"{text} (nothing was sent)")
    raise error  # the interpreter itself is ending


def quiet_logger(name: str, level: int) -> logging.Logger:
    """A logger with a level of its own: slack_sdk and Bolt write message bodies at DEBUG."""
    logger = logging.getLogger(name)
    logger.setLevel(level)
    return logger
