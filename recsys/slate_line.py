"""A line that orders slates: conditional logit, drawn hard towards saying nothing.

Only what differs within a slate can order it, so what is the same for all of a slate cancels out
and nothing is spent on how often slates have a taker at all (McFadden 1974).
"""

from __future__ import annotations

import numpy as np

from recsys.dataset import Dataset
from recsys.features import FEATURES
from recsys.prior import FITTED, Formula, Term

BELIEF = 1_000.0
"""pull on each weight, in units of its feature's spread: a few hundred slates carry no more"""
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
    found = np.zeros(len(FEATURES))
    for _ in range(STEPS):
        logits = design @ found
        share = np.exp(logits - np.maximum.reduceat(logits, starts)[data.lesson])
        share /= np.add.reduceat(share, starts)[data.lesson]
        expected = share * takers[data.lesson]
        mean = np.add.reduceat(design * share[:, None], starts)
        gradient = design.T @ (expected - taken) + BELIEF * found
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
