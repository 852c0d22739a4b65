"""One simulation: the product and its rivals in worlds that are the same, and the figures."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bot.openers.styles import suited
from bot.ports import BadInput, Progress, silent
from bot.simulating.living import live
from bot.simulating.rivals import at_random, by_similarity, compete, oracle, top_half
from bot.simulating.tokens import KIND
from bot.simulating.world_process import Made, WorldProcess
from recsys.setting import MONDAY
from recsys.simulation import DayTally
from recsys.types import MemberId

FINAL_DAYS = 14
"""days, the last ones, over which precision and utility count"""

ORACLE = "oracle"
STYLES = suited(KIND)


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

    def run(self, progress: Progress = silent) -> dict[str, Any]:
        """The object that `overture simulate --json` prints.

        Raises BadInput for a world that does not keep to its protocol.
        """
        dates = [MONDAY + timedelta(days=number) for number in range(self.days)]
        product = self._lived(dates, True, progress)
        rivals: dict[str, Course] = {}
        for name, play in self._rivals(dates, progress).items():
            course = play()
            if course is not None:
                rivals[name] = course
        best = rivals[ORACLE].utility if ORACLE in rivals else None
        return {
            "world": Path(self.world).name if self.world else "default",
            "members": self.members,
            "seed": self.seed,
            "days": [_told(number, day) for number, day in enumerate(product.days, start=1)],
            "final": product.final(self.members, best),
            "baselines": {name: one.final(self.members, best) for name, one in rivals.items()},
        }

    def _rivals(
        self, dates: Sequence[date], progress: Progress
    ) -> dict[str, Callable[[], Course | None]]:
        return {
            "random": lambda: self._rival(dates, "random", progress),
            "similarity_always": lambda: self._rival(dates, "similarity", progress),
            "similarity_top_half": lambda: self._rival(dates, "top half", progress),
            "training_off": lambda: self._lived(dates, False, progress),
            ORACLE: lambda: self._oracle(dates, progress),
        }

    def _lived(self, dates: Sequence[date], learns: bool, progress: Progress) -> Course:
        what = "Overture" if learns else "Overture, training off"
        with (
            tempfile.TemporaryDirectory(prefix="overture-simulation-") as folder,
            WorldProcess(self.made) as world,
        ):
            try:
                lived = live(
                    world,
                    dates,
                    Path(folder),
                    self.seed,
                    learns=learns,
                    progress=_named(what, progress),
                )
            except ValueError as error:
                raise BadInput(f"{self.world or 'the default world'}: {error}") from error
            return Course(tuple(lived.days), frozenset(lived.left))

    def _rival(self, dates: Sequence[date], name: str, progress: Progress) -> Course:
        with WorldProcess(self.made) as world:
            done = compete(
                world,
                dates,
                at_random if name == "random" else by_similarity,
                styles=STYLES,
                seed=self.seed,
                keeps=top_half if name == "top half" else _all,
                progress=_named(name, progress),
            )
        return Course(done.days, done.left)

    def _oracle(self, dates: Sequence[date], progress: Progress) -> Course | None:
        with WorldProcess(self.made, oracle=True) as world:
            if not world.foretells:
                return None
            done = compete(
                world,
                dates,
                oracle(world),
                styles=STYLES,
                seed=self.seed,
                progress=_named(ORACLE, progress),
            )
        return Course(done.days, done.left)


def _all(_intents: object) -> float:
    return float("-inf")


def _named(name: str, progress: Progress) -> Progress:
    return lambda _what, done, total: progress(name, done, total)


def _told(number: int, day: DayTally) -> dict[str, Any]:
    return {
        "day": number,
        "sent": day.openers,
        "engaged": day.engaged,
        "dismissed": day.dismissed,
        "opted_out": day.opted_out,
        "precision": round(day.precision, 4) if day.openers else None,
    }
