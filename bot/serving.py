"""The running bot: Slack's listener, the schedule, and a health endpoint on loopback."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from sqlalchemy import text

from bot.app import App, SystemClock, build
from bot.joining import join
from bot.ports import Refused
from bot.schedule import Schedule
from bot.settings import Settings
from bot.slack.app import SlackApp


class Serving:
    """Starts and stops everything that `overture serve` runs."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._slack = SlackApp(
            app.settings.slack,
            receive=app.receive,
            choices=app.choices,
            clock=app.clock,
        )
        self._schedule = Schedule(app)
        self._health = _Health(app, self._slack)

    @classmethod
    def of(cls, settings: Settings) -> Serving:
        """Bring the workspace that the tokens belong to into the database, and wire the bot.

        Raises:
            Refused: a token is missing or refused, or the database does not fit the code.
        """
        if settings.slack.bot_token is None or settings.slack.app_token is None:
            raise Refused(
                "Slack's tokens are missing. Set SLACK_BOT_TOKEN (xoxb-…) and SLACK_APP_TOKEN"
                " (xapp-…); docs/slack-setup.md shows where they come from."
            )
        clock = SystemClock()
        workspace = join(settings, clock.now())
        chosen = settings.workspace or workspace
        if chosen != workspace:
            raise Refused(
                f"OVERTURE_WORKSPACE is {chosen!r}, but the token belongs to {workspace!r}."
            )
        app = build(settings.model_copy(update={"workspace": workspace}), clock)
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
        self._schedule.start()

    def stop(self) -> None:
        """No new arrivals, no new work; what is running ends first."""
        self._slack.stop()
        self._schedule.stop()
        self._health.stop()
        self.app.close()


class _Health:
    """`/health`: the process lives; `/ready`: it can reach its database and hears Slack."""

    def __init__(self, app: App, slack: SlackApp) -> None:
        class Handler(BaseHTTPRequestHandler):
            answers: ClassVar[Any] = {
                "/health": lambda: (200, {"status": "alive"}),
                "/ready": lambda: _readiness(app, slack),
            }

            def do_GET(self) -> None:
                answer = self.answers.get(self.path)
                status, body = answer() if answer is not None else (404, {"error": "not found"})
                told = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)

            def log_message(self, format: str, *args: Any) -> None:
                return

        try:
            self._server = ThreadingHTTPServer(("127.0.0.1", app.settings.health_port), Handler)
        except OSError as error:
            raise Refused(
                f"the health endpoint cannot listen on port {app.settings.health_port}: {error}."
                " Set OVERTURE_HEALTH_PORT to a free one (0 finds one)."
            ) from None
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/health"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _readiness(app: App, slack: SlackApp) -> tuple[int, dict[str, Any]]:
    parts = {"database": _database_answers(app), "slack": slack.connected}
    waiting = app.inbox.waiting() if parts["database"] else {}
    return 200 if all(parts.values()) else 503, {**parts, "inbox": waiting}


def _database_answers(app: App) -> bool:
    try:
        with app.store.engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except Exception:  # whatever the driver raises, the answer is the same
        return False
    return True
