"""From a raw logit to a probability that may be believed: Platt for few labels, isotonic above."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

ISOTONIC_FROM = 5_000
"""labels above which a free monotone curve fits better than two numbers: on fewer its steps are
wide, and what stands on one of them is all above a threshold or all below"""

Values = NDArray[np.float64]
_EDGE = 1e-4


@dataclass(frozen=True)
class Calibration:
    """A monotone map from logits to probabilities.

    ``platt``: sigmoid(x·z + y), with x and y of one entry each. ``isotonic``: straight lines
    between the points (x, y), flat outside them.
    """

    method: str
    x: tuple[float, ...]
    y: tuple[float, ...]

    def __call__(self, logits: Values) -> Values:
        """(n,) probabilities within 0.0001..0.9999: nothing is certain."""
        if self.method == "platt":
            probability = sigmoid(self.x[0] * logits + self.y[0])
        else:
            probability = np.interp(logits, self.x, self.y)
        return np.clip(probability, _EDGE, 1 - _EDGE)

    def as_json(self) -> dict[str, Any]:
        return {"method": self.method, "x": list(self.x), "y": list(self.y)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Calibration:
        """Raises ValueError for an unknown method or points that do not fit together."""
        found = cls(str(data["method"]), tuple(map(float, data["x"])), tuple(map(float, data["y"])))
        fits = len(found.x) == len(found.y) > 0 and list(found.x) == sorted(found.x)
        if found.method not in ("platt", "isotonic") or not fits:
            raise ValueError(f"calibration of method {found.method!r} is malformed")
        return found


IDENTITY = Calibration("platt", (1.0,), (0.0,))
"""the logit as it is"""


def sigmoid(logits: Values) -> Values:
    """1 / (1 + exp(-z)), without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * logits)))


def fit(logits: Values, targets: Values, weights: Values) -> Calibration:
    """The calibration for these labels (n,), graded 0..1, none of them nan."""
    if logits.size >= ISOTONIC_FROM:
        return _isotonic(logits, targets, weights)
    return fit_platt(logits, targets, weights)


def fit_platt(logits: Values, targets: Values, weights: Values) -> Calibration:
    """Two numbers by Newton's method, drawn softly towards the identity.

    The pull is worth a hundred labels or so: what a handful says of the level is noise, and must
    not turn into certainty (Platt smooths his targets to the same end). The slope stays positive,
    so order is kept.
    """
    a, b = 1.0, 0.0
    pull = np.diag([20.0, 10.0])
    design = np.stack([logits, np.ones_like(logits)], axis=1)
    for _ in range(50):
        p = sigmoid(a * logits + b)
        gradient = design.T @ (weights * (p - targets)) + pull @ np.array([a - 1.0, b])
        curve = (design * (weights * p * (1 - p))[:, None]).T @ design + pull
        step = np.linalg.solve(curve, gradient)
        length = float(np.abs(step).max())
        step = step / max(1.0, length)
        a, b = a - step[0], b - step[1]
        if length < 1e-9:
            break
    return Calibration("platt", (max(float(a), 0.05),), (float(b),))


def _isotonic(logits: Values, targets: Values, weights: Values) -> Calibration:
    """Pool adjacent violators, kept as the middle of each level."""
    order = np.argsort(logits, kind="stable")
    z, t, w = logits[order], targets[order], np.maximum(weights[order], 1e-9)
    level = np.asarray(isotonic_regression(t, weights=w).x, np.float64)
    starts = np.flatnonzero(np.r_[True, np.diff(level) > 1e-12])
    mass = np.add.reduceat(w, starts)
    middle = np.add.reduceat(z * w, starts) / mass
    # one success at the very top must not read as certainty: each level is worth its labels
    base = float(np.average(t, weights=w))
    softened = (level[starts] * mass + 2.0 * base) / (mass + 2.0)
    softened = np.maximum.accumulate(softened)
    return Calibration("isotonic", tuple(map(float, middle)), tuple(map(float, softened)))
