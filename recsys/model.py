"""A model in memory: three heads over one matrix, each calibrated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import lightgbm
import numpy as np

from recsys import prior
from recsys.calibration import IDENTITY, Calibration
from recsys.features import FEATURES
from recsys.prior import Formula, Logits
from recsys.types import Floats, Version

PRIOR_VERSION = Version("prior")
TREES_AT_ONCE = 25
ROWS_FROM = 200
"""rows below which all trees are asked at once: a call costs what a few rows do"""
HEADS = ("engages", "dismisses", "opts_out")


@dataclass(frozen=True)
class Head:
    """One probability: the prior's logit, what trees add to it, and a calibration."""

    formula: Formula
    booster: lightgbm.Booster | None = None
    calibration: Calibration = IDENTITY

    def logits(self, matrix: Floats) -> Logits:
        """(n,) before calibration."""
        base = self.formula.logits(matrix)
        if self.booster is None or not len(matrix):
            return base
        return base + raw(self.booster, matrix)

    def probability(self, matrix: Floats) -> Floats:
        """(n,) calibrated."""
        return self.calibration(self.logits(matrix)).astype(np.float32)

    def contributions(self, matrix: Floats) -> Logits:
        """(n, F) what each feature adds to the logit: SHAP values of the trees + the formula."""
        parts = self.formula.parts(matrix)
        if self.booster is None or not len(matrix):
            return parts
        shap = np.asarray(self.booster.predict(matrix, pred_contrib=True), np.float64)
        return parts + shap[:, : len(FEATURES)]


def raw(booster: lightgbm.Booster, matrix: Floats) -> Logits:
    """(n,) what all trees add, a few of them over all rows at a time.

    LightGBM takes row by row through all trees, and 200 trees do not stay in the processor's
    nearest cache; so few do, and a row costs a sixth less. The sum has the last bits of its way.
    """
    if len(matrix) < ROWS_FROM:
        return np.asarray(booster.predict(matrix, raw_score=True), np.float64)
    total = np.zeros(len(matrix))
    for first in range(0, booster.current_iteration(), TREES_AT_ONCE):
        total += booster.predict(
            matrix, raw_score=True, start_iteration=first, num_iteration=TREES_AT_ONCE
        )
    return total


@dataclass(frozen=True)
class Model:
    """P(engages), P(dismisses) and P(opts out) of a member, an item and a moment."""

    engages: Head = field(default_factory=lambda: Head(prior.ENGAGES))
    dismisses: Head = field(default_factory=lambda: Head(prior.DISMISSES))
    leaves: Head | None = None
    """trees for P(opts out), once there are enough; until then the bands' rates"""
    opt_out_rates: tuple[float, ...] = prior.OPT_OUT_RATES
    uncertainty: float = prior.UNCERTAINTY
    orders: Head | None = None
    """what orders slates where something does that better than P(engages); see `recsys.ordering`"""

    @property
    def order(self) -> Head:
        """The head by which slates are ordered; whether to speak is left to P(engages)."""
        return self.orders or self.engages

    def opts_out(self, matrix: Floats) -> Floats:
        """(n,) P(opts out)."""
        if self.leaves is not None:
            return self.leaves.probability(matrix)
        return np.array(self.opt_out_rates, np.float32)[prior.band(matrix)]

    def boosters(self) -> dict[str, lightgbm.Booster]:
        """The heads that have trees, by name."""
        return {
            name: head.booster for name, head in self.heads().items() if head.booster is not None
        }

    def heads(self) -> dict[str, Head]:
        """All heads that it has, by name."""
        heads = {
            "engages": self.engages,
            "dismisses": self.dismisses,
            "opts_out": self.leaves,
            "orders": self.orders,
        }
        return {name: head for name, head in heads.items() if head is not None}


@dataclass(frozen=True)
class Manifest:
    """What is known of a registered model; see `recsys.registry` for its file."""

    version: Version
    created: float
    schema: str
    recipe: str
    origin: str
    seed: int
    data: str
    """fingerprint of the lessons"""
    window: tuple[float, float]
    """first and last moment of the lessons"""
    counts: Mapping[str, int]
    metrics: Mapping[str, Any]
    verdict: str
    reason: str
    files: Mapping[str, str]
    """SHA-256 of each artifact"""


@dataclass(frozen=True)
class LoadedModel:
    """A registered model, verified and ready to score."""

    version: Version
    model: Model
    manifest: Manifest


@dataclass(frozen=True)
class TrainingResult:
    """What a training run found; `model` is None where nothing could be fitted at all."""

    model: Model | None
    verdict: str
    """``promoted`` or ``refused``"""
    reason: str
    metrics: Mapping[str, Any]
    recipe: str
    origin: str
    seed: int
    data: str
    window: tuple[float, float]
    counts: Mapping[str, int]
    created: float

    @property
    def promoted(self) -> bool:
        return self.verdict == "promoted"
