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

Array = NDArray[np.float64]

STYLE_PRIOR = 5.0
"""openers that what is known more widely counts for: of all members, and before any"""

STYLE_RATE = 0.2
"""the rate of a workspace that has seen nothing yet"""

STYLE_TEMPERATURE = 0.5
STYLE_PENALTY = 1.0
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
        row = int(ranked.rows[position])
        kind = int(self.pool.kind[row])
        style, style_chance = draw_style(query, self.pool, kind, style_draw)
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


def draw_style(query: Query, pool: Pool, kind: int, draw: float) -> tuple[str, float]:
    """A style for `draw` in 0..1 and its probability; ``("", 1.0)`` where there are none."""
    if not query.styles:
        return "", 1.0
    chances = style_chances(query, pool, kind)
    place = _drawn(chances, draw)
    return query.styles[place], float(chances[place])


def style_chances(query: Query, pool: Pool, kind: int) -> NDArray[np.float64]:
    """(number of styles,): how likely each is for an item of the pool's `kind`.

    A sleeping, recovering difference softmax (Yancey and Settles, KDD 2020). Styles that do not
    suit the kind sleep: their chance is 0. Where none suits, as in an arm that always speaks in
    one, all are awake. The score is how much more welcome openers were with the style than
    without it where it could have been used, less a penalty for recent use.
    """
    count = len(query.styles)
    every = [query.suited.get(name, query.styles) for name in pool.kinds]
    awake = np.array([[style in suited for style in query.styles] for suited in every])
    tallies = _tallies(query.workspace.exposures, pool, count, query.now)
    rate, *wider = _lifts(
        tallies, awake, np.full(count, STYLE_RATE), np.ones(count), np.ones(count)
    )
    mine = _tallies(query.member.exposures, pool, count, query.now)
    _, used, unused = _lifts(mine, awake, rate, *wider)
    score = (used - unused - _penalties(query, count)) / STYLE_TEMPERATURE
    return _softmax(np.where(awake[kind], score, -np.inf) if awake[kind].any() else score)


def _lifts(
    tallies: tuple[Array, Array], awake: NDArray[np.bool_], rate: Array, used: Array, unused: Array
) -> tuple[Array, Array, Array]:
    """(number of styles,) each: the rate where a style was awake; how often openers with it were
    welcome there, for each that this rate expects; and the same for those without it.

    `rate`, `used` and `unused` are what is known more widely. Taken as ratios, a member or a kind
    that welcomes everything favours no style.
    """
    liked, shown = tallies
    all_liked, all_shown = liked.sum(axis=1) @ awake, shown.sum(axis=1) @ awake
    rate = (all_liked + rate * STYLE_PRIOR) / (all_shown + STYLE_PRIOR)
    with_liked, with_shown = (liked * awake).sum(axis=0), (shown * awake).sum(axis=0)
    prior = STYLE_PRIOR * STYLE_RATE
    return (
        rate,
        (with_liked + prior * used) / (with_shown * rate + prior),
        (all_liked - with_liked + prior * unused) / ((all_shown - with_shown) * rate + prior),
    )


@remembered(16)
def _tallies(exposures: Exposures, pool: Pool, count: int, now: float) -> tuple[Array, Array]:
    """(kinds, styles) openers that were welcome, and all whose end is known."""
    known = (
        closed(exposures)
        & (exposures.outcome_at < now)
        & (exposures.row >= 0)
        & (exposures.style >= 0)
        & (exposures.style < count)
    )
    cells = pool.kind[exposures.row[known]] * count + exposures.style[known]
    shape = len(pool.kinds), count
    liked = np.bincount(cells[engaged(exposures)[known]], minlength=shape[0] * count)
    shown = np.bincount(cells, minlength=shape[0] * count)
    return liked.reshape(shape).astype(np.float64), shown.reshape(shape).astype(np.float64)


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
