"""What the arm of an experiment changes for one member: a threshold, a style or a model."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import replace

from bot.deciding.recommender import View
from bot.deciding.variants import Variants
from bot.experiments import Assigned, Experiment, assign
from bot.openers.styles import STYLES
from bot.policy.facts import Facts
from bot.ports import BadInput
from bot.settings import PolicySettings
from recsys.registry import RegistryError

log = logging.getLogger("overture.arms")


class Arms:
    """The experiments of one pass, with what was stopped when it began."""

    def __init__(
        self,
        experiments: Mapping[str, Experiment],
        stopped: Mapping[str, Collection[str]],
        variants: Variants,
    ) -> None:
        """Raises BadInput for an arm whose style there is not."""
        for name, experiment in experiments.items():
            for arm, one in experiment.arms.items():
                if experiment.varies == "style" and one.value not in (None, *STYLES):
                    raise BadInput(
                        f"setting experiments.{name}.arms.{arm}: there is no style {one.value!r};"
                        f" use one of {', '.join(STYLES)}"
                    )
        self._experiments = experiments
        self._stopped = {name: frozenset(stopped.get(name, ())) for name in experiments}
        self._variants = variants

    def of(self, workspace: str, member: str, view: View) -> tuple[Assigned, ...]:
        """The arms that a member is in; an arm whose model cannot serve is as if stopped."""
        found = []
        for name, experiment in self._experiments.items():
            one = assign(name, experiment, workspace, member, self._stopped[name])
            while one.varies == "model" and one.value is not None and not self._serves(one, view):
                self._stopped[name] |= {one.arm}
                one = assign(name, experiment, workspace, member, self._stopped[name])
            found.append(one)
        return tuple(found)

    def treat(
        self, view: View, facts: Facts, policy: PolicySettings
    ) -> tuple[View, Facts, PolicySettings]:
        """View, facts and policy as the member's arms have them; the facts name the arms."""
        if not self._experiments:
            return view, facts, policy
        assigned = tuple(
            one.over(policy.threshold) if one.varies == "threshold" else one
            for one in self.of(facts.standing.workspace, facts.standing.member, view)
        )
        for one in assigned:
            if one.value is None:
                continue
            if one.varies == "threshold":
                policy = policy.model_copy(update={"threshold": one.value})
            elif one.varies == "style":
                facts = replace(facts, query=replace(facts.query, styles=(str(one.value),)))
            else:
                view = self._variants.view(view, str(one.value))
        return view, replace(facts, arms=assigned), policy

    def _serves(self, one: Assigned, view: View) -> bool:
        try:
            self._variants.view(view, str(one.value))
        except RegistryError as error:
            log.warning("arm %s of experiment %s cannot run: %s", one.arm, one.experiment, error)
            return False
        return True
