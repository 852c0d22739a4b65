"""Workers that are killed one after the other, at every step or at any moment."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from tests.chaos.figures import Tally
from tests.chaos.processes import result, running
from tests.chaos.scene import Scene
from tests.chaos.worker import Life, Orders, finish, nursery

SECOND = timedelta(seconds=1)
ROWS = 2
"""messages for each kill"""
LONGEST = 100
"""steps that a worker lives at most before its random end: those of about three messages"""
BETWEEN = 0.01
"""seconds after a step, at most: longer than a call takes"""


def orders(scene: Scene, without: str = "", **more: Any) -> Orders:
    return Orders(scene.settings, scene.folder / "time", without, **more)


def killed_at_every_step(scene: Scene, without: str = "") -> Tally:
    """For each step on the way of one row: a worker that dies there; then one that does not."""

    def plan(steps: Sequence[str]) -> list[Life]:
        assert {"before the call", "after the call", "commit"} <= set(steps)
        now = scene.time.now()
        for number in range(1, len(steps) + 1):  # one row for each life, due when it begins
            due = now + (number - 1) * SECOND
            scene.put([scene.members[number]], f"/{number}", not_before=due)
        return [Life(fuse=number, then=SECOND) for number in range(1, len(steps) + 1)]

    return _killed(scene, without, plan)


def killed_at_random(scene: Scene, times: int, without: str = "", seed: int = 1) -> Tally:
    """Workers that die at any moment, one after the other; then one that does not."""
    chance = random.Random(seed)

    def plan(steps: Sequence[str]) -> list[Life]:
        scene.put(scene.members[1 : ROWS * times + 1])
        return [
            Life(
                fuse=chance.randint(1, LONGEST),
                after=chance.uniform(0, BETWEEN),
                then=timedelta(seconds=chance.uniform(0, 10)),
            )
            for _ in range(times)
        ]

    return _killed(scene, without, plan)


def _killed(scene: Scene, without: str, plan: Callable[[Sequence[str]], list[Life]]) -> Tally:
    scene.put(scene.members[:1])
    with running(nursery, orders(scene, without)) as mother:
        mother.pipe.send(plan(mother.told()))
        killed = mother.told(600)
        assert mother.ended() == 0
    scene.quiet()
    result(finish, orders(scene, without))
    return scene.tally(faults=killed)
