"""What we believe before any model has learned: a documented formula over the feature matrix.

Each logit is ``intercept + Σ weight · (value − centre)``. A centre is the value that says
nothing, so that a member and an item of whom nothing is known get the intercept. Weights were
set by reasoning, not fitted; a young model starts from these logits (`init_score`), so that
nothing jumps on the day it takes over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys.features import FEATURES, column
from recsys.types import Floats

Logits = NDArray[np.float64]

FITTED = "fitted"
"""the reason of a term that was learned, not set"""


@dataclass(frozen=True, slots=True)
class Term:
    """One feature's say: `weight` logits for each unit above `centre`, and why."""

    feature: str
    weight: float
    centre: float
    reason: str


@dataclass(frozen=True, slots=True)
class Formula:
    """A prior logit."""

    intercept: float
    terms: tuple[Term, ...]

    def parts(self, matrix: Floats) -> Logits:
        """(n, F) what each feature adds to the logit."""
        weights, centres = self.columns()
        parts: Logits = (matrix.astype(np.float64) - centres) * weights
        return parts

    def logits(self, matrix: Floats) -> Logits:
        """(n,) summed row by row, so that a row's value does not depend on its neighbours."""
        weights, centres = self.columns()
        away = matrix.astype(np.float64) - centres
        return np.asarray(self.intercept + np.vecdot(away, weights[None, :]))

    def as_json(self) -> dict[str, Any]:
        """Intercept, and weight and centre of each term."""
        terms = {term.feature: [term.weight, term.centre] for term in self.terms}
        return {"intercept": self.intercept, "terms": terms}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Formula:
        """Raises KeyError for a feature that there is not."""
        terms = tuple(
            Term(feature, float(weight), float(centre), FITTED)
            for feature, (weight, centre) in data["terms"].items()
        )
        for term in terms:
            column(term.feature)
        return cls(float(data["intercept"]), terms)

    def columns(self) -> tuple[Logits, Logits]:
        """(F,) weight and centre of every feature; one without a term centres on its default."""
        weights = np.zeros(len(FEATURES))
        centres = np.array([feature.default for feature in FEATURES])
        for term in self.terms:
            weights[column(term.feature)] = term.weight
            centres[column(term.feature)] = term.centre
        return weights, centres


ENGAGES = Formula(
    -1.8,  # one opener in seven, before anything speaks for it
    (
        Term("interest_similarity", 2.5, 0.35, "the matter comes first; unrelated texts reach .15"),
        Term("recent_similarity", 1.0, 0.15, "what is on their mind now weighs beside it"),
        Term("topic_affinity", 0.8, 0.0, "topics they take part in"),
        Term("topic_lift", 0.5, 0.0, "topics they talk about more than about others"),
        Term("follows_topic", 0.5, 0.0, "they asked for it"),
        Term("substance", 2.0, 1.0, "a scrap of talk is nothing to open with"),
        Term("asks", 0.4, 0.0, "a question can be answered"),
        Term("addressed", 1.5, 0.0, "somebody meant them"),
        Term("names_them", 1.5, 0.0, "their name is in it"),
        Term("names_others", -0.3, 0.0, "somebody else's name is in it"),
        Term("engagement_rate", 2.5, 0.25, "some like to be spoken to, some do not"),
        Term("receptivity", 1.5, 0.25, "and not at every hour"),
        Term("popularity", 0.5, 0.25, "others who were told were glad"),
        Term("appeal", 0.75, 0.0, "gladder than we had expected of them"),
        Term("leaning", 0.75, 0.0, "so were they of other items"),
        Term("interest_lately", 0.15, 0.0, "it is being talked about"),
        Term("hour_activity", 0.25, 1.0, "they are about at this hour"),
        Term("groundwork_done", 0.8, 1.0, "nothing that rests on what they never met"),
        Term("freshness_hours", -0.0008, 0.0, "news fades: a seventh of a logit in a week"),
        Term("hours_since_signal", -0.002, 0.0, "who is away does not answer"),
        Term("author_exchanges", 0.3, 0.0, "people they talk with"),
        Term("channel_share", 0.2, 0.0, "places they are at home in"),
        Term("pressure", -0.35, 0.0, "we have asked much of them"),
        Term("refused_siblings", -0.7, 0.0, "they refused the like of it"),
        Term("siblings_told", -0.1, 0.0, "the same again wears thin"),
    ),
)

DISMISSES = Formula(
    -1.5,  # not quite one in five
    (
        Term("interest_similarity", -2.0, 0.35, "what is far from them is refused"),
        Term("engagement_rate", -2.0, 0.25, "some like to be spoken to, some do not"),
        Term("addressed", -0.5, 0.0, "what was meant for them is seldom refused"),
        Term("pressure", 0.5, 0.0, "we have asked much of them"),
        Term("refused_siblings", 0.6, 0.0, "they refused the like of it"),
    ),
)

OPTS_OUT = Formula(
    -5.5,  # four in a thousand
    (Term("pressure", 0.9, 0.5, "the bands below, as a line"),),
)
"""where trees for P(opts out) start, once there are `recsys.training.LEAVES_FROM` opt-outs"""

BANDS = (0.5, 1.5, 3.0)
"""edges of the bands of fatigue, in the unit of the feature `pressure`"""

OPT_OUT_RATES = (0.002, 0.004, 0.010, 0.030)
"""P(opts out) in each band until data say otherwise: roughly a doubling an opener too many"""

OPT_OUT_PRIOR_SHOWN = 200.0
"""openers that the rate of a band is worth before data"""

UNCERTAINTY = 0.25
"""half-width of P(engages) that the prior admits"""


def band(matrix: Floats) -> NDArray[np.intp]:
    """(n,) which band of fatigue each row is in."""
    return np.asarray(np.digitize(matrix[:, column("pressure")], BANDS))


def opt_out_rates(matrix: Floats, opted_out: Floats) -> tuple[float, ...]:
    """The rate of each band, drawn to the prior's; rows whose label is nan do not count."""
    known = np.isfinite(opted_out)
    of, hits = band(matrix)[known], opted_out[known].astype(np.float64)
    size = len(OPT_OUT_RATES)
    gone = np.bincount(of, hits, minlength=size)
    shown = np.bincount(of, minlength=size)
    prior = np.array(OPT_OUT_RATES)
    rates = (gone + OPT_OUT_PRIOR_SHOWN * prior) / (shown + OPT_OUT_PRIOR_SHOWN)
    return tuple(float(rate) for rate in rates)
