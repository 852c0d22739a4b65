"""What is asked all the time reads the rows that it needs, and not all that a workspace ever had.

Held to SQLite: without statistics it takes whichever index begins with the workspace.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from bot.store import tables
from bot.store.answers import Answers
from bot.store.channels import Channels
from bot.store.conversations import Conversations
from bot.store.database import Store, Unit, connect
from bot.store.decisions import Slots
from bot.store.due import Due
from bot.store.inbox import InboxRows
from bot.store.items import Items
from bot.store.live_pool import LivePool
from bot.store.members import Members
from bot.store.outbox import OutboxRows
from bot.store.outcomes import Outcomes
from bot.store.owners import IsDead

NOW = datetime(2026, 9, 7, 9, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
MEMBER = tables.Member(workspace_id="T1", id="U1", name="Ada")
DEAD: IsDead = lambda owner: True  # noqa: E731

ASKED: dict[str, Callable[[Unit], Any]] = {
    "does anything wait": lambda unit: InboxRows(unit).any_waiting(),
    "what waits": lambda unit: InboxRows(unit).claim("me", NOW, LATER, DEAD, 8, ["D1"]),
    "what is on its way": lambda unit: OutboxRows(unit).waiting(),
    "what is due": lambda unit: Due(unit).claim("me", NOW, LATER, DEAD, 8, ["dl_1"]),
    "what is late": lambda unit: Due(unit).tidy(NOW),
    "who is next": lambda unit: Due(unit).next_members(NOW, 50),
    "what an opener said": lambda unit: OutboxRows(unit).content_of("op_1"),
    "an answer begins": lambda unit: Answers(unit).at("U1", "1.0"),
    "where somebody is": lambda unit: Members(unit).identity("slack", "U1"),
    "what is addressed to members": lambda unit: LivePool(unit).addressed(NOW, LATER),
    "what somebody reads": lambda unit: Channels(unit).readable_by(MEMBER),
    "slots of the day": lambda unit: Slots(unit).around(NOW),
    "an item's message": lambda unit: Items(unit).by_message("C1", "1.0"),
    "words at a place": lambda unit: Conversations(unit).has("D1", "1.0"),
    "what was said": lambda unit: Conversations(unit).turns("co_1"),
    "our words": lambda unit: Conversations(unit).ours("answer:1"),
    "asked how it went": lambda unit: Conversations(unit).last_asked("U1"),
    "what came of it": lambda unit: Outcomes(unit).of("op_1"),
}
SMALL = ("channels", "workspaces")
"""tables that hold few rows of a workspace"""
ALL_OF_IT = re.compile(r"(?:SCAN (?!CONSTANT ROW)(\w+)|SEARCH (\w+) USING .*\(workspace_id=\?\)$)")


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    made = Store(connect(sqlite_url))
    with made.writing("T1") as unit:
        unit.session.add(tables.Workspace(id="T1", name="One", created_at=NOW))
        unit.commit()
    yield made
    made.close()


@contextmanager
def read_whole(store: Store) -> Iterator[list[str]]:
    """Steps of statements that read all rows of a workspace, or of everybody."""
    found: list[str] = []

    def look(_c: Any, cursor: Any, statement: str, given: Any, *_more: Any) -> None:
        if not statement.startswith(("SELECT", "UPDATE", "DELETE")):
            return
        for *_, step in cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", given):
            whole = ALL_OF_IT.match(step)
            if whole and (whole[1] or whole[2]) not in SMALL:
                found.append(step)

    event.listen(store.engine, "before_cursor_execute", look)
    yield found
    event.remove(store.engine, "before_cursor_execute", look)


@pytest.mark.parametrize("name", ASKED)
def test_nothing_reads_all_that_there_ever_was(store: Store, name: str) -> None:
    with store.writing("T1") as unit, read_whole(store) as found:
        ASKED[name](unit)
    assert found == []


@pytest.mark.parametrize(
    ("index", "name"),
    [("ix_inbox_oldest", "what waits"), ("ix_items_message", "an item's message")],
)
def test_without_its_index_that_is_seen(store: Store, index: str, name: str) -> None:
    """The control."""
    with store.engine.begin() as connection:
        connection.execute(text(f"DROP INDEX {index}"))
    with store.writing("T1") as unit, read_whole(store) as found:
        ASKED[name](unit)
    assert len(found) > 0
