"""`overture worker` as a process: it sends and does nothing else, and goes when told to."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.emulator import Emulator, Fault
from bot.settings import Settings, SlackSettings
from bot.store import tables
from bot.store.database import Store, connect
from bot.store.installations import Granted
from bot.store.installing import install
from bot.store.outbox import OutboxRows
from bot.working import Working
from tests.bot.slack.conftest import workspace
from tests.bot.slack.test_app import until

HEAVY = ("torch", "faiss", "lightgbm", "sentence_transformers", "transformers", "scipy", "bm25s",
         "apscheduler", "openai", "slack_bolt", "recsys.features", "recsys.sources",
         "recsys.ranker", "recsys.encoder")  # fmt: skip
RUN = """
import sys
from bot.cli import main
try:
    main(["worker"])
finally:
    print("LOADED", *(name for name in {names!r} if name in sys.modules))
"""


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(workspace(), clock=time.time) as made:
        yield made


@pytest.fixture
def queued(emulator: Emulator, sqlite_url: str) -> Iterator[Store]:
    """Twelve answers for two members wait to leave."""
    store = Store(connect(sqlite_url))
    team = emulator.workspace.id
    now = datetime.now(UTC)
    with store.writing(team) as unit:
        unit.session.add(tables.Workspace(id=team, name="Ours", created_at=now))
        unit.session.flush()
        for member in ("U1ADA", "U2GRACE"):
            unit.session.add(tables.Member(workspace_id=team, id=member, name=member))
            unit.session.flush()
            unit.session.add(
                tables.Identity(
                    workspace_id=team, channel="slack", external_id=member, member_id=member
                )
            )
        unit.commit()
    put(store, team, "first", now)
    yield store
    store.close()


def put(store: Store, team: str, key: str, now: datetime) -> None:
    with store.writing(team) as unit:
        for member in ("U1ADA", "U2GRACE"):
            OutboxRows(unit).add(
                member=member,
                kind="answer",
                dedupe_key=f"{key}:{member}",
                content={"text": f"{key} for {member}"},
                expires_at=now + timedelta(hours=1),
                now=now,
            )
        unit.commit()


@contextmanager
def worker(emulator: Emulator, url: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    plain = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OVERTURE_", "SLACK_", "OPENAI_"))
    }
    process = subprocess.Popen(
        [sys.executable, "-c", RUN.format(names=HEAVY)],
        env=plain
        | {
            "OVERTURE_DATABASE_URL": url,
            "OVERTURE_HOME": str(folder / "var"),
            "OVERTURE_CONFIG": str(folder / "none.toml"),
            "OVERTURE_HEALTH_PORT": "0",
            "OVERTURE_SLACK__API_URL": emulator.api_url,
            "OVERTURE_SLACK__CALL_DEADLINE": "5",
            "SLACK_BOT_TOKEN": emulator.bot_token,
        },
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def address(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(r"http://127\.0\.0\.1:\d+(?=/health)", line):
            return found.group()
    raise AssertionError("it never came up")


def get(url: str) -> tuple[int, dict[str, object]]:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def sent(emulator: Emulator) -> int:
    return len(emulator.journal.entries("chat.postMessage"))


def test_it_sends_tells_how_it_is_and_ends_what_it_began(
    emulator: Emulator, queued: Store, sqlite_url: str, tmp_path: Path
) -> None:
    with worker(emulator, sqlite_url, tmp_path) as process:
        url = address(process)
        until(lambda: sent(emulator) == 2, seconds=20)
        assert get(f"{url}/health") == (200, {"status": "alive"})
        ready = {"database": True, "sending": True, "outbox": 0, "workspaces": 1}
        until(lambda: get(f"{url}/ready") == (200, ready), seconds=20)
        with urllib.request.urlopen(f"{url}/metrics", timeout=5) as answer:
            told = answer.read().decode()
        assert 'overture_deliveries_total{state="sent"} 2.0' in told
        assert "overture_send_seconds_count 2.0" in told
        assert "overture_outbox_waiting 0.0" in told
        emulator.faults.add(Fault("chat.postMessage", "delay", seconds=1.0))
        put(queued, emulator.workspace.id, "second", datetime.now(UTC))
        until(lambda: bool(emulator.faults.fired()), seconds=20)
        process.send_signal(signal.SIGTERM)
        told, said = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "Traceback" not in said
    assert told.split("LOADED")[1].split() == []
    with queued.reading(emulator.workspace.id) as unit:
        rows = unit.session.query(tables.Outbox).all()
    states = sorted(row.state for row in rows)
    assert states.count("sent") == sent(emulator) >= 3
    assert set(states) <= {"sent", "queued"}, "what was in flight ended, the rest was handed back"
    assert {row.owner for row in rows} == {None}


def test_a_second_signal_ends_it_at_once(
    emulator: Emulator, queued: Store, sqlite_url: str, tmp_path: Path
) -> None:
    emulator.faults.add(Fault("chat.postMessage", "delay", times=9, seconds=20.0))
    with worker(emulator, sqlite_url, tmp_path) as process:
        until(lambda: bool(emulator.faults.fired()), seconds=20)
        process.send_signal(signal.SIGTERM)
        address(process)
        assert process.stderr is not None
        assert "Stopping" in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(3) == -signal.SIGTERM


def test_a_workspace_that_the_database_does_not_know_is_refused(
    emulator: Emulator, sqlite_url: str, tmp_path: Path
) -> None:
    with worker(emulator, sqlite_url, tmp_path) as process:
        _, said = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "overture serve" in said


def test_tokens_that_rotate_serve_one_workspace_beside_others(
    sqlite_url: str, tmp_path: Path
) -> None:
    """Whose they are stands in the database, so nobody has to name it where there are several."""
    store = Store(connect(sqlite_url))
    now, ends = datetime.now(UTC), datetime.now(UTC) + timedelta(hours=12)
    for team in ("T1", "T2"):
        install(store, Granted(team, f"xoxe.xoxb-{team}", "xoxe-1", ends), {}, now)
    store.close()
    slack = SlackSettings(
        refresh_token=SecretStr("xoxe-1"), client_id="1.2", client_secret=SecretStr("hush"),
        api_url="http://127.0.0.1:9/api/",
    )  # fmt: skip
    settings = Settings(database_url=sqlite_url, home=tmp_path, slack=slack, health_port=0)
    worker = Working.of(settings)
    worker.start()
    until(lambda: len(worker._roster.all) == 2)
    worker.stop()
