"""The command line as a user has it: an own folder, and no setting but those of the test."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.cli import main
from bot.emulator import EmulatedWorkspace, Emulator, Person
from bot.policy.purposes import NAMES
from bot.store import tables
from bot.store.consents import Consents
from bot.store.database import Store, connect
from bot.store.topics import Subject, Topics
from tests.bot.pool.zips import export, said

Overture = Callable[..., tuple[int, str, str]]
"""Run a command; its exit code, standard output and standard error."""

MESSAGES = {"general/2026-03-02.json": [said("1772442000.000100"), said("1772442001.1")]}
NOW = "2026-03-09T11:00Z"
"""a Monday, within everybody's working hours"""
AGREED = datetime(2026, 3, 2, 9, tzinfo=UTC)
SUBJECTS = ("left joins", "window frames", "query plans", "index scans", "null values", "casts")


@pytest.fixture
def overture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Overture:
    _know_only(tmp_path, monkeypatch)

    def run(*args: object) -> tuple[int, str, str]:
        code = 0
        try:
            main([str(arg) for arg in args])
        except SystemExit as ended:
            code = int(ended.code or 0)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


@pytest.fixture
def emulated(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """A Slack for commands that send, at the moment of `NOW`, with the people of the export."""
    people = [Person(f"U{n}", f"u{n}") for n in range(1, 6)]
    at = datetime.fromisoformat(NOW).timestamp()
    with Emulator(EmulatedWorkspace(people=people), clock=lambda: at) as made:
        monkeypatch.setenv("OVERTURE_SLACK__API_URL", made.api_url)
        monkeypatch.setenv("SLACK_BOT_TOKEN", made.bot_token)
        yield made


@pytest.fixture(scope="session")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what `stocked` needs, made once: its database, its key and its vectors."""
    folder = tmp_path_factory.mktemp("stock")
    with pytest.MonkeyPatch.context() as patch:
        _know_only(folder, patch)
        _make("db", "upgrade")
        _make("import", "slack-export", export(folder / "e.zip", MESSAGES))
        _make("import", "pool", _lessons(folder / "pool.jsonl"), "--approve")
        _make("run", "--dry-run", "--assume-consent", "--now", NOW)  # every text is embedded
    for made in (folder / "var").iterdir():
        if made.is_dir() and made.name != "embeddings":
            shutil.rmtree(made)
    store = Store(connect(f"sqlite:///{folder / 'overture.db'}"))
    with store.writing(workspace_of(store)) as unit:
        Consents(unit).grant("U2", NAMES, at=AGREED, origin="test")
        Topics(unit).save([Subject("sql", "SQL")])
        Topics(unit).choose("U2", "sql", "follow", at=AGREED)
        unit.commit()
    store.close()
    return folder


@pytest.fixture
def stocked(overture: Overture, stock: Path, tmp_path: Path) -> Overture:
    """Five people of whom U2 agreed to everything, two threads, and six lessons."""
    shutil.copytree(stock, tmp_path, dirs_exist_ok=True)
    return overture


def _know_only(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """No setting but those of a folder."""
    for name in list(os.environ):
        if name.startswith(("OVERTURE_", "SLACK_", "OPENAI_")) and name != "OVERTURE_DATASETS":
            patch.delenv(name)
    patch.setenv("OVERTURE_DATABASE_URL", f"sqlite:///{folder / 'overture.db'}")
    patch.setenv("OVERTURE_HOME", str(folder / "var"))
    patch.setenv("OVERTURE_CONFIG", str(folder / "none.toml"))


def _make(*args: object) -> None:
    with pytest.raises(SystemExit) as ended:
        main([str(arg) for arg in args])
    assert not ended.value.code


def _lessons(path: Path) -> Path:
    lessons = [
        {"title": f"How {what} work", "summary": f"All about {what}, in one page.",
         "kind": "lesson", "published": "2026-03-01T09:00:00Z"}
        for what in SUBJECTS
    ]  # fmt: skip
    path.write_text("\n".join(json.dumps(one) for one in lessons), encoding="utf-8")
    return path


def workspace_of(store: Store) -> str:
    """The one workspace in the database."""
    with store.reading("") as unit:
        return unit.session.scalars(select(tables.Workspace.id)).one()


def dump(folder: Path) -> str:
    """Everything that the database says, as SQL."""
    with closing(sqlite3.connect(folder / "overture.db")) as connection:
        return "\n".join(connection.iterdump())
