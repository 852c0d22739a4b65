"""APScheduler ticks; a unique row per job and slot decides who runs. Nothing else is here."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.app import App
from bot.keeping.retention import Retention
from bot.reading.standing import minutes
from bot.sending import SystemClock
from bot.store.jobs import Jobs
from bot.ticking import HEAVY, QUICK, WEB, Gate, guarded, ticker

PLAN_MINUTES = 15
SEND_SECONDS = 1
INBOX_SECONDS = 1
ERASE_SECONDS = 10
"""what was asked to be deleted is gone within a minute, though a process ended over it"""
RESUME_SECONDS = 30
"""how often somebody looks whether a job lost who ran it"""
REMIND_SECONDS = 60
DAY = timedelta(days=1)

log = logging.getLogger("overture.schedule")


class Schedule:
    """Runs the methods of a workspace's application in the background until it is stopped.

    Without a `ticking` of several workspaces it has one of its own.
    """

    def __init__(self, app: App, ticking: BackgroundScheduler | None = None) -> None:
        self._app = app
        self._running: set[tuple[str, str]] = set()
        self._guard = threading.Lock()
        self._shares = ticking is not None
        self._ticking = ticking if ticking is not None else ticker()
        self._at_work = Gate()
        self._answering = threading.Event()
        self.jobs: tuple[tuple[Callable[[], None], timedelta, str], ...] = (
            (self.plan, timedelta(minutes=PLAN_MINUTES), HEAVY),
            (self.warm, timedelta(minutes=PLAN_MINUTES), HEAVY),
            (self.send, timedelta(seconds=SEND_SECONDS), QUICK),
            (self.answer, timedelta(seconds=INBOX_SECONDS), QUICK),
            (self.remind, timedelta(seconds=REMIND_SECONDS), QUICK),
            (self.night, timedelta(minutes=PLAN_MINUTES), HEAVY),
            (self.retain, timedelta(minutes=PLAN_MINUTES), HEAVY),
            (self.feeds, timedelta(minutes=PLAN_MINUTES), WEB),
            (self.compare, timedelta(minutes=PLAN_MINUTES), HEAVY),
            (self.links, timedelta(minutes=PLAN_MINUTES), WEB),
            (self.erase, timedelta(seconds=ERASE_SECONDS), QUICK),
            (self.resume, timedelta(seconds=RESUME_SECONDS), HEAVY),
        )

    def start(self) -> None:
        at_once = SystemClock().now()  # it ticks by this machine, whatever the application's clock
        for job, every, pool in self.jobs:
            self._ticking.add_job(
                self._at_work.through(guarded(job)),
                IntervalTrigger(seconds=int(every.total_seconds())),
                id=self._name(job),
                executor=pool,
                max_instances=1,
                coalesce=True,
                misfire_grace_time=None,
                next_run_time=at_once,
            )
        self._app.inbox.rings(lambda: self._now(self.answer))
        if not self._shares:
            self._ticking.start()

    def stop(self) -> None:
        """Take on no new work, and wait for what is running.

        First of all the work: a job that asks for another one would wait for a ticker that waits
        for the job.
        """
        self._app.inbox.rings(lambda: None)
        self._at_work.close()
        if not self._shares:
            self._ticking.shutdown(wait=True)
            return
        for job, _, _ in self.jobs:
            with contextlib.suppress(JobLookupError):
                self._ticking.remove_job(self._name(job))

    def _now(self, job: Callable[[], None]) -> None:
        """Run a job at once rather than at its next tick, unless it is running."""
        if job != self.answer or not self._answering.is_set():
            with contextlib.suppress(JobLookupError):
                at_once = SystemClock().now()
                self._ticking.modify_job(self._name(job), next_run_time=at_once)

    def _name(self, job: Callable[[], None]) -> str:
        return f"{job.__name__}:{self._app.workspace}"

    def drain(self) -> None:
        """Answer what arrived before the end, once more; what is not done by then waits."""
        for job in (self.answer, self.send):
            guarded(job)()

    def plan(self) -> None:
        """One pass, by whichever replica takes this quarter of an hour first."""
        app, now = self._app, self._app.clock.now()

        def run() -> dict[str, Any]:
            app.welcome(now)
            if not app.is_anybody_due(now):
                return {}
            app.refresh(now)
            return app.plan(now, spread=True).summary()

        self._once("plan", _slot(now), run)

    def warm(self) -> None:
        """Whoever asks is answered from what this process knows, whoever planned."""
        self._app.warm(self._app.clock.now(), timedelta(minutes=PLAN_MINUTES))

    def send(self) -> None:
        self._app.deliver(self._app.clock.now())

    def answer(self) -> None:
        """Work off what arrived; what is said to it leaves at once.

        Several members are answered at once: a slow answer holds up its own conversation alone.
        """
        app = self._app
        self._answering.set()
        try:
            worked = app.inbox.work(app.clock.now(), threads=app.settings.conversation.at_once)
        finally:
            self._answering.clear()
        if worked.done:
            self._now(self.send)

    def remind(self) -> None:
        """Repeat hand-offs that nobody took."""
        self._app.remind(self._app.clock.now())

    def erase(self) -> None:
        """Delete what members asked to be deleted, where that is not done yet."""
        self._app.erase(self._app.clock.now())

    def night(self) -> None:
        """Once a local day, from the hour that is set; a missed night runs at the next start.

        Its slot is the date on which that hour last struck.
        """
        app, now = self._app, self._app.clock.now()
        slot = self._of_night(now)

        def run() -> dict[str, Any]:
            closed, trained = app.run_night(now)
            log.info("night %s: closed %d, %s", slot, closed, trained.result.reason)
            return {"closed": closed, **trained.summary()}

        self._once("night", slot, run)

    def retain(self) -> None:
        """Once a night: what is too old goes, whatever becomes of the learning."""
        app, now = self._app, self._app.clock.now()
        keeper = Retention(app.store, app.workspace, app.settings.retention)
        self._once("retention", self._of_night(now), lambda: dict(keeper.run(now)))

    def feeds(self) -> None:
        """Ask the feeds that are due, by whichever replica takes this quarter of an hour first."""
        app, now = self._app, self._app.clock.now()
        self._once("feeds", _slot(now), lambda: dict(app.feeding.poll_due(now)))

    def compare(self) -> None:
        """Hold what is new in the pool against what was there."""
        app, now = self._app, self._app.clock.now()
        self._once("compare", _slot(now), lambda: {"twins": app.twins.sweep(now)})

    def links(self) -> None:
        """Once a night: see which addresses still lead somewhere."""
        app, now = self._app, self._app.clock.now()
        self._once("links", self._of_night(now), lambda: dict(app.links.check(now)))

    def resume(self) -> None:
        """Take up what nobody is at any more: its slot is free again."""
        app, now = self._app, self._app.clock.now()
        app.owner.hold()
        with app.store.reading(app.workspace) as unit:
            orphans = Jobs(unit).orphans(now - DAY, self._is_over)
        with self._guard:  # after the rows were read: none of those that run is missed
            left = {job for job, slot in orphans - self._running}
        for name, job in (("plan", self.plan), ("night", self.night), ("retention", self.retain)):
            if name in left:
                job()

    def _of_night(self, now: datetime) -> str:
        app = self._app
        since_night = timedelta(minutes=minutes(app.settings.learning.night_at))
        return (now.astimezone(app.zone) - since_night).date().isoformat()

    def _once(self, job: str, slot: str, run: Callable[[], dict[str, Any]]) -> None:
        """Run a job if its slot is still free; one that fails gives the slot back.

        Free is also the slot of a process that died before it was done, and one of our own that
        could not be given back, since the database was away.
        """
        with self._guard:
            if (job, slot) in self._running:
                return
            self._running.add((job, slot))
        try:
            self._take_and_run(job, slot, run)
        finally:
            with self._guard:
                self._running.discard((job, slot))

    def _take_and_run(self, job: str, slot: str, run: Callable[[], dict[str, Any]]) -> None:
        app, owner = self._app, self._app.owner
        owner.hold()  # else a database that was started anew takes us for dead
        with app.store.writing(app.workspace) as unit:
            mine = Jobs(unit).take(job, slot, app.clock.now(), owner.name, self._is_over)
            unit.commit()
        if not mine:
            return
        try:
            summary = run()
        except BaseException:
            self._give_back(job, slot)
            raise
        with app.store.writing(app.workspace) as unit:
            Jobs(unit).finish(job, slot, app.clock.now(), summary)
            unit.commit()

    def _give_back(self, job: str, slot: str) -> None:
        app = self._app
        try:
            with app.store.writing(app.workspace) as unit:
                Jobs(unit).release(job, slot, app.owner.name)
                unit.commit()
        except Exception:  # what broke the job is what is raised
            log.exception("slot %s of job %s keeps our name until it is taken up", slot, job)

    def _is_over(self, owner: str) -> bool:
        """Whether an owner has stopped working on a slot that is not among those running here."""
        return owner == self._app.owner.name or self._app.owner.is_dead(owner)


def _slot(now: datetime) -> str:
    return now.replace(minute=now.minute - now.minute % PLAN_MINUTES).strftime("%Y-%m-%dT%H:%M")
