"""Whether a probability means what it says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bin:
    """Predictions between two values: what was said on average, what came, how many."""

    low: float
    high: float
    said: float
    came: float
    weight: float


def brier(targets: Values, probabilities: Values, weights: Values | None = None) -> float:
    """Mean squared error of the probabilities."""
    return float(np.average((probabilities - targets) ** 2, weights=weights))


def log_losses(targets: Values, probabilities: Values) -> Values:
    """(n,) cross entropy of each prediction, in nats; targets may be graded."""
    p = np.clip(probabilities, 1e-6, 1 - 1e-6)
    losses: Values = -(targets * np.log(p) + (1 - targets) * np.log1p(-p))
    return losses


def reliability(
    targets: Values, probabilities: Values, weights: Values | None = None, bins: int = 10
) -> tuple[Bin, ...]:
    """Equally wide bins from 0 to 1 that hold any prediction, ascending."""
    weights = np.ones_like(probabilities) if weights is None else weights
    at = np.minimum((probabilities * bins).astype(np.intp), bins - 1)
    mass = np.bincount(at, weights, minlength=bins)
    said = np.bincount(at, weights * probabilities, minlength=bins)
    came = np.bincount(at, weights * targets, minlength=bins)
    return tuple(
        Bin(b / bins, (b + 1) / bins, float(said[b] / mass[b]), float(came[b] / mass[b]), mass[b])
        for b in np.flatnonzero(mass > 0)
    )


def ece(
    targets: Values, probabilities: Values, weights: Values | None = None, bins: int = 10
) -> float:
    """Expected calibration error: mean distance of said from came, over the bins' weights."""
    found = reliability(targets, probabilities, weights, bins)
    total = sum(b.weight for b in found)
    return float(sum(b.weight * abs(b.said - b.came) for b in found) / total) if found else 0.0
