"""What the tests of the whole thing share: a home, and how the bot is started in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

OVERTURE = Path(sys.executable).with_name("overture")
Start = Callable[..., subprocess.Popen[str]]


def home_in(folder: Path, embeddings: Path) -> Path:
    """An empty home below a folder, but for the vectors of the demo's texts."""
    made = folder / "home"
    shutil.copytree(embeddings, made / "demo" / "embeddings")
    return made


def overture(
    *arguments: str, home: Path, around: Path, command: Sequence[str] = (str(OVERTURE),)
) -> subprocess.Popen[str]:
    """Start `overture …` in a session of its own, in an empty folder, knowing nothing of ours."""
    return subprocess.Popen(
        [*command, *arguments],
        cwd=elsewhere(around),
        env=environment(home, around),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.fixture
def home(embeddings: Path, tmp_path: Path) -> Path:
    """A home of one test."""
    return home_in(tmp_path, embeddings)


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Starts `overture …`, see there."""
    return partial(overture, around=tmp_path)


def elsewhere(tmp_path: Path) -> Path:
    """The folder that a process is started in."""
    folder = tmp_path / "elsewhere"
    folder.mkdir(exist_ok=True)
    return folder


def environment(home: Path, tmp_path: Path) -> dict[str, str]:
    """An environment without any setting but the home; also a user's home of its own."""
    kept: dict[str, Any] = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OVERTURE_", "OPENAI_", "SLACK_", "XDG_"))
    }
    for name in ("user", "tmp"):
        (tmp_path / name).mkdir(exist_ok=True)
    return {
        **kept,
        "OVERTURE_HOME": str(home),
        "HOME": str(tmp_path / "user"),
        "TMPDIR": str(tmp_path / "tmp"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
