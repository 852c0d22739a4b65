"""The audit log: a chain that shows edits, holes and a lost end, on both databases."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.ports import Refused
from bot.store import tables
from bot.store.audit import Audit
from bot.store.beside import Beside, Head
from bot.store.database import Store

NOW = datetime(2026, 9, 7, 9, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def kept(store: Store, tmp_path: Path) -> Store:
    """Two workspaces; five entries in the first one."""
    beside = Store(store.engine, Beside(tmp_path / "home"))
    with beside.writing("T1") as unit:
        for name in ("T1", "T2"):
            unit.session.add(tables.Workspace(id=name, name=name, created_at=NOW))
        unit.commit()
    for n in range(5):
        append(beside, n)
    return beside


def append(store: Store, n: int, workspace: str = "T1") -> None:
    with store.writing(workspace) as unit:
        details = {"n": n, "share": 0.25, "whole": 2.0, "on": True, "ids": ["a", "b"], "no": None}
        Audit(unit).append(NOW + timedelta(hours=n), "ada", "rule.saved", f"rule-{n}", details)
        unit.commit()


def verified(store: Store) -> tuple[int, str]:
    with store.reading("T1") as unit:
        found = Audit(unit).verify()
        return found.entries, found.problem


def tamper(store: Store, statement: str) -> None:
    """What somebody with the database's own password can do; the triggers are no lock to them."""
    with store.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            for name in ("audit_log_no_update", "audit_log_no_delete"):
                connection.execute(text(f"DROP TRIGGER IF EXISTS {name}"))
        else:
            connection.execute(text("ALTER TABLE audit_log DISABLE TRIGGER USER"))
        connection.execute(text(statement))


def test_what_is_appended_is_listed_and_holds(kept: Store) -> None:
    append(kept, 0, "T2")
    assert verified(kept) == (5, "")
    with kept.reading("T1") as unit:
        entries = Audit(unit).list(NOW + timedelta(hours=3))
        assert [(e.number, e.who, e.subject) for e in entries] == [
            (4, "ada", "rule-3"),
            (5, "ada", "rule-4"),
        ]
        assert entries[0].details["ids"] == ["a", "b"]
    with kept.reading("T2") as unit:
        assert [entry.number for entry in Audit(unit).list()] == [1]


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE audit_log SET who = 'bo' WHERE number = 3", "entry 3 was changed"),
        ("UPDATE audit_log SET action = 'x' WHERE number = 1", "entry 1 was changed"),
        ("DELETE FROM audit_log WHERE number = 3", "entry 3 is missing: 4 follows"),
        ("DELETE FROM audit_log WHERE number = 1", "entry 1 is missing: 2 follows"),
        ("DELETE FROM audit_log WHERE number > 3", "entries 4 to 5 are missing"),
        ("DELETE FROM audit_log", "entries 1 to 5 are missing"),
        ("UPDATE audit_log SET number = 9 WHERE number = 5", "entry 5 is missing: 9 follows"),
    ],
)
def test_tampering_is_noticed(kept: Store, statement: str, problem: str) -> None:
    tamper(kept, statement)
    assert problem in verified(kept)[1]


def test_an_end_that_was_written_anew_is_not_the_one_that_was_noted(kept: Store) -> None:
    tamper(kept, "DELETE FROM audit_log WHERE number = 5")
    append(Store(kept.engine), 7)  # continues the chain, from elsewhere
    assert "entry 5 is not the one that was noted" in verified(kept)[1]
    # the chain alone cannot know: what the head noted beside the database is for
    assert verified(Store(kept.engine)) == (5, "")


def test_an_entry_that_is_rolled_back_leaves_no_trace(kept: Store) -> None:
    with kept.writing("T1") as unit:
        Audit(unit).append(NOW, "ada", "rule.saved")
    assert verified(kept) == (5, "")
    assert kept.beside is not None
    assert kept.beside.heads()["T1"].number == 5


def test_writers_at_once_make_one_chain(kept: Store) -> None:
    threads = [threading.Thread(target=append, args=(kept, n)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verified(kept) == (13, "")
    assert kept.beside is not None
    assert kept.beside.heads()["T1"].number == 13


def test_an_overtaken_writer_does_not_shorten_the_head(tmp_path: Path) -> None:
    beside = Beside(tmp_path)
    beside.note_head("T1", Head(2, "b"))
    beside.note_head("T1", Head(1, "a"))
    assert beside.heads() == {"T1": Head(2, "b")}
    assert beside.heads_file.stat().st_mode & 0o077 == 0


def test_a_damaged_head_is_named(tmp_path: Path) -> None:
    beside = Beside(tmp_path)
    beside.heads_file.write_text("[1")
    with pytest.raises(Refused, match=r"audit-head\.json cannot be read"):
        beside.heads()


@pytest.mark.parametrize("value", ["x" * 257, {"a": 1}, float("nan"), object()])
def test_details_are_facts_and_no_letters(kept: Store, value: object) -> None:
    with kept.writing("T1") as unit, pytest.raises(ValueError, match="detail said"):
        Audit(unit).append(NOW, "ada", "rule.saved", details={"said": value})


def test_somebody_is_redacted_and_the_chain_holds(kept: Store) -> None:
    with kept.writing("T1") as unit:
        Audit(unit).append(NOW, "U77", "note.made", "U77", {"note": "about U77"})
        Audit(unit).append(NOW, "slack:U7", "note.made", "U7", {"note": "about U7"})
        assert Audit(unit).redact(["U7"], "erased", NOW) == 1
        unit.commit()
    with kept.reading("T1") as unit:
        *_, other, redacted, entry = Audit(unit).list()
    assert (other.who, other.subject) == ("U77", "U77"), "whose id begins as hers does"
    assert (redacted.who, redacted.subject, redacted.details) == ("erased", "erased", {})
    assert (redacted.action, entry.details) == ("note.made", {"entries": [redacted.number]})
    assert verified(kept) == (8, "")


def test_what_nobody_noted_as_redacted_is_tampered_with(kept: Store) -> None:
    """The control: the same change without its entry is seen."""
    with kept.writing("T1") as unit:
        entry = Audit(unit).append(NOW, "U7", "note.made", "U7", {"note": "about U7"})
        unit.session.flush()
        entry.who, entry.subject, entry.details = "erased", "erased", {}
        unit.commit()
    assert "was changed after it was written" in verified(kept)[1]


@pytest.mark.parametrize(
    "values", ["action = 'x'", "who = 'x', subject = 'erased'", "details = '{}'"]
)
def test_nothing_else_of_an_entry_can_be_changed(kept: Store, values: str) -> None:
    with pytest.raises(Exception, match="append-only"), kept.engine.begin() as connection:
        connection.execute(text(f"UPDATE audit_log SET {values} WHERE number = 1"))
