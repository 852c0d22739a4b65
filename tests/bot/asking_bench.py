"""How long `/overture now` takes on the bundled pool, from the command to the message in Slack.

    python -m tests.bot.asking_bench [TIMES]

The running bot's own jobs answer and send, each second and at once after an answer; Slack is the
emulator. Prints the median and the 95th percentile, and how much of it is the pick itself.
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bot.deciding.asked import ASKED
from bot.pool.imports import import_pool
from bot.schedule import Schedule
from bot.store.schema import upgrade
from tests.bot.conversation_scene import ADA, GENERAL, Scene, staged

POOL = Path(__file__).resolve().parents[2] / "data" / "pool"
JOBS = ("answer", "send")
APART = 0.37
"""seconds between an answer and the next question, so that they meet every part of a tick"""


def stock(scene: Scene) -> int:
    """The bundled pool, for a member who said a few things; how many items there are."""
    app, now = scene.app, datetime.now(UTC)
    scene.clock.moment = now
    for file in sorted(POOL.glob("*.jsonl")):
        import_pool(app.store, file, workspace=app.workspace, now=now, approved_by="bench")
    scene.agree(ADA)
    for words in ("python generators and iterators", "how do we label data?", "release notes"):
        scene.emulator.say(ADA, GENERAL, words)
    scene.drain()
    return len(app.refresh(now).items)


def ask(scene: Scene) -> float:
    """Seconds from the command to its answer."""
    before = len(scene.dm())
    began = time.perf_counter()
    scene.emulator.command(ADA, GENERAL, "/overture", "now")
    while len(scene.dm()) == before:
        scene.clock.moment = datetime.now(UTC)
        time.sleep(0.005)
    return time.perf_counter() - began


def main(times: int) -> None:
    folder = Path(tempfile.mkdtemp())
    url = f"sqlite:///{folder / 'bench.db'}"
    upgrade(url)
    with staged(folder, url) as scene:
        items = stock(scene)
        began = time.perf_counter()
        scene.app.asking.picker.pick(ADA, ASKED, "once", scene.clock.now())
        pick = time.perf_counter() - began
        schedule = Schedule(scene.app)
        schedule.jobs = tuple(one for one in schedule.jobs if one[0].__name__ in JOBS)
        schedule.start()
        took = []
        for _ in range(times):
            took.append(ask(scene))
            time.sleep(APART)
        schedule.stop()
    p50, p95 = np.percentile(took, [50, 95])
    print(
        f"{times} times over {items} items: p50 {p50:.2f} s, p95 {p95:.2f} s; a pick {pick:.3f} s"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
