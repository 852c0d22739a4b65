"""The commands as a user types them: what they print, and how they end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.store.schema import newest
from tests.bot.cli.conftest import MESSAGES, Overture
from tests.bot.pool.zips import export


def test_the_database_comes_first(overture: Overture, tmp_path: Path) -> None:
    path = export(tmp_path / "e.zip", MESSAGES)
    code, out, err = overture("import", "slack-export", path)
    assert (code, out) == (1, "")
    assert "overture db upgrade" in err
    assert (
        overture("db", "current")[1]
        == f"empty; this code needs {newest()}. Run: overture db upgrade\n"
    )
    assert overture("db", "upgrade")[1] == f"The database went from empty to {newest()}.\n"
    assert overture("db", "upgrade")[1] == f"The database is up to date ({newest()}).\n"
    assert json.loads(overture("db", "current", "--json")[1])["up_to_date"] is True


def test_an_export_and_a_pool(overture: Overture, tmp_path: Path) -> None:
    overture("db", "upgrade")
    path = export(tmp_path / "e.zip", MESSAGES)
    code, out, _ = overture("import", "slack-export", path, "--approve", "--zone", "Europe/Lisbon")
    assert code == 0
    assert "5 members: 5 new" in out
    assert "2 messages: 2 new" in out
    assert "2 threads: 2 new" in out
    assert "All of them are approved." in out
    code, out, _ = overture("import", "slack-export", path, "--json")
    again = json.loads(out)
    assert [again[name]["new"] for name in ("members", "messages", "threads")] == [0, 0, 0]
    assert again["threads"]["total"] == 2
    (tmp_path / "p.csv").write_text("title,text\nA,b\nC\n")
    code, out, err = overture("import", "pool", tmp_path / "p.csv")
    assert (code, out) == (1, "")
    assert "p.csv, line 3: has 1 cells" in err
    assert "--skip-bad" in err
    code, out, _ = overture("import", "pool", tmp_path / "p.csv", "--skip-bad", "--json")
    done = json.loads(out)
    assert (code, done["workspace"], done["items"]["new"]) == (0, again["workspace"], 1)
    assert [(one["line"], one["file"]) for one in done["bad"]] == [(3, "p.csv")]
    code, out, _ = overture("import", "pool", tmp_path / "p.csv", "--skip-bad")
    assert "1 items: 0 new, 0 changed, 1 as before" in out
    assert "p.csv, line 3" in out


def test_several_workspaces_need_a_name(
    overture: Overture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    overture("db", "upgrade")
    path = export(tmp_path / "e.zip", MESSAGES)
    for name in ("T1", "T2"):
        assert overture("import", "slack-export", path, "--workspace", name)[0] == 0
    (tmp_path / "p.csv").write_text("title,text\nA,b\n")
    code, _, err = overture("import", "pool", tmp_path / "p.csv")
    assert code == 1
    assert "T1, T2" in err
    monkeypatch.setenv("OVERTURE_WORKSPACE", "T2")
    assert (
        json.loads(overture("import", "pool", tmp_path / "p.csv", "--json")[1])["workspace"] == "T2"
    )


def test_a_zone_that_is_none_is_refused(overture: Overture, tmp_path: Path) -> None:
    overture("db", "upgrade")
    path = export(tmp_path / "e.zip", MESSAGES)
    code, _, err = overture("import", "slack-export", path, "--zone", "Mars/Olympus")
    assert code == 1
    assert "Europe/Lisbon" in err
