"""`overture costs`: what the language model took, by day."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from bot.ports import Usage
from bot.settings import load
from bot.store import tables
from bot.store.opening import open_store
from bot.store.spending import Spendings
from tests.bot.cli.conftest import Overture


def spent(*rows: tuple[str, str, Usage]) -> None:
    store = open_store(load())
    with store.writing("W1") as unit:
        unit.session.add(tables.Workspace(id="W1", name="Ours", created_at=datetime.now(UTC)))
        unit.session.flush()
        for day, purpose, usage in rows:
            Spendings(unit).add(day, purpose, usage)
        unit.commit()
    store.close()


def test_days_are_listed_with_today_and_its_ceiling(overture: Overture, tmp_path: Path) -> None:
    overture("db", "upgrade")
    today = datetime.now(UTC).date().isoformat()
    spent(
        ("2020-01-01", "opener", Usage(1, 1)),
        (today, "opener", Usage(900, 60, micros=2400)),
        (today, "opener", Usage(100, 40, estimated=True, micros=600)),
        (today, "responses", Usage(10, 5, micros=70)),
    )
    told = json.loads(overture("costs", "--json")[1])
    assert [(one["purpose"], one["calls"], one["estimated"]) for one in told["days"]] == [
        ("opener", 2, 1),
        ("responses", 1, 0),
    ]
    assert told["today"] == {
        "prompt_tokens": 1010, "completion_tokens": 105, "estimated": True, "cost": 0.00307
    }  # fmt: skip
    assert told["ceiling"] == {"tokens": 5_000_000, "cost": None}
    code, printed, _ = overture("costs")
    assert code == 0
    assert "Today: 1115 tokens for 0.00307 (some estimated by length)" in printed


def test_nothing_spent_is_said_so(overture: Overture) -> None:
    overture("db", "upgrade")
    spent()
    assert "has cost nothing yet" in overture("costs")[1]
