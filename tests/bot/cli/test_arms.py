"""`overture arms`: what runs, what came of it, stopped and resumed by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.store import tables
from bot.store.database import Store, connect
from bot.store.decisions import Decisions
from tests.bot.cli.conftest import AGREED, NOW, Overture, workspace_of

BARS = {
    "bars": {
        "varies": "threshold",
        "arms": {"as_is": {"share": 0.5}, "low": {"share": 0.5, "value": 0.1}},
    }
}


@pytest.fixture
def running(stocked: Overture, monkeypatch: pytest.MonkeyPatch) -> Overture:
    monkeypatch.setenv("OVERTURE_EXPERIMENTS", json.dumps(BARS))
    return stocked


def test_arms_are_listed_with_their_members(running: Overture) -> None:
    code, printed, _ = running("arms", "list", "--now", NOW, "--json")
    assert code == 0
    told = json.loads(printed)["experiments"]["bars"]
    assert told["varies"] == "threshold"
    assert [one["arm"] for one in told["arms"]] == ["as_is", "low"]
    assert sum(one["assigned"] for one in told["arms"]) > 0
    assert [one["state"] for one in told["arms"]] == ["control", "runs"]
    assert "bars varies the threshold" in running("arms", "list")[1]


def test_an_arm_is_stopped_and_resumed(running: Overture) -> None:
    assert "is stopped" in running("arms", "stop", "bars", "low", "--by", "mira")[1]
    assert "was stopped before" in running("arms", "stop", "bars", "low")[1]
    assert "stopped by mira" in running("arms", "list")[1]
    assert "runs from the next pass" in running("arms", "resume", "bars", "low")[1]
    assert "was not stopped" in running("arms", "resume", "bars", "low")[1]
    assert "stopped" not in running("arms", "list")[1]


def test_what_there_is_not_is_refused_by_name(running: Overture) -> None:
    for words, told in (
        (("beds", "low"), "known: bars"),
        (("bars", "high"), "no arm 'high'"),
        (("bars", "as_is"), "is the control"),
    ):
        code, _, error = running("arms", "stop", *words)
        assert (code, told in error) == (1, True), error


def test_without_experiments_it_says_so(stocked: Overture) -> None:
    assert "No experiment is set" in stocked("arms", "list")[1]


def test_why_names_the_arm(running: Overture, tmp_path: Path) -> None:
    store = Store(connect(f"sqlite:///{tmp_path / 'overture.db'}"))
    workspace = workspace_of(store)
    with store.writing(workspace) as unit:
        Decisions(unit).start_run("run", "plan", AGREED)
        arms = {"bars": {"arm": "low", "share": 0.5}}
        unit.session.add(
            tables.Decision(
                id="de_1", workspace_id=workspace, run_id="run", member_id="U2", slot="s",
                at=AGREED, verdict="silent", reason="holdout", rules=[], arm="holdout", seed=1,
                policy_version="p", inputs={"arms": arms},
            )
        )  # fmt: skip
        unit.commit()
    store.close()
    assert "experiment bars, arm low (drawn at 50%)" in running("why", "de_1")[1]
