"""What importing does: nothing at all, and nothing heavy where sending must start fast."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.tree import PACKAGES, ROOT, sources, told

HEAVY = ("torch", "faiss", "lightgbm", "sentence_transformers", "bm25s", "transformers")


def run(*arguments: str, path: Path = ROOT) -> str:
    """The output of a fresh Python that may write no bytecode."""
    done = subprocess.run(
        [sys.executable, "-B", *arguments],
        cwd=path,
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def watched(*modules: str, path: Path = ROOT) -> dict[str, list[Any]]:
    told: dict[str, list[Any]] = json.loads(
        run("-c", WATCH.format(path=str(path), modules=list(modules)), path=path).splitlines()[-1]
    )
    return told


WATCH = (
    "import sys; sys.path[:0] = [{path!r}, '" + str(ROOT) + "'];"
    "from tests.architecture.watched_imports import main; main({modules!r})"
)


def test_nothing_happens_at_import() -> None:
    told_of = watched(*PACKAGES)
    assert told_of["happened"] == []
    modules = {
        told(path).removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        for package in PACKAGES
        for path in sources(package)
    }
    assert set(told_of["imported"]) == modules


SPOILT = {
    "a file is written": "open('x.txt', 'w').close()",
    "a folder is made": "import pathlib; pathlib.Path('x').mkdir()",
    "a thread is started": "import threading; threading.Thread(target=int).start()",
    "a socket is bound": "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.close()",
    "a name is looked up": "import socket; socket.getaddrinfo('localhost', 1)",
    "a database is opened": "import sqlite3; sqlite3.connect(':memory:').close()",
    "a program is run": "import subprocess; subprocess.run(['true'])",
    "the environment is changed": "import os; os.environ['A_B'] = '1'",
}


@pytest.mark.parametrize("what", SPOILT)
def test_the_watch_sees_what_happens(tmp_path: Path, what: str) -> None:
    (tmp_path / "spoilt.py").write_text(SPOILT[what], "utf-8")
    assert watched("spoilt", path=tmp_path)["happened"] != []


@pytest.mark.parametrize(
    "module",
    ["bot.outbox", "bot.delivery.recheck", "bot.slack.delivery", "bot.slack.app", "bot.inbox"],
)
def test_sending_and_hearing_load_no_recommender(module: str) -> None:
    assert heavy(module) == []


def test_and_the_recommender_would_be_noticed() -> None:
    assert {"faiss", "lightgbm"} <= set(heavy("bot.deciding.recommender"))


def test_help_loads_nothing_heavy() -> None:
    assert heavy("bot.cli") == []


def heavy(module: str) -> list[str]:
    """Which heavy libraries importing a module loads."""
    listed: list[str] = json.loads(
        run(
            "-c",
            f"import sys, json; import {module};"
            f"print(json.dumps([one for one in {HEAVY!r} if one in sys.modules]))",
        )
    )
    return listed
