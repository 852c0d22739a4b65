"""Choosing one item and a style, mostly the best, with the probability of that very choice.

Propensities let policies be compared offline: what was unlikely and went well counts for more
(inverse propensity scoring). So they are exact, not estimated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recsys.clocks import DAY
from recsys.remembered import remembered
from recsys.state import closed, engaged
from recsys.types import Exposures, Pick, Pool, Query, Ranked

STYLE_PRIOR = 5.0
"""openers that the wider rate counts for, member against workspace and workspace against all"""

STYLE_RATE = 0.2
"""the rate of a workspace that has seen nothing yet"""

STYLE_TEMPERATURE = 0.05
STYLE_PENALTY = 0.1
"""what a style loses right after it was used for this member"""

STYLE_RECOVERY = 3 * DAY
"""half-life of that penalty"""


@dataclass(frozen=True)
class Selector:
    """Takes the first; with probability `epsilon`, draws from the `top` of the slate.

    The draw is a softmax of utility over `temperature`. Everything follows from the query's
    seed: the same query and slate give the same pick.
    """

    pool: Pool
    epsilon: float = 0.1
    top: int = 5
    temperature: float = 0.1

    def __post_init__(self) -> None:
        if not 0.0 <= self.epsilon <= 1.0:
            raise ValueError(f"epsilon is a probability, not {self.epsilon}")
        if self.top < 1 or self.temperature <= 0.0:
            raise ValueError("the selector needs top >= 1 and temperature > 0")

    def pick(self, query: Query, ranked: Ranked) -> Pick | None:
        """The chosen candidate with its propensities, or None where there is none."""
        if not len(ranked):
            return None
        rng = np.random.Generator(np.random.PCG64(query.seed))
        explored = bool(rng.random() < self.epsilon)
        draw, style_draw = rng.random(), rng.random()
        chances = _softmax(ranked.utility[: self.top] / self.temperature)
        position = _drawn(chances, draw) if explored else 0
        propensity = self.epsilon * chances[position] + (1 - self.epsilon) * (position == 0)
        style, style_chance = draw_style(query, style_draw)
        row = int(ranked.rows[position])
        return Pick(
            row=row,
            item=self.pool.ids[row],
            position=position,
            style=style,
            engages=float(ranked.engages[position]),
            dismisses=float(ranked.dismisses[position]),
            opts_out=float(ranked.opts_out[position]),
            utility=float(ranked.utility[position]),
            item_propensity=float(propensity),
            style_propensity=style_chance,
            explored=explored,
        )


def draw_style(query: Query, draw: float) -> tuple[str, float]:
    """A style for `draw` in 0..1 and its probability; ``("", 1.0)`` where there are none."""
    if not query.styles:
        return "", 1.0
    chances = style_chances(query)
    place = _drawn(chances, draw)
    return query.styles[place], float(chances[place])


def style_chances(query: Query) -> NDArray[np.float64]:
    """(number of styles,): softmax over smoothed rates, less a penalty for recent use.

    A member's rate leans on the workspace's rate for the style, and that on the workspace's
    rate over all styles, so that one dismissal does not end a style.
    """
    count = len(query.styles)
    liked, shown = _tallies(query.workspace.exposures, count, query.now)
    overall = (liked.sum() + STYLE_RATE * STYLE_PRIOR) / (shown.sum() + STYLE_PRIOR)
    wider = (liked + overall * STYLE_PRIOR) / (shown + STYLE_PRIOR)
    mine_liked, mine_shown = _tallies(query.member.exposures, count, query.now)
    rate = (mine_liked + wider * STYLE_PRIOR) / (mine_shown + STYLE_PRIOR)
    return _softmax((rate - _penalties(query, count)) / STYLE_TEMPERATURE)


@remembered(16)
def _tallies(
    exposures: Exposures, count: int, now: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    known = (
        closed(exposures)
        & (exposures.outcome_at < now)
        & (exposures.style >= 0)
        & (exposures.style < count)
    )
    styles = exposures.style[known]
    liked = np.bincount(styles[engaged(exposures)[known]], minlength=count).astype(np.float64)
    return liked, np.bincount(styles, minlength=count).astype(np.float64)


def _penalties(query: Query, count: int) -> NDArray[np.float64]:
    exposures = query.member.exposures
    used = (exposures.style >= 0) & (exposures.style < count) & (exposures.at < query.now)
    latest = np.full(count, -np.inf)
    np.maximum.at(latest, exposures.style[used], exposures.at[used])
    return np.asarray(STYLE_PENALTY * 0.5 ** ((query.now - latest) / STYLE_RECOVERY))


def _softmax(values: NDArray[np.floating]) -> NDArray[np.float64]:
    values = np.asarray(values, dtype=np.float64)
    raised = np.exp(values - values.max())
    return np.asarray(raised / raised.sum())


def _drawn(chances: NDArray[np.float64], draw: float) -> int:
    return min(int(np.searchsorted(np.cumsum(chances), draw, side="right")), chances.size - 1)
