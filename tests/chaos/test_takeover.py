"""Workers die with rows in their hands: another has done their work within a minute, in real time.

Only leases and the settle time are shorter than in production; the clock is the machine's own.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.store import tables
from tests.chaos.figures import Figures, Tally
from tests.chaos.killing import orders
from tests.chaos.processes import result, running
from tests.chaos.scene import Scene, staged
from tests.chaos.switched_off import SHORT_SETTLE
from tests.chaos.worker import Orders, finish, work_on

ROWS = 30
WITHIN = SHORT_SETTLE + timedelta(seconds=60)
"""of the death: the settle time and a minute"""

only_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@dataclass(frozen=True)
class Left:
    """What the dead left: rows that they had claimed, and begun to send; and what became."""

    claimed: int
    begun: int
    late: int
    """of both: those that had not left when the time was over"""
    longest: timedelta
    """from the death to the last of them in the journal"""
    tally: Tally


def killed_among_others(scene: Scene, without: str = "") -> Left:
    """Three workers; two are killed, before a call and in the middle of one; one lives on."""
    claiming = orders(scene, without, hasty=True, fuse=1, named="before opening")
    calling = orders(scene, without, hasty=True, fuse=2, named="before the call")
    with (
        running(work_on, claiming) as first,
        running(work_on, calling) as second,
        running(work_on, _hasty(scene, without)) as other,
    ):
        names = {first.told(), second.told()}
        other.told()
        scene.put(scene.members[:ROWS])
        first.ended()
        second.ended()
        died = scene.time.now()
        theirs = [row for row in scene.rows().values() if row.owner in names]
        while (late := _late(scene, theirs)) and scene.time.now() < died + WITHIN:
            if without:  # nobody is expected: faster, but slow enough for whoever came
                scene.time.move(timedelta(seconds=4))
            time.sleep(0.5)
    last = max(_committed(scene, theirs).values(), default=died)
    result(finish, _hasty(scene))  # what the others left alone is done by a sound one
    begun = sum(row.called_at is not None for row in theirs)
    return Left(len(theirs) - begun, begun, late, last - died, scene.tally(faults=2))


def _hasty(scene: Scene, without: str = "") -> Orders:
    return orders(scene, without, hasty=True)


def _late(scene: Scene, theirs: list[tables.Outbox]) -> int:
    return len(theirs) - len(_committed(scene, theirs))


def _committed(scene: Scene, theirs: list[tables.Outbox]) -> dict[str, datetime]:
    """When each of these rows was first committed, by the emulator's journal."""
    when: dict[str, datetime] = {}
    wanted = {row.id for row in theirs}
    for entry in scene.emulator.journal.entries("chat.postMessage"):
        delivery = str((entry.metadata or {}).get("event_payload", {}).get("delivery"))
        if delivery in wanted:
            when.setdefault(delivery, datetime.fromtimestamp(float(entry.ts), UTC))
    return when


@only_postgresql
def test_what_dead_workers_had_in_their_hands_has_left_within_a_minute(
    tmp_path: Path, database_url: str, figures: Figures
) -> None:
    with staged(tmp_path, database_url, ROWS, runs=True) as scene:
        left = killed_among_others(scene)
    figures.note(f"two of three workers die; taken over in {left.longest.seconds} s", left.tally)
    assert left.claimed > 0
    assert left.begun > 0
    assert left.late == 0
    assert left.longest <= WITHIN
    assert left.tally.harmless
    assert (left.tally.once, left.tally.unresolved) == (ROWS, 0)


@only_postgresql
def test_where_nobody_is_taken_for_dead_what_it_had_begun_is_late(
    tmp_path: Path, database_url: str, figures: Figures
) -> None:
    without = "noticing the dead"
    with staged(tmp_path, database_url, ROWS, runs=True) as scene:
        left = killed_among_others(scene, without)
    figures.control(without, left.tally)
    assert left.late > 0
