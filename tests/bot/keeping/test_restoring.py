"""A backup is put back: nothing is said twice, and nothing to whoever withdrew since."""

from __future__ import annotations

import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from bot.app import App, build
from bot.ids import digest
from bot.keeping.restoring import Restored, Restoring
from bot.ports import Arrival, Delivery, Refused
from bot.store import tables
from bot.store.audit import Audit
from bot.store.consents import Consents
from bot.store.database import Unit
from bot.store.outbox import OutboxRows
from bot.store.withdrawals import Withdrawals
from tests.bot.conversation_scene import ADA, GRACE, START, Scene, staged


@pytest.fixture
def scene(tmp_path: Path, database_url: str) -> Iterator[Scene]:
    with staged(tmp_path, database_url) as made:
        yield made


def queue(app: App, member: str, key: str) -> None:
    with app.store.writing(app.workspace) as unit:
        OutboxRows(unit).add(
            member=member, kind="answer", dedupe_key=key, content={"text": f"said {key}"},
            expires_at=START + timedelta(days=1), now=START,
        )  # fmt: skip
        unit.commit()


def row_of(unit: Unit, name: str) -> tables.Member:
    return unit.session.get_one(tables.Member, (unit.workspace, name))


def posts(scene: Scene, phrase: str) -> int:
    return sum(phrase in entry.text for entry in scene.emulator.journal.entries("chat.postMessage"))


def copy(url: str, folder: Path) -> str:
    """A backup: as docs/operations.md says on SQLite, the database's files on PostgreSQL."""
    if url.startswith("sqlite"):
        kept = str(folder / "backup.db")
        path = str(make_url(url).database)
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(kept)) as target:
            source.backup(target)
        return kept
    name = f"kept_{uuid.uuid4().hex}"
    on_server(url, f"CREATE DATABASE {name} TEMPLATE {make_url(url).database}")
    return name


def put_back(url: str, kept: str) -> None:
    if url.startswith("sqlite"):
        path = Path(str(make_url(url).database))
        for beside in path.parent.glob(f"{path.name}-*"):
            beside.unlink()
        shutil.copy(kept, path)
        return
    database = make_url(url).database
    on_server(url, f"DROP DATABASE {database} WITH (FORCE)")
    on_server(url, f"ALTER DATABASE {kept} RENAME TO {database}")


def on_server(url: str, statement: str) -> None:
    address = make_url(url).set(drivername="postgresql+psycopg", database="postgres")
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def restored(app: App, by: str = "ada") -> Restored:
    journal = Withdrawals(app.settings.home)
    work = Restoring(app.store, app.workspace, app.channel, journal, app.zone.key)
    return work.run(START + timedelta(hours=1), by)


def drained(app: App) -> None:
    """Deliver over several minutes, so that everything that is looked for is settled."""
    for minute in range(6):
        app.deliver(START + timedelta(hours=1, minutes=minute))


@pytest.fixture
def again(scene: Scene, database_url: str, tmp_path: Path) -> Iterator[App]:
    """The bot on a copy that knows neither what was sent nor who left after it was made."""
    app = scene.app
    for member in (ADA, GRACE):
        scene.agree(member)
    for n in range(2):
        with app.store.writing(app.workspace) as unit:
            Audit(unit).append(START, "ada", "rule.saved", str(n))
            unit.commit()
    queue(app, ADA, "known")
    queue(app, ADA, "unsent")
    with app.store.writing(app.workspace) as unit:
        row = unit.session.get_one(tables.Outbox, "dl_" + digest(app.workspace, "unsent"))
        row.not_before = START + timedelta(minutes=30)
        unit.commit()
    app.store.close()  # it connects again by itself
    kept = copy(database_url, tmp_path)
    assert app.deliver(START + timedelta(seconds=5)).sent == 1
    with app.store.writing(app.workspace) as unit:
        row_of(unit, GRACE).left_at = START + timedelta(seconds=9)
        Consents(unit).withdraw(GRACE, at=START + timedelta(seconds=9))
        Consents(unit).withdraw(ADA, ["reactions"], at=START + timedelta(seconds=9))
        Audit(unit).append(START, "ada", "rule.saved", "later")
        unit.commit()
    app.store.close()
    put_back(database_url, kept)
    made = build(app.settings, scene.clock)
    yield made
    made.close()


def test_nothing_is_said_twice_and_nothing_unsaid_is_lost(scene: Scene, again: App) -> None:
    done = restored(again)
    assert (done.looked_for, done.unreadable) == (2, 0)
    drained(again)
    assert posts(scene, "said known") == 1
    assert posts(scene, "said unsent") == 1
    with again.store.reading(again.workspace) as unit:
        states = {row.state for row in unit.session.query(tables.Outbox)}
    assert states == {"sent"}


def test_without_the_command_it_is_said_twice(scene: Scene, again: App) -> None:
    """The negative control: the copy takes the message for unsent, and sends it again."""
    drained(again)
    assert posts(scene, "said known") == 2


def test_an_opener_that_waited_for_a_person_is_withdrawn(scene: Scene, again: App) -> None:
    """It may have been approved and sent after the copy; approved again it would leave twice."""
    unsent = "dl_" + digest(again.workspace, "unsent")
    with again.store.writing(again.workspace) as unit:
        unit.session.get_one(tables.Outbox, unsent).state = "held"
        unit.commit()
    opener_id = replace(scene, app=again).speak().id
    with again.store.writing(again.workspace) as unit:
        unit.session.get_one(tables.Outbox, unsent).opener_id = opener_id
        unit.session.get_one(tables.Opener, opener_id).state = "held"
        unit.commit()
    assert restored(again).held == 1
    drained(again)
    assert posts(scene, "said unsent") == 0
    with again.store.reading(again.workspace) as unit:
        row = unit.session.get_one(tables.Outbox, unsent)
        assert (row.state, row.reason) == ("withdrawn", "restored")
        assert unit.session.get_one(tables.Opener, opener_id).state == "withdrawn"
    assert restored(again).held == 0


def test_what_waited_to_be_answered_is_set_aside(again: App) -> None:
    """It may have been answered after the copy; what says nothing is worked off all the same."""
    again.inbox.receive(Arrival("event:1", "message", "D1ADA", {"text": "Tell me more"}), START)
    again.inbox.receive(Arrival("event:2", "delete", "D1ADA", {"ts": "1.0"}), START)
    assert again.inbox.waiting() == {"waiting": 2, "set_aside": 0}, "they would be worked off"
    assert restored(again).arrived == 1
    assert again.inbox.waiting() == {"waiting": 1, "set_aside": 1}
    with again.store.reading(again.workspace) as unit:
        row = unit.session.query(tables.Inbox).filter_by(key="event:1").one()
        assert (row.error, row.payload) == ("restored", {"text": "Tell me more"})
    assert restored(again).arrived == 0


def test_what_was_taken_back_is_taken_back_again(again: App) -> None:
    with again.store.reading(again.workspace) as unit:
        assert Consents(unit).granted(GRACE), "the copy does not know"
    done = restored(again)
    assert done.left == 1
    with again.store.reading(again.workspace) as unit:
        assert Consents(unit).granted(GRACE) == frozenset()
        assert row_of(unit, GRACE).left_at is not None
        assert "reactions" not in Consents(unit).granted(ADA)
        assert "openers" in Consents(unit).granted(ADA)
        assert unit.session.query(tables.Slot).filter_by(state="used").count() == 1
    done = restored(again)
    assert (done.left, done.consents, done.slots) == (0, 0, 0), "twice changes nothing more"


def test_the_audit_log_says_so_and_holds(again: App) -> None:
    with again.store.reading(again.workspace) as unit:
        assert "cut short" in Audit(unit).verify().problem
    restored(again)
    with again.store.reading(again.workspace) as unit:
        assert Audit(unit).verify().problem == ""
        last = Audit(unit).list()[-1]
    assert (last.action, last.details["audit_entries_lost"]) == ("database.restored", 1)


def test_a_welcome_of_after_the_backup_is_known_again(again: App) -> None:
    with again.store.writing(again.workspace) as unit:
        row_of(unit, ADA).pilot = True
        unit.commit()
    address = again.channel.address_of(ADA)
    delivery = "dl_" + digest(again.workspace, f"welcome:{ADA}")
    again.channel.send(Delivery(delivery, address, "welcome", {"text": "Hello"}))
    assert restored(again).welcomed == 1
    with again.store.reading(again.workspace) as unit:
        assert row_of(unit, ADA).welcomed_at is not None


def test_a_later_yes_stands(again: App) -> None:
    with again.store.writing(again.workspace) as unit:
        Consents(unit).withdraw_older(GRACE, None, at=START)
        later = START + timedelta(minutes=1)
        Consents(unit).grant(GRACE, ["openers"], at=later, origin="member")
        unit.commit()
    restored(again)
    with again.store.reading(again.workspace) as unit:
        assert Consents(unit).granted(GRACE) == {"openers"}
        assert row_of(unit, GRACE).left_at is None


def test_the_journal_names_nobody_and_survives_a_cut_line(tmp_path: Path) -> None:
    journal = Withdrawals(tmp_path / "home")
    journal.note("T1", GRACE, "consent", START, ["reactions", "openers"])
    journal.note("T1", ADA, "left", START)
    assert GRACE.encode() not in journal.file.read_bytes()
    for file in (journal.file, journal.key_file):
        assert file.stat().st_mode & 0o077 == 0
    with journal.file.open("ab") as opened:
        opened.write(b'{"at": "2026-0')
    found, bad = journal.read()
    assert ([(one.what, one.purpose) for one in found], bad) == (
        [("consent", "reactions"), ("consent", "openers"), ("left", "")],
        1,
    )
    assert found[2].member == journal.name_of("T1", ADA)
    assert found[2].member != journal.name_of("T2", ADA)
    journal.key_file.unlink()
    with pytest.raises(Refused, match=r"withdrawals\.key is missing"):
        journal.name_of("T1", ADA)
    journal.note("T1", ADA, "left", START)  # it is logged, and hinders nobody
