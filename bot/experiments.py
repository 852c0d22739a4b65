"""Experiments: what varies, between which arms, and who is in which of them, for good.

An arm is drawn by a hash of experiment and member, so it needs no row, is the same in every
process, and stays. Exactly one arm of an experiment changes nothing: the control, which takes
over the members of an arm that is stopped.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from bot.ids import draw, seed_of

Varied = Literal["threshold", "style", "model"]
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_ROUNDING = 1e-6


def _named(names: dict[str, Any]) -> dict[str, Any]:
    for name in names:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} should be up to 32 small letters, digits, - and _")
    return names


class ArmSettings(BaseModel):
    """One arm: the share of members in it, and what it sets; the control sets nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    share: float = Field(gt=0, le=1)
    value: float | str | None = None


class Experiment(BaseModel):
    """What varies, and its arms by name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    varies: Varied
    arms: Annotated[dict[str, ArmSettings], AfterValidator(_named)]

    @model_validator(mode="after")
    def _is_whole(self) -> Experiment:
        if sum(arm.value is None for arm in self.arms.values()) != 1:
            raise ValueError("exactly one arm, the control, should have no value")
        total = sum(arm.share for arm in self.arms.values())
        if len(self.arms) < 2 or abs(total - 1) > _ROUNDING:
            raise ValueError(f"the shares of two arms or more should sum to 1, not to {total:g}")
        for name, arm in self.arms.items():
            if arm.value is not None and not self._takes(arm.value):
                raise ValueError(f"arm {name}: {arm.value!r} is no {self.varies}")
        return self

    def _takes(self, value: float | str) -> bool:
        if self.varies == "threshold":
            return isinstance(value, float) and 0 <= value <= 1
        return isinstance(value, str)

    @property
    def control(self) -> str:
        """The arm that changes nothing."""
        return next(name for name, arm in self.arms.items() if arm.value is None)

    def shares(self, stopped: Collection[str]) -> dict[str, float]:
        """The share of each arm that runs; the control has those of the stopped ones too."""
        running = {name: arm.share for name, arm in self.arms.items() if name not in stopped}
        running[self.control] = 1.0 - sum(s for n, s in running.items() if n != self.control)
        return running


def _distinct(experiments: dict[str, Experiment]) -> dict[str, Experiment]:
    """Two that vary the same thing would overrule each other."""
    varied = [one.varies for one in experiments.values()]
    for what in set(varied):
        if varied.count(what) > 1:
            raise ValueError(f"only one experiment at a time should vary the {what}")
    return experiments


Experiments = Annotated[dict[str, Experiment], AfterValidator(_named), AfterValidator(_distinct)]


@dataclass(frozen=True, slots=True)
class Assigned:
    """The arm of one member in one experiment, and how likely it was."""

    experiment: str
    varies: Varied
    arm: str
    value: float | str | None
    share: float
    """the probability that this member is treated so"""
    running: tuple[tuple[float, float | str | None], ...]
    """(share, value) of every arm that runs, this one among them"""

    def over(self, base: float | str) -> Assigned:
        """The same with what the control does in the place of its None."""
        value = base if self.value is None else self.value
        running = tuple((share, base if one is None else one) for share, one in self.running)
        return replace(self, value=value, running=running)

    def as_record(self) -> dict[str, Any]:
        return {**asdict(self), "running": [list(one) for one in self.running]}


def assign(
    name: str, experiment: Experiment, workspace: str, member: str, stopped: Collection[str]
) -> Assigned:
    """The arm that a member is in; that of the control where theirs is stopped."""
    arm, shares = drawn(name, experiment, workspace, member), experiment.shares(stopped)
    arm = arm if arm in shares else experiment.control
    return Assigned(
        experiment=name,
        varies=experiment.varies,
        arm=arm,
        value=experiment.arms[arm].value,
        share=shares[arm],
        running=tuple((share, experiment.arms[one].value) for one, share in shares.items()),
    )


def drawn(name: str, experiment: Experiment, workspace: str, member: str) -> str:
    """The arm that the hash of experiment and member falls into, whatever was stopped since."""
    place, upto = draw(seed_of("experiment", name, workspace, member), "arm"), 0.0
    for arm, one in experiment.arms.items():
        upto += one.share
        if place < upto:
            return arm
    return arm


def by_experiment(assigned: Collection[Assigned]) -> Mapping[str, Any]:
    """As it is kept with a decision."""
    return {one.experiment: one.as_record() for one in assigned}
