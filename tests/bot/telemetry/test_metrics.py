"""What Prometheus reads: counts of what was done, gauges of what waits, and no words of anybody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.delivery.tally import Report
from bot.openers.compose import OpenerAnswer
from bot.ports import ModelError, Prompt, Usage
from bot.sending import open_for_all
from bot.settings import Settings
from bot.store import tables
from bot.store.database import Store
from bot.store.outbox import OutboxRows
from bot.store.queues import queues
from bot.store.workspaces import Workspaces
from bot.telemetry.metrics import GAUGES, MeteredModel, Metrics
from tests.bot.openers.scripted import ScriptedModel
from tests.bot.outbox_bench import WORKSPACE, outbox, put_opener
from tests.bot.outbox_scene import staged

REFUSED = {"m-ada": "quiet_hours"}
PROMPT = Prompt("opener/offer@1", ({"role": "user", "content": "hello"},))


def read(metrics: Metrics) -> dict[str, float]:
    lines = metrics.read().decode().splitlines()
    pairs = [line.rsplit(" ", 1) for line in lines if not line.startswith("#")]
    return {name: float(value) for name, value in pairs}


def test_a_pass_is_counted_by_its_reasons() -> None:
    metrics = Metrics()
    decisions = {"speak": {"worth_it": 2}, "silent": {"no_consent": 7}}
    metrics.planned({"decisions": decisions, "seconds": 1.5})
    metrics.planned({"decisions": {"silent": {"no_consent": 1}}, "seconds": 0.1})
    found = read(metrics)
    assert found['overture_decisions_total{reason="worth_it",verdict="speak"}'] == 2
    assert found['overture_decisions_total{reason="no_consent",verdict="silent"}'] == 8
    assert found["overture_pass_seconds_count"] == 2
    assert found["overture_pass_seconds_sum"] == 1.6


def test_what_left_is_counted_by_how_it_ended() -> None:
    metrics = Metrics()
    metrics.delivered(Report(sent=3, withdrawn=1, reasons={"no_consent": 1}))
    metrics.delivered(Report(sent=1, waiting=5))
    found = read(metrics)
    assert found['overture_deliveries_total{state="sent"}'] == 4
    assert found['overture_deliveries_total{state="withdrawn"}'] == 1
    assert 'overture_deliveries_total{state="failed"}' not in found
    assert found['overture_withdrawals_total{reason="no_consent"}'] == 1


def test_a_withdrawal_says_why_and_a_call_how_long_it_took(store: Store) -> None:
    """Of three one is withdrawn by a rule, one by the kill switch."""
    metrics = Metrics()
    with staged(store) as scene:
        timed = outbox(
            store, scene.channel, recheck=lambda row, now: REFUSED.get(row.member),
            timed=metrics.sent_in,
        )  # fmt: skip
        put_opener(store, "a")
        put_opener(store, "b", member="m-grace")
        metrics.delivered(timed.work(scene.clock.now))
        assert scene.posts() == 1
        put_opener(store, "c", member="m-grace")
        with store.writing(WORKSPACE) as unit:
            Workspaces(unit).lock(WORKSPACE).killed_at = scene.clock.now
            unit.commit()
        metrics.delivered(timed.work(scene.clock.later(minutes=1)))
        assert scene.posts() == 1
    found = read(metrics)
    assert found['overture_withdrawals_total{reason="quiet_hours"}'] == 1
    assert found['overture_withdrawals_total{reason="workspace_stopped"}'] == 1
    assert found['overture_deliveries_total{state="withdrawn"}'] == 2
    assert found["overture_send_seconds_count"] == 1
    assert 0.0 < found["overture_send_seconds_sum"] < 5.0


def test_a_models_calls_failures_and_tokens_are_counted() -> None:
    metrics = Metrics()
    model = MeteredModel(ScriptedModel([{"text": "hello"}, None]), metrics)
    answer, usage = model.complete(PROMPT, OpenerAnswer, deadline=1.0)
    assert (answer.text, usage, model.name) == ("hello", Usage(10, 5), "scripted")
    with pytest.raises(ModelError):
        model.complete(PROMPT, OpenerAnswer, deadline=1.0)
    found = read(metrics)
    assert found['overture_model_calls_total{outcome="answered"}'] == 1
    assert found['overture_model_calls_total{outcome="failed"}'] == 1
    assert found['overture_model_tokens_total{kind="prompt"}'] == 10
    assert found["overture_model_seconds_count"] == 2


def test_gauges_are_asked_for_each_time() -> None:
    waiting = iter((3.0, 4.0))
    metrics = Metrics(lambda: {"outbox_waiting": next(waiting)})
    assert read(metrics)["overture_outbox_waiting"] == 3
    assert read(metrics)["overture_outbox_waiting"] == 4


def test_every_gauge_says_what_it_is() -> None:
    metrics = Metrics(lambda: dict.fromkeys(GAUGES, 0.0))
    text = metrics.read().decode()
    for name, told in GAUGES.items():
        assert f"# HELP overture_{name} {told}" in text


def test_what_waits_is_asked_of_the_database(store: Store) -> None:
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    with store.writing("W1") as unit:
        unit.session.add(tables.Workspace(id="W1", name="W", zone="UTC", created_at=now))
        unit.session.flush()
        unit.session.add(tables.Member(workspace_id="W1", id="ana", name="Ana"))
        unit.session.flush()
        for number, age in enumerate((10, 90)):
            OutboxRows(unit).add(
                member="ana",
                kind="answer",
                dedupe_key=f"a{number}",
                content={"text": "x"},
                expires_at=now + timedelta(hours=1),
                now=now - timedelta(seconds=age),
            )
        unit.commit()
    with store.reading("W1") as unit:
        found = queues(unit, now, [unit.workspace])
    assert found.keys() == GAUGES.keys()
    assert (found["outbox_waiting"], found["outbox_oldest_seconds"]) == (2, 90)
    assert (found["inbox_waiting"], found["inbox_oldest_seconds"]) == (0, 0)


def test_what_serves_several_asks_for_all_that_the_app_is_in(
    sqlite_url: str, tmp_path: Path
) -> None:
    """A workspace of the settings' own token has no installation, and counts all the same."""
    shared = open_for_all(Settings(database_url=sqlite_url, home=tmp_path))
    now = shared.clock.now()
    for name, gone in (("HOME", None), ("GONE", now)):
        with shared.store.writing(name) as unit:
            own = tables.Workspace(id=name, name=name, created_at=now, uninstalled_at=gone)
            unit.session.add(own)
            unit.session.flush()
            unit.session.add(tables.Member(workspace_id=name, id="ana", name="Ana"))
            unit.session.flush()
            OutboxRows(unit).add(
                member="ana", kind="answer", dedupe_key="a", content={"text": "x"},
                expires_at=now + timedelta(hours=1), now=now,
            )  # fmt: skip
            unit.commit()
    assert read(shared.metrics)["overture_outbox_waiting"] == 1
    shared.close()
