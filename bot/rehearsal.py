"""A past period of a Slack export, lived through again by the real policy and ranker.

Nothing later than each moment is visible, nothing is sent, and nothing is kept: database and
models live in a temporary folder. Everybody is taken to have agreed. What history cannot tell is
what an opener would have changed: whoever joined a thread after it is taken to have followed it
up, whoever did not to have let it pass.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from bot.app import App, build
from bot.learning.lift import touched
from bot.policy.purposes import NAMES
from bot.pool.imports import import_slack_export
from bot.ports import BadInput, Progress, silent
from bot.reading.standing import minutes
from bot.rehearsal_findings import Day, Findings, choices, within_reach
from bot.settings import ModelSettings, Settings, SlackSettings
from bot.simulating.at_once import NAME, AtOnce
from bot.simulating.clock import SimulatedClock
from bot.store import tables
from bot.store.consents import Consents
from bot.store.database import Unit
from bot.store.decisions import Decisions
from bot.store.members import Members
from bot.store.openers import Openers
from bot.store.opening import open_store
from bot.store.outcomes import Outcomes
from bot.store.schema import upgrade
from recsys.encoder import Encoder
from recsys.types import OutcomeKind

TICK = timedelta(minutes=15)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Rehearsal:
    """What is rehearsed: the days `first` to `last` of the export `file`, by these settings.

    A day begins with its night (the setting `learning.night_at`), in `zone` or UTC. Templates
    write the openers, whatever model is set: nobody's words leave this machine.
    """

    file: Path
    first: date
    last: date
    settings: Settings
    encoder: Encoder
    zone: str | None = None
    skip_bad: bool = False

    def run(self, progress: Progress = silent) -> Findings:
        """Live the days. Raises BadInput for a bad export, and for days that are not in it."""
        *_, found = self.so_far(progress)
        return found

    def so_far(self, progress: Progress = silent) -> Generator[Findings]:
        """What it came to up to each day's end. Raises as `run` does.

        Whoever wants no more closes it, and nothing is left of it then.
        """
        if self.first > self.last:
            raise BadInput(
                f"--from {self.first} is after --to {self.last}. Swap them, or mend one."
            )
        with TemporaryDirectory(prefix="overture-rehearsal-") as folder:
            clock = SimulatedClock(datetime.min.replace(tzinfo=UTC))
            settings = self._settings(Path(folder))
            ends = self._move_in(settings, progress)
            app = build(settings, clock, channel=AtOnce(), encoder=self.encoder)
            days: list[Day] = []
            try:
                for day in _Life(app, clock, progress).live(self._days()):
                    days.append(day)
                    with app.store.reading(app.workspace) as unit:
                        chosen = choices(unit, ends)
                        found = Findings(tuple(days), chosen, within_reach(unit, chosen))
                    yield found
            finally:
                app.close()

    def _days(self) -> list[date]:
        return [self.first + ONE_DAY * n for n in range((self.last - self.first).days + 1)]

    def _settings(self, folder: Path) -> Settings:
        policy = self.settings.policy.model_copy(update={"pilot_only": False})
        return self.settings.model_copy(
            update={
                "database_url": f"sqlite:///{folder / 'rehearsal.db'}",
                "home": folder,
                "sealing": False,  # the folder goes when it is over
                "workspace": None,
                "policy": policy,
                "model": ModelSettings(),
                "slack": SlackSettings(),
            }
        )

    def _move_in(self, settings: Settings, progress: Progress) -> datetime:
        """The export in its database, everybody's consent, and when the export ends."""
        upgrade(settings.database_url)
        begins = datetime(self.first.year, self.first.month, self.first.day, tzinfo=UTC)
        store = open_store(settings)
        try:
            imported = import_slack_export(
                store, self.file, workspace=None, now=begins, zone=self.zone,
                approved_by="overture rehearse", skip_bad=self.skip_bad, progress=progress,
            )  # fmt: skip
            with store.writing(imported.workspace) as unit:
                starts, ends = self._span(unit)
                consents, members = Consents(unit), Members(unit)
                people = [member.id for member in members.list()]
                for member in people:
                    consents.grant(member, NAMES, at=starts, origin="rehearsal")
                members.reachable_by(NAME, [(member, member) for member in people])
                unit.commit()
        finally:
            store.close()
        return ends

    def _span(self, unit: Unit) -> tuple[datetime, datetime]:
        """The first and the last moment of the export. Raises BadInput for days outside."""
        at = tables.Signal.at
        first, last = unit.session.execute(
            select(func.min(at), func.max(at)).where(tables.Signal.workspace_id == unit.workspace)
        ).one()
        if first is None or last is None:
            raise BadInput(f"{self.file}: nobody says anything in it, so no day can be rehearsed.")
        zone = ZoneInfo(self.zone or "UTC")
        days = first.astimezone(zone).date(), last.astimezone(zone).date()
        for option, day in (("--from", self.first), ("--to", self.last)):
            if not days[0] <= day <= days[1]:
                raise BadInput(
                    f"{option} {day} is not in {self.file}, which holds {days[0]} to {days[1]}."
                    " Choose days within."
                )
        return first, last


@dataclass(frozen=True)
class _Life:
    app: App
    clock: SimulatedClock
    progress: Progress
    nights: list[str] = field(default_factory=list)

    def live(self, days: Sequence[date]) -> Iterator[Day]:
        for number, day in enumerate(days, 1):
            began = perf_counter()
            what = f"Day {number} of {len(days)}, {day}"
            ticks = list(self._ticks(day))
            self.progress(what, 0, len(ticks))
            learned = self._night(ticks[0])
            for done, now in enumerate(ticks, 1):
                self._tick(now)
                self.progress(what, done, len(ticks))
            with self.app.store.reading(self.app.workspace) as unit:
                counts = Decisions(unit).reasons(ticks[0], ticks[-1] + TICK)
            yield Day(
                day=day,
                begins=ticks[0],
                model=self.app.recommender.view.version,
                learned=learned,
                openers=sum(counts.get("speak", {}).values()),
                silences=counts.get("silent", {}),
                seconds=round(perf_counter() - began, 2),
            )

    def _ticks(self, day: date) -> Iterator[datetime]:
        """Every quarter of an hour from this day's night to the next one."""
        now, until = (self._night_of(one) for one in (day, day + ONE_DAY))
        while now < until:
            yield now
            now += TICK

    def _night_of(self, day: date) -> datetime:
        midnight = datetime(day.year, day.month, day.day, tzinfo=self.app.zone)
        at = midnight + timedelta(minutes=minutes(self.app.settings.learning.night_at))
        return at.astimezone(UTC)

    def _tick(self, now: datetime) -> None:
        self.clock.advance_to(now)
        if self.app.is_anybody_due(now):
            self.app.refresh(now)
            self.app.plan(now)
            while self.app.deliver(now).sent:
                pass

    def _night(self, now: datetime) -> str:
        """Windows close and a model is learned from history; in words, what it came to."""
        self.clock.advance_to(now)
        self._follow_up(now)
        self.app.night.close_windows(now)
        self.app.refresh(now)
        trained = self.app.train(now, "history")
        self.app.refresh(now)
        return trained.result.reason

    def _follow_up(self, now: datetime) -> None:
        """Of openers whose window is over, those whose thread was joined within it."""
        with self.app.store.writing(self.app.workspace) as unit:
            visits, outcomes = touched(unit), Outcomes(unit)
            for opener in Openers(unit).window_closed(now):
                sent, closes = opener.sent_at, opener.window_closes_at
                if sent is None or closes is None:
                    continue
                moments = visits.get((opener.member_id, opener.item_id), ())
                joined = [at for at in moments if sent < at <= closes]
                if joined:
                    outcomes.record(opener, OutcomeKind.FOLLOWED_UP, min(joined))
            unit.commit()
