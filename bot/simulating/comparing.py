"""One simulation: the product and its rivals in worlds that are the same, and the figures."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bot.openers.styles import suited
from bot.ports import BadInput, Progress, silent
from bot.simulating.living import live
from bot.simulating.rivals import Keeps, Policy, at_random, by_similarity, compete, oracle, top_half
from bot.simulating.side_by_side import side_by_side
from bot.simulating.tokens import KIND
from bot.simulating.world_process import Made, WorldProcess
from recsys.setting import MONDAY
from recsys.simulation import DayTally
from recsys.types import MemberId

FINAL_DAYS = 14
"""days, the last ones, over which precision and utility count"""

PRODUCT, OFF, ORACLE = "overture", "training_off", "oracle"
STYLES = suited(KIND)


def _all(_intents: object) -> float:
    return float("-inf")


SIMPLE: Mapping[str, tuple[Policy, Keeps]] = MappingProxyType(
    {
        "random": (at_random, _all),
        "similarity_always": (by_similarity, _all),
        "similarity_top_half": (by_similarity, top_half),
    }
)
"""rivals that learn nothing, and what of a day they leave unsaid"""

LIVES = (PRODUCT, OFF, *SIMPLE, ORACLE)
"""the longest first, so that lives side by side end together"""


@dataclass(frozen=True)
class Course:
    """How one policy fared."""

    days: tuple[DayTally, ...]
    left: Collection[MemberId]

    @property
    def last(self) -> Sequence[DayTally]:
        return self.days[-FINAL_DAYS:]

    @property
    def utility(self) -> float:
        return sum(day.utility for day in self.last)

    def final(self, members: int, best: float | None) -> dict[str, Any]:
        """The figures; `best` is the oracle's utility, None where there is no oracle."""
        sent = sum(day.openers for day in self.last)
        engaged = sum(day.engaged for day in self.last)
        return {
            "precision": round(engaged / sent, 4) if sent else None,
            "opt_out_rate": round(len(self.left) / members, 4) if members else None,
            "share_of_oracle": round(self.utility / best, 4)
            if best is not None and best > 0
            else None,
            "utility": round(self.utility, 2),
            "sent": sent,
        }


@dataclass(frozen=True)
class Simulation:
    """What is simulated; the same one comes to the same figures."""

    members: int
    days: int
    seed: int
    world: str | None = None

    @property
    def made(self) -> Made:
        return Made(self.world, self.members, self.days, self.seed, MONDAY, STYLES)

    @property
    def dates(self) -> Sequence[date]:
        return [MONDAY + timedelta(days=number) for number in range(self.days)]

    def run(self, progress: Progress = silent, *, jobs: int = 1) -> dict[str, Any]:
        """The object that `overture simulate --json` prints; `jobs` lives are lived at a time.

        Raises BadInput for a world that does not keep to its protocol.
        """
        lived = side_by_side(self.life, LIVES, jobs, progress)
        courses = {name: course for name, course in lived.items() if course is not None}
        product = courses.pop(PRODUCT)
        best = courses[ORACLE].utility if ORACLE in courses else None
        return {
            "world": Path(self.world).name if self.world else "default",
            "members": self.members,
            "seed": self.seed,
            "days": [_told(number, day) for number, day in enumerate(product.days, start=1)],
            "final": product.final(self.members, best),
            "baselines": {name: one.final(self.members, best) for name, one in courses.items()},
        }

    def life(self, name: str, progress: Progress = silent) -> Course | None:
        """One of `LIVES`; None for an oracle to which the world tells nothing."""
        if name in (PRODUCT, OFF):
            return self._lived(name, progress)
        with WorldProcess(self.made, oracle=name == ORACLE) as world:
            if name == ORACLE and not world.foretells:
                return None
            policy, keeps = (oracle(world), _all) if name == ORACLE else SIMPLE[name]
            done = compete(
                world,
                self.dates,
                policy,
                styles=STYLES,
                seed=self.seed,
                keeps=keeps,
                progress=_named(name, progress),
            )
        return Course(done.days, done.left)

    def _lived(self, name: str, progress: Progress) -> Course:
        with (
            tempfile.TemporaryDirectory(prefix="overture-simulation-") as folder,
            WorldProcess(self.made) as world,
        ):
            try:
                lived = live(
                    world,
                    self.dates,
                    Path(folder),
                    self.seed,
                    learns=name == PRODUCT,
                    progress=_named(name, progress),
                )
            except ValueError as error:
                raise BadInput(f"{self.world or 'the default world'}: {error}") from error
            return Course(tuple(lived.days), frozenset(lived.left))


def _named(name: str, progress: Progress) -> Progress:
    return lambda _what, done, total: progress(name.replace("_", " "), done, total)


def _told(number: int, day: DayTally) -> dict[str, Any]:
    return {
        "day": number,
        "sent": day.openers,
        "engaged": day.engaged,
        "dismissed": day.dismissed,
        "opted_out": day.opted_out,
        "precision": round(day.precision, 4) if day.openers else None,
    }
