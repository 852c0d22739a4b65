"""Rows for the inbox's tests; also run as a process that works them off, or is killed doing so.

    python -m tests.bot.inbox_bench DATABASE WHERE

notes each arrival as a turn's worth of work: one hand-off row. WHERE is `never`, `before` (killed
while it thinks) or `inside` (killed within the transaction, after the effect was written).
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count

from bot.inbox import Act, After, Handler, Inbox, Worked
from bot.ports import Arrival
from bot.store import tables
from bot.store.database import Store, Unit, connect
from bot.store.owners import Owner, be_owner

WORKSPACE = "W1"
START = datetime(2025, 10, 9, 9, tzinfo=UTC)

_NUMBERS = count(1)

Think = Callable[[Arrival], None]


def populate(store: Store) -> None:
    with store.writing(WORKSPACE) as unit:
        unit.session.add(tables.Workspace(id=WORKSPACE, name="Ours", created_at=START))
        unit.session.flush()
        unit.session.add(tables.Member(workspace_id=WORKSPACE, id="ada", name="Ada"))
        unit.commit()


def arrival(key: str, conversation: str = "D1") -> Arrival:
    return Arrival(key, "message", conversation, {"text": f"words of {key}"})


def noting(think: Think = lambda arrival: None, inside: Think = lambda arrival: None) -> Handler:
    """A handler whose one effect is a row; its id would clash were it written twice."""

    def handle(found: Arrival, now: datetime) -> Act:
        think(found)

        def act(unit: Unit) -> After | None:
            unit.session.add(
                tables.Handoff(
                    id=f"ho_{found.key}",
                    workspace_id=WORKSPACE,
                    member_id="ada",
                    asked_at=datetime.now(UTC),
                )
            )
            unit.session.flush()
            inside(found)
            return None

        return act

    return handle


def box(
    store: Store,
    handler: Handler | None = None,
    owner: Owner | None = None,
    elapsed: Callable[[], float] = lambda: 0.0,
) -> Inbox:
    """One of an owner of its own, who takes the others to live; its rounds last no time."""
    alone = Owner(f"owner {next(_NUMBERS)}", lambda other: False, lambda: None)
    return Inbox(store, WORKSPACE, handler or noting(), owner or alone, elapsed)


def effects(store: Store) -> list[str]:
    """Keys of the arrivals whose effect is there, in the order of their writing."""
    with store.reading(WORKSPACE) as unit:
        rows = unit.session.query(tables.Handoff).all()
    return [row.id.removeprefix("ho_") for row in sorted(rows, key=lambda row: row.asked_at)]


def rows(store: Store) -> list[tables.Inbox]:
    with store.reading(WORKSPACE) as unit:
        return unit.session.query(tables.Inbox).order_by(tables.Inbox.id).all()


def die(found: Arrival) -> None:
    if found.key == "a3":
        os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    url, where = sys.argv[1:]
    store = Store(connect(url))

    def slowly(found: Arrival) -> None:
        time.sleep(0.005)
        if where == "before":
            die(found)

    handler = noting(slowly, die if where == "inside" else lambda found: None)
    owner = be_owner(store.engine, f"process {os.getpid()}")
    inbox = box(store, handler, owner)
    worked = inbox.work(START)
    while inbox.waiting()["waiting"]:  # another one is at it
        time.sleep(0.002)
        again = inbox.work(START)
        worked = Worked(worked.done + again.done, worked.failed, worked.errors + again.errors)
    owner.close()
    store.close()
    print(worked.done, worked.failed, *worked.errors)


if __name__ == "__main__":
    main()
