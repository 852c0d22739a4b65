"""Ranking: three probabilities, one utility, best first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from recsys.features import matrix as features_of
from recsys.model import PRIOR_VERSION, LoadedModel, Model
from recsys.prior import Logits
from recsys.types import Candidates, Floats, Pool, Query, Ranked, Version

# What an opener is worth, in openers taken up. The one place where these stand.
VALUE = 1.0
"""v: an opener that was taken up"""
DISMISS = 0.5
"""c: one that was refused cost half of that: a moment, and some goodwill"""
OPT_OUT = 20.0
"""C: a lost member costs more than many missed openers"""

SCORED = 50
"""candidates, by P(engages), whose dismissal and opt-out are scored one by one"""


def utility(engages: Floats, dismisses: Floats, opts_out: Floats) -> Floats:
    """``v·P(engages) − c·P(dismisses) − C·P(opts out)``, elementwise."""
    worth: Floats = VALUE * engages - DISMISS * dismisses - OPT_OUT * opts_out
    return worth


@dataclass(frozen=True)
class PriorScorer:
    """Ranks by the documented formula of `recsys.prior`; admits that it may be far off."""

    pool: Pool

    @cached_property
    def model(self) -> Model:
        return Model()

    def score(self, query: Query, candidates: Candidates) -> Ranked:
        """The candidates, best first."""
        return rank(self.model, PRIOR_VERSION, query, self.pool, candidates)

    def contributions(self, matrix: Floats) -> Logits:
        """(n, F) what each feature adds to the logit of P(engages)."""
        return self.model.engages.contributions(matrix)


@dataclass(frozen=True)
class BoosterScorer:
    """Ranks by a registered model."""

    loaded: LoadedModel
    pool: Pool

    def score(self, query: Query, candidates: Candidates) -> Ranked:
        """The candidates, best first."""
        return rank(self.loaded.model, self.loaded.version, query, self.pool, candidates)

    def contributions(self, matrix: Floats) -> Logits:
        """(n, F) what each feature adds to the logit of P(engages)."""
        return self.loaded.model.engages.contributions(matrix)


def scorer_for(loaded: LoadedModel | None, pool: Pool) -> PriorScorer | BoosterScorer:
    """The scorer of a model, or of the prior where there is none."""
    return PriorScorer(pool) if loaded is None else BoosterScorer(loaded, pool)


def rank(
    model: Model, version: Version, query: Query, pool: Pool, candidates: Candidates
) -> Ranked:
    """One matrix, all probabilities, one order.

    What orders slates stands in for P(engages) in the utility that they are ordered by; the
    utility that is told, and that decides whether to speak, is that of P(engages) itself.

    Beyond the first `SCORED` by what orders, a candidate gets the highest P(dismisses) and
    P(opts out) found among those: it could not have overtaken them by less than a surprise,
    and it costs nothing.
    """
    table = features_of(query, pool, candidates.rows)
    by = model.order.logits(table)
    # calibration may tie what the logits tell apart; then the logits decide, then the fusion
    first = np.lexsort((-by, -model.order.calibration(by)))
    table, by = table[first], by[first]
    dismisses = _worst_beyond(model.dismisses.probability(table[:SCORED]), len(table))
    opts_out = _worst_beyond(model.opts_out(table[:SCORED]), len(table))
    if model.orders is None:  # the logits are those of P(engages) already
        engages = model.engages.calibration(by).astype(np.float32)
    else:
        engages = model.engages.probability(table)
    worth = utility(engages, dismisses, opts_out)
    order = np.lexsort((-by, -standing(model, by, dismisses, opts_out)))
    return Ranked(
        rows=candidates.rows[first][order],
        engages=engages[order],
        dismisses=dismisses[order],
        opts_out=opts_out[order],
        utility=worth[order],
        matrix=table[order],
        version=version,
        uncertainty=model.uncertainty,
    )


@dataclass(frozen=True, slots=True)
class Rescored:
    """What a model says of rows whose features are known, each (n,)."""

    engages: Floats
    utility: Floats
    by: Floats
    """what slates are ordered by"""


def rescored(model: Model, matrix: Floats) -> Rescored:
    """A model's word on the (n, F) `matrix` of a slate that another one, perhaps, had made."""
    engages = model.engages.probability(matrix)
    dismisses, opts_out = model.dismisses.probability(matrix), model.opts_out(matrix)
    by = standing(model, model.order.logits(matrix), dismisses, opts_out)
    return Rescored(engages, utility(engages, dismisses, opts_out), by)


def standing(model: Model, by: Logits, dismisses: Floats, opts_out: Floats) -> Floats:
    """(n,) what slates are ordered by; `by` are the logits of ``model.order``."""
    likely = model.order.calibration(by).astype(np.float32)
    return utility(likely, dismisses, opts_out)


def _worst_beyond(scored: Floats, n: int) -> Floats:
    rest = np.full(n - scored.size, scored.max() if scored.size else 0.0, np.float32)
    return np.concatenate([scored, rest])
