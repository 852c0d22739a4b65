"""What is too old goes, and its bytes with it; what is not stays."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import func, select, text

from bot.keeping.retention import KEPT, Retention
from bot.policy.purposes import OPENERS, PURPOSES
from bot.settings import RetentionSettings, Settings
from bot.store import tables
from bot.store.database import Store
from bot.store.opening import open_store
from bot.store.signals import Happened, Signals
from tests.bot.store.test_sealing import NOW as THEN
from tests.bot.store.test_sealing import PHRASE, everything, talk
from tests.docs.pages import ROOT

DAY = timedelta(days=1)


@pytest.fixture
def store(database_url: str, tmp_path: Path) -> Iterator[Store]:
    """A conversation of `THEN`; sealing is off, so that a search of the files can find words."""
    given = Settings(database_url=database_url, home=tmp_path / "home", sealing=False)
    opened = open_store(given)
    talk(opened)
    yield opened
    opened.close()


def keeper(store: Store, **shorter: int) -> Retention:
    return Retention(store, "T1", RetentionSettings(**shorter))


def opener(store: Store, at: datetime) -> None:
    with store.writing("T1") as unit:
        unit.session.add(tables.Run(id="r", workspace_id="T1", kind="plan", now=at, summary={}))
        unit.session.flush()
        unit.session.add(
            tables.Decision(
                id="d", workspace_id="T1", run_id="r", member_id="U1", slot="s", at=at,
                verdict="speak", reason="worth_it", rules=[], arm="normal", seed=1,
                policy_version="p", inputs={"standing": {}}, slate={"top": [1]},
            )
        )  # fmt: skip
        unit.session.flush()
        unit.session.add(
            tables.Opener(
                id="o", workspace_id="T1", decision_id="d", member_id="U1", item_id="i",
                state="closed", text=PHRASE, why=PHRASE, style="offer", prompt="p",
                language_model="template", created_at=at, sent_at=at,
            )
        )  # fmt: skip
        unit.commit()


def finished(store: Store) -> None:
    """What arrived is done, what was to leave has left."""
    with store.writing("T1") as unit:
        for row in unit.session.scalars(select(tables.Inbox)):
            row.done_at, row.error = THEN, "ValueError"  # set aside, with its payload
        for sent in unit.session.scalars(select(tables.Outbox)):
            sent.state = "sent"
        unit.commit()


def counts(store: Store) -> dict[str, int]:
    with store.reading("T1") as unit:
        return {
            table.__tablename__: unit.session.scalar(select(func.count()).select_from(table)) or 0
            for table in (tables.Signal, tables.Turn, tables.Inbox, tables.Outbox, tables.Opener)
        }


def test_each_class_goes_when_its_days_are_over_and_not_before(store: Store) -> None:
    finished(store)
    opener(store, THEN)
    days = {"channel_messages": 180, "openers": 365, "turns": 180, "outbox": 30, "inbox": 14,
            "decision_inputs": 90}  # fmt: skip
    for name, kept in days.items():
        held = keeper(store)
        assert held.due(THEN + kept * DAY)[name] == 0
        assert held.due(THEN + kept * DAY + DAY)[name] == 1
    before = counts(store)
    assert sum(keeper(store).due(THEN + 400 * DAY).values()) == len(days)
    assert counts(store) == before, "asking changes nothing"
    gone = keeper(store).run(THEN + 400 * DAY)
    assert {name: count for name, count in gone.items() if count} == dict.fromkeys(days, 1)
    assert counts(store) == {"signals": 0, "turns": 0, "inbox": 0, "outbox": 1, "openers": 1}
    assert sum(keeper(store).run(THEN + 400 * DAY).values()) == 0


def test_learned_figures_stay_without_words(store: Store) -> None:
    opener(store, THEN)
    keeper(store).run(THEN + 400 * DAY)
    with store.reading("T1") as unit:
        told = unit.session.get_one(tables.Opener, "o")
        decision = unit.session.get_one(tables.Decision, "d")
        assert (told.text, told.why, told.sent_at) == ("", "", THEN)
        assert (decision.inputs, decision.slate) == (None, {"top": [1]})


def test_the_bytes_go_too(store: Store) -> None:
    finished(store)
    opener(store, THEN)
    assert everything(store).count(PHRASE.encode()) >= 5
    keeper(store).run(THEN + 400 * DAY)
    if store.engine.dialect.name == "sqlite":
        path = Path(str(store.engine.url.database))
        files = [path, *path.parent.glob(f"{path.name}-*")]
        assert PHRASE.encode() not in b"".join(file.read_bytes() for file in files)
    else:
        assert PHRASE.encode() not in everything(store)


def test_without_overwriting_the_bytes_would_stay(sqlite_url: str, tmp_path: Path) -> None:
    """The negative control: with SQLite's own defaults deleted words are still in the file."""
    given = Settings(database_url=sqlite_url, home=tmp_path / "home", sealing=False)
    store = open_store(given)
    talk(store)
    with store.engine.begin() as connection:
        connection.execute(text("PRAGMA secure_delete=OFF"))
        connection.execute(text("DELETE FROM signals"))
        connection.execute(text("DELETE FROM turns"))
        connection.execute(text("DELETE FROM inbox"))
        connection.execute(text("DELETE FROM outbox"))
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    assert PHRASE.encode() in Path(str(store.engine.url.database)).read_bytes()
    store.close()


def test_what_still_waits_is_never_emptied(store: Store) -> None:
    keeper(store).run(THEN + 4000 * DAY)
    with store.reading("T1") as unit:
        assert unit.session.scalars(select(tables.Outbox)).one().payload["content"]
        assert unit.session.scalars(select(tables.Inbox)).one().payload["text"]


def test_days_may_be_shortened_and_not_lengthened(store: Store) -> None:
    assert keeper(store, turns=7).due(THEN + 8 * DAY)["turns"] == 1
    assert keeper(store).due(THEN + 8 * DAY)["turns"] == 0
    with pytest.raises(ValidationError, match="less than or equal to 180"):
        RetentionSettings(turns=181)


def test_every_workspace_has_its_own_data(store: Store) -> None:
    with store.writing("T2") as unit:
        unit.session.add(tables.Workspace(id="T2", name="T2", created_at=THEN))
        unit.session.flush()
        unit.session.add(tables.Member(workspace_id="T2", id="U1", name="Ana"))
        unit.session.flush()
        Signals(unit).save([Happened("k", "U1", "reactions", "reacted", THEN)])
        unit.commit()
    keeper(store).run(THEN + 400 * DAY)
    with store.reading("T2") as unit:
        assert len(Signals(unit).list()) == 1


def test_every_class_has_its_setting_and_every_purpose_its_days() -> None:
    assert {kept.name for kept in KEPT} == set(RetentionSettings.model_fields)
    defaults = RetentionSettings().model_dump()
    assert {p.name: p.days_kept for p in PURPOSES} == {p.name: defaults[p.name] for p in PURPOSES}
    assert {p.name for p in PURPOSES} - {kept.name for kept in KEPT} == set()
    assert OPENERS in defaults


def test_the_readme_s_days_are_those_of_the_code() -> None:
    page = (ROOT / "README.md").read_text("utf-8")
    said = {name: int(days) for name, days in re.findall(r"^\| `(\w+)` \| (\d+) \|", page, re.M)}
    assert said == RetentionSettings().model_dump()
