"""The bot's ears: Slack's payloads over Socket Mode or as signed requests, for all workspaces."""

from __future__ import annotations

from slack_bolt.error import BoltError
from slack_sdk.errors import SlackClientError

from bot.ports import Clock, Refused
from bot.settings import SlackSettings
from bot.slack.arrivals.us import Us
from bot.slack.http_mode import HttpMode
from bot.slack.identity import identify
from bot.slack.listeners import Ears, HearOrg, Kin, Listeners, Receive, Route, Sender, Shows
from bot.slack.oauth import Installer
from bot.slack.socket_mode import SocketMode
from bot.slack.transport import BoundedClient, TokenSource

TRIGGER_SECONDS = 2.5
"""a trigger lives three seconds; what takes longer comes too late"""


class Switchboard:
    """Hears all workspaces, and gives each payload to the ears that `route` names.

    With an `installer` its pages are served beside Slack's requests.
    """

    def __init__(
        self,
        settings: SlackSettings,
        route: Route,
        clock: Clock,
        installer: Installer | None = None,
        hear_org: HearOrg | None = None,
        kin: Kin = lambda sender: (),
    ) -> None:
        self._settings = settings
        self._listeners = Listeners(route, clock, hear_org, kin)
        self._installer = installer
        self._mode: SocketMode | HttpMode | None = None

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
        settings = self._settings
        app_token, secret = settings.app_token, settings.signing_secret
        if app_token is None and secret is None:
            raise Refused(
                "Slack's app-level token is missing: set OVERTURE_SLACK__APP_TOKEN"
                " (it begins with xapp-; docs/slack-setup.md shows where to get it), or"
                " OVERTURE_SLACK__SIGNING_SECRET to be sent requests instead."
            )
        try:
            app = self._listeners.app(
                settings.api_url, secret.get_secret_value() if secret is not None else None
            )
            if secret is None and app_token is not None:
                client = BoundedClient(settings)
                self._mode = SocketMode(app, app_token.get_secret_value(), client)
            else:
                host, port = settings.http_host, settings.http_port
                self._mode = HttpMode(app, host, port, self._installer)
        except (BoltError, SlackClientError) as error:
            raise Refused(f"Slack does not let us in: {error}. Run: overture doctor") from None
        self._mode.start()

    def stop(self) -> None:
        """Hear no more; what is being stored is stored, and no thread stays behind."""
        mode, self._mode = self._mode, None
        if mode is not None:
            mode.stop()


class SlackApp(Switchboard):
    """The ears of one workspace alone: that of the token."""

    def __init__(
        self,
        settings: SlackSettings,
        receive: Receive,
        shows: Shows,
        clock: Clock,
        token: TokenSource | None = None,
    ) -> None:
        super().__init__(settings, self._only, clock)
        self._token = token
        self._ears = ears_of(settings, Us("", ""), receive, shows, token)

    def start(self) -> None:
        """See `Switchboard.start`; asks Slack first whose the token is."""
        ears = self._ears
        us = identify(self._settings, self._token).us
        self._ears = Ears(us, ears.receive, ears.shows, ears.quick)
        super().start()

    def _only(self, sender: Sender) -> Ears:
        return self._ears


def ears_of(
    settings: SlackSettings,
    us: Us,
    receive: Receive,
    shows: Shows,
    token: TokenSource | None = None,
) -> Ears:
    """The ears of a workspace, with a client that answers while a trigger lives."""
    return Ears(us, receive, shows, BoundedClient(settings, TRIGGER_SECONDS, token))
