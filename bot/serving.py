"""The running bot: Slack's listener, the schedule, and a health endpoint on loopback."""

from __future__ import annotations

import threading

from bot.app import App, build
from bot.joining import join
from bot.ports import Refused
from bot.schedule import Schedule
from bot.sending import SystemClock, of_token
from bot.settings import Settings
from bot.slack.app import SlackApp
from bot.telemetry.health import Answer, Health, database_answers, readiness

DRAIN_SECONDS = 10.0
"""for answering what had arrived before we were told to stop"""


class Serving:
    """Starts and stops everything that `overture serve` runs."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._slack = SlackApp(
            app.settings.slack,
            receive=app.receive,
            shows=app.shows,
            clock=app.clock,
            token=app.token,
        )
        self._schedule = Schedule(app)
        self._health = Health(app.settings.health_port, self._ready, app.metrics.read)

    @classmethod
    def of(cls, settings: Settings) -> Serving:
        """Bring the workspace that the tokens belong to into the database, and wire the bot.

        Raises:
            Refused: a token is missing or refused, or the database does not fit the code.
        """
        slack = settings.slack
        deaf = slack.app_token is None and slack.signing_secret is None
        if deaf or (slack.bot_token is None and slack.refresh_token is None):
            raise Refused(
                "Slack's tokens are missing. Set SLACK_BOT_TOKEN (xoxb-…) and SLACK_APP_TOKEN"
                " (xapp-…), or SLACK_SIGNING_SECRET in place of the latter;"
                " docs/slack-setup.md shows where they come from."
            )
        clock = SystemClock()
        app = build(of_token(settings, join(settings, clock)), clock)
        try:
            return cls(app)
        except Exception:
            app.close()
            raise

    @property
    def health_url(self) -> str:
        return self._health.url

    def start(self) -> None:
        """Listen and work in the background. Raises Refused, with nothing left running."""
        self._health.start()
        try:
            self._slack.start()
        except Exception:
            self._health.stop()
            self.app.close()
            raise
        _ = self.app.owner  # one for all the jobs, which begin at once
        self._schedule.start()

    def stop(self) -> None:
        """No new arrivals and no new work; what arrived is answered yet, as far as time allows."""
        self._slack.stop()
        late = threading.Timer(DRAIN_SECONDS, self._hand_back)
        late.start()
        self._schedule.stop()
        self._schedule.drain()
        late.cancel()
        self._health.stop()
        self.app.close()

    def _hand_back(self) -> None:
        self.app.inbox.stop()
        self.app.outbox.stop()

    def _ready(self) -> Answer:
        well = {"database": database_answers(self.app.store), "slack": self._slack.connected}
        return readiness(well, {"inbox": self.app.inbox.waiting() if well["database"] else {}})
