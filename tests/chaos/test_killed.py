"""kill -9 and SIGSTOP of the sending process at each step: nothing doubles, nothing is lost."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.chaos.figures import Figures, Tally
from tests.chaos.killing import killed_at_every_step, orders
from tests.chaos.processes import result, running
from tests.chaos.scene import Scene, staged
from tests.chaos.worker import finish, work_once, works

MEMBERS = 80
"""more than there are steps on a row's way"""
ASLEEP = ("before the call", "after the call")
"""where it falls asleep: never with a lock of the database in its hands, for that is waited for"""
PASSES = 20
"""of the others while one sleeps: 400 seconds, and its lease has 90"""


@pytest.fixture
def scene(tmp_path: Path, database_url: str) -> Iterator[Scene]:
    with staged(tmp_path, database_url, MEMBERS) as made:
        yield made


def test_killed_at_every_step_between_claim_and_mark(scene: Scene, figures: Figures) -> None:
    tally = figures.note("kill -9 at every step", killed_at_every_step(scene))
    assert tally.faults > 20
    assert tally.harmless
    assert (tally.once, tally.unresolved) == (len(scene.expected), 0)


@pytest.mark.parametrize(("without", "harm"), [("reconciliation", "doubled"), ("looking", "lost")])
def test_at_some_step_it_does_harm_without_asking_the_conversation(
    tmp_path: Path, sqlite_url: str, figures: Figures, without: str, harm: str
) -> None:
    with staged(tmp_path, sqlite_url, MEMBERS) as scene:
        tally = figures.control(without, killed_at_every_step(scene, without))
    assert getattr(tally, harm) > 0


def asleep_past_the_lease(scene: Scene, without: str = "") -> Tally:
    """A worker falls asleep on its way; the others go on, past its lease; then it wakes."""
    scene.put(scene.members[:1])
    result(finish, orders(scene))
    for number, step in enumerate(ASLEEP):
        scene.put(scene.members[number + 1 : number + 2])
        told = orders(scene, without, fuse=1, named=step, how=signal.SIGSTOP)
        with running(work_once, told) as sleeper:
            sleeper.until_asleep()
            result(works, orders(scene, without), PASSES)
            sleeper.wake()
            assert sleeper.ended() == 0
        scene.quiet()
        result(finish, orders(scene, without))
        scene.time.move(timedelta(minutes=5))
    return scene.tally(faults=len(ASLEEP))


def test_asleep_past_the_lease_and_then_awake(scene: Scene, figures: Figures) -> None:
    tally = figures.note("SIGSTOP past the lease, then SIGCONT", asleep_past_the_lease(scene))
    assert tally.harmless
    assert tally.once + tally.unresolved == len(scene.expected)


def test_a_sleeper_doubles_where_nobody_asks_whether_it_lives(
    tmp_path: Path, sqlite_url: str, figures: Figures
) -> None:
    without = "asking who lives"
    with staged(tmp_path, sqlite_url, MEMBERS) as scene:
        tally = figures.control(without, asleep_past_the_lease(scene, without))
    assert tally.doubled > 0
