"""`overture unresolved`: what nobody knows is listed, counted as sent, and settled by a person."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.reading.standing import Standings
from bot.settings import PolicySettings
from bot.store import tables
from bot.store.audit import Audit
from bot.store.database import Store, connect
from tests.bot.cli.conftest import Overture
from tests.bot.outbox_bench import START, WINDOW, WORKSPACE, opener_of, populate, put_opener, row_of

LATER = START + timedelta(hours=1)


@pytest.fixture
def unsettled(overture: Overture, tmp_path: Path) -> Store:
    """One opener whose call began, and of which nothing is known."""
    assert overture("db", "upgrade")[0] == 0
    store = Store(connect(f"sqlite:///{tmp_path / 'overture.db'}"))
    populate(store)
    put_opener(store, "a")
    with store.writing(WORKSPACE) as unit:
        row = unit.session.query(tables.Outbox).one()
        row.state, row.called_at, row.reason = "unresolved", START, "cannot be settled: status 500"
        unit.session.query(tables.Opener).one().state = "unresolved"
        unit.commit()
    return store


def listed(overture: Overture) -> list[dict[str, str]]:
    code, told, _ = overture("unresolved", "--json")
    assert code == 0
    answer = json.loads(told)
    assert answer["n"] == len(answer["unresolved"])
    rows: list[dict[str, str]] = answer["unresolved"]
    return rows


def counted(store: Store, at: datetime = LATER) -> int:
    with store.reading(WORKSPACE) as unit:
        return Standings(PolicySettings()).read(unit, "m-ada", at).sent_week


def test_it_is_listed_with_all_that_a_person_needs(overture: Overture, unsettled: Store) -> None:
    (row,) = listed(overture)
    assert row["id"] == row_of(unsettled, "a").id
    assert (row["workspace"], row["member"], row["kind"]) == (WORKSPACE, "m-ada", "opener")
    assert row["called_at"] == f"{START:%Y-%m-%dT%H:%MZ}"
    assert row["age"].endswith(" d")
    assert "status 500" in row["why"]
    said = overture("unresolved")[1]
    assert row["id"] in said
    assert "settle" in said


def test_it_counts_as_sent_until_somebody_knows_better(
    overture: Overture, unsettled: Store
) -> None:
    (row,) = listed(overture)
    assert counted(unsettled) == 1
    assert overture("unresolved", "settle", row["id"], "--not-sent", "--by", "ada")[0] == 0
    assert counted(unsettled) == 0
    assert listed(overture) == []
    settled, opener = row_of(unsettled, "a"), opener_of(unsettled, "a")
    assert (settled.state, settled.settled_by, settled.sent_at) == ("withdrawn", "ada", None)
    assert (opener.state, opener.sent_at) == ("withdrawn", None)


def test_what_arrived_was_sent_when_its_call_began(overture: Overture, unsettled: Store) -> None:
    (row,) = listed(overture)
    assert overture("unresolved", "settle", row["id"], "--sent", "--by", "ada")[0] == 0
    assert counted(unsettled) == 1
    settled, opener = row_of(unsettled, "a"), opener_of(unsettled, "a")
    assert (settled.state, settled.settled_by, settled.sent_at) == ("sent", "ada", START)
    assert (opener.state, opener.sent_at) == ("sent", START)
    assert opener.window_closes_at == START + WINDOW
    with unsettled.reading(WORKSPACE) as unit:
        (entry,) = Audit(unit).list()
    assert (entry.who, entry.action, entry.subject) == ("ada", "unresolved.sent", row["id"])


def test_what_is_settled_or_unknown_is_refused(overture: Overture, unsettled: Store) -> None:
    (row,) = listed(overture)
    assert "no message 'dl_x'" in overture("unresolved", "settle", "dl_x", "--sent")[2]
    assert overture("unresolved", "settle", row["id"])[0] == 2
    overture("unresolved", "settle", row["id"], "--sent", "--by", "ada")
    code, _, error = overture("unresolved", "settle", row["id"], "--not-sent")
    assert (code, "settled by ada" in error) == (1, True)
    assert row_of(unsettled, "a").state == "sent"


def test_without_any_it_says_so(overture: Overture, unsettled: Store) -> None:
    (row,) = listed(overture)
    overture("unresolved", "settle", row["id"], "--sent")
    assert "Nothing is unresolved" in overture("unresolved")[1]
