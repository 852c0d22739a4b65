"""What the rules of admins say to one member or one offer."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from bot.policy.facts import Standing, WrittenRule

REASON = "admin_rule"
log = logging.getLogger("overture.policy")


def refusal(standing: Standing, facts: Mapping[str, Any], *, offers: bool) -> str | None:
    """The first rule that asks for silence; `offers` tells which half of the rules is asked.

    A rule that cannot be evaluated asks for silence too: nobody knows what it would have said.
    """
    for rule in standing.rules:
        if holds(rule, facts, offers=offers):
            return f"{REASON}:{rule.name}"
    return None


def holds(rule: WrittenRule, facts: Mapping[str, Any], *, offers: bool) -> bool:
    """Whether a rule is of the half that is asked, and asks for silence."""
    from bot.policy.expressions import compiled  # half a second, for those who have rules

    try:
        expression = compiled(rule.expression)
        return expression.judges_offer is offers and expression.holds(facts)
    except Exception as error:  # whatever it is, it must not let an opener through
        log.error("rule %s v%d fails: %s", rule.name, rule.version, type(error).__name__)
        return True


def asks_presence(standing: Standing) -> bool:
    """Whether a rule wants to know whether the member is away."""
    return any("away" in rule.expression for rule in standing.rules)
