"""The screens between an attempt and its rules: what is offered, and what is counted once more."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.deciding.briefing import Because, Briefing
from bot.deciding.recommender import View
from bot.openers.because import clause
from bot.openers.styles import without_reason
from bot.policy.facts import Facts, Standing
from bot.policy.gate import RuleResult, Verdict, judge
from bot.policy.rules import REACH_RULES, Offer
from bot.policy.vocabulary import Offered
from bot.settings import PolicySettings
from recsys.types import Slate


@dataclass(frozen=True)
class Considered:
    """What an attempt had in hand that came as far as a slate."""

    slate: Slate
    view: View
    offer: Offer
    because: Because


def belongs_on_shelf(offer: Offer, reason: str) -> bool:
    """Whether a pick that is not sure enough to speak of is good enough to wait."""
    pick, policy = offer.pick, offer.policy
    good = pick is not None and pick.utility > 0 and pick.engages >= policy.shelf_floor
    return good and reason == "below_threshold" and policy.shelf_days > 0


def offer_of(facts: Facts, slate: Slate, view: View, policy: PolicySettings) -> Offer:
    """The pick of a slate as the rules judge it."""
    pick = slate.chosen
    offered = None if pick is None else Offered.of(view.item(pick.row))
    return Offer(facts, pick, policy, slate.ranked.uncertainty, offered)


def caps(
    standing: Standing,
    arm: str,
    explored: int,
    budget: int,
    shared_out: bool = False,
    full: bool = False,
) -> Verdict:
    """The reach rules once more, the day's shares, and for a pick that explores its budget."""
    verdict = judge(REACH_RULES, standing)
    verdict += Verdict((RuleResult("shares", "shared_out" if shared_out else ""),))
    verdict += Verdict((RuleResult("openers_per_day", "workspace_budget" if full else ""),))
    if arm == "explore":
        refusal = "below_threshold" if explored >= budget else ""
        verdict += Verdict((RuleResult("explore_budget", refusal),))
    return verdict


def explained(
    facts: Facts, slate: Slate, view: View, briefing: Briefing
) -> tuple[Facts, Slate, Because]:
    """What spoke for the pick; where no reason can be told, the pick in a style that needs none.

    That is drawn anew, for the same item, by the same dice, and kept with the query: a replay draws
    among the same styles, and no style is logged that nobody could have been told in.
    """
    because = briefing.because(slate, view)
    if clause(because.why):
        return facts, slate, because
    query = replace(facts.query, suited=without_reason(facts.query.suited))
    chosen = view.pipeline.selector.pick(query, slate.ranked)
    return replace(facts, query=query), replace(slate, query=query, chosen=chosen), because
