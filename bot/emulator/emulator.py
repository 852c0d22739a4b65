"""A Slack workspace on localhost: the object that tests, the demo and its members hold."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

from bot.emulator.controls import Control, Controls
from bot.emulator.extension import Extension
from bot.emulator.faults import Faults
from bot.emulator.journal import Journal
from bot.emulator.page_acts import Hands, PageActs
from bot.emulator.page_api import PageApi
from bot.emulator.request_url import RequestUrl
from bot.emulator.security import PageToken
from bot.emulator.server import LOOPBACK, Server, routes
from bot.emulator.site import Site
from bot.emulator.tokens import BotTokens
from bot.emulator.web_api.dispatch import WebApi
from bot.emulator.workspace import EmulatedWorkspace

_EVERY_ENVELOPE = frozenset({"events_api", "interactive", "slash_commands"})
_PAGE_WORKERS = 8


class Emulator(Hands):
    """Slack's Web API, Socket Mode and a page, served on 127.0.0.1 between `start` and `stop`.

    `clock` gives epoch seconds and may be simulated: timestamps of messages come from it.
    `manifest` is the app's manifest as a mapping: scopes, events and commands that it does not
    name are refused; without one everything is granted. `controls` are the page's buttons,
    `extension` is what else the page can do.
    `redeliver_after` seconds without acknowledgement an envelope of a type in `redeliver` is sent
    again, three times at most. `ack_timeout` is how long an act waits for the bot. With
    `token_seconds` the bot's tokens rotate, and each lives for so long. With `beside`, one that has
    been started, this is another workspace of the same app: that one's API answers for it as well.
    """

    def __init__(
        self,
        workspace: EmulatedWorkspace,
        *,
        clock: Callable[[], float],
        manifest: Mapping[str, Any] | None = None,
        controls: Mapping[str, Control] | None = None,
        extension: Extension | None = None,
        notice: str = "",
        port: int = 0,
        rate_limits: bool = False,
        redeliver_after: float = 3.0,
        redeliver: Container[str] = _EVERY_ENVELOPE,
        ack_timeout: float = 10.0,
        token_seconds: int | None = None,
        beside: Emulator | None = None,
    ) -> None:
        self._site = Site(workspace, clock, manifest, redeliver_after, redeliver, token_seconds)
        self._beside = beside
        if beside is not None:
            self._site.share(beside._site)
        self._ack_timeout = ack_timeout
        self._controls = Controls(controls or {}, self._site.feed)
        self._notice, self._rate_limits = notice, rate_limits
        self._extension = extension
        self._server = Server(port)
        self._site.origin = f"http://{LOOPBACK}:{self._server.port}"
        self._token = PageToken(self._server.port)
        self._pool: ThreadPoolExecutor | None = None

    def start(self) -> None:
        """Serve. The port is known, and taken, since the emulator was made."""
        if self._pool is not None:
            raise RuntimeError("this emulator has been started already; make a new one")
        pool = self._pool = ThreadPoolExecutor(_PAGE_WORKERS, "slack-page")
        page = PageApi(
            self._site,
            self,
            PageActs(self),
            self._controls,
            self._token,
            pool,
            self._notice,
            self._extension,
        )
        web = self._web = WebApi(self._site, self._server.connections, self._rate_limits)
        if self._beside is not None:
            self._beside._web.beside(self._site)
        self._server.start(self._site, routes(self._site, self._token, web, page, self._extension))
        self._server_thread = self._server.thread

    def stop(self) -> None:
        """Say goodbye to every connection, close the sockets, end the threads."""
        if self._site.hub.requests is not None:
            self._site.hub.requests.stop()
        self._server.stop(self._site)
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def send_requests_to(self, url: str) -> None:
        """From now on events, presses and commands go to this address, signed."""
        hub = self._site.hub
        hub.requests = RequestUrl(url, self._site.signing_secret, hub.gave_up)

    def uninstall(self) -> None:
        """An admin takes the app out of the workspace: its tokens end, and it is told so."""
        at = f"{self._site.clock():.6f}"
        tokens = {"oauth": [], "bot": [self._site.workspace.bot.id]}
        self._site.tokens.revoke()
        for event in ({"type": "tokens_revoked", "tokens": tokens}, {"type": "app_uninstalled"}):
            self._heard(self._site.tell(str(event["type"]), {**event, "event_ts": at}))

    def admit(self, *, grants: bool) -> None:
        """The organisation that installed the app lets it into this workspace, or takes it out."""
        roof = self._site.workspace.by_org
        if roof is None:
            raise ValueError(f"no organisation installed the app for {self._site.workspace.id}")
        event = roof.let(self._site.workspace.id, grants, self._site.clock())
        self._heard(self._site.tell(str(event["type"]), event))

    @property
    def api_url(self) -> str:
        """The base of the Web API, for `WebClient(base_url=...)`."""
        return f"{self._site.origin}/api/"

    @property
    def page_url(self) -> str:
        """The address of the page, with its token."""
        return f"{self._site.origin}/?token={self._token.value}"

    @property
    def page_token(self) -> str:
        return self._token.value

    @property
    def bot_token(self) -> str:
        return self._site.tokens.current

    @property
    def tokens(self) -> BotTokens:
        """All tokens of the bot; how often they were refreshed."""
        return self._site.tokens

    @property
    def client_secret(self) -> str:
        return self._site.client_secret

    @property
    def app_token(self) -> str:
        return self._site.app_token

    @property
    def signing_secret(self) -> str:
        return self._site.signing_secret

    @property
    def workspace(self) -> EmulatedWorkspace:
        return self._site.workspace

    @property
    def faults(self) -> Faults:
        return self._site.faults

    @property
    def journal(self) -> Journal:
        return self._site.journal

    def uploaded(self, file_id: str) -> bytes:
        """What the bot uploaded under this id. Raises KeyError where it did not."""
        data: bytes = self._site.uploads[file_id]["data"]
        return data

    @property
    def connections(self) -> int:
        """How many Socket Mode connections are open."""
        return self._site.hub.connections

    def envelopes_given_up(self) -> int:
        """How many envelopes nobody acknowledged, even after the last repetition."""
        return len(self._site.hub.given_up)

    def acknowledged(self) -> list[tuple[str, float]]:
        """(type, seconds from its first sending) of each envelope that was acknowledged."""
        return list(self._site.hub.acknowledged)

    def waiting_events(self) -> list[dict[str, Any]]:
        """Events that wait for a Socket Mode connection, in the order of their sending."""
        return self._site.hub.waiting_events()

    def clock(self) -> float:
        """The time here, in epoch seconds."""
        return self._site.clock()

    def disconnect_sockets(self, reason: str | None = "refresh_requested") -> None:
        """Close every Socket Mode connection as Slack does now and then; None: without a word."""
        loop = self._site.hub.loop
        if loop is not None:
            loop.call_soon_threadsafe(self._site.hub.disconnect, reason)

    def progress(self, text: str, fraction: float) -> None:
        """Show on the page how far some work has come, from 0 to 1."""
        self._controls.progress(text, fraction)

    def publish(self, name: str, data: Mapping[str, Any]) -> None:
        """Tell the extension of every open page something; it has a `name`, and is JSON."""
        self._site.feed.publish({"type": "extension", "name": name, "data": dict(data)})

    def announce(self, name: str, result: Mapping[str, Any]) -> None:
        """Tell the page that a piece of work is done."""
        self._controls.announce(name, result)
