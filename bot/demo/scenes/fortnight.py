"""Two weeks later: the scripted members live ten working days, day by day on a chart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.demo import telling
from bot.demo.day import Day, Life
from bot.demo.scenes.aside import next_working_day
from bot.demo.stage import Stage
from bot.emulator.extension import Given
from bot.policy.words import OUTCOMES
from bot.ports import Progress
from bot.store import tables
from bot.store.database import Unit
from bot.store.items import Items
from bot.store.openers import Openers
from bot.store.outcomes import Outcomes

DAYS = 10
"""working days"""


@dataclass
class Fortnight:
    """Lives on from the day that the page stands at."""

    stage: Stage

    def __post_init__(self) -> None:
        self.days: list[dict[str, Any]] = []

    def live(self, today: Day, progress: Progress) -> Day:
        """End today, live the days, and stop in the morning after; each is published.

        Whoever sits at a desk has time for none of this: their openers stay unanswered.
        """
        life, stage = Life(self.stage), self.stage
        dates = _following(today.date, DAYS)
        beside = stage.always_send(dates[0], (dates[-1] - dates[0]).days + 1)
        by_day = {one["day"]: one for one in beside}
        life.evening(today, progress)
        life.night(today, progress)
        self.days = []
        for number, day in enumerate(dates, 1):
            progress(f"Day {number} of {DAYS}", number - 1, DAYS)
            lived = life.morning(day, with_cast=True)
            _, trained = life.night(lived)
            told = {
                **life.summary(lived),
                "number": number,
                "verdict": telling.verdict(trained),
                "model": trained.version,
                "promoted": trained.result.promoted,
                "always": by_day.get(day.isoformat()),
            }
            self.days.append(told)
            stage.emulator.publish("day", told)
        progress("The morning after", DAYS, DAYS)
        after = life.morning(next_working_day(dates[-1]))
        stage.emulator.publish("morning_after", {"day": after.date.isoformat()})
        return after

    def so_far(self, given: Given) -> Mapping[str, Any]:
        """The days that were lived, for a page that comes later."""
        return {"days": self.days, "of": DAYS}

    def minds(self, given: Given) -> Mapping[str, Any]:
        """The first pick and the last one for who sits there, and what came between them."""
        app = self.stage.app
        with app.store.reading(app.workspace) as unit:
            openers = list(reversed(Openers(unit).recent(given.user, 30)))
            if len(openers) < 2:
                return {"first": None, "last": None, "between": []}
            return {
                "first": _pick(unit, openers[0]),
                "last": _pick(unit, openers[-1]),
                "between": [_answered(unit, one) for one in openers[:-1]],
            }


def _following(day: date, many: int) -> list[date]:
    days = [day]
    for _ in range(many):
        days.append(next_working_day(days[-1]))
    return days[1:]


def _pick(unit: Unit, opener: tables.Opener) -> dict[str, Any]:
    item = Items(unit).get(opener.item_id)
    decision = unit.session.get(tables.Decision, opener.decision_id)
    return {
        "title": item.title if item is not None else "",
        "text": opener.text,
        "why": opener.why,
        "style": opener.style.replace("_", " "),
        "decision": opener.decision_id,
        "engages": decision.engages if decision is not None else None,
        "model": decision.model_version if decision is not None else "",
    }


def _answered(unit: Unit, opener: tables.Opener) -> dict[str, Any]:
    outcomes = Outcomes(unit).of(opener.id)
    item = Items(unit).get(opener.item_id)
    kind = outcomes[-1].kind if outcomes else ""
    return {
        "title": item.title if item is not None else "",
        "outcome": OUTCOMES.get(kind, "no answer yet"),
        "reason": outcomes[-1].reason if outcomes else "",
    }
