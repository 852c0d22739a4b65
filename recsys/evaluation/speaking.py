"""Speak, or stay silent? One pick a day with a confidence, judged where it is surest.

A member gets at most `A_WEEK` picks a calendar week (UTC, from Monday): their surest ones. So a
cap on one member never depends on another, and resampling members needs no second selection.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys.evaluation.bootstrap import ROUNDS, Interval
from recsys.evaluation.calibration import ece, reliability

Values = NDArray[np.float64]

A_WEEK = 3
SHARES = (0.01, 0.02, 0.05)
HEADLINE = 0.02
DRAWN = 100
_WEEK, _MONDAY = 7 * 86_400.0, 4 * 86_400.0  # the epoch began on a Thursday


@dataclass(frozen=True, eq=False)
class Picks:
    """One pick for each member-day; n of them, in the same order for everybody compared."""

    confidence: Values
    right: Values
    """(n,) 1 where the member joined the pick; the expectation of a pick made at random"""
    at: Values
    members: Sequence[Hashable]
    seed: int = 0

    @cached_property
    def owner(self) -> NDArray[np.intp]:
        """(n,) whose each day is, numbered."""
        seen: dict[Hashable, int] = {}
        return np.array([seen.setdefault(one, len(seen)) for one in self.members], np.intp)

    @cached_property
    def order(self) -> NDArray[np.intp]:
        """Days that may be spoken on, surest first; ties fall by a seeded draw."""
        draw = np.random.default_rng(self.seed).random(self.confidence.size)
        surest = np.lexsort((draw, -self.confidence))
        week = np.floor((self.at - _MONDAY) / _WEEK).astype(np.intp)
        place: dict[tuple[int, int], int] = {}
        kept = []
        for day in surest:
            key = (int(self.owner[day]), int(week[day]))
            place[key] = place.get(key, 0) + 1
            if place[key] <= A_WEEK:
                kept.append(int(day))
        return np.array(kept, np.intp)

    def counts(self, rounds: int = ROUNDS) -> Values:
        """(rounds + 1, members) how often each member counts: once each, then resampled."""
        size = int(self.owner.max()) + 1
        draws = np.random.default_rng(self.seed).multinomial(
            size, np.full(size, 1.0 / size), size=rounds
        )
        return np.concatenate([np.ones((1, size)), draws])

    def precision(self, share: float, counts: Values) -> Values:
        """(rounds + 1,) how often the surest `share` of all member-days was right."""
        days = np.bincount(self.owner, minlength=counts.shape[1]).astype(np.float64)
        budget = share * (counts @ days)
        found = np.empty(len(counts))
        for n, (weights, left) in enumerate(zip(counts, budget, strict=True)):
            mass = weights[self.owner[self.order]]
            taken = np.clip(left - (np.cumsum(mass) - mass), 0.0, mass)
            found[n] = (taken @ self.right[self.order]) / max(taken.sum(), 1e-12)
        return found

    def reached(self, share: float) -> int:
        """How many members the surest `share` of the days belongs to."""
        first = int(np.ceil(share * self.right.size))
        return int(np.unique(self.owner[self.order[:first]]).size)

    def aurc(self) -> float:
        """Area under risk against coverage, over the picks that the cap lets through."""
        right = np.cumsum(self.right[self.order]) / np.arange(1, self.order.size + 1)
        return float(1.0 - right.mean())

    def curves(self) -> dict[str, Any]:
        """What can be drawn: bins of confidence, and risk at each share of all member-days.

        Risk stands for at most `DRAWN` shares, over the picks that the cap lets through.
        """
        wrong = 1.0 - np.cumsum(self.right[self.order]) / np.arange(1, self.order.size + 1)
        places = np.unique(np.linspace(0, self.order.size - 1, DRAWN).astype(np.intp))
        bins = reliability(self.right, np.clip(self.confidence, 0.0, 1.0), bins=20)
        return {
            "reliability": [asdict(one) for one in bins],
            "risk": [[(place + 1) / self.right.size, float(wrong[place])] for place in places],
        }

    def figures(self, counts: Values) -> dict[str, Any]:
        """Precision at each share with its interval, members reached, area."""
        told: dict[str, Any] = {
            f"precision@{share:.0%}": interval(self.precision(share, counts)).as_json()
            for share in SHARES
        }
        told[f"members_reached@{HEADLINE:.0%}"] = self.reached(HEADLINE)
        told["aurc"] = self.aurc()
        return told


def interval(draws: Values) -> Interval:
    """The first of the draws, with the 95 % that the others span."""
    low, high = np.nanquantile(draws[1:], [0.025, 0.975])
    return Interval(float(draws[0]), float(low), float(high))


def spoken(ours: Picks, baselines: dict[str, Picks]) -> dict[str, Any]:
    """All figures of ours beside the baselines', and how many times the best of them we reach."""
    counts = ours.counts()
    theirs = {name: picks.figures(counts) for name, picks in baselines.items()}
    headline = f"precision@{HEADLINE:.0%}"
    best = max(theirs, key=lambda name: float(theirs[name][headline]["value"]))
    against = baselines[best].precision(HEADLINE, counts)
    draws = ours.precision(HEADLINE, counts)
    ratio = np.full_like(draws, np.nan)
    np.divide(draws, against, out=ratio, where=against > 0)
    known = np.isfinite(ratio[1:]).any()
    return {
        "n": ours.right.size,
        **ours.figures(counts),
        "curves": ours.curves(),
        "ece": ece(ours.right, np.clip(ours.confidence, 0.0, 1.0)),
        "best_baseline": best,
        "ratio@2%": interval(ratio).as_json() if known else None,
        "baselines": theirs,
    }
