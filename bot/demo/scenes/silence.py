"""Silence: try to make the bot speak when it should not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from bot.app import App
from bot.deciding.brake import kill
from bot.demo.scenes.aside import MORNING, aside, neighbours, tomorrow
from bot.demo.scenes.curtain import rule
from bot.demo.stage import Stage
from bot.emulator.extension import AskError, Given
from bot.outreach import Attempt
from bot.policy.words import in_words
from bot.slack.status import busy_until
from bot.store import tables
from bot.store.database import Unit
from bot.store.members import Members
from bot.store.shelf import Shelf

LATE = time(22, 0)
MOST = 12
HOUR = timedelta(hours=1)
IN_A_MEETING = {"status_text": "Heads down until lunch", "status_emoji": ":no_bell:"}

Prepare = Callable[[Unit, str, datetime], None]


def _nothing(unit: Unit, member: str, at: datetime) -> None:
    pass


def _focus(unit: Unit, member: str, at: datetime) -> None:
    until = busy_until(IN_A_MEETING, at.timestamp())
    if until is None:
        raise AskError("This status does not ask for peace.")
    Members(unit).shows_busy(member, datetime.fromtimestamp(until, at.tzinfo))


def _pause(unit: Unit, member: str, at: datetime) -> None:
    unit.session.get_one(tables.Member, (unit.workspace, member)).paused_until = at + HOUR


def _stop(unit: Unit, member: str, at: datetime) -> None:
    kill(unit, by="the demo", now=at)


@dataclass(frozen=True)
class Obstacle:
    """Something that should keep the bot silent."""

    label: str
    prepare: Prepare = _nothing
    at: time | None = None
    dnd: bool = False


OBSTACLES: Mapping[str, Obstacle] = {
    "focus": Obstacle("Their status says “Heads down until lunch”", _focus),
    "dnd": Obstacle("They switched do-not-disturb on", dnd=True),
    "night": Obstacle("It is ten in the evening for them", at=LATE),
    "paused": Obstacle("They paused the bot", _pause),
    "stopped": Obstacle("An admin pulled the kill switch", _stop),
}


@dataclass(frozen=True)
class Silence:
    """Tries, in a copy of the database, what the bot does under an obstacle and without it."""

    stage: Stage

    def offered(self, given: Given) -> Mapping[str, Any]:
        """Members who would hear something tomorrow, obstacles, and what lies on shelves."""
        willing: list[dict[str, str]] = []
        with aside(self.stage) as app:
            app.refresh(self.stage.clock.now())
            for one in neighbours(self.stage):
                if len(willing) == MOST:
                    break
                at = tomorrow(self.stage, one.tz)
                done = app.plan(at, members=(one.id,), keeps=False, wait_for_moment=False)
                if done.openers:
                    willing.append({"id": one.id, "name": one.real_name})
        labels = [{"name": name, "label": one.label} for name, one in OBSTACLES.items()]
        return {"members": willing, "obstacles": labels, "shelves": self._shelves()}

    def attempt(self, given: Given) -> Mapping[str, Any]:
        """The same decision twice: without the obstacle, and with it. Raises AskError."""
        member, name = str(given.values.get("member")), str(given.values.get("obstacle"))
        person = next((one for one in neighbours(self.stage) if one.id == member), None)
        if person is None or name not in OBSTACLES:
            raise AskError("Choose one of the members and one of the obstacles.")
        obstacle = OBSTACLES[name]
        calm = self._decided(member, tomorrow(self.stage, person.tz), Obstacle(""))
        at = tomorrow(self.stage, person.tz, obstacle.at or MORNING)
        return {
            "name": person.real_name,
            "label": obstacle.label,
            "without": _outcome(calm),
            "with": _outcome(self._decided(member, at, obstacle)),
        }

    def _decided(self, member: str, at: datetime, obstacle: Obstacle) -> Attempt:
        with aside(self.stage) as app, self._disturbed(member, at, obstacle):
            with app.store.writing(app.workspace) as unit:
                obstacle.prepare(unit, member, at)
                unit.commit()
            return _attempt(app, member, at)

    def _disturbed(
        self, member: str, at: datetime, obstacle: Obstacle
    ) -> AbstractContextManager[None]:
        return self._not_to_be_disturbed(member, at) if obstacle.dnd else nullcontext()

    @contextmanager
    def _not_to_be_disturbed(self, member: str, at: datetime) -> Any:
        """Do-not-disturb in the emulated Slack, which the bot asks; taken back afterwards."""
        workspace = self.stage.emulator.workspace
        before = workspace.person(member)
        window = (self.stage.clock.now().timestamp() - 60, (at + HOUR).timestamp())
        workspace.amend(member, dnd_windows=(window,))
        try:
            yield
        finally:
            workspace.amend(member, dnd_windows=before.dnd_windows if before else ())

    def _shelves(self) -> list[dict[str, Any]]:
        app, now = self.stage.app, self.stage.clock.now()
        with app.store.reading(app.workspace) as unit:
            lying = [
                {"id": one.id, "name": one.real_name, "count": len(Shelf(unit).lying(one.id, now))}
                for one in neighbours(self.stage)
            ]
        return [one for one in lying if one["count"]][:MOST]


def _attempt(app: App, member: str, at: datetime) -> Attempt:
    app.refresh(at)
    attempts = app.plan(at, members=(member,), wait_for_moment=False).attempts
    if not attempts:
        raise AskError("Their chance of that day was used already. Choose somebody else.")
    return attempts[0]


def _outcome(attempt: Attempt) -> dict[str, Any]:
    return {
        "spoke": attempt.speaks,
        "reason": "" if attempt.speaks else in_words(attempt.decision.reason),
        "text": attempt.opener.text if attempt.opener is not None and attempt.speaks else "",
        "at": f"{attempt.facts.standing.local:%A, %H:%M}",
        "rules": [rule(one) for one in attempt.decision.rules],
    }
