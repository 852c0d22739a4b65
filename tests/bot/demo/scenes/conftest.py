"""One stage for all scenes: the demo as it stands on its first morning."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
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
