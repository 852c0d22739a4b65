"""The running bot: Slack's listeners, the workspaces it serves, a health endpoint on loopback."""

from __future__ import annotations

import logging
import threading

from bot.app import App
from bot.joining import join
from bot.own_settings import unheard
from bot.places import Places
from bot.ports import Clock, Refused
from bot.sending import NOBODY, SystemClock
from bot.settings import Settings
from bot.slack.app import Switchboard
from bot.slack.arrivals.us import Us
from bot.slack.identity import identify
from bot.slack.oauth import Installer
from bot.slack.tokens import token_for
from bot.store.opening import open_store
from bot.telemetry.health import Answer, Health, database_answers, readiness

DRAIN_SECONDS = 10.0
"""for answering what had arrived before we were told to stop"""

log = logging.getLogger("overture.serving")


class Serving:
    """Starts and stops everything that `overture serve` runs."""

    def __init__(self, shared: App, home: Us | None) -> None:
        self._shared = shared
        self.places = Places(shared, home)
        slack = shared.settings.slack
        self._installer = Installer.of(
            shared.store, slack, shared.clock, lambda granted: self.places.look()
        )
        self._slack = Switchboard(
            slack, self.places.ears, shared.clock, self._installer, self.places.hear_org,
            self.places.kin,
        )  # fmt: skip
        self._health = Health(shared.settings.health_port, self._ready, shared.metrics.read)

    @classmethod
    def of(cls, settings: Settings) -> Serving:
        """Bring the workspace that the tokens belong to into the database, and wire the bot.

        Without such tokens it serves the workspaces that install the app by OAuth.

        Raises:
            Refused: a token is missing or refused, or the database does not fit the code.
        """
        slack, clock = settings.slack, SystemClock()
        deaf = slack.app_token is None and slack.signing_secret is None
        has_token = slack.bot_token is not None or slack.refresh_token is not None
        if deaf or (not has_token and slack.public_url is None):
            raise Refused(
                "Slack's tokens are missing. Set SLACK_BOT_TOKEN (xoxb-…) and SLACK_APP_TOKEN"
                " (xapp-…) for one workspace, or SLACK_SIGNING_SECRET and"
                " OVERTURE_SLACK__PUBLIC_URL for any number;"
                " docs/slack-setup.md shows where they come from."
            )
        team = join(settings, clock) if has_token else None
        if team is not None and (settings.workspace or team) != team:
            raise Refused(
                f"OVERTURE_WORKSPACE is {settings.workspace!r}, but the token belongs to {team!r}."
            )
        shared = _shared(settings, clock)
        try:
            return cls(shared, _who(shared, team) if team is not None else None)
        except Exception:
            shared.close()
            raise

    @property
    def health_url(self) -> str:
        return self._health.url

    @property
    def url(self) -> str | None:
        """Where Slack's requests go on this machine; None over Socket Mode."""
        return self._slack.url

    def start(self) -> None:
        """Listen and work in the background. Raises Refused, with nothing left running."""
        self._health.start()
        _ = self._shared.owner  # one for all that works here, which begins at once
        try:
            self._slack.start()
        except Exception:
            self._health.stop()
            self._shared.close()
            raise
        self._tell_what_is_unheard()
        self.places.start()

    def stop(self) -> None:
        """No new arrivals and no new work; what arrived is answered yet, as far as time allows."""
        self._slack.stop()
        late = threading.Timer(DRAIN_SECONDS, self.places.hand_back)
        late.start()
        self.places.stop()
        self.places.drain()
        late.cancel()
        self._health.stop()
        self._shared.close()

    def _ready(self) -> Answer:
        well = {
            "database": database_answers(self._shared.store),
            "slack": self._slack.connected,
        }
        more = {"inbox": self.places.waiting(), "workspaces": len(self.places.all)}
        return readiness(well, more if well["database"] else {"inbox": {}})

    def _tell_what_is_unheard(self) -> None:
        names = unheard(self._shared.settings)
        if names and self._installer is not None:
            log.warning(
                "%s: ids of one workspace, so they do not hold for those that install the app by"
                " OAuth; `overture workspaces set` gives each its own",
                ", ".join(names),
            )


def _who(shared: App, team: str) -> Us:
    """Who we are in the workspace of the settings' token."""
    slack = shared.settings.slack
    return identify(slack, token_for(shared.store, team, slack, shared.clock)).us


def _shared(settings: Settings, clock: Clock) -> App:
    """What several workspaces share, see `App.beside`; it serves none itself.

    Raises as `bot.store.opening.open_store` does.
    """
    return App(settings, clock, open_store(settings), NOBODY)
