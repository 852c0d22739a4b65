"""The bot's ears as a process: what Slack tells is stored, acknowledged and worked off."""

from __future__ import annotations

import time
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from uuid import uuid4

from bot.app import App, build
from bot.ports import Arrival
from bot.settings import Settings
from bot.slack.app import SlackApp
from tests.chaos.timepiece import Timepiece

LATE = 0.05
"""seconds between an acknowledgement and the storing, where a control stores afterwards"""


def listen(settings: Settings, moment: Path, without: str, pipe: Connection) -> None:
    """Listen and work until told to stop; `without` names what a control switches off."""
    clock = Timepiece(moment)
    app = build(settings, clock)
    heard: list[Arrival] = []

    def receive(arrival: Arrival) -> None:
        if without == "storing first":
            heard.append(arrival)
        elif without == "the key":
            app.receive(replace(arrival, key=f"{arrival.key}:{uuid4()}"))
        else:
            app.receive(arrival)

    slack = SlackApp(settings.slack, receive, app.shows, clock)
    slack.start()
    pipe.send("ready")
    while not pipe.poll(LATE / 5):
        _work(app, heard, clock)
    slack.stop()
    while _work(app, heard, clock):
        pass
    app.close()
    pipe.send("done")


def _work(app: App, heard: list[Arrival], clock: Timepiece) -> int:
    """One round; how many rows were done."""
    while heard:
        time.sleep(LATE)
        app.receive(heard.pop(0))
    return app.inbox.work(clock.now()).done
