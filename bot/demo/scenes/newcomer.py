"""Be yourself: somebody enters the workspace, and the bot decides about them at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.demo.load import AGREED
from bot.demo.stage import Stage
from bot.emulator import Person
from bot.emulator.extension import AskError, Given
from bot.ids import digest
from bot.policy.purposes import PURPOSES
from bot.policy.words import in_words
from bot.store.decisions import Decisions
from bot.store.members import Members
from bot.store.topics import Topics

ID = "U0NEWCOMER"
MOST_NAME, MOST_TOPICS = 60, 5
ZONES = (
    "America/Los_Angeles", "America/Denver", "America/New_York", "America/Sao_Paulo",
    "Atlantic/Azores", "Europe/London", "Europe/Berlin", "Europe/Helsinki", "Asia/Dubai",
    "Asia/Kolkata", "Asia/Bangkok", "Asia/Tokyo", "Australia/Sydney", "Pacific/Auckland",
)  # fmt: skip
"""where a newcomer may live: wherever it is mid-morning just then"""
GOOD_HOUR = time(10, 30)
FIRST_TIME: Mapping[str, Any] = {"holdout": 0.0, "explore_per_day": 1_000}
"""what is different for somebody who enters, once: nothing is held back from them at random, and
the day's budget for trying out what is unsure is not used up by colleagues; their second morning is
as everybody's"""


@dataclass(frozen=True)
class Newcomer:
    """Lets people in, one after the other."""

    stage: Stage

    def asked(self, given: Given) -> Mapping[str, Any]:
        """What the first screen asks, and what one agrees to by entering."""
        return {
            "topics": [{"slug": one.slug, "title": one.title} for one in self.stage.bundle.topics],
            "purposes": [one.sentence for one in PURPOSES if one.name in AGREED],
        }

    def come(self, given: Given) -> Mapping[str, Any]:
        """Enter with a name and topics; an opener follows, or the reason why none does.

        Raises AskError for a name or topics that will not do.
        """
        name = " ".join(str(given.values.get("name") or "").split())
        wanted = given.values.get("topics")
        known = {one.slug for one in self.stage.bundle.topics}
        if not name or len(name) > MOST_NAME:
            raise AskError(f"A name is needed, of at most {MOST_NAME} letters.")
        topics = list(dict.fromkeys(wanted)) if isinstance(wanted, list) else []
        if not 1 <= len(topics) <= MOST_TOPICS or not set(topics) <= known:
            raise AskError(f"Choose one to {MOST_TOPICS} topics of the list.")
        return self._enter(name, topics)

    def _enter(self, name: str, topics: list[str]) -> Mapping[str, Any]:
        stage, app = self.stage, self.stage.app
        now = stage.clock.advance_to(stage.clock.now() + timedelta(seconds=5))
        person = Person(
            id=self._free_id(),
            name=name,
            real_name=name,
            tz=mid_morning(now),
            extra={"agreed": True, "you": True},
        )
        stage.emulator.arrive(person)
        for room in stage.bundle.rooms:
            if not room.is_private:
                stage.emulator.join(person.id, room.id)
        stage.drain()
        with app.store.writing(app.workspace) as unit:
            member = Members(unit).behind(app.channel.name, person.id)
            if member is None:
                raise AskError("The bot has not heard of you. Try once more.")
            member.pilot, member.came_at = True, now
            for topic in topics:
                Topics(unit).choose(member.id, topic, "follow", at=now)
            app.listening.agreeing.agree(unit, member, AGREED, now)
            unit.commit()
        return {"user": person.id, **self._decide(person.id, now)}

    def _free_id(self) -> str:
        came = sum(one.id.startswith(ID) for one in self.stage.emulator.workspace.everyone())
        return f"{ID}{came + 1}"

    def _decide(self, member: str, now: datetime) -> Mapping[str, Any]:
        app = self.stage.app
        app.refresh(now)
        run = "ru_" + digest(app.workspace, "newcomer", member)
        planner = app.planner(run)
        policy = planner.outreach.policy.model_copy(update=FIRST_TIME)
        outreach = replace(planner.outreach, policy=policy)
        with app.store.writing(app.workspace) as unit:
            Decisions(unit).start_run(run, "plan", now)
            unit.commit()
        done = replace(planner, outreach=outreach).plan((member,), now, wait_for_moment=False)
        with app.store.writing(app.workspace) as unit:
            Decisions(unit).finish_run(run, done.summary())
            unit.commit()
        (attempt,) = done.attempts
        app.deliver(now)
        decision = attempt.decision
        reason = "" if attempt.speaks else in_words(decision.reason)
        return {"spoke": attempt.speaks, "reason": reason, "decision": decision.id}


def mid_morning(now: datetime) -> str:
    """The zone where it is nearest to half past ten."""

    def off(zone: str) -> int:
        local = now.astimezone(ZoneInfo(zone))
        minutes = (local.hour - GOOD_HOUR.hour) * 60 + local.minute - GOOD_HOUR.minute
        weekend = 10_000 if local.weekday() >= 5 else 0
        return abs(minutes) + weekend

    return min(ZONES, key=off)
