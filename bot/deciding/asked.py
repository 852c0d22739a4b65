"""What we would pick for a member who asks, or who opens our conversation.

It is asked for, so no hour is quiet for it and it uses up no slot, no cap and no budget; nothing is
held back at random. What may be used, and what may be seen, is as for any other decision, and it is
kept as one, of a kind of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bot.deciding.briefing import Briefing
from bot.deciding.facts import FactsReader
from bot.deciding.judging import Considered, offer_of
from bot.deciding.recommender import Recommender, View
from bot.deciding.written import decision
from bot.ids import digest
from bot.openers.brief import NO_USAGE
from bot.policy.gate import judge
from bot.policy.rules import ANSWER_RULES, ASKED_RULES, EXPLORES_ABOVE, Offer
from bot.settings import PolicySettings
from bot.store import tables
from bot.store.database import Unit
from bot.store.decisions import Decisions
from recsys.explore import Selector
from recsys.types import Item, Slate

ASKED, PROMPTS = "asked", "prompts"
MOST_PROMPTS = 3
"""items that are suggested where a conversation begins; Slack shows four at most"""


@dataclass(frozen=True)
class Found:
    """What was picked, and the decision that says how."""

    decision: tables.Decision
    items: tuple[Item, ...]
    """good enough to be told, the best first; empty where nothing is"""
    why: str
    """why the first of them"""
    sure: str
    """fairly, think or unsure: how sure we are of it"""
    is_new: bool
    """whether we know so little that nothing means much yet"""

    @property
    def allowed(self) -> bool:
        return bool(self.items)


@dataclass(frozen=True)
class Picker:
    """Picks for one member at one moment; reads only, `keep` writes."""

    workspace: str
    facts: FactsReader
    recommender: Recommender
    briefing: Briefing
    policy: PolicySettings

    def pick(self, member: str, kind: str, key: str, now: datetime) -> Found:
        """Decide. Raises Refused before the recommender is ready, or for an unknown member."""
        # nothing is withheld or tried out on somebody who asks
        view = _best_first(self.recommender.view)
        facts = self.facts.gather(member, now, view)
        policy = self.policy.model_copy(update={"holdout": 0.0, "explore_per_day": 0})
        slate = view.pipeline.run(facts.query)
        offer = offer_of(facts, slate, view, policy)
        verdict = judge(ANSWER_RULES, facts.standing) + judge(ASKED_RULES, offer)
        run = run_of(self.workspace, kind, now)
        because = self.briefing.because(slate, view)
        had = Considered(slate, view, offer, because)
        made = decision(run, facts, verdict, kind, policy, had, NO_USAGE)
        made.kind, made.slot = kind, f"{kind}:{digest(key)}"
        made.id = "de_" + digest(self.workspace, member, made.slot)
        items = self._items(slate, view, offer, kind) if verdict.allowed else ()
        return Found(
            decision=made,
            items=items,
            why=because.why if items else "",
            sure=_sure(offer) if items else "",
            is_new=slate.ranked.uncertainty > EXPLORES_ABOVE,
        )

    def _items(self, slate: Slate, view: View, offer: Offer, kind: str) -> tuple[Item, ...]:
        """The pick; where several are shown, also those after it that are as good as one asks."""
        chosen = slate.chosen
        if chosen is None:
            return ()
        first = (view.item(chosen.row),)
        if kind != PROMPTS:
            return first
        ranked, floor = slate.ranked, offer.policy.shelf_floor
        rest = [
            int(ranked.rows[place])
            for place in range(min(len(ranked), MOST_PROMPTS + 1))
            if ranked.engages[place] >= floor
        ]
        others = [view.item(row) for row in rest if row != chosen.row]
        return (*first, *others)[:MOST_PROMPTS]


def _best_first(view: View) -> View:
    """The same view, but that it always takes the first of a slate."""
    pipeline = view.pipeline
    return replace(view, pipeline=replace(pipeline, selector=Selector(pipeline.pool, epsilon=0.0)))


def keep(unit: Unit, made: tables.Decision) -> None:
    """Keep a decision with its run, in the caller's transaction."""
    decisions = Decisions(unit)
    decisions.start_run(made.run_id, made.kind, made.at)
    decisions.put(made)


def run_of(workspace: str, kind: str, now: datetime) -> str:
    """One run for all that was asked on a UTC day."""
    return "ru_" + digest(workspace, kind, now.date().isoformat())


def _sure(offer: Offer) -> str:
    pick, threshold = offer.pick, offer.policy.threshold
    if pick is None or pick.engages < threshold:
        return "unsure"
    return "fairly" if pick.engages >= (1 + threshold) / 2 else "think"
