"""One stage for all scenes: the demo as it stands on its first morning."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.demo.day import Day, Life
from bot.demo.load import DEMO_BEGINS
from bot.demo.stage import Stage, emulate, morning_begins, set_up
from bot.emulator.extension import Given
from bot.settings import Settings
from bot.simulating.clock import SimulatedClock


@dataclass
class Morning:
    """A stage and the day that was lived on it."""

    stage: Stage
    day: Day


@pytest.fixture(scope="module")
def morning(embeddings: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Morning]:
    folder = tmp_path_factory.mktemp("scenes")
    shutil.copytree(embeddings, folder / "embeddings")
    clock = SimulatedClock(morning_begins(DEMO_BEGINS.date()))
    emulator, _ = emulate(clock, {})
    emulator.start()
    stage = set_up(emulator, clock, folder, 0, Settings(home=folder))
    try:
        yield Morning(stage, Life(stage).morning(DEMO_BEGINS.date()))
    finally:
        stage.close()


@pytest.fixture
def stage(morning: Morning) -> Stage:
    return morning.stage


def given(user: str = "", file: bytes = b"", file_name: str = "", **values: Any) -> Given:
    return Given(user, values, file, file_name)


Ask = Callable[[Given], Any]


FIRST = datetime(2026, 3, 2, 9, tzinfo=UTC)


def exported(days: int = 8) -> bytes:
    """A small export of Slack, as its .zip."""
    users = [
        {"id": f"U{n}", "name": f"p{n}", "real_name": f"Person {n}", "tz": "UTC", "deleted": False,
         "is_bot": False, "profile": {"real_name": f"Person {n}"}}
        for n in range(4)
    ]  # fmt: skip
    channels = [{"id": "C1", "name": "general", "members": [u["id"] for u in users]}]
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as file:
        file.writestr("users.json", json.dumps(users))
        file.writestr("channels.json", json.dumps(channels))
        for day in range(days):
            at = FIRST + timedelta(days=day)
            messages = [
                {"type": "message", "user": f"U{n % 4}", "ts": f"{at.timestamp() + 600 * n:.6f}",
                 "text": f"Has anybody tried the new release number {day * 6 + n} of the tool?"}
                for n in range(6)
            ]  # fmt: skip
            file.writestr(f"general/{at.date()}.json", json.dumps(messages))
    return held.getvalue()
