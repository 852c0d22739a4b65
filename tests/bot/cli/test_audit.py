"""`overture audit` and `overture keys`, as an operator uses them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.store.sealing import name_of, read_keys
from tests.bot.cli.conftest import Overture


def actions(overture: Overture, *options: str) -> list[tuple[str, str]]:
    code, told, _ = overture("audit", "list", *options, "--json")
    assert code == 0
    return [(one["action"], one["subject"]) for one in json.loads(told)["entries"]]


def test_what_operators_do_is_on_record(stocked: Overture, tmp_path: Path) -> None:
    stocked("kill-switch", "on", "--by", "ada")
    stocked("kill-switch", "on", "--by", "bo")  # it is on already
    stocked("kill-switch", "off", "--by", "ada")
    assert [action for action, _ in actions(stocked)] == [
        "items.approved",
        "kill_switch.on",
        "kill_switch.off",
    ]
    assert actions(stocked, "--since", "2099-01-01T00:00Z") == []
    assert "kill_switch.on" in stocked("audit", "list")[1]
    assert stocked("audit", "verify")[:2] == (0, "The audit log holds: 3 entries.\n")
    with closing(sqlite3.connect(tmp_path / "overture.db")) as connection:
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute("DELETE FROM audit_log WHERE number = 3")
        connection.execute("DROP TRIGGER audit_log_no_delete")
        connection.execute("DELETE FROM audit_log WHERE number = 3")
        connection.commit()
    code, _, error = stocked("audit", "verify")
    assert code == 1
    assert "entries 3 to 3 are missing: the log was cut short" in error


def test_a_key_is_changed_with_two_commands(stocked: Overture, tmp_path: Path) -> None:
    file = tmp_path / "var" / "keys"
    (first,) = read_keys(file)
    code, told, _ = stocked("keys", "new", "--save")
    assert code == 0
    newest, former = read_keys(file)
    assert former == first
    assert name_of(newest) in told
    assert newest not in told
    assert file.stat().st_mode & 0o077 == 0
    code, told, _ = stocked("keys", "rotate", "--json")
    done = json.loads(told)
    assert code == 0
    assert done["changed"] > 0
    assert done["in_use"] == [name_of(newest)]
    assert actions(stocked)[-1] == ("keys.rotated", name_of(newest))
    file.write_text(newest)
    assert "No other key is in use" in stocked("keys", "rotate")[1]


def test_without_its_key_a_database_is_refused_by_name(stocked: Overture, tmp_path: Path) -> None:
    file = tmp_path / "var" / "keys"
    (key,) = read_keys(file)
    file.unlink()
    code, _, error = stocked("why")
    assert code == 1
    assert name_of(key) in error
    assert "OVERTURE_KEYS" in error
    assert not file.exists()
    file.write_text(key)
    assert stocked("why")[0] == 0


def test_a_printed_key_is_taken(
    stocked: Overture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    key = stocked("keys", "new")[1].strip()
    (former,) = read_keys(tmp_path / "var" / "keys")
    monkeypatch.setenv("OVERTURE_KEYS", f"{key},{former}")
    assert stocked("keys", "rotate")[0] == 0
    monkeypatch.setenv("OVERTURE_KEYS", key)
    assert stocked("why")[0] == 0
    code, _, error = stocked("keys", "new", "--save")
    assert code == 1
    assert "OVERTURE_KEYS is set" in error
