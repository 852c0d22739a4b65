"""What another policy would have come to, from the logged decisions of the one that served.

SNIPS weighs each reward by how much likelier the target was to take that action (Swaminathan and
Joachims, NeurIPS 2015); the doubly robust estimate adds a model of the reward and weighs only its
errors (Dudík, Langford and Li, ICML 2011). Both trust the logged propensities alone, and neither
knows anything of actions that were never taken: then there is no verdict.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys.evaluation.bootstrap import Interval, mean_interval

Values = NDArray[np.float64]

MIN_ESS = 50.0
"""openers' worth of evidence below which there is no verdict: an interval over fewer effective
openers is narrower than what it claims to hold"""
MAX_UNSUPPORTED = 0.05
"""share of what the target does that may lack any logged support"""


@dataclass(frozen=True)
class Logged:
    """n decisions over A actions each, the last of which is silence."""

    logged: Values
    """(n, A) probability of each action under the policy that served"""
    target: Values
    """(n, A) the same under the policy that is asked about"""
    modelled: Values
    """(n, A) the reward that a model expects of each action"""
    action: NDArray[np.intp]
    """(n,) what was done"""
    reward: Values
    """(n,) what came of it"""
    within: Values
    """(n,) target over logged probability of the draws within the action (its style)"""
    groups: Sequence[Hashable]
    """(n,) whose decisions they are: intervals resample these"""

    def __len__(self) -> int:
        return int(self.action.size)


@dataclass(frozen=True)
class Estimate:
    """Values are rewards a decision; intervals hold 95 %."""

    decisions: int
    openers: int
    """how many of the decisions spoke"""
    logged: Interval
    """what the policy that served came to"""
    snips: Interval
    doubly_robust: Interval
    gain: Interval
    """doubly robust less logged, paired"""
    speaks: tuple[float, float]
    """share of decisions that speak: logged, and under the target"""
    effective: float
    """effective sample size of the openers"""
    unsupported: float
    """share of the target's actions that were never possible"""
    verdict: str
    """better, worse, not told apart, or none"""
    reason: str

    def as_json(self) -> dict[str, Any]:
        told = dict(self.__dict__)
        for name in ("logged", "snips", "doubly_robust", "gain"):
            told[name] = told[name].as_json()
        return {**told, "speaks": list(self.speaks)}


def weights(data: Logged) -> Values:
    """(n,) how much likelier the target was to do what was done.

    Raises ValueError where something was done that had no chance: its propensity is wrong.
    """
    rows = np.arange(len(data))
    chance = data.logged[rows, data.action]
    if (chance <= 0).any():
        raise ValueError(f"{int((chance <= 0).sum())} logged actions have a propensity of zero")
    return np.asarray(data.target[rows, data.action] / chance * data.within)


def effective_size(found: Values) -> float:
    """Kish's effective sample size of weights: (Σw)² / Σw²."""
    squares = float((found**2).sum())
    return float(found.sum()) ** 2 / squares if squares else 0.0


def estimate(data: Logged, *, seed: int) -> Estimate:
    """Both estimates, and a verdict where the log can carry one. Raises as `weights` does."""
    found = weights(data)
    rows = np.arange(len(data))
    silence = data.target.shape[1] - 1
    spoke = data.action != silence
    expected = (data.target * data.modelled).sum(axis=1)
    surprise = found * (data.reward - data.modelled[rows, data.action])
    robust = expected + surprise
    unsupported = np.where(data.logged > 0, 0.0, data.target).sum(axis=1)
    gain = mean_interval(robust - data.reward, data.groups, seed=seed)
    effective = effective_size(found[spoke])
    lacking = float(unsupported.mean()) if len(data) else 1.0
    verdict, reason = _verdict(gain, effective, lacking)
    return Estimate(
        decisions=len(data),
        openers=int(spoke.sum()),
        logged=mean_interval(data.reward, data.groups, seed=seed),
        snips=mean_interval(data.reward, data.groups, seed=seed, weights=found),
        doubly_robust=mean_interval(robust, data.groups, seed=seed),
        gain=gain,
        speaks=(_mean(spoke.astype(np.float64)), _mean(1 - data.target[:, silence])),
        effective=effective,
        unsupported=lacking,
        verdict=verdict,
        reason=reason,
    )


def _mean(values: Values) -> float:
    return float(values.mean()) if values.size else 0.0


def _verdict(gain: Interval, effective: float, unsupported: float) -> tuple[str, str]:
    if unsupported > MAX_UNSUPPORTED:
        return "none", (
            f"{unsupported:.0%} of what it would do was never possible in the log, more than"
            f" {MAX_UNSUPPORTED:.0%}: nothing is known of that"
        )
    if effective < MIN_ESS:
        return "none", (
            f"the log holds {effective:.0f} effective openers for it, fewer than {MIN_ESS:.0f}"
        )
    told = f"gain {gain.value:+.4f} a decision ({gain.low:+.4f} to {gain.high:+.4f})"
    if gain.low > 0:
        return "better", told
    return ("worse", told) if gain.high < 0 else ("not told apart", told)
