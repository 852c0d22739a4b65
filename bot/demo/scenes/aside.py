"""The bot over a copy of the demo's database: whatever is tried there, nothing of it is kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from bot.app import App, build
from bot.demo.stage import Stage
from bot.emulator import Person

MORNING = time(10, 30)
"""of a member's next working day, when most are about"""


@contextmanager
def aside(stage: Stage) -> Iterator[App]:
    """The production bot, wired as on the stage, with a database that goes when it is left.

    It asks the same Slack who may be disturbed, but nobody takes from its outbox.
    """
    with TemporaryDirectory(prefix="overture-aside-") as folder:
        copy = Path(folder) / "aside.db"
        original = str(stage.app.store.engine.url.database)
        with closing(sqlite3.connect(original)) as one, closing(sqlite3.connect(copy)) as other:
            one.backup(other)
        settings = stage.app.settings.model_copy(update={"database_url": f"sqlite:///{copy}"})
        app = build(settings, stage.clock, encoder=stage.app.encoder)
        try:
            yield app
        finally:
            app.close()


def neighbours(stage: Stage) -> tuple[Person, ...]:
    """Who has agreed to be written to: who entered by the page, the last first, then the others."""
    everyone = {one.id: one for one in stage.emulator.workspace.everyone()}
    came = [one for one in everyone.values() if one.extra.get("you")]
    came.sort(key=lambda one: (len(one.id), one.id), reverse=True)
    return (*came, *(everyone[one.id] for one in stage.bundle.agreed))


def next_working_day(day: date) -> date:
    """The first day after `day` that is not of a weekend."""
    after = day + timedelta(days=1)
    return after if after.weekday() < 5 else next_working_day(after)


def tomorrow(stage: Stage, zone: str, at: time = MORNING) -> datetime:
    """The hour `at` of the next working day in `zone`."""
    local = stage.clock.now().astimezone(ZoneInfo(zone)).date()
    moment = datetime.combine(next_working_day(local), at, ZoneInfo(zone))
    return moment.astimezone(UTC)
