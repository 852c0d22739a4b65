"""One attempt to speak to one member: the screen that everything in `bot` hangs on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.deciding import inputs
from bot.deciding.arms import Arms
from bot.deciding.briefing import Briefing
from bot.deciding.facts import NOTHING, FactsReader, Rehearsed
from bot.deciding.judging import Considered, belongs_on_shelf, caps, explained, offer_of
from bot.deciding.recommender import Recommender, View
from bot.deciding.written import decision
from bot.ids import digest
from bot.openers.brief import NO_USAGE, Brief, Composed, Withheld
from bot.policy.facts import Facts
from bot.policy.gate import RuleResult, Verdict, judge
from bot.policy.moment import at_once
from bot.policy.rules import OFFER_RULES, PASSING, REACH_RULES
from bot.ports import Usage
from bot.reading.sight import Sight
from bot.settings import PolicySettings
from bot.store import tables
from bot.store.database import Store, Unit
from bot.store.decisions import Decisions, Slots
from bot.store.members import Members
from bot.store.openers import Openers
from bot.store.outbox import OutboxRows
from bot.store.reviews import Reviews
from bot.store.shelf import Shelf
from bot.store.workspaces import Workspaces
from recsys.types import Item, Slate

KEEPS = timedelta(hours=2)
"""an opener that could not leave for so long is not sent any more"""
HELD_KEEPS = timedelta(hours=8)
"""the same for one that waits for a person's review"""


class Composer(Protocol):
    """Turns a brief into an opener, or withholds it."""

    def compose(self, brief: Brief) -> Composed | Withheld: ...


@dataclass(frozen=True)
class Attempt:
    """One decision with what led to it; the decision alone is kept."""

    decision: tables.Decision
    facts: Facts
    slate: Slate | None = None
    item: Item | None = None
    opener: Composed | None = None
    why: str = ""
    counts: bool = True
    """off: another process had used this slot first, so this decision was thrown away"""

    @property
    def speaks(self) -> bool:
        return self.counts and self.decision.verdict == "speak"


@dataclass(frozen=True)
class Wanted:
    """A decision to speak that waits for its words."""

    facts: Facts
    verdict: Verdict
    had: Considered
    item: Item
    brief: Brief

    @property
    def arm(self) -> str:
        return self.had.offer.arm


@dataclass(frozen=True)
class Outreach:
    """Decides for one member whether to speak, about what and how, and puts it on its way.

    With `keeps` off nothing is written: a rehearsal that sends nothing.
    """

    store: Store
    workspace: str
    facts: FactsReader
    recommender: Recommender
    briefing: Briefing
    composer: Composer
    policy: PolicySettings
    run: str
    keeps: bool = True
    jitter: Callable[[Facts], timedelta] = at_once
    sight: Sight | None = None
    """None where the channel shows nothing of anybody's presence"""
    arms: Arms | None = None
    """None where no experiment runs"""

    def attempt(self, member: str, now: datetime, rehearsed: Rehearsed = NOTHING) -> Attempt:
        """Decide once for this member's slot. Raises what the store raises."""
        decided = self.decide(member, now, rehearsed)
        if isinstance(decided, Attempt):
            return decided
        return self.conclude(decided, self.compose(decided))

    def decide(
        self,
        member: str,
        now: datetime,
        rehearsed: Rehearsed = NOTHING,
        begun: View | None = None,
    ) -> Attempt | Wanted:
        """Whether to speak, and about what; a silence is kept at once.

        A pass keeps the model of the view that it has `begun` with; pool and past are those that
        serve now, for what was erased meanwhile must not come back.
        """
        view = self.recommender.view
        if begun is not None:
            view = view.under(begun.loaded)
        facts = self.facts.gather(member, now, view, rehearsed)
        reach = judge(REACH_RULES, facts.standing)
        if reach.allowed and self.keeps and self.sight is not None:
            facts = replace(facts, standing=self.sight.look(facts.standing, closely=False))
            reach = judge(REACH_RULES, facts.standing)
        if not reach.allowed:
            return self._record(facts, reach, "reach")
        policy = self.policy
        if self.arms is not None:
            view, facts, policy = self.arms.treat(view, facts, policy)
        slate = view.pipeline.run(facts.query)
        facts, slate, because = explained(facts, slate, view, self.briefing)
        had = Considered(slate, view, offer_of(facts, slate, view, policy), because)
        verdict = reach + judge(OFFER_RULES, had.offer)
        if not verdict.allowed or slate.chosen is None:
            return self._record(facts, verdict, "offer", had)
        item = view.item(slate.chosen.row)
        brief = self.briefing.brief(facts, item, slate.chosen, because.why)
        return Wanted(facts, verdict, had, item, brief)

    def compose(self, wanted: Wanted) -> Composed | Withheld:
        """The words; reads and writes nothing, so several may be composed at once."""
        return self.composer.compose(wanted.brief)

    def conclude(self, wanted: Wanted, opener: Composed | Withheld) -> Attempt:
        """Put the opener on its way, or keep that it was withheld. Raises what the store raises."""
        facts, had = wanted.facts, wanted.had
        if isinstance(opener, Withheld):
            verdict = wanted.verdict + Verdict((RuleResult("composer", opener.reason),))
            return self._record(facts, verdict, "composer", had, opener.usage)
        decision = self._decision(facts, wanted.verdict, "queued", had, opener.usage)
        attempt = Attempt(decision, facts, had.slate, wanted.item, opener, had.because.why)
        return self._enqueue(attempt) if self.keeps else attempt

    def _record(
        self,
        facts: Facts,
        verdict: Verdict,
        stage: str,
        had: Considered | None = None,
        usage: Usage = NO_USAGE,
    ) -> Attempt:
        """Silence, kept as carefully as speech."""
        decision = self._decision(facts, verdict, stage, had, usage)
        attempt = Attempt(decision, facts, had.slate if had else None)
        if self.keeps:
            with self.store.writing(self.workspace) as unit:
                if not self._settle(unit, facts, attempt.decision):
                    return replace(attempt, counts=False)
                if had and belongs_on_shelf(had.offer, verdict.reason):
                    self._shelve(unit, decision, had.because.why, facts.standing.now)
                unit.commit()
        return attempt

    def _shelve(self, unit: Unit, decision: tables.Decision, why: str, now: datetime) -> None:
        """Let the pick wait on the member's home tab, without a word."""
        until = now + timedelta(days=self.policy.shelf_days)
        Shelf(unit).put(
            decision.member_id,
            str(decision.item_id),
            decision=decision.id,
            why=why,
            at=now,
            until=until,
        )

    def _settle(self, unit: Unit, facts: Facts, decision: tables.Decision) -> bool:
        """Keep a silence; False where the slot had been used meanwhile.

        A refusal that passes leaves the slot waiting, and the decision is kept only once.
        """
        member, slot, now = facts.standing.member, facts.standing.slot, facts.standing.now
        if decision.reason in PASSING:
            is_new = Slots(unit).wait(member, slot, decision.reason, now)
            if is_new:
                Decisions(unit).put(decision)
            return is_new is not None
        if not Slots(unit).use(member, slot, now, decision.reason):
            return False
        Decisions(unit).put(decision)
        return True

    def _enqueue(self, attempt: Attempt) -> Attempt:
        """Decision, opener and outbox row in one transaction, the caps checked inside it."""
        facts, decision = attempt.facts, attempt.decision
        with self.store.writing(self.workspace) as unit:
            Members(unit).lock(facts.standing.member)
            if not self._use_slot(unit, facts):
                return replace(attempt, counts=False)
            again, stands = self._judge_again(unit, facts, decision.arm, attempt.item)
            if not again.allowed:
                decision.verdict, decision.reason = "silent", again.reason
                decision.rules = [dict(result.as_record()) for result in again.results]
                decision.inputs = {**(decision.inputs or {}), "stage": "again", "again": stands}
            Decisions(unit).put(decision)
            if again.allowed:
                self._put_on_its_way(unit, attempt)
            unit.commit()
        return attempt

    def _judge_again(
        self, unit: Unit, facts: Facts, arm: str, item: Item | None
    ) -> tuple[Verdict, dict[str, Any]]:
        """The caps as they stand inside the transaction: another one may have spoken meanwhile.

        Also what they were judged by, as it is kept.
        """
        now = facts.standing.now
        standing = self.facts.again(unit, facts.standing.member, now)
        # items, authors and the budget of the day belong to all members
        Workspaces(unit).lock(self.workspace)
        items, authors = self.facts.shared_out(unit, now)
        shared_out = item is not None and (item.id in items or item.author in authors)
        explored = self.facts.explored(unit, now) if arm == "explore" else facts.explored_today
        full = self.facts.openers_today(unit, now) >= self.policy.openers_per_day
        verdict = caps(standing, arm, explored, self.policy.explore_per_day, shared_out, full)
        stands = {
            "standing": inputs.standing_record(standing),
            "explored_today": explored,
            "shared_out": shared_out,
            "full": full,
        }
        return verdict, stands

    def _use_slot(self, unit: Unit, facts: Facts) -> bool:
        return Slots(unit).use(facts.standing.member, facts.standing.slot, facts.standing.now)

    def _put_on_its_way(self, unit: Unit, attempt: Attempt) -> None:
        facts, opener, item = attempt.facts, attempt.opener, attempt.item
        if opener is None or item is None:
            raise ValueError("only an attempt with an item and an opener can be sent")
        opener_id = "op_" + digest(
            facts.standing.workspace, facts.standing.member, facts.standing.slot
        )
        held = unit.session.get_one(tables.Workspace, self.workspace).reviews
        made = tables.Opener(
            id=opener_id,
            workspace_id=facts.standing.workspace,
            decision_id=attempt.decision.id,
            member_id=facts.standing.member,
            item_id=item.id,
            state="held" if held else "queued",
            text=opener.text,
            why=attempt.why,
            style=opener.style,
            prompt=opener.prompt_ref,
            language_model=opener.language_model,
            created_at=facts.standing.now,
        )
        Openers(unit).add(made)
        unit.session.flush()
        if held:
            Reviews(unit).ask(made, facts.standing.now)
        leaves = facts.standing.now + self.jitter(facts)
        OutboxRows(unit).add(
            member=facts.standing.member,
            kind="opener",
            dedupe_key=f"slot:{facts.standing.member}:{facts.standing.slot}",
            content=self.briefing.content(opener_id, opener.text, item),
            not_before=leaves,
            expires_at=leaves + (HELD_KEEPS if held else KEEPS),
            now=facts.standing.now,
            opener_id=opener_id,
            held=held,
        )

    def _decision(
        self,
        facts: Facts,
        verdict: Verdict,
        stage: str,
        had: Considered | None,
        usage: Usage,
    ) -> tables.Decision:
        return decision(self.run, facts, verdict, stage, self.policy, had, usage)
