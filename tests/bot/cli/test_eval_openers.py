"""`overture eval openers` on the demo's pool and on a file of one's own."""

from __future__ import annotations

import json
from pathlib import Path

from tests.bot.cli.conftest import Overture


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


def test_a_bad_pool_is_named(overture: Overture, tmp_path: Path) -> None:
    file = tmp_path / "pool.jsonl"
    file.write_text('{"text": "no title"}')
    code, _, said = overture("eval", "openers", "--pool", file)
    assert code != 0
    assert "title" in said
