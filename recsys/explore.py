"""Choosing one item and a style, mostly the best, with the probability of that very choice.

Propensities let policies be compared offline: what was unlikely and went well counts for more
(inverse propensity scoring). So they are exact, not estimated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recsys.clocks import DAY
from recsys.promises import promised
from recsys.remembered import remembered
from recsys.surprise import (
    STYLE_SPREAD,
    STYLE_SPREAD_OF_ALL,
    Evidence,
    Level,
    Ratings,
    evidence,
    level,
    spread_within,
)
from recsys.types import Exposures, Pick, Pool, Query, Ranked

STYLE_TEMPERATURE = 0.25
"""share of the doubt about a style by which it has to be more welcome to be drawn 2.7 times as
often: where little is known others are tried, where much is known they are not"""
STYLE_PENALTY = 0.2
"""logits that a style loses right after it was used for this member"""

STYLE_RECOVERY = 3 * DAY
"""half-life of that penalty"""


@dataclass(frozen=True)
class Selector:
    """Takes what was promised, else the first, or with probability `epsilon` one of the `top`.

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
        due = promised(query, self.pool, ranked.rows)
        if due.size:
            explored, position, propensity = False, int(due[0]), 1.0
        else:
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
    one, all are awake. The score is how much more gladly than expected openers in the style were
    taken up, by this member and by all, less a penalty for recent use. What was expected knows the
    member, the item and its kind, so a style gains nothing from kinds that everybody welcomes.
    """
    count = len(query.styles)
    awake = [style in query.suited.get(pool.kinds[kind], query.styles) for style in query.styles]
    known = _known_of_all(query.workspace.exposures, count, query.now)
    own = _evidence(query.member.exposures, known, query.now)
    sure = 1.0 / known.spread**2 + own.told
    rating = known.rating + (own.beyond - own.told * known.rating) / sure
    doubt = STYLE_TEMPERATURE * float(np.sqrt(1.0 / sure).mean())
    score = (rating - _penalties(query, count)) / doubt
    return _softmax(np.where(awake, score, -np.inf) if any(awake) else score)


@dataclass(frozen=True)
class _Known:
    """What all members' openers say of styles, in logits."""

    level: Level
    rating: Ratings
    """(styles,) how much more welcome each is to all"""
    spread: float
    """how far styles lie apart for one member"""


@remembered(4)
def _known_of_all(exposures: Exposures, count: int, now: float) -> _Known:
    """By what had become of openers before `now`."""
    of_day = level(exposures, now)
    style, members = _styles(exposures, count, now), int(exposures.member.max(initial=-1)) + 1
    place = np.where(style >= 0, exposures.member.astype(np.intp) * count + style, -1)
    found = evidence(exposures, of_day.expected(exposures), place, members * count)
    beyond, told = found.beyond.reshape(-1, count), found.told.reshape(-1, count)
    all_beyond, all_told = beyond.sum(axis=0), told.sum(axis=0)
    of_all = spread_within(all_beyond[None, :], all_told[None, :], STYLE_SPREAD_OF_ALL)
    rating = all_beyond / (1.0 / of_all**2 + all_told)
    return _Known(of_day, rating, spread_within(beyond - told * rating, told, STYLE_SPREAD))


@remembered(16)
def _evidence(exposures: Exposures, known: _Known, now: float) -> Evidence:
    count = known.rating.size
    styles = _styles(exposures, count, now)
    return evidence(exposures, known.level.expected(exposures), styles, count)


def _styles(exposures: Exposures, count: int, now: float) -> NDArray[np.intp]:
    """(m,) the style of each opener whose fate was known before `now`; -1 for the others."""
    known = (exposures.outcome_at < now) & (exposures.style >= 0) & (exposures.style < count)
    return np.where(known, exposures.style, -1).astype(np.intp)


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
