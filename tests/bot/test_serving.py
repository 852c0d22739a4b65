"""`overture serve` as a process: it comes up, answers for itself, works, and goes when told to."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.cli import main
from bot.cli.running import SIGNALS
from bot.emulator import Emulator, Fault
from bot.slack import manifest
from tests.bot.conversation_scene import ADA, said_in
from tests.bot.slack.conftest import workspace
from tests.bot.slack.test_app import until

pytestmark = pytest.mark.slow

STOPS_WITHIN = 30.0
SECRET = "swordfish"
SAID = "my mother is ill and I need a lawyer"


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    made = Emulator(workspace(), clock=time.time, manifest=manifest.load(), redeliver_after=0.5)
    with made:
        yield made


@pytest.fixture
def variables(emulator: Emulator, sqlite_url: str, tmp_path: Path) -> dict[str, str]:
    plain = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OVERTURE_", "SLACK_", "OPENAI_"))
    }
    return plain | {
        "OVERTURE_DATABASE_URL": sqlite_url,
        "OVERTURE_HOME": str(tmp_path / "var"),
        "OVERTURE_CONFIG": str(tmp_path / "none.toml"),
        "OVERTURE_HEALTH_PORT": "0",
        "OVERTURE_SLACK__API_URL": emulator.api_url,
        "SLACK_BOT_TOKEN": emulator.bot_token,
        "SLACK_APP_TOKEN": emulator.app_token,
    }


class Served:
    """A process that serves; its health endpoint stands in what it says."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.url = ""
        assert process.stderr is not None
        told = []
        for line in process.stderr:
            told.append(line)
            if found := re.search(r"http://127\.0\.0\.1:\d+(?=/health)", "".join(told)):
                self.url = found.group()
                return
        raise AssertionError(f"it never came up: {''.join(told)}")

    def get(self, path: str) -> tuple[int, dict[str, object]]:
        try:
            with urllib.request.urlopen(self.url + path, timeout=5) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def metrics(self) -> str:
        """What Prometheus would read."""
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=5) as answer:
            assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
            return str(answer.read().decode())

    def stop(self, how: signal.Signals) -> tuple[int, float, str]:
        """(exit code, seconds it took, the rest of what it said)."""
        began = time.monotonic()
        self.process.send_signal(how)
        _, said = self.process.communicate(timeout=30)
        return self.process.returncode, time.monotonic() - began, said


@contextmanager
def serving(variables: dict[str, str]) -> Iterator[Served]:
    process = start(variables)
    try:
        yield Served(process)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def start(variables: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", "from bot.cli import main; main(['serve'])"],
        env=variables, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_answers_and_stops(
    emulator: Emulator, variables: dict[str, str], how: signal.Signals
) -> None:
    with serving(variables) as served:
        assert served.get("/health") == (200, {"status": "alive"})
        until(lambda: served.get("/ready")[0] == 200, seconds=20)
        assert served.get("/ready")[1]["inbox"] == {"waiting": 0, "set_aside": 0}
        assert served.get("/etc/passwd")[0] == 404
        address = emulator.open_dm(ADA)
        ts = emulator.say(ADA, address, "hello")
        until(lambda: len(emulator.messages(address, ts)) == 2, seconds=20)
        assert "nothing open with you" in said_in(emulator.messages(address, ts)[1])
        sent = 'overture_deliveries_total{state="sent"} 1.0'
        until(lambda: sent in served.metrics(), seconds=20)
        assert "overture_send_seconds_count 1.0" in served.metrics()
        assert "overture_inbox_waiting 0.0" in served.metrics()
        code, seconds, said = served.stop(how)
    assert (code, "Stopping" in said) == (0, True)
    assert "Traceback" not in said
    assert seconds < STOPS_WITHIN
    until(lambda: emulator.connections == 0)


def test_at_debug_its_log_holds_no_words_and_no_token(
    emulator: Emulator, variables: dict[str, str]
) -> None:
    """The end of the first call is not seen, so that a line is written about it."""
    with serving(variables | {"OVERTURE_LOG_LEVEL": "DEBUG"}) as served:
        until(lambda: served.get("/ready")[0] == 200, seconds=20)
        address = emulator.open_dm(ADA)
        emulator.faults.add(Fault("chat.postMessage", "drop_after_commit"))
        ts = emulator.say(ADA, address, SAID)
        until(lambda: len(emulator.messages(address, ts)) == 2, seconds=20)
        until(lambda: 'state="sent"} 1.0' in served.metrics(), seconds=20)
        answer = said_in(emulator.messages(address, ts)[1])
        _, _, log = served.stop(signal.SIGTERM)
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    (told,) = [one for one in lines if one["event"].startswith("a delivery may have arrived")]
    assert (told["workspace"], told["member"]) == (emulator.workspace.id, ADA)
    assert told["delivery"].startswith("dl_")
    words = (SAID, answer, emulator.bot_token, emulator.app_token)
    assert [one for one in words if one in log] == []
    shown = json.dumps(
        [emulator.messages(address, one["ts"]) for one in emulator.messages(address)]
    )
    assert SAID in shown, "the control: they were said, and would be found"


def test_it_is_not_ready_while_slack_is_away(emulator: Emulator, variables: dict[str, str]) -> None:
    with serving(variables) as served:
        until(lambda: served.get("/ready")[0] == 200, seconds=20)
        emulator.faults.add(Fault("apps.connections.open", "status", times=1000))
        emulator.disconnect_sockets(None)
        until(lambda: served.get("/ready")[0] == 503, seconds=20)
        status, said = served.get("/ready")
        assert (status, said["slack"], said["database"]) == (503, False, True)
        assert served.get("/health")[0] == 200


WRONG = {
    "no bot token": ({"SLACK_BOT_TOKEN": ""}, "SLACK_BOT_TOKEN"),
    "no app token": ({"SLACK_APP_TOKEN": ""}, "SLACK_APP_TOKEN"),
    "bot token": ({"SLACK_BOT_TOKEN": f"xoxb-{SECRET}"}, "invalid_auth"),
    "app token": ({"SLACK_APP_TOKEN": f"xapp-{SECRET}"}, "OVERTURE_SLACK__APP_TOKEN"),
    "workspace": ({"OVERTURE_WORKSPACE": "T404"}, "OVERTURE_WORKSPACE"),
    "database": ({"OVERTURE_DATABASE_URL": "sqlite:///{folder}/empty.db"}, "overture db upgrade"),
    "port": ({"OVERTURE_HEALTH_PORT": "{taken}"}, "OVERTURE_HEALTH_PORT"),
}


@pytest.fixture
def wrong(
    request: pytest.FixtureRequest,
    emulator: Emulator,
    variables: dict[str, str],
    tmp_path: Path,
) -> tuple[dict[str, str], str]:
    """Variables with what is wrong in them, and what has to be named."""
    change, named = WRONG[request.param]
    taken = emulator.api_url.split(":")[2].partition("/")[0]
    told = {name: value.format(folder=tmp_path, taken=taken) for name, value in change.items()}
    return variables | told, named


@pytest.mark.parametrize("wrong", ["app token", "port"], indirect=True)
def test_what_keeps_it_from_serving_ends_the_process(wrong: tuple[dict[str, str], str]) -> None:
    """Also where Slack was reached already, and threads of ours ran."""
    variables, named = wrong
    process = start(variables)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (1, "")
    assert named in err
    assert "Traceback" not in err
    assert SECRET not in err


@pytest.fixture
def as_it_was() -> Iterator[None]:
    """What `serve` sets for its whole process is set back."""
    root, ours = logging.getLogger(), logging.getLogger("overture")
    heard, levels = list(root.handlers), (root.level, ours.level)
    handlers = {name: signal.getsignal(name) for name in SIGNALS}
    yield
    for name, handler in handlers.items():
        signal.signal(name, handler)
    root.handlers[:] = heard
    root.setLevel(levels[0])
    ours.setLevel(levels[1])


@pytest.mark.parametrize("wrong", WRONG, indirect=True)
@pytest.mark.usefixtures("as_it_was")
def test_what_keeps_it_from_serving_is_named_at_once(
    wrong: tuple[dict[str, str], str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    variables, named = wrong
    for name in set(os.environ) - set(variables):
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    running = set(threading.enumerate())
    with pytest.raises(SystemExit) as ended:
        main(["serve"])
    out, err = capsys.readouterr()
    assert (ended.value.code, out) == (1, "")
    assert named in err
    assert SECRET not in err
    left = [one for one in set(threading.enumerate()) - running if not one.daemon]
    until(lambda: not any(one.is_alive() for one in left))
