"""A line that orders slates: conditional logit, drawn hard towards what is known beforehand.

Only what differs within a slate can order it, so what is the same for all of a slate cancels out
and nothing is spent on how often slates have a taker at all (McFadden 1974).
"""

from __future__ import annotations

import numpy as np

from recsys.dataset import Dataset
from recsys.features import FEATURES
from recsys.prior import FITTED, Formula, Term

TAKES = Formula(
    0.0,
    (
        Term("names_them", 3.0, 0.0, "who is named answers"),
        Term("names_others", -0.5, 0.0, "what is meant for somebody else is left to them"),
        Term("rhythm", 0.7, 0.0, "people take what comes while they are about"),
        Term("presence", 0.3, -3.0, "and while they were about on other days"),
        Term("author_exchanges", 0.5, 0.0, "people turn to those they talk with"),
        Term("author_draw", 0.5, 0.0, "some begin what many join"),
        Term("asks", 0.3, 0.0, "a question can be answered"),
        Term("length", 0.1, 0.0, "there is more to say about more"),
        Term("profile_similarity", 2.0, 0.0, "the matter counts, where theirs is known"),
        Term("interest_breadth", 2.0, 0.0, "and the more of it, the better"),
        Term("joined_leaning", 2.0, 0.0, "what they join and others do not"),
        Term("recent_similarity", 1.0, 0.0, "what is on their mind now"),
        Term("popularity", 4.0, 0.25, "what those who were told were glad of"),
    ),
)
"""which of several is taken, before any slate has said so: set by reasoning, not fitted"""

BELIEF = 3_000.0
"""pull towards it on each weight, in units of its feature's spread: a few hundred slates say
little about sixty weights"""
STEPS = 60


def slate_line(data: Dataset) -> Formula:
    """The line under which what was taken is likeliest among what stood beside it.

    `data` holds only slates of which something was taken. The intercept is 0: it orders nothing.
    """
    centres = np.array([feature.default for feature in FEATURES])
    spread = data.matrix.astype(np.float64).std(axis=0)
    spread[spread < 1e-6] = 1.0
    design = (data.matrix - centres) / spread
    taken = (data.engaged >= 0.5).astype(np.float64)
    starts = np.flatnonzero(np.diff(data.lesson, prepend=-1))
    takers = np.add.reduceat(taken, starts)
    start = TAKES.columns()[0] * spread
    found = start.copy()
    for _ in range(STEPS):
        logits = design @ found
        share = np.exp(logits - np.maximum.reduceat(logits, starts)[data.lesson])
        share /= np.add.reduceat(share, starts)[data.lesson]
        expected = share * takers[data.lesson]
        mean = np.add.reduceat(design * share[:, None], starts)
        gradient = design.T @ (expected - taken) + BELIEF * (found - start)
        curve = (design * expected[:, None]).T @ design - (mean * takers[:, None]).T @ mean
        step = np.linalg.solve(curve + BELIEF * np.eye(len(found)), gradient)
        found -= step
        if np.abs(step).max() < 1e-9:
            break
    return Formula(
        0.0,
        tuple(
            Term(feature.name, float(weight), float(centre), FITTED)
            for feature, weight, centre in zip(FEATURES, found / spread, centres, strict=True)
        ),
    )
