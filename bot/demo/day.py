"""A day of the demo: ticks through everybody's morning, members who answer, the night."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Any

from bot.demo.cast import Act
from bot.demo.stage import Stage, morning_begins
from bot.learning.night import Trained
from bot.outreach import Attempt
from bot.ports import Progress, silent
from bot.store import tables
from bot.store.decisions import Decisions
from bot.store.openers import Openers
from bot.store.outcomes import Outcomes

TICK = timedelta(minutes=15)
MORNING = timedelta(hours=14, minutes=30)
"""from the easternmost member's early morning to the westernmost's noon"""
ENGAGED = ("followed_up", "replied", "accepted", "saved", "resolved")


@dataclass
class Day:
    """What one morning came to."""

    date: date
    begins: datetime
    attempts: list[Attempt] = field(default_factory=list)
    sent: int = 0


@dataclass(frozen=True)
class Life:
    """Lives days on a stage."""

    stage: Stage

    def morning(self, day: date, *, with_cast: bool = False, progress: Progress = silent) -> Day:
        """Every quarter of an hour, decide for whoever is due and send; each in their zone.

        With the cast, members post in channels and answer openers as the morning goes on.
        """
        stage, app = self.stage, self.stage.app
        lived = Day(day, morning_begins(day))
        queue = _Queue(stage.cast.chatter(day)) if with_cast else _Queue([])
        ticks = int(MORNING / TICK)
        for tick in range(ticks):
            now = lived.begins + tick * TICK
            self._perform_until(queue, now)
            stage.clock.advance_to(now)
            app.welcome(now)
            if app.is_anybody_due(now):
                app.refresh(now)
                lived.attempts += app.plan(now).attempts
            report = app.deliver(now)
            lived.sent += report.sent
            if with_cast and report.sent:
                queue.add(stage.cast.plan(self.openers(now, now + TICK)))
            progress(f"{day:%A} morning", tick + 1, ticks)
        self._perform_until(queue, lived.begins + timedelta(hours=22))
        return lived

    def openers(self, since: datetime, until: datetime) -> Sequence[tables.Opener]:
        """Openers sent in [since, until)."""
        app = self.stage.app
        with app.store.reading(app.workspace) as unit:
            return Openers(unit).sent_between(since, until)

    def evening(self, lived: Day, progress: Progress = silent) -> int:
        """Whoever did not answer yet does what they do; returns how many acts that were.

        A member whom somebody sat down as, and who did anything, is left alone.
        """
        stage = self.stage
        since = lived.begins
        played = self._played(since)
        acts = stage.cast.plan(self.openers(since, since + timedelta(days=1)), leave_out=played)
        for position, act in enumerate(acts):
            stage.clock.advance_to(max(act.at, stage.clock.now() + timedelta(seconds=5)))
            stage.cast.perform(act)
            stage.drain()
            progress("The others answer", position + 1, len(acts))
        return len(acts)

    def _played(self, since: datetime) -> Collection[str]:
        app = self.stage.app
        with app.store.reading(app.workspace) as unit:
            outcomes = Outcomes(unit)
            return {
                opener.member_id
                for opener in Openers(unit).sent_between(since, since + timedelta(days=1))
                if outcomes.of(opener.id)
            }

    def night(self, lived: Day, progress: Progress = silent) -> tuple[int, Trained]:
        """Close windows and learn, at the hour of the night that follows."""
        stage = self.stage
        now = stage.clock.advance_to(lived.begins + timedelta(hours=23))
        return stage.app.run_night(now, progress)

    def summary(self, lived: Day) -> dict[str, Any]:
        """The day's openers, what became of them, and the silences by reason."""
        app = self.stage.app
        until = lived.begins + timedelta(days=1)
        fates: Counter[str] = Counter()
        with app.store.reading(app.workspace) as unit:
            outcomes = Outcomes(unit)
            openers = Openers(unit).sent_between(lived.begins, until)
            for opener in openers:
                of = outcomes.of(opener.id)
                fates[of[-1].kind if of else "open"] += 1
            reasons = Decisions(unit).reasons(lived.begins, until)
        engaged = sum(fates[kind] for kind in ENGAGED)
        return {
            "day": lived.date.isoformat(),
            "openers": len(openers),
            "engaged": engaged,
            "dismissed": fates["dismissed"],
            "opted_out": fates["opted_out"],
            "precision": round(engaged / len(openers), 3) if openers else None,
            "outcomes": dict(sorted(fates.items())),
            "silences": reasons.get("silent", {}),
        }

    def _perform_until(self, queue: _Queue, moment: datetime) -> None:
        while (act := queue.pop(moment)) is not None:
            self.stage.clock.advance_to(act.at)
            self.stage.cast.perform(act)
            self.stage.drain()


class _Queue:
    """Acts by time; those of the same moment in the order in which they were added."""

    def __init__(self, acts: Sequence[Act]) -> None:
        self._order = count()
        self._heap = [(act.at, next(self._order), act) for act in acts]
        heapify(self._heap)

    def add(self, acts: Sequence[Act]) -> None:
        for act in acts:
            heappush(self._heap, (act.at, next(self._order), act))

    def pop(self, until: datetime) -> Act | None:
        """The next act at or before `until`."""
        if self._heap and self._heap[0][0] <= until:
            return heappop(self._heap)[2]
        return None
