"""Told to stop right after somebody spoke: they are answered yet, or by the next start."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.emulator import Emulator
from bot.schedule import Schedule
from bot.serving import Serving
from bot.settings import LearningSettings
from bot.slack import manifest
from tests.bot.conversation_scene import ADA, ANY_HOUR, said_in, settings_for
from tests.bot.slack.conftest import workspace
from tests.bot.slack.test_app import until

QUIET = ANY_HOUR.model_copy(update={"pilot_only": True})
JOBS = ("plan", "night", "retain")


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    made = Emulator(workspace(), clock=time.time, manifest=manifest.load(), redeliver_after=5.0)
    with made:
        yield made


@pytest.fixture
def start(
    emulator: Emulator, tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], Serving]:
    """Starts a bot that looks into its queues once, at its start, and for an hour not again."""
    monkeypatch.setattr("bot.schedule.INBOX_SECONDS", 3600)
    monkeypatch.setattr("bot.schedule.SEND_SECONDS", 3600)
    for job in JOBS:  # who speaks first, and learning, are not asked here
        monkeypatch.setattr(Schedule, job, _nothing_to_do(job))
    looked: list[str] = []
    answer = Schedule.answer

    def look(self: Schedule) -> None:
        answer(self)
        looked.append("once")

    look.__name__ = "answer"
    monkeypatch.setattr(Schedule, "answer", look)

    def started() -> Serving:
        given = {"policy": QUIET, "learning": LearningSettings(), "health_port": 0}
        made = Serving.of(settings_for(emulator, tmp_path, sqlite_url, **given))
        looked.clear()
        made.start()
        until(lambda: bool(looked) and emulator.connections == 1)
        return made

    return started


def _nothing_to_do(name: str) -> Callable[[Schedule], None]:
    def job(self: Schedule) -> None:
        """Its slot is somebody else's."""

    job.__name__ = name
    return job


def say(emulator: Emulator, serving: Serving) -> tuple[str, str]:
    """(address, ts) of words that have arrived, and that nobody has looked at."""
    address = emulator.open_dm(ADA)
    ts = emulator.say(ADA, address, "hello")
    until(lambda: serving.places.all[0].app.inbox.waiting()["waiting"] == 1)
    return address, ts


def answers(emulator: Emulator, address: str, ts: str) -> list[str]:
    return [said_in(message) for message in emulator.messages(address, ts)[1:]]


def test_what_had_arrived_is_answered_before_it_ends(
    emulator: Emulator, start: Callable[[], Serving]
) -> None:
    serving = start()
    where = say(emulator, serving)
    serving.stop()
    (said,) = answers(emulator, *where)
    assert "nothing open with you" in said


def test_without_time_for_that_it_waits_unharmed_for_the_next_start(
    emulator: Emulator, start: Callable[[], Serving], monkeypatch: pytest.MonkeyPatch
) -> None:
    serving = start()
    where = say(emulator, serving)
    with monkeypatch.context() as hurried:
        hurried.setattr(Schedule, "drain", lambda self: None)
        serving.stop()
    assert answers(emulator, *where) == []
    again = start()
    again.stop()
    (said,) = answers(emulator, *where)
    assert "nothing open with you" in said
