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


def keys_of(overture: Overture) -> tuple[str, str]:
    found = json.loads(overture("doctor", "--json")[1])["findings"]
    ((state, said),) = [(one["state"], one["found"]) for one in found if one["part"] == "keys"]
    return state, said


def test_the_doctor_looks_at_keys(
    stocked: Overture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # words of the export that the stock was made from were sealed at once
    assert keys_of(stocked)[0] == "ok"
    stocked("keys", "new", "--save")
    state, said = keys_of(stocked)
    assert (state, "1 others in use" in said) == ("not set up", True)
    stocked("keys", "rotate")
    assert keys_of(stocked)[0] == "ok"
    (tmp_path / "var" / "keys").chmod(0o644)
    state, said = keys_of(stocked)
    assert (state, "can be read by others" in said) == ("wrong", True)
    monkeypatch.setenv("OVERTURE_SEALING", "false")
    state, said = keys_of(stocked)
    assert (state, "in the open" in said) == ("wrong", True)


def test_a_restored_copy_is_not_made_good_without_slack(
    stocked: Overture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What left after the backup is known to Slack alone; `tests/bot/keeping` sees it done."""
    monkeypatch.setenv("OVERTURE_SLACK__API_URL", "http://127.0.0.1:9/api/")
    code, told, complaint = stocked("db", "restored", "--json")
    assert (code, told) == (1, "")
    assert "Slack conversations.open" in complaint
    assert "nothing was sent" in complaint


def test_retention_says_what_would_go(stocked: Overture) -> None:
    code, told, _ = stocked("retention", "--dry-run", "--now", "2027-01-01T00:00Z", "--json")
    assert code == 0
    history = json.loads(told)["classes"]["imported_history"]
    assert history["days"] == 180
    assert history["rows"] > 0
    before = json.loads(stocked("retention", "--now", "2027-01-01T00:00Z", "--json")[1])
    assert before["classes"]["imported_history"]["rows"] == history["rows"]
    left = stocked("retention", "--dry-run", "--now", "2027-01-01T00:00Z", "--json")[1]
    assert "would go" in stocked("retention", "--dry-run")[1]
    assert json.loads(left)["classes"]["imported_history"]["rows"] == 0
