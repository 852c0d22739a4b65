"""A connection that follows another one is read, whatever befell the other."""

from __future__ import annotations

from typing import Any

from bot.emulator import Emulator
from bot.settings import SlackSettings
from bot.slack.app import SlackApp
from tests.bot.slack.test_app import CHOICES, Fixed, Kept, until


def test_a_session_that_cannot_be_closed_leaves_no_connection_unread(
    emulator: Emulator, settings: SlackSettings
) -> None:
    kept = Kept()
    app = SlackApp(settings, kept, lambda asked: CHOICES, Fixed())
    app.start()
    try:
        until(lambda: emulator.connections == 1)
        mode: Any = app._mode
        client = mode._handler.client
        former = client.current_session
        close = former.close

        def too_late() -> None:
            close()
            raise AttributeError("'NoneType' object has no attribute 'close'")

        former.close = too_late
        emulator.disconnect_sockets("refresh_requested")
        until(lambda: client.current_session is not former and emulator.connections == 1)
        emulator.say("U1ADA", "C1GENERAL", "still there?")
        until(lambda: len(kept.arrivals) == 1)
    finally:
        app.stop()
