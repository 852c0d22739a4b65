"""What Slack sends us: stored before it is acknowledged, over Socket Mode.

Bolt's `process_before_response` runs a listener before its acknowledgement, in the thread of the
connection: when storing fails, nothing is acknowledged and Slack delivers again. Listeners only
store; `views.open` alone happens at once, since its trigger lives for three seconds.
"""

from __future__ import annotations

import contextlib
import logging
import re
import socket
import time
from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import Ack, App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.error import BoltError
from slack_sdk.errors import SlackClientError
from slack_sdk.socket_mode.builtin import SocketModeClient

from bot.ports import Arrival, ChannelError, Clock, Refused
from bot.settings import SlackSettings
from bot.slack import actions
from bot.slack.identity import identify
from bot.slack.modals import choose_modal
from bot.slack.transport import BoundedClient, TokenSource, quiet_logger

TRIGGER_SECONDS = 2.5
"""a trigger lives three seconds; what takes longer comes too late"""
STOP_SECONDS = 10.0
_ANY = re.compile(".*", re.DOTALL)

Receive = Callable[[Arrival], None]
Choices = Callable[[str], Mapping[str, Any]]


class SlackApp:
    """The bot's ears.

    `receive` stores an arrival and returns; when it raises, nothing is acknowledged. It is called
    from several threads. `choices` gives what a member (an external id) may tick, see
    `bot.slack.modals.choose_modal`. Slack sends no time with a command or a modal: those get
    `clock`'s.
    """

    def __init__(
        self,
        settings: SlackSettings,
        receive: Receive,
        choices: Choices,
        clock: Clock,
        token: TokenSource | None = None,
    ) -> None:
        self._settings, self._token = settings, token
        self._receive = receive
        self._choices = choices
        self._clock = clock
        self._log = logging.getLogger("overture.slack")
        self._client = BoundedClient(settings, token=token)
        self._quick = BoundedClient(settings, deadline=TRIGGER_SECONDS, token=token)
        self._handler: SocketModeHandler | None = None
        self._us = actions.Us("", "")

    @property
    def connected(self) -> bool:
        """Whether a connection is open now; it opens again by itself when it breaks."""
        return self._handler is not None and self._handler.client.is_connected()

    def start(self) -> None:
        """Connect, and hear from then on; returns at once.

        Raises:
            Refused: a token is missing or Slack does not take it; the message says which.
            Transient: Slack cannot be reached.
        """
        if self._settings.app_token is None:
            raise Refused(
                "Slack's app-level token is missing: set OVERTURE_SLACK__APP_TOKEN"
                " (it begins with xapp-; docs/slack-setup.md shows where to get it)."
            )
        self._us = identify(self._settings, self._token).us
        try:
            handler = self._connection(self._settings.app_token.get_secret_value())
        except (BoltError, SlackClientError) as error:
            raise Refused(f"Slack does not let us in: {error}. Run: overture doctor") from None
        self._handler = handler
        try:
            handler.connect()  # type: ignore[no-untyped-call]
        except Exception as error:
            self.stop()
            raise Refused(
                f"Slack opens no connection: {error}. Check OVERTURE_SLACK__APP_TOKEN, that Socket"
                " Mode is on, and that the network lets us reach it."
            ) from None

    def stop(self) -> None:
        """Disconnect; what is being stored is stored, and no thread stays behind."""
        handler, self._handler = self._handler, None
        if handler is None:
            return
        client = handler.client
        client.closed, client.auto_reconnect_enabled = True, False
        client.message_queue.put(None)  # the reader sleeps up to a second otherwise
        client.message_processor.shutdown()  # type: ignore[no-untyped-call]
        client.message_workers.shutdown(wait=True)  # what is being stored is acknowledged yet
        _end_session(client)
        handler.close()  # type: ignore[no-untyped-call]
        handler.app.listener_runner.listener_executor.shutdown(wait=True)

    def _connection(self, app_token: str) -> SocketModeHandler:
        logger = quiet_logger("overture.slack.bolt", logging.ERROR)
        if self._token is not None:
            self._client.token = self._token()  # Bolt asks for one, and only reads whose it is
        app = App(name="overture", client=self._client, process_before_response=True, logger=logger)
        app.event(_ANY)(self._event)
        app.action(_ANY)(self._press)
        app.view(_ANY)(self._view)
        app.command(_ANY)(self._command)
        app.view_closed(_ANY)(_acknowledge)
        app.shortcut(_ANY)(_acknowledge)
        handler = SocketModeHandler(app, app_token, web_client=self._client, ping_interval=2)
        handler.client.proxy = self._client.proxy
        return handler

    def _event(self, body: dict[str, Any]) -> None:
        self._take(actions.from_event(body, self._us))  # Bolt acknowledges events by itself

    def _press(self, ack: Ack, body: dict[str, Any]) -> None:
        if body.get("type") == "block_actions":
            action, _, _ = actions.pressed_value(body["actions"][0])
            if action in actions.AT_ONCE and self._us.are_of(body["user"].get("team_id")):
                self._open(body)
            self._take(actions.from_press(body, self._us))
        ack()

    def _open(self, body: dict[str, Any]) -> None:
        view = choose_modal(self._choices(str(body["user"]["id"])))
        try:
            self._quick.within(
                "views.open", lambda c: c.views_open(trigger_id=body["trigger_id"], view=view)
            )
        except ChannelError as error:  # they press again; the button is still there
            self._log.warning("the choices could not be shown: %s", error)

    def _view(self, ack: Ack, body: dict[str, Any]) -> None:
        self._take(actions.from_view(body, self._us, self._clock.now().timestamp()))
        ack()

    def _command(self, ack: Ack, body: dict[str, Any]) -> None:
        self._take(actions.from_command(body, self._us, self._clock.now().timestamp()))
        ack()

    def _take(self, arrival: Arrival | None) -> None:
        if arrival is not None:
            self._receive(arrival)


def _acknowledge(ack: Ack) -> None:
    ack()


def _end_session(client: SocketModeClient) -> None:
    """Wake and end the thread that reads the connection, even one that is just starting."""
    runner = client.current_session_runner
    runner.event.set()
    end = time.monotonic() + STOP_SECONDS
    while runner.is_alive() and time.monotonic() < end:
        client.current_session_state.terminated = True  # a session that starts clears it
        session = client.current_session
        reading = session.sock if session is not None else None
        if reading is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(reading, socket.SHUT_RDWR)
        runner.thread.join(0.02)
