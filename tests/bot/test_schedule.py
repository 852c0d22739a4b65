"""Replicas share a database: each slot of a job is run by one of them, and a failed one again."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.app import App, build
from bot.emulator import Emulator
from bot.learning.night import Night
from bot.schedule import Schedule
from bot.settings import LearningSettings, Settings, SlackSettings
from bot.store import tables
from bot.store.database import Store, connect
from bot.store.jobs import Jobs
from recsys.encoder import Encoder
from tests.bot.scene import BEST_ONLY, NOW, WORKSPACE, hashing, policy, populate
from tests.bot.slack.conftest import workspace
from tests.bot.test_at_once import at_once

AFTERNOON = NOW.replace(hour=15)
"""everybody's best moment has come"""


@dataclass
class Standing:
    """A clock that stands until it is set."""

    time: datetime = AFTERNOON

    def now(self) -> datetime:
        return self.time


@dataclass
class Replicas:
    """Two processes' worth of the application, on one database and one clock."""

    apps: tuple[App, App]
    clock: Standing
    emulator: Emulator

    @property
    def schedules(self) -> tuple[Schedule, Schedule]:
        return Schedule(self.apps[0]), Schedule(self.apps[1])

    def rows(self, table: type[tables.Table]) -> list[Any]:
        with self.apps[0].store.reading(WORKSPACE) as unit:
            return list(unit.session.query(table).all())

    def jobs(self, name: str) -> list[tuple[str, bool]]:
        return sorted(
            (run.slot, run.finished_at is not None)
            for run in self.rows(tables.JobRun)
            if run.job == name
        )


def replica(url: str, home: Path, clock: Standing, emulator: Emulator) -> App:
    settings = Settings(
        database_url=url,
        home=home,
        policy=policy(),
        recommender=BEST_ONLY,
        learning=LearningSettings(night_at="03:00"),
        slack=SlackSettings(
            bot_token=SecretStr(emulator.bot_token), api_url=emulator.api_url, call_deadline=5
        ),
    )
    app = build(settings, clock)
    app.__dict__["encoder"] = Encoder("hashing", home / "vectors", open_model=hashing)
    return app


@pytest.fixture
def replicas(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Replicas]:
    monkeypatch.setenv("OVERTURE_CONFIG", str(tmp_path / "none.toml"))
    store = Store(connect(database_url))
    populate(store, members=("ana", "bo"))
    with store.writing(WORKSPACE) as unit:
        unit.session.query(tables.Identity).delete()
        for external, member in (("U1ADA", "ana"), ("U2GRACE", "bo")):
            unit.session.add(
                tables.Identity(
                    workspace_id=WORKSPACE, channel="slack", external_id=external, member_id=member
                )
            )
        unit.commit()
    store.close()
    clock = Standing()
    with Emulator(workspace(), clock=lambda: clock.time.timestamp()) as emulator:
        apps = tuple(replica(database_url, tmp_path, clock, emulator) for _ in range(2))
        yield Replicas((apps[0], apps[1]), clock, emulator)
        for app in apps:
            app.close()


def test_a_slot_of_planning_is_run_by_one_replica(replicas: Replicas) -> None:
    first, second = replicas.schedules
    at_once(first.plan, second.plan)
    assert replicas.jobs("plan") == [("2026-09-07T15:00", True)]
    assert len(replicas.rows(tables.Run)) == 2  # the scene's own, and this pass
    assert len(replicas.rows(tables.Decision)) == len(replicas.rows(tables.Opener)) == 2
    replicas.clock.time += timedelta(minutes=14)
    second.plan()
    assert len(replicas.jobs("plan")) == 1
    replicas.clock.time += timedelta(minutes=1)
    second.plan()
    assert len(replicas.jobs("plan")) == 2
    assert len(replicas.rows(tables.Decision)) == 2


def test_a_tick_at_which_nobody_is_due_reads_no_pool(
    replicas: Replicas, monkeypatch: pytest.MonkeyPatch
) -> None:
    replicas.clock.time = NOW + timedelta(days=5)

    def refuse(*args: Any, **more: Any) -> None:
        raise AssertionError("nobody is due on a Saturday")

    monkeypatch.setattr(App, "refresh", refuse)
    replicas.schedules[0].plan()
    assert replicas.jobs("plan") == [("2026-09-12T10:00", True)]


def test_a_job_that_fails_gives_its_slot_back(
    replicas: Replicas, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = replicas.schedules

    def breaks(self: App, now: datetime, **more: Any) -> None:
        raise RuntimeError("the pool cannot be read")

    with monkeypatch.context() as patched:
        patched.setattr(App, "refresh", breaks)
        for job in (first.plan, first.night):
            with pytest.raises(RuntimeError, match="pool"):
                job()
    assert replicas.rows(tables.JobRun) == []
    second.plan()
    second.night()
    assert replicas.jobs("plan") == [("2026-09-07T15:00", True)]
    assert replicas.jobs("night") == [("2026-09-07", True)]


def test_a_night_runs_once_from_its_hour_on(
    replicas: Replicas, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[datetime] = []
    close = Night.close_windows

    def note(self: Night, now: datetime) -> int:
        ran.append(now)
        return close(self, now)

    monkeypatch.setattr(Night, "close_windows", note)
    first, second = replicas.schedules
    start = NOW.replace(hour=3)
    for tick in range(2 * 96):
        replicas.clock.time = start + tick * timedelta(minutes=15)
        (first if tick % 2 else second).night()
    assert ran == [start, start + timedelta(days=1)]
    assert replicas.jobs("night") == [("2026-09-07", True), ("2026-09-08", True)]
    summary = next(run.summary for run in replicas.rows(tables.JobRun) if run.job == "night")
    assert summary["promoted"] is False
    assert "too few lessons" in summary["reason"]


@pytest.mark.parametrize("hours", [20, 23.99])
def test_a_missed_night_runs_at_the_next_start(replicas: Replicas, hours: float) -> None:
    """Also past midnight, as long as the next night has not come."""
    replicas.clock.time = NOW.replace(hour=3) + timedelta(hours=hours)
    replicas.schedules[0].night()
    assert replicas.jobs("night") == [("2026-09-07", True)]


@pytest.mark.parametrize("job", ["plan", "night"])
def test_what_a_dead_replica_began_is_taken_over(replicas: Replicas, job: str) -> None:
    """Only once it is dead; the next look is half a minute away at most."""
    dying, living = replicas.apps
    slot = {"plan": "2026-09-07T15:00", "night": "2026-09-07"}[job]
    with dying.store.writing(WORKSPACE) as unit:
        assert Jobs(unit).take(job, slot, AFTERNOON, dying.owner.name, dying.owner.is_dead)
        unit.commit()
    second = replicas.schedules[1]
    second.resume()
    getattr(second, job)()
    assert replicas.jobs(job) == [(slot, False)], "it lives, so its slot is its own"
    dying.owner.close()
    second.resume()
    assert replicas.jobs(job) == [(slot, True)]
    assert {run.owner for run in replicas.rows(tables.JobRun)} == {living.owner.name}


def test_a_slot_that_could_not_be_given_back_is_taken_up_again(
    replicas: Replicas, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule, beside = replicas.schedules

    def away(*args: Any, **more: Any) -> None:
        raise ConnectionError("the database is away")

    with monkeypatch.context() as patched:
        patched.setattr(App, "run_night", away)
        patched.setattr(Jobs, "release", away)
        with pytest.raises(ConnectionError, match="away"):
            schedule.night()
    beside.resume()
    assert replicas.jobs("night") == [("2026-09-07", False)], "its owner lives"
    schedule.resume()
    assert replicas.jobs("night") == [("2026-09-07", True)]


def test_what_runs_here_is_not_taken_for_given_up(
    replicas: Replicas, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also once its quarter of an hour is over: nothing of ours runs beside itself."""
    schedule, began, refresh = replicas.schedules[0], list[datetime](), App.refresh

    def looks(self: App, now: datetime) -> None:
        refresh(self, now)
        began.append(now)
        replicas.clock.time += timedelta(minutes=16)
        schedule.resume()

    monkeypatch.setattr(App, "refresh", looks)
    schedule.plan()
    assert began == [AFTERNOON]
    assert replicas.jobs("plan") == [("2026-09-07T15:00", True)]


def test_the_name_is_held_again_before_a_slot_is_taken(
    replicas: Replicas, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule, app, held = replicas.schedules[0], replicas.apps[0], list[int]()
    monkeypatch.setitem(app.__dict__, "owner", replace(app.owner, hold=lambda: held.append(1)))
    schedule.resume()
    schedule.retain()
    assert held == [1, 1]


def test_nights_follow_the_workspace_s_zone(replicas: Replicas) -> None:
    with replicas.apps[0].store.writing(WORKSPACE) as unit:
        unit.session.get_one(tables.Workspace, WORKSPACE).zone = "Asia/Tokyo"
        unit.commit()
    schedule = replicas.schedules[0]
    for hour, minute in ((17, 59), (18, 0)):
        replicas.clock.time = NOW.replace(hour=hour, minute=minute)
        schedule.night()
    assert [slot for slot, _ in replicas.jobs("night")] == ["2026-09-07", "2026-09-08"]


def test_it_runs_by_itself_and_stops(replicas: Replicas) -> None:
    schedules = replicas.schedules
    for schedule in schedules:
        schedule.start()
    try:
        deadline = time.monotonic() + 30
        while len(_posts(replicas)) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
            replicas.clock.time += timedelta(seconds=30)  # openers wait for moments of their own
            for schedule in schedules:
                schedule.send()
    finally:
        for schedule in schedules:
            schedule.stop()
    assert sorted(_posts(replicas)) == ["D1ADA", "D2GRACE"]
    assert {opener.state for opener in replicas.rows(tables.Opener)} == {"sent"}


def _posts(replicas: Replicas) -> list[str]:
    return [entry.channel for entry in replicas.emulator.journal.entries("chat.postMessage")]


def test_a_job_that_fails_takes_nothing_with_it(
    replicas: Replicas, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(self: App, now: datetime) -> None:
        raise RuntimeError("no channel")

    monkeypatch.setattr(App, "deliver", breaks)
    schedule = replicas.schedules[0]
    with caplog.at_level(logging.ERROR, "overture.schedule"):
        schedule.start()
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and not all(map(replicas.jobs, ("plan", "night"))):
            time.sleep(0.05)
        schedule.stop()
    assert "job send failed; it runs again at its next time" in caplog.text
    assert replicas.jobs("plan") == [("2026-09-07T15:00", True)]
    assert replicas.jobs("night") == [("2026-09-07", True)]
