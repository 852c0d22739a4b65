"""`overture eval openers` on the demo's pool and on a file of one's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bot.cli.conftest import Overture
from tests.bot.llm.server import serving


def test_the_demos_pool_is_told_truly_shortly_and_variedly(overture: Overture) -> None:
    code, printed, _ = overture("eval", "openers", "--n", 60, "--json")
    told = json.loads(printed)
    assert (code, told["n"], told["ungrounded"], told["near_duplicates"]) == (0, 60, 0, 0)
    assert 15 <= told["words"]["p50"] <= told["words"]["max"] <= 45
    assert len(told["by_style"]) == 5
    assert overture("eval", "openers", "--n", 60, "--json")[1] == printed


def test_a_pool_of_ones_own(overture: Overture, tmp_path: Path) -> None:
    file = tmp_path / "pool.jsonl"
    entry = {"title": "What an index can speed up", "text": "An index is sorted, like a book's."}
    file.write_text(json.dumps({**entry, "kind": "learning"}))
    code, printed, _ = overture("eval", "openers", "--n", 3, "--pool", file)
    assert code == 0
    assert "ungrounded       0" in printed


def test_what_is_no_entry_is_left_out_and_listed(overture: Overture, tmp_path: Path) -> None:
    file = tmp_path / "pool.jsonl"
    good = {"title": "¿QUÉ ES UN ÍNDICE?", "text": "Un índice está ordenado. Ayuda a quien busca."}
    file.write_text('{"text": "no title"}\n' + json.dumps(good) + "\n")
    code, printed, said = overture("eval", "openers", "--n", 2, "--pool", file, "--json")
    assert (code, json.loads(printed)["ungrounded"]) == (0, 0)
    assert "left out: 1" in said
    assert "line 1" in said


def test_a_tone_may_be_asked_for(overture: Overture) -> None:
    for tone in ("plain", "formal"):
        code, printed, _ = overture("eval", "openers", "--n", 40, "--tone", tone, "--json")
        told = json.loads(printed)
        assert (code, told["ungrounded"], told["withheld"]) == (0, 0, 0)


def test_what_a_model_costs_is_told_and_counted(
    overture: Overture, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "Here is something that may be of use to you. I can tell you more about it if you like."
    with serving(lambda it: it.say(json.dumps({"text": text}))) as server:
        monkeypatch.setenv("OVERTURE_MODEL__BASE_URL", server.url)
        monkeypatch.setenv("OVERTURE_MODEL__PROMPT_PRICE", "2")
        monkeypatch.setenv("OVERTURE_MODEL__COMPLETION_PRICE", "10")
        code, printed, _ = overture("eval", "openers", "--n", 5, "--json")
    told = json.loads(printed)
    assert (code, told["fallback"], told["tokens"]) == (0, 0, 5 * 120)
    assert told["cost"] == pytest.approx(5 * (100 * 2 + 20 * 10) / 1e6)


def test_a_bad_pool_is_named(overture: Overture, tmp_path: Path) -> None:
    file = tmp_path / "pool.jsonl"
    file.write_text('{"text": "no title"}')
    code, _, said = overture("eval", "openers", "--pool", file)
    assert code != 0
    assert "title" in said
