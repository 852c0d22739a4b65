"""Which workspaces a process serves: what is heard while one of them is made anew."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bot.roster import Roster
from bot.store.database import Store, connect
from bot.store.installations import Granted
from bot.store.installing import install
from bot.store.workspaces import Served, Workspaces

NOW = datetime(2026, 9, 7, 9, tzinfo=UTC)


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    made = Store(connect(sqlite_url))
    for team in ("T1", "T2"):
        install(made, Granted(team, f"xoxb-{team}", installer="U1"), {}, NOW)
    yield made
    made.close()


def own(store: Store, team: str, cap: int) -> None:
    with store.writing(team) as unit:
        Workspaces(unit).lock(team).settings = {"policy.daily_cap": cap}
        unit.commit()


def test_one_that_is_made_anew_is_heard_meanwhile_and_so_are_the_others(store: Store) -> None:
    """What it is at may take as long as a night; Slack waits three seconds."""
    leaves, may_leave = threading.Event(), threading.Event()

    def let_go(made: tuple[str, object]) -> None:
        leaves.set()
        assert may_leave.wait(10)

    def take(row: Served) -> tuple[str, object]:
        return row.id, row.settings.get("policy.daily_cap")

    known: Roster[tuple[str, object]] = Roster(store, None, take, let_go)
    known.look()
    own(store, "T1", 3)
    looking = threading.Thread(target=known.look)
    looking.start()
    assert leaves.wait(10)
    found: list[object] = []
    asking = threading.Thread(
        target=lambda: found.extend(known.find(team, None, None) for team in ("T1", "T2"))
    )
    asking.start()
    asking.join(2)
    assert found == [("T1", None), ("T2", None)]
    may_leave.set()
    looking.join(10)
    assert known.find("T1", None, None) == ("T1", 3)
    assert sorted(known.all, key=str) == [("T1", 3), ("T2", None)]


def test_one_that_cannot_be_made_anew_is_heard_as_it_was(store: Store) -> None:
    """What its people say is kept until somebody mends its settings."""

    def take(row: Served) -> str:
        if row.settings.get("policy.daily_cap") == 0:
            raise ValueError("its own settings are wrong")
        return f"{row.id}:{row.settings.get('policy.daily_cap')}"

    gone: list[str] = []
    known: Roster[str] = Roster(store, None, take, gone.append)
    known.look()
    own(store, "T1", 0)
    known.look()
    assert known.find("T1", None, None) == "T1:None"
    own(store, "T1", 2)
    known.look()
    assert known.find("T1", None, None) == "T1:2"
    assert set(gone) == {"T1:None"}
