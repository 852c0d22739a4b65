"""The workspaces that this process serves: each is heard at once, and worked for once it is known
who is in it."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from apscheduler.triggers.interval import IntervalTrigger

from bot.app import App
from bot.inbox import moment
from bot.joining import take_in
from bot.roster import Roster
from bot.schedule import Schedule
from bot.slack.app import ears_of
from bot.slack.arrivals.organisations import OrgNews
from bot.slack.arrivals.us import Us
from bot.slack.identity import identify
from bot.slack.listeners import Ears, Sender
from bot.slack.oauth import teams_of
from bot.slack.tokens import RotatingToken
from bot.slack.transport import BoundedClient
from bot.store.database import Store
from bot.store.installing import covers, enter, leave, withdraw
from bot.store.members import Members
from bot.store.workspaces import Served, Workspaces
from bot.ticking import QUICK, WEB, Gate, ticker

LOOK_SECONDS = 5
"""how often we look for workspaces that are new, or out"""
ORGS_SECONDS = 3600
"""how often an organisation is asked which workspaces it lets us into"""
ASKING_AT_ONCE = 3
"""so that news which come while Slack is being asked are asked about as well"""
JOINING_AT_ONCE = 2
AGAIN_SECONDS = 60.0
"""until people and channels are asked for again that could not be read"""
DAY_SECONDS = 86_400.0
"""until they are read anew: Slack does not tell of a channel that was made private"""
NEVER = math.inf

log = logging.getLogger("overture.places")


@dataclass
class Place:
    """One workspace that is served; `start` and `stop` may come from different threads."""

    app: App
    ears: Ears
    schedule: Schedule
    joins_at: float
    """from when (by a clock that only goes forward) people and channels are to be read; never
    while they are"""
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _began: bool = False
    _gone: bool = False

    def start(self) -> None:
        """Work in the background, unless it is out by now."""
        with self._guard:
            if not self._gone and not self._began:
                self._began = True
                self.schedule.start()

    def stop(self) -> None:
        """Take on no new work, and wait for what is running."""
        with self._guard:
            self._gone, began = True, self._began
        if began:
            self.schedule.stop()


class Places:
    """All of them, over what they share. `home` is who we are where the settings' token is from."""

    def __init__(self, shared: App, home: Us | None) -> None:
        self._shared = shared
        self._home = home
        self._ticking = ticker()
        self._at_work = Gate()
        self._joining = ThreadPoolExecutor(JOINING_AT_ONCE, "joining")
        self._stopping = threading.Event()
        self._roster = Roster(
            shared.store, home.team if home is not None else None, self._take, Place.stop
        )

    @property
    def all(self) -> tuple[Place, ...]:
        return self._roster.all

    def start(self) -> None:
        """Serve those that are installed, and from then on those that come."""
        self.look()
        own = ((self.look, LOOK_SECONDS, QUICK), (self.ask_organisations, ORGS_SECONDS, WEB))
        for job, seconds, pool in own:
            self._ticking.add_job(
                self._at_work.through(job), IntervalTrigger(seconds=seconds), id=job.__name__,
                executor=pool,
                max_instances=1, coalesce=True, misfire_grace_time=None,
            )  # fmt: skip
        self._ticking.start()

    def stop(self) -> None:
        """Take on no new work, and wait for what is running."""
        self._stopping.set()
        self._at_work.close()
        self._joining.shutdown(wait=True, cancel_futures=True)
        for place in self.all:
            place.stop()
        self._ticking.shutdown(wait=True)

    def drain(self) -> None:
        """Answer what arrived before the end, once more; what is not done by then waits."""
        with ThreadPoolExecutor(JOINING_AT_ONCE, "draining") as pool:
            list(pool.map(lambda place: place.schedule.drain(), self.all))

    def hand_back(self) -> None:
        for place in self.all:
            place.app.inbox.stop()
            place.app.outbox.stop()

    def ears(self, sender: Sender) -> Ears | None:
        """A `bot.slack.listeners.Route`."""
        home = self._home
        if home is not None and not sender.team and not sender.enterprise:
            sender = Sender(home.team, None, sender.user)  # an event that names nobody's team
        place = self._roster.find(
            sender.team, sender.enterprise, sender.user, sender.address, sender.thread
        )
        return place.ears if place is not None else None

    def kin(self, sender: Sender) -> Sequence[Ears]:
        """A `bot.slack.listeners.Kin`."""
        if sender.enterprise is None or sender.user is None:
            return ()
        return [place.ears for place in self._roster.knowing(sender.enterprise, sender.user)]

    def waiting(self) -> Mapping[str, int]:
        """How many arrivals wait and were set aside, of all workspaces together."""
        told: Counter[str] = Counter()
        for place in self.all:
            told.update(place.app.inbox.waiting())
        return dict(told)

    def look(self) -> None:
        """Take in what was installed since, let go of what is out, and read who is there."""
        self._roster.look()
        for place in self.all:
            if time.monotonic() >= place.joins_at:
                place.joins_at = NEVER
                self._joining.submit(self._join, place)

    def hear_org(self, news: OrgNews) -> None:
        """A `bot.slack.listeners.HearOrg`: silent at once, and asked at once what else holds."""
        obey(self._shared.store, news, self._shared.clock.now())
        if self._ticking.running:
            self._ticking.add_job(
                self._at_work.through(self.ask_organisations), id="ask_at_once",
                executor=WEB, replace_existing=True, misfire_grace_time=None,
                max_instances=ASKING_AT_ONCE,
            )  # fmt: skip

    def ask_organisations(self) -> None:
        """Which workspaces an organisation lets us into, as Slack says it now."""
        app = self._shared
        with app.store.reading("") as unit:
            orgs = Workspaces(unit).orgs()
        for org in orgs:
            asked = app.clock.now()
            token = RotatingToken(app.store, org, app.settings.slack, app.clock)
            client = BoundedClient(app.settings.slack, token=token)
            try:
                covers(app.store, org, teams_of(client), asked)
            except Exception:
                log.exception("the workspaces of organisation %s could not be read", org)

    def _take(self, row: Served) -> Place:
        app = self._shared.beside(row)
        slack, is_home = app.settings.slack, self._home is not None and row.id == self._home.team
        if is_home and self._home is not None:
            us = self._home
        elif row.bot_user:
            us = Us(row.id, row.bot_user, enterprise=row.enterprise)
        else:
            us = identify(slack, app.token).us
        ears = ears_of(slack, us, app.receive, app.shows, app.token)
        joins_at = time.monotonic() + DAY_SECONDS if is_home else 0.0  # see bot.joining.join
        place = Place(app, ears, Schedule(app, self._ticking), joins_at)
        if is_home:
            place.start()
        log.info("serving workspace %s", row.id)
        return place

    def _join(self, place: Place) -> None:
        """Read who is there; what arrives before that is known waits for it in the inbox."""
        app = place.app
        try:
            take_in(app.store, app.settings.slack, app.token, app.clock, self._stopping)
            place.joins_at = time.monotonic() + DAY_SECONDS
        except Exception as error:
            place.joins_at = time.monotonic() + AGAIN_SECONDS
            log.warning("people of %s could not be read, later again: %s", app.workspace, error)
            with app.store.reading(app.workspace) as unit:
                if not Members(unit).list():
                    return
        place.start()


def obey(store: Store, news: OrgNews, now: datetime) -> None:
    """Let hold what Slack tells of an organisation; that of one which is not ours changes nothing.

    What is told late may undo what came since: Slack has to be asked then, see `covers`.
    """
    with store.reading(news.org) as unit:
        if news.org not in Workspaces(unit).orgs():
            return
    if news.kind == "granted":
        enter(store, news.org, {team: team for team in news.teams}, now)
    elif news.kind == "revoked":
        withdraw(store, news.org, news.teams, now)
    else:
        with store.writing(news.org) as unit:
            leave(unit, news.why, moment({"at": news.at}, now))
            unit.commit()
