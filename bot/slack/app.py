"""What Slack sends us: stored before it is acknowledged, over Socket Mode or as signed requests.

Bolt's `process_before_response` runs a listener before its acknowledgement, in the thread of the
connection: when storing fails, nothing is acknowledged and Slack delivers again. Listeners only
store; `views.open` alone happens at once, since its trigger lives for three seconds.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import Ack, App
from slack_bolt.error import BoltError
from slack_sdk.errors import SlackClientError

from bot.ports import Arrival, Asked, ChannelError, Clock, Refused
from bot.settings import SlackSettings
from bot.slack.arrivals import presses
from bot.slack.arrivals.commands import from_command
from bot.slack.arrivals.events import from_event
from bot.slack.arrivals.us import Us
from bot.slack.arrivals.views import from_view
from bot.slack.http_mode import HttpMode
from bot.slack.identity import identify
from bot.slack.modals import MODALS
from bot.slack.socket_mode import SocketMode
from bot.slack.transport import BoundedClient, TokenSource, quiet_logger

TRIGGER_SECONDS = 2.5
"""a trigger lives three seconds; what takes longer comes too late"""
_ANY = re.compile(".*", re.DOTALL)

Receive = Callable[[Arrival], None]
Shows = Callable[[Asked], Mapping[str, Any] | None]


class SlackApp:
    """The bot's ears.

    `receive` stores an arrival and returns; when it raises, nothing is acknowledged. It is called
    from several threads. `shows` gives what the modal that somebody asks for shows, see
    `bot.slack.modals.MODALS`; None where they may not see it. Slack sends no time with a command
    or a modal: those get `clock`'s.
    """

    def __init__(
        self,
        settings: SlackSettings,
        receive: Receive,
        shows: Shows,
        clock: Clock,
        token: TokenSource | None = None,
    ) -> None:
        self._settings, self._token = settings, token
        self._receive = receive
        self._shows = shows
        self._clock = clock
        self._log = logging.getLogger("overture.slack")
        self._client = BoundedClient(settings, token=token)
        self._quick = BoundedClient(settings, deadline=TRIGGER_SECONDS, token=token)
        self._mode: SocketMode | HttpMode | None = None
        self._us = Us("", "")

    @property
    def connected(self) -> bool:
        """Whether Slack can reach us now; a connection that breaks opens again by itself."""
        return self._mode is not None and self._mode.connected

    @property
    def url(self) -> str | None:
        """Where Slack's requests go on this machine; None over Socket Mode."""
        return self._mode.url if isinstance(self._mode, HttpMode) else None

    def start(self) -> None:
        """Connect, and hear from then on; returns at once.

        With a signing secret in the settings Slack's requests are served, else Socket Mode is
        used.

        Raises:
            Refused: a token is missing or Slack does not take it, or the port cannot be had; the
                message says which.
            Transient: Slack cannot be reached.
        """
        app_token, secret = self._settings.app_token, self._settings.signing_secret
        if app_token is None and secret is None:
            raise Refused(
                "Slack's app-level token is missing: set OVERTURE_SLACK__APP_TOKEN"
                " (it begins with xapp-; docs/slack-setup.md shows where to get it), or"
                " OVERTURE_SLACK__SIGNING_SECRET to be sent requests instead."
            )
        self._us = identify(self._settings, self._token).us
        try:
            app = self._listening(secret.get_secret_value() if secret is not None else None)
            if secret is None and app_token is not None:
                self._mode = SocketMode(app, app_token.get_secret_value(), self._client)
            else:
                self._mode = HttpMode(app, self._settings.http_host, self._settings.http_port)
        except (BoltError, SlackClientError) as error:
            raise Refused(f"Slack does not let us in: {error}. Run: overture doctor") from None
        self._mode.start()

    def stop(self) -> None:
        """Hear no more; what is being stored is stored, and no thread stays behind."""
        mode, self._mode = self._mode, None
        if mode is not None:
            mode.stop()

    def _listening(self, signing_secret: str | None) -> App:
        logger = quiet_logger("overture.slack.bolt", logging.ERROR)
        if self._token is not None:
            self._client.token = self._token()  # Bolt asks for one, and only reads whose it is
        app = App(
            name="overture.slack.bolt",  # its logger has this name too, and must not be ours
            client=self._client,
            process_before_response=True,
            logger=logger,
            signing_secret=signing_secret,
        )
        app.event(_ANY)(self._event)
        app.action(_ANY)(self._press)
        app.view(_ANY)(self._view)
        app.command(_ANY)(self._command)
        app.view_closed(_ANY)(_acknowledge)
        app.shortcut(_ANY)(_acknowledge)
        return app

    def _event(self, body: dict[str, Any]) -> None:
        self._take(from_event(body, self._us))  # Bolt acknowledges events by itself

    def _press(self, ack: Ack, body: dict[str, Any]) -> None:
        if body.get("type") == "block_actions":
            asked = presses.asked(body, self._us)
            if asked is not None:
                self._open(asked, str(body["trigger_id"]))
            self._take(presses.from_press(body, self._us))
        ack()

    def _open(self, asked: Asked, trigger: str) -> None:
        shows = self._shows(asked)
        if shows is None:
            return
        view = MODALS[asked.action](shows, asked)
        try:
            self._quick.within("views.open", lambda c: c.views_open(trigger_id=trigger, view=view))
        except ChannelError as error:  # they press again; the button is still there
            self._log.warning("the choices could not be shown: %s", error)

    def _view(self, ack: Ack, body: dict[str, Any]) -> None:
        self._take(from_view(body, self._us, self._clock.now().timestamp()))
        ack()

    def _command(self, ack: Ack, body: dict[str, Any]) -> None:
        self._take(from_command(body, self._us, self._clock.now().timestamp()))
        ack()

    def _take(self, arrival: Arrival | None) -> None:
        if arrival is not None:
            self._receive(arrival)


def _acknowledge(ack: Ack) -> None:
    ack()
