"""A gate is an ordered tuple of rules; all are evaluated, the first refusal decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

Judged = TypeVar("Judged", contravariant=True)


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What one rule said; `reason` is empty where it allowed."""

    rule: str
    reason: str

    def as_record(self) -> Mapping[str, Any]:
        return {"rule": self.rule, "allowed": not self.reason, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Verdict:
    """All results in order; allowed when no rule refused."""

    results: tuple[RuleResult, ...]

    @property
    def allowed(self) -> bool:
        return not any(result.reason for result in self.results)

    @property
    def reason(self) -> str:
        """The deciding rule's reason, empty when allowed."""
        return next((result.reason for result in self.results if result.reason), "")

    def __add__(self, other: Verdict) -> Verdict:
        return Verdict(self.results + other.results)


class Rule(Protocol[Judged]):
    """One reason for silence: a machine-readable word when it refuses, else None."""

    @property
    def name(self) -> str: ...

    def refuses(self, judged: Judged) -> str | None: ...


def judge(rules: Iterable[Rule[Judged]], judged: Judged) -> Verdict:
    """Evaluate every rule, so that the record shows all that stood in the way."""
    return Verdict(tuple(RuleResult(rule.name, rule.refuses(judged) or "") for rule in rules))
