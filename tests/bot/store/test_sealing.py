"""Words are sealed at rest: found nowhere in the files, and by nobody without the key."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr
from sqlalchemy import inspect, select, text

from bot.ports import Arrival, BadInput, Refused
from bot.settings import Settings, load
from bot.store import schema, tables
from bot.store.audit import Audit
from bot.store.conversations import Conversations
from bot.store.database import Store, connect
from bot.store.inbox import InboxRows
from bot.store.members import Members, Person
from bot.store.opening import KEY_FILE, open_store, sealed_columns, sealing_keys
from bot.store.outbox import OutboxRows
from bot.store.sealing import MARK, Sealer, key_name, name_of, new_key, read_keys
from bot.store.signals import Happened, Signals

NOW = datetime(2026, 9, 7, 9, 0, tzinfo=UTC)
PHRASE = "marmalade-on-the-keyboard"
OLD, NEW = new_key(), new_key()


def settings(url: str, tmp_path: Path, *keys: str, sealing: bool = True) -> Settings:
    secrets = tuple(SecretStr(key) for key in keys)
    return Settings(database_url=url, home=tmp_path / "home", keys=secrets, sealing=sealing)


def talk(store: Store, k: int = 0) -> None:
    """Everything that a member's words are kept in: a signal, both boxes and a turn."""
    with store.writing("T1") as unit:
        if unit.session.get(tables.Workspace, "T1") is None:
            unit.session.add(tables.Workspace(id="T1", name="T1", created_at=NOW))
            unit.session.flush()
            Members(unit).save([Person("U1", "Ana")], at=NOW)
        said = f"{PHRASE} {k}"
        happened = Happened(f"s{k}", "U1", "channel_messages", "posted", NOW, text=said)
        Signals(unit).save([happened])
        InboxRows(unit).add(Arrival(f"i{k}", "message", "D1", {"text": said}), NOW)
        OutboxRows(unit).add(
            member="U1", kind="answer", dedupe_key=f"o{k}", content={"text": said},
            expires_at=NOW + timedelta(days=1), now=NOW,
        )  # fmt: skip
        talk = Conversations(unit).at("U1", "D1", f"1.{k}", NOW)
        Conversations(unit).say(
            tables.Turn(
                workspace_id="T1", conversation_id=talk.id, key=f"t{k}", author="member",
                text=said, at=NOW,
            )
        )  # fmt: skip
        unit.commit()


def said(store: Store) -> list[str]:
    with store.reading("T1") as unit:
        turns = unit.session.scalars(select(tables.Turn.text).order_by(tables.Turn.id)).all()
        signals = [one.text for one in Signals(unit).list()]
        arrived = unit.session.scalars(select(tables.Inbox).order_by(tables.Inbox.id)).all()
        return [*turns, *signals, str(arrived[0].payload["text"])]


def everything(store: Store) -> bytes:
    """All that the database keeps: its files on SQLite, each row as text on PostgreSQL."""
    url = store.engine.url
    if url.get_backend_name() == "sqlite":
        files = sorted(Path(str(url.database)).parent.glob(Path(str(url.database)).name + "*"))
        assert any(file.name.endswith("-wal") and file.stat().st_size for file in files)
        return b"".join(file.read_bytes() for file in files if file.is_file())
    with store.engine.connect() as connection:
        names = inspect(store.engine).get_table_names()
        rows = [connection.execute(text(f"SELECT t::text FROM {n} t")).scalars() for n in names]
        return "\n".join(row for found in rows for row in found).encode()


def test_no_word_of_a_conversation_stands_in_the_database(
    database_url: str, tmp_path: Path
) -> None:
    store = open_store(settings(database_url, tmp_path, NEW))
    talk(store)
    assert said(store) == [f"{PHRASE} 0"] * 3
    assert PHRASE.encode() not in everything(store)
    store.close()


def test_with_sealing_off_the_same_search_finds_them(database_url: str, tmp_path: Path) -> None:
    store = open_store(settings(database_url, tmp_path, sealing=False))
    talk(store)
    assert everything(store).count(PHRASE.encode()) >= 4
    store.close()


def test_words_from_before_are_read_beside_sealed_ones(database_url: str, tmp_path: Path) -> None:
    before = open_store(settings(database_url, tmp_path, sealing=False))
    talk(before)
    before.close()
    store = open_store(settings(database_url, tmp_path, OLD))
    talk(store, 1)
    assert said(store)[:4] == [f"{PHRASE} 0", f"{PHRASE} 1"] * 2
    assert set(sealing_keys(store.engine)) == {"", name_of(OLD)}
    store.close()


def test_a_missing_key_is_named_and_nothing_is_lost(database_url: str, tmp_path: Path) -> None:
    store = open_store(settings(database_url, tmp_path, OLD))
    talk(store)
    store.close()
    for wrong in (settings(database_url, tmp_path, NEW), settings(database_url, tmp_path),
                  settings(database_url, tmp_path, sealing=False)):  # fmt: skip
        with pytest.raises(Refused, match=rf"key {name_of(OLD)}.*OVERTURE_KEYS"):
            open_store(wrong)
    assert not (tmp_path / "home" / KEY_FILE).exists(), "a new key would hide that one is lost"
    store = open_store(settings(database_url, tmp_path, NEW, OLD))
    assert said(store) == [f"{PHRASE} 0"] * 3
    store.close()


def test_a_value_that_was_changed_is_refused(database_url: str, tmp_path: Path) -> None:
    store = open_store(settings(database_url, tmp_path, OLD))
    talk(store)
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE turns SET text = substr(text, 1, 60) || 'AAAA'"))
    with pytest.raises(Refused, match="was changed since"):
        said(store)
    store.close()


def test_who_sets_no_key_gets_a_file_that_only_they_can_read(
    database_url: str, tmp_path: Path
) -> None:
    given = settings(database_url, tmp_path)
    for k in range(2):
        store = open_store(given)
        talk(store, k)
        assert PHRASE.encode() not in everything(store)
        store.close()
    file = tmp_path / "home" / KEY_FILE
    assert file.stat().st_mode & 0o077 == 0
    assert len(read_keys(file)) == 1
    assert [path.name for path in file.parent.iterdir()] == [KEY_FILE]


def test_a_key_that_is_put_into_the_file_is_taken_up_at_once(tmp_path: Path) -> None:
    file = tmp_path / KEY_FILE
    file.write_text(OLD)
    sealer = Sealer(file=file)
    before = sealer.seal("word")
    (tmp_path / "next").write_text(f"# newest first\n{NEW}\n{OLD}\n")
    (tmp_path / "next").replace(file)
    assert key_name(sealer.seal("word")) == name_of(NEW)
    assert sealer.open(before) == "word"
    file.unlink()
    assert sealer.open(before) == "word", "a file that went is no reason to stop"


@pytest.mark.parametrize("content", ["", "# nothing\n", "hush-4711\n"])
def test_a_file_without_keys_is_refused_by_name(tmp_path: Path, content: str) -> None:
    file = tmp_path / KEY_FILE
    file.write_text(content)
    with pytest.raises(Refused, match=rf"{file}.*key") as raised:
        Sealer(file=file)
    assert "hush" not in str(raised.value)


def test_words_that_look_sealed_are_words(tmp_path: Path) -> None:
    for sealer in (Sealer(), Sealer([OLD])):
        assert sealer.open(sealer.seal(f"{MARK}12345678:hello")).strip() == f"{MARK}12345678:hello"
        assert sealer.seal("") == ""


def test_keys_come_from_a_variable_and_are_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVERTURE_KEYS", f"{NEW}, {OLD}")
    assert [key.get_secret_value() for key in load().keys] == [NEW, OLD]
    assert NEW not in repr(load())
    monkeypatch.setenv("OVERTURE_KEYS", "hush-4711")
    with pytest.raises(BadInput, match=r"OVERTURE_KEYS.*overture keys new") as raised:
        load()
    assert "hush" not in str(raised.value)
    assert Fernet(new_key())


def test_nothing_can_be_asked_for_by_what_is_sealed(store: Store) -> None:
    for asked in (
        lambda: tables.Turn.text == "word",
        lambda: tables.Signal.text.like("%word%"),
        lambda: tables.Inbox.payload["text"],
        lambda: tables.Opener.text.in_(["word"]),
        lambda: select(tables.Opener).order_by(tables.Opener.text.desc()),
    ):
        with pytest.raises((TypeError, NotImplementedError), match=r"sealed|getitem"):
            asked()
    with store.reading("T1") as unit:
        edited = select(tables.Review).where(tables.Review.edited.is_not(None))
        assert unit.session.scalars(edited).all() == []


def test_what_members_say_stands_in_sealed_columns_alone() -> None:
    sealed = {f"{table.name}.{column.name}" for table, column in sealed_columns()}
    assert sealed >= {
        "inbox.payload", "outbox.payload", "openers.text", "openers.why", "turns.text",
        "signals.text", "reviews.original", "reviews.edited", "reviews.note", "shelf.why",
        "installations.bot_token", "installations.refresh_token",
    }  # fmt: skip


@pytest.fixture
def earlier(empty_url: str) -> str:
    """A database of the revision before sealing, with one payload in it."""
    schema.upgrade(empty_url, "0005_indexes")
    store = Store(connect(empty_url))
    with store.engine.begin() as connection:
        at = "'2026-09-07 09:00:00'"
        connection.execute(
            text(f"INSERT INTO workspaces (id, name, created_at) VALUES ('T1', 'T1', {at})")
        )
        connection.execute(
            text(
                "INSERT INTO inbox (workspace_id, key, kind, conversation, payload, received_at)"
                f" VALUES ('T1', 'k', 'message', 'D1', '{{\"text\": \"before\"}}', {at})"
            )
        )
    store.close()
    return empty_url


def first(store: Store) -> object:
    with store.reading("T1") as unit:
        waiting = select(tables.Inbox).where(tables.Inbox.done_at.is_(None))
        return unit.session.scalars(waiting).one().payload["text"]


def test_payloads_survive_the_way_up_and_down(earlier: str, tmp_path: Path) -> None:
    given = settings(earlier, tmp_path, OLD)
    schema.upgrade(earlier)
    store = open_store(given)
    assert first(store) == "before"
    with store.writing("T1") as unit:
        InboxRows(unit).finish(1, NOW)
        InboxRows(unit).add(Arrival("k2", "message", "D1", {"text": "since"}), NOW)
        unit.commit()
    store.close()
    schema.downgrade(earlier, "0005_indexes")
    schema.upgrade(earlier)
    store = open_store(given)
    assert first(store) == "since"
    store.close()


def test_the_log_refuses_to_be_changed(store: Store) -> None:
    with store.writing("T1") as unit:
        unit.session.add(tables.Workspace(id="T1", name="T1", created_at=NOW))
        unit.commit()
    with store.writing("T1") as unit:
        Audit(unit).append(NOW, "ada", "rule.saved")
        unit.commit()
    for statement in ("UPDATE audit_log SET who = 'bo'", "DELETE FROM audit_log"):
        with pytest.raises(Exception, match="append-only"), store.engine.begin() as connection:
            connection.execute(text(statement))


def test_sqlite_overwrites_what_it_deletes(sqlite_url: str, tmp_path: Path) -> None:
    store = open_store(settings(sqlite_url, tmp_path, OLD))
    with store.engine.connect() as connection:
        assert connection.execute(text("PRAGMA secure_delete")).scalar() == 1
    store.close()
    with closing(sqlite3.connect(str(store.engine.url.database))) as plain:
        assert plain.execute("PRAGMA auto_vacuum").fetchone() == (2,)
