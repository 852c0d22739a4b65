"""`overture why`: the last decisions, and one of them in full."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from bot.emulator import Emulator
from bot.settings import load
from bot.store import tables
from bot.store.database import Store
from bot.store.items import Items
from bot.store.opening import open_store
from bot.store.workspaces import Workspaces
from recsys.prior import ENGAGES
from tests.bot.cli.conftest import NOW, Overture


@pytest.fixture
def decided(
    stocked: Overture, emulated: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Overture:
    """A pass that was kept: U2 agreed and had a slate, the others are silent at once."""
    followed = {"title": "How joins are planned", "summary": "What a planner looks at.",
                "topics": ["sql"], "published": "2026-03-01T09:00:00Z"}  # fmt: skip
    (tmp_path / "more.jsonl").write_text(json.dumps(followed), "utf-8")
    assert stocked("import", "pool", tmp_path / "more.jsonl", "--approve")[0] == 0
    monkeypatch.setenv("OVERTURE_POLICY__PILOT_ONLY", "false")
    monkeypatch.setenv("OVERTURE_POLICY__THRESHOLD", "1")
    monkeypatch.setenv("OVERTURE_POLICY__EXPLORE_PER_DAY", "0")
    assert stocked("run", "--now", NOW)[0] == 0
    return stocked


def test_no_decision_yet(stocked: Overture) -> None:
    assert stocked("why")[1].startswith("No decision yet.")
    assert json.loads(stocked("why", "--json")[1]) == {"decisions": []}


def test_the_last_decisions_are_listed(decided: Overture) -> None:
    found = json.loads(decided("why", "--json")[1])["decisions"]
    assert len(found) == 6
    assert all(one["verdict"] == "silent" for one in found)
    code, out, _ = decided("why")
    assert code == 0
    assert all(one["decision"] in out and one["reason"] in out for one in found)
    mine = json.loads(decided("why", "--member", "U2", "--json")[1])["decisions"]
    assert [one["member"] for one in mine] == ["U2"]


@pytest.mark.parametrize("length", [None, 12])
def test_one_decision_by_its_id_or_how_it_begins(decided: Overture, length: int | None) -> None:
    (mine,) = json.loads(decided("why", "--member", "U2", "--json")[1])["decisions"]
    name = mine["decision"][:length]
    record = json.loads(decided("why", name, "--json")[1])
    assert (record["id"], record["member_id"]) == (mine["decision"], "U2")
    assert record["opener"] is None
    assert record["slate"]["retrieved"] > 0
    code, out, _ = decided("why", name)
    assert code == 0
    assert "was silent: below_threshold" in out
    assert "Retrieved" in out
    assert "refuses: below_threshold" in out


def test_a_silence_says_in_words_and_by_feature_why_its_pick_came_first(decided: Overture) -> None:
    (mine,) = json.loads(decided("why", "--member", "U2", "--json")[1])["decisions"]
    record = json.loads(decided("why", mine["decision"], "--json")[1])
    added = record["slate"]["contributions"]
    assert list(added) == list(record["slate"]["top"][0]["features"])
    logit = np.log(record["engages"] / (1 - record["engages"]))
    assert ENGAGES.intercept + sum(added.values()) == pytest.approx(logit, abs=1e-3)
    lines = record["why"].splitlines()
    assert "Because you follow SQL." in lines
    assert all(line[0].isupper() and line.endswith(".") for line in lines)
    _, out, _ = decided("why", mine["decision"])
    assert all(line in out for line in lines)
    strongest = max(added, key=lambda name: abs(added[name]))
    assert f"{added[strongest]:+.3f}" in next(x for x in out.splitlines() if strongest in x)
    assert not any(name in record["why"] for name in added)  # words, not features


def test_a_silence_before_any_slate(decided: Overture) -> None:
    (guest,) = json.loads(decided("why", "--member", "U4", "--json")[1])["decisions"]
    code, out, _ = decided("why", guest["decision"])
    assert code == 0
    assert "was silent: not_a_member" in out
    assert "came first" not in out
    assert "Retrieved" not in out


@pytest.mark.parametrize(
    ("name", "problem"),
    [("de_", "is ambiguous"), ("de_404", "does not exist"), ("%", "does not exist"),
     ("d__", "does not exist")],
)  # fmt: skip
def test_what_is_no_decision_is_said(decided: Overture, name: str, problem: str) -> None:
    code, out, err = decided("why", name)
    assert (code, out) == (1, "")
    assert f"decision {name!r} {problem}" in err
    assert "`overture why` lists" in err


def test_what_was_withdrawn_since_is_named_by_its_id_alone(decided: Overture) -> None:
    (mine,) = json.loads(decided("why", "--member", "U2", "--json")[1])["decisions"]
    first = json.loads(decided("why", mine["decision"], "--json")[1])["slate"]["top"][0]
    assert first["title"]
    store = open_store(load())
    with store.writing(mine_of(store)) as unit:
        kept = unit.session.query(tables.Decision).filter_by(id=mine["decision"]).one()
        assert first["title"] not in json.dumps(kept.slate)
        Items(unit).withdraw([first["item"]], at=datetime(2026, 10, 1, tzinfo=UTC))
        unit.commit()
    store.close()
    again = json.loads(decided("why", mine["decision"], "--json")[1])["slate"]["top"][0]
    assert (again["item"], again["title"]) == (first["item"], "")
    assert first["item"][:20] in decided("why", mine["decision"])[1]


def mine_of(store: Store) -> str:
    with store.reading("") as unit:
        (only,) = Workspaces(unit).ids()
    return only
