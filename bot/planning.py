"""One pass over the members: who is due, who waits, who is spoken to."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

from structlog.contextvars import bound_contextvars

from bot.composing import Begun, Composing
from bot.deciding.facts import FactsReader, Rehearsed
from bot.deciding.written import decision_id, spent_on
from bot.ids import draw, seed_of
from bot.outreach import Attempt, Outreach, Wanted
from bot.policy.moment import best_left
from bot.policy.rules import PASSING, SHOWN
from bot.ports import Progress, Usage, silent
from bot.store.database import Store
from bot.store.decisions import BEST_MOMENT, Chance, Days, Slots
from bot.store.members import Members
from bot.today import Person, Today

REOPENED = PASSING - SHOWN
"""refusals after which a slot waits for its moment again; the others are looked at each tick"""

log = logging.getLogger("overture.planning")


@dataclass
class Pass:
    """What one pass did: every attempt in order, and who still waits for their moment."""

    now: datetime
    attempts: list[Attempt] = field(default_factory=list)
    waiting: int = 0
    used: int = 0
    """members whose slot of the day had been used before"""
    failed: int = 0
    """members for whom something broke; they come again with the next pass"""
    seconds: float = 0.0

    @property
    def openers(self) -> list[Attempt]:
        return [attempt for attempt in self.attempts if attempt.speaks]

    def add(self, attempt: Attempt) -> None:
        """One that is concluded; it counts unless another process used its slot first."""
        if attempt.counts:
            self.attempts.append(attempt)
        else:
            self.used += 1

    @property
    def spent(self) -> Usage:
        """What the language model took for all attempts."""
        return sum((spent_on(attempt.decision) for attempt in self.attempts), Usage())

    def summary(self) -> dict[str, Any]:
        """Counts by verdict and deciding reason, as JSON."""
        verdicts: dict[str, Counter[str]] = {"speak": Counter(), "silent": Counter()}
        for attempt in self.attempts:
            verdicts[attempt.decision.verdict][attempt.decision.reason] += 1
        return {
            "decisions": {name: dict(sorted(count.items())) for name, count in verdicts.items()},
            "waiting": self.waiting,
            "slots_used_before": self.used,
            "failed": self.failed,
            "seconds": round(self.seconds, 3),
            "model_tokens": self.spent.tokens,
            "model_cost": self.spent.cost,
        }


def used_up(spoken: Sequence[Attempt], under_way: Sequence[Wanted]) -> Rehearsed:
    """What openers use up of which no row tells: not kept at all, or not yet."""
    items = [one.item for one in spoken if one.item is not None]
    items += [one.item for one in under_way]
    arms = [*(one.decision.arm for one in spoken), *(one.arm for one in under_way)]
    return Rehearsed(
        arms.count("explore"),
        Counter(str(item.id) for item in items),
        Counter(str(item.author) for item in items if item.author),
    )


@dataclass(frozen=True)
class Planner:
    """Goes through members in an order drawn anew each day, so that no one is always first."""

    store: Store
    workspace: str
    facts: FactsReader
    outreach: Outreach
    people: Mapping[str, Person]
    keeps: bool
    """off: nothing is written"""
    seed: int
    at_once: int = 1
    """openers that are composed at one time"""

    def due(self, now: datetime) -> list[str]:
        """Members whose slot is open, unused and not waiting for a better moment.

        Where nobody is due, a tick needs neither a refresh nor a pipeline.
        """
        today = self._today(now)
        return [member for member in self.people if self._is_due(member, now, today)]

    def plan(
        self,
        members: Sequence[str],
        now: datetime,
        *,
        wait_for_moment: bool = True,
        progress: Progress = silent,
    ) -> Pass:
        """Attempt every member whose slot is open and unused and whose moment has come.

        With `wait_for_moment` off, everybody whose slot is unused is attempted now, whatever
        the day and the hour: the rules then say why not.
        """
        started = perf_counter()
        done = Pass(now)
        today = replace(self._today(now), begun=self.outreach.recommender.view)
        if wait_for_moment:
            today.slots.update(self._reconsidered(members, now, today))
            today.slots.update(self._opened(done, members, today))
        ordered = self._ordered(members, now)
        if self.outreach.sight is not None and self.keeps:
            self.outreach.sight.expect(
                [one for one in ordered if not wait_for_moment or self._is_due(one, now, today)]
            )
        with Composing(self.outreach.compose, self.at_once) as composing:
            for position, member in enumerate(ordered):
                progress("Planning", position, len(members))
                with self._about(done, member, now):
                    decided = self._consider(done, composing, member, now, today, wait_for_moment)
                    if decided is not None:
                        composing.begin(member, decided)
                self._conclude(done, composing.ready(), now)
            self._conclude(done, composing.ready(last=True), now)
        progress("Planning", len(members), len(members))
        done.seconds = perf_counter() - started
        return done

    @contextmanager
    def _about(self, done: Pass, member: str, now: datetime) -> Iterator[None]:
        """Names whom it is about in the log; their trouble must not silence all who come after."""
        day = now.astimezone(self.people[member].zone).date().isoformat()
        decision = decision_id(self.workspace, member, day)
        with bound_contextvars(workspace=self.workspace, member=member, decision=decision):
            try:
                yield
            except Exception:
                done.failed += 1
                log.exception("nothing was decided for a member")

    def _conclude(self, done: Pass, ready: Iterator[Begun], now: datetime) -> None:
        for one in ready:
            with self._about(done, one.member, now):
                if isinstance(one.decided, Attempt):
                    done.add(one.decided)
                elif one.composed is not None:
                    done.add(self.outreach.conclude(one.decided, one.composed.result()))

    def _consider(
        self,
        done: Pass,
        composing: Composing,
        member: str,
        now: datetime,
        today: Today,
        wait_for_moment: bool,
    ) -> Attempt | Wanted | None:
        """What is decided about a member; None where it is not their moment."""
        slot = today.slot(member, self.people[member], now)
        if slot is not None and slot.state == "used":
            done.used += 1
            return None
        if wait_for_moment and not self._is_due(member, now, today):
            done.waiting += 1
            return None
        if wait_for_moment and slot is None:
            return None  # it could not be opened, which has been counted
        kept = [] if self.keeps else done.openers
        used = used_up(kept, composing.under_way)
        return self.outreach.decide(member, now, used, today.begun)

    def _today(self, now: datetime) -> Today:
        with self.store.reading(self.workspace) as unit:
            return Today.read(unit, now)

    def _is_due(self, member: str, now: datetime, today: Today) -> bool:
        return today.is_due(member, self.people[member], now)

    def _ordered(self, members: Iterable[str], now: datetime) -> list[str]:
        day = seed_of(self.seed, now.astimezone(UTC).date())
        return sorted(members, key=lambda member: (draw(day, member), member))

    def _reconsidered(self, members: Sequence[str], now: datetime, today: Today) -> Days:
        """Open slots again that silence had used up before something happened."""
        again: Days = {}
        for member in sorted(today.happened.keys() & set(members)):
            person = self.people[member]
            slot = today.slot(member, person, now)
            if slot is not None and slot.state == "used" and self._is_due(member, now, today):
                day = now.astimezone(person.zone).date().isoformat()
                again[member, day] = Chance("waiting", now, BEST_MOMENT, now)
        if self.keeps and again:
            with self.store.writing(self.workspace) as unit:
                for member, day in again:
                    Slots(unit).reconsider(member, day, today.happened[member], now)
                unit.commit()
        return again

    def _opened(self, done: Pass, members: Sequence[str], today: Today) -> Days:
        """Open the slots of the day that are not open yet: note the moment that each waits for.

        So too the slots whose refusal has passed: for the best moment that is left. All in one
        reading and one writing, for on the first tick of a day that is everybody.
        """
        now = done.now
        due = {
            m: today.slot(m, self.people[m], now) for m in members if self._is_due(m, now, today)
        }
        new = {m for m, slot in due.items() if slot is None or slot.waits_for in REOPENED}
        if not new:
            return {}
        moments: dict[tuple[str, str], datetime] = {}
        with self.store.reading(self.workspace) as unit:
            for person in Members(unit).list():  # all read at once, and then known to the unit
                if person.id not in new:
                    continue
                try:
                    facts = self.facts.of_day(unit, person.id, now)
                    moments[person.id, facts.standing.slot] = best_left(facts)
                except Exception:  # as for an attempt
                    done.failed += 1
                    with bound_contextvars(workspace=self.workspace, member=person.id):
                        log.exception("no moment was found for a member")
        if self.keeps and moments:
            again = {key: at for key, at in moments.items() if due[key[0]] is not None}
            with self.store.writing(self.workspace) as unit:
                Slots(unit).open_all(moments, now)
                Slots(unit).reopen_all(again, now)
                unit.commit()
        return {key: Chance("waiting", best, BEST_MOMENT, now) for key, best in moments.items()}
