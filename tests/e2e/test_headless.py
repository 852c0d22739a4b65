"""`overture demo --headless --json`: the whole loop in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Start, elsewhere, home_in, overture

pytestmark = pytest.mark.slow

LONGEST = 240.0
"""seconds that a run may take on a machine with other things to do"""
STOPS_WITHIN = 30.0
BEGINS = "2026-09-07"
"""the demo's first morning"""
ENGAGED = ("followed_up", "replied", "accepted", "saved", "resolved")


@dataclass(frozen=True)
class Lived:
    """One run that came to its end."""

    told: Mapping[str, Any]
    printed: str
    database: Path
    around: Path
    """the folder in which it was started, and which holds its home"""

    def count(self, query: str, *values: Any) -> int:
        with closing(sqlite3.connect(self.database)) as connection:
            (number,) = connection.execute(query, values).fetchone()
        return int(number)


Live = Callable[..., Lived]


@pytest.fixture(scope="module")
def live(embeddings: Path, tmp_path_factory: pytest.TempPathFactory) -> Live:
    """Runs the demo to its end; the same arguments give the run that was."""

    @cache
    def lived(days: int, seed: int, *, again: bool = False) -> Lived:
        around = tmp_path_factory.mktemp("lived")
        home = around / "new" if again else home_in(around, embeddings)
        process = overture(
            "demo", "--headless", "--json", "--days", str(days), "--seed", str(seed),
            home=home, around=around,
        )  # fmt: skip
        try:
            printed, complaints = process.communicate(timeout=LONGEST)
        finally:
            process.kill()
        assert process.returncode == 0, complaints
        assert "Traceback" not in complaints
        told = json.loads(printed)  # exactly one object, and nothing beside it
        return Lived(told, printed, home / "demo" / "demo.db", around)

    return lived


def test_the_report_tells_all_and_agrees_with_the_rows(live: Live) -> None:
    lived = live(2, 3)
    told = lived.told
    assert (told["members"], told["seed"]) == (41, 3)
    assert told["items"] >= 240
    days_agree(told)
    model_is_told(told["model"])
    for day in told["days"]:
        model_is_told(day["model"])
    rows_agree(lived)
    arrivals_agree(lived)
    assert told["unresolved"] == {"outbox_waiting": 0, "waiting": 0, "set_aside": 0}


def days_agree(told: Mapping[str, Any]) -> None:
    """The days add up to the whole, each with its precision, beside a policy never silent."""
    days, beside = told["days"], told["always_send"]["days"]
    assert [day["day"] for day in days] == [BEGINS, "2026-09-08"]
    assert [day["day"] for day in beside] == [BEGINS, "2026-09-08"]
    assert sum(day["openers"] for day in days) == told["openers_sent"] > 0
    for day in days:
        assert sum(day["outcomes"].values()) == day["openers"] == day["closed_at_night"]
        engaged = sum(day["outcomes"].get(kind, 0) for kind in ENGAGED)
        assert day["engaged"] == engaged
        assert day["precision"] == pytest.approx(engaged / day["openers"], abs=5e-4)
    for kind, count in told["outcomes"].items():
        assert count == sum(day["outcomes"].get(kind, 0) for day in days)
    for reason, count in told["decisions"]["silent"].items():
        assert count == sum(day["silences"].get(reason, 0) for day in days)
    assert all(day["openers"] > 0 and 0 <= day["precision"] <= 1 for day in beside)
    assert 0 <= told["always_send"]["precision"] <= 1


def model_is_told(model: Mapping[str, Any]) -> None:
    assert model["version"].startswith("m")
    assert model["promoted"] in (True, False)
    assert len(model["why"].split()) > 3
    assert model["metrics"]["judged_by"] in model["metrics"]["candidate"]


def rows_agree(lived: Lived) -> None:
    """What is reported is what stands in the database."""
    told = lived.told
    since = "where at >= ?"
    for verdict, reasons in told["decisions"].items():
        for reason, count in reasons.items():
            query = f"select count(*) from decisions {since} and verdict = ? and reason = ?"
            assert lived.count(query, BEGINS, verdict, reason) == count, reason
    everything = sum(sum(reasons.values()) for reasons in told["decisions"].values())
    assert lived.count(f"select count(*) from decisions {since}", BEGINS) == everything
    sent = "select count(*) from openers where state = 'closed' and sent_at >= ?"
    assert lived.count(sent, BEGINS) == told["openers_sent"]
    for kind, count in told["outcomes"].items():
        assert outcomes(lived, "kind = ?", kind) == count, kind


def outcomes(lived: Lived, where: str, *values: Any) -> int:
    return lived.count(
        "select count(*) from outcomes join openers on openers.id = outcomes.opener_id"
        f" where sent_at >= ? and undone_at is null and {where}",
        BEGINS,
        *values,
    )


def arrivals_agree(lived: Lived) -> None:
    """Every reaction came in by Slack: as many arrivals as there are signals and outcomes."""
    inbox = "select count(*) from inbox where done_at is not null and error = ''"
    posted = lived.count("select count(*) from signals where at >= ?", BEGINS)
    assert lived.count(f"{inbox} and kind = 'message' and conversation like 'C%'") == posted > 0
    answered = outcomes(lived, "kind in ('replied', 'accepted', 'opted_out', 'handed_off')")
    assert lived.count(f"{inbox} and kind = 'message' and conversation like 'D%'") == answered > 0
    pressed = outcomes(lived, "kind = 'followed_up'") + outcomes(lived, "kind = 'dismissed'")
    with_reason = outcomes(lived, "kind = 'dismissed' and reason != ''")
    assert lived.count(f"{inbox} and kind = 'press'") == pressed + with_reason > 0
    assert lived.count("select count(*) from inbox") == posted + answered + pressed + with_reason


def test_the_same_seed_gives_the_same_to_the_last_letter_and_another_does_not(live: Live) -> None:
    first = live(1, 3).printed
    again = live(1, 3, again=True).printed  # in a new home, with nothing embedded before
    assert first == again
    other = live(1, 4)
    assert other.told["seed"] == 4
    assert other.told["days"] != json.loads(first)["days"]


def test_only_the_home_is_written(live: Live) -> None:
    around = live(1, 3).around
    assert sorted(path.name for path in (around / "home").iterdir()) == ["demo"]
    for empty in (elsewhere(around), around / "user", around / "tmp"):
        assert list(empty.rglob("*")) == []


def some_rows(database: Path, table: str) -> bool:
    """Whether a table of a database that another process works in has any row."""
    if not database.exists():
        return False
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            return bool(connection.execute(f"select count(*) from {table}").fetchone()[0])
    except sqlite3.Error:  # it is just being made
        return False


@pytest.mark.parametrize("when", ["members", "inbox"], ids=["setting up", "in the morning"])
def test_an_interrupt_ends_it_at_once_and_leaves_nobody(
    start: Start, home: Path, tmp_path: Path, when: str
) -> None:
    process = start("demo", "--headless", "--json", "--days", "5", home=home)
    try:
        until = time.monotonic() + LONGEST
        while not some_rows(home / "demo" / "demo.db", when):
            assert process.poll() is None, "it ended by itself"
            assert time.monotonic() < until
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        printed, complaints = process.communicate(timeout=STOPS_WITHIN)
    finally:
        process.kill()
    assert process.returncode == 130
    assert printed == ""
    assert "Traceback" not in complaints
    with pytest.raises(ProcessLookupError):  # nobody is left of its session
        os.killpg(process.pid, 0)
    assert sorted(path.name for path in home.iterdir()) == ["demo"]
    assert list((tmp_path / "tmp").iterdir()) == list(elsewhere(tmp_path).iterdir()) == []


def test_the_interrupt_is_what_ended_it(start: Start, home: Path) -> None:
    """Left alone it goes on: the test above would notice a demo that stops by itself."""
    process = start("demo", "--headless", "--json", "--days", "5", home=home)
    with pytest.raises(subprocess.TimeoutExpired):
        process.communicate(timeout=3)
    process.kill()
    process.communicate()
