"""The command as a whole: light to start, and never a traceback for what a person can mend."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bot.cli import COMMANDS, main
from tests.bot.cli.conftest import NOW, Overture, dump

HEAVY = ("torch", "faiss", "lightgbm", "sentence_transformers", "sqlalchemy", "slack_bolt", "numpy")
PASSWORD = "swordfish"


def test_help_loads_nothing_heavy(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom bot.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
    assert all(f"  {name} " in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_has_help(overture: Overture, name: str) -> None:
    code, out, _ = overture(name, "--help")
    assert code == 0
    assert out.startswith(f"Usage: overture {name}")


def test_an_unknown_command_is_a_usage_error(overture: Overture) -> None:
    code, _, err = overture("dance")
    assert code == 2
    assert "No such command 'dance'" in err


@pytest.mark.parametrize(
    "command", [("run", "--dry-run"), ("train",), ("models", "list"), ("why",)]
)
def test_a_database_that_is_behind_is_refused_with_its_mend(
    overture: Overture, command: tuple[str, ...]
) -> None:
    code, out, err = overture(*command)
    assert (code, out) == (1, "")
    assert "Run: overture db upgrade" in err


def test_a_database_that_is_ahead_is_refused_with_its_mend(
    overture: Overture, tmp_path: Path
) -> None:
    overture("db", "upgrade")
    with closing(sqlite3.connect(tmp_path / "overture.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999_later'")
        connection.commit()
    code, _, err = overture("run", "--dry-run")
    assert code == 1
    assert "ahead of this code" in err
    assert "Update the code" in err


@pytest.mark.parametrize(
    ("url", "named"),
    [
        (f"mysql://me:{PASSWORD}@there/db", "OVERTURE_DATABASE_URL"),
        ("nonsense", "OVERTURE_DATABASE_URL"),
        (f"postgresql://me:{PASSWORD}@127.0.0.1:1/db", "cannot be used"),
    ],
)
def test_a_wrong_address_is_named_and_its_password_is_not(
    overture: Overture, monkeypatch: pytest.MonkeyPatch, url: str, named: str
) -> None:
    monkeypatch.setenv("OVERTURE_DATABASE_URL", url)
    code, out, err = overture("run", "--dry-run")
    assert (code, out) == (1, "")
    assert named in err
    assert "Traceback" not in err
    assert PASSWORD not in err


def test_a_file_that_is_no_database(overture: Overture, tmp_path: Path) -> None:
    (tmp_path / "overture.db").write_bytes(b"these are no pages " * 300)
    code, _, err = overture("run", "--dry-run")
    assert code == 1
    assert "file is not a database" in err


def test_a_database_that_is_damaged_within(stocked: Overture, tmp_path: Path) -> None:
    path = tmp_path / "overture.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (root,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'members'"
        ).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    whole = bytearray(path.read_bytes())
    whole[(root - 1) * size : root * size] = b"\xff" * size
    path.write_bytes(whole)
    code, _, err = stocked("run", "--dry-run", "--now", NOW)
    assert code == 1
    assert err.startswith("overture: the database cannot be used: database disk image is malformed")
    assert "overture doctor" in err


def test_a_defect_of_ours_keeps_its_traceback(
    overture: Overture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise KeyError("a defect")

    monkeypatch.setattr("bot.settings.load", broken)
    with pytest.raises(KeyError):
        main(["settings"])


def test_a_database_without_a_workspace(overture: Overture) -> None:
    overture("db", "upgrade")
    code, _, err = overture("run", "--dry-run")
    assert code == 1
    assert "holds no workspace yet" in err
    assert "overture import slack-export" in err


def test_a_workspace_that_is_not_there(stocked: Overture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVERTURE_WORKSPACE", "T404")
    code, _, err = stocked("models", "list")
    assert code == 1
    assert "workspace 'T404' is not in the database" in err


def test_several_workspaces_must_be_told_apart(
    stocked: Overture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(tmp_path / "overture.db")) as connection:
        connection.execute(
            "INSERT INTO workspaces (id, name, created_at) SELECT 'T2', 'Two', created_at"
            " FROM workspaces"
        )
        connection.commit()
    code, _, err = stocked("models", "list")
    assert code == 1
    assert "several workspaces" in err
    assert "OVERTURE_WORKSPACE=" in err
    monkeypatch.setenv("OVERTURE_WORKSPACE", "T2")
    assert stocked("models", "list")[0] == 0


def test_looking_changes_nothing(stocked: Overture, tmp_path: Path) -> None:
    before = dump(tmp_path)
    for command in (("models", "list"), ("why",), ("settings",), ("doctor", "--json")):
        stocked(*command)
    assert dump(tmp_path) == before


def test_settings_are_listed_whole_and_secrets_are_not(
    overture: Overture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "OVERTURE_DATABASE_URL", f"postgresql://me:{PASSWORD}@there/db?sslmode=require"
    )
    monkeypatch.setenv("SLACK_BOT_TOKEN", f"xoxb-{PASSWORD}")
    monkeypatch.setenv("OPENAI_API_KEY", PASSWORD)
    code, out, _ = overture("settings")
    assert code == 0
    assert PASSWORD not in out
    assert "postgresql://me:***@there/db?sslmode=require" in out
    assert "OVERTURE_LEARNING__WINDOW_HOURS" in out
    assert "…/" not in out


@pytest.mark.parametrize(
    ("variable", "value", "named"),
    [
        ("OVERTURE_POLICY__DAILY_CAP", "many", "policy.daily_cap"),
        ("OVERTURE_POLICY__DAY_STARTS", "nine", "policy.day_starts"),
        ("OVERTURE_LEARNING__NIGHT_AT", "late", "learning.night_at"),
        ("OVERTURE_POLICY", "strict", "policy"),
        ("OVERTURE_HEALTH_PORT", "99999", "health_port"),
    ],
)
def test_a_wrong_setting_is_named(
    overture: Overture, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, named: str
) -> None:
    monkeypatch.setenv(variable, value)
    code, out, err = overture("settings")
    assert (code, out) == (1, "")
    assert named in err
    assert "Traceback" not in err


def test_a_settings_file_that_is_no_toml(overture: Overture, tmp_path: Path) -> None:
    (tmp_path / "none.toml").write_text("[policy\n", encoding="utf-8")
    code, _, err = overture("settings")
    assert code == 1
    assert "not valid TOML" in err
