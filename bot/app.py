"""The composition root: the one place where everything is put together, tests included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo

from bot.conversation.asking import Asking
from bot.conversation.welcomes import Welcomes
from bot.curating.foresight import Foresight
from bot.curating.twins import Meaning, Twins
from bot.deciding.arms import Arms
from bot.deciding.asked import Picker
from bot.deciding.facts import FactsReader
from bot.deciding.recommender import Recommender, View
from bot.deciding.variants import Variants
from bot.hearing import Hearing
from bot.ids import digest
from bot.learning.guardrails import watch
from bot.learning.night import Night, Trained
from bot.learning.shadow import Shadow
from bot.openers import bundled
from bot.openers.compose import Composer
from bot.openers.welcome import welcome
from bot.outreach import Outreach
from bot.planning import Pass, Planner
from bot.policy.moment import at_once, jitter
from bot.ports import Channel, Clock, LanguageModel, Progress, Refused, silent
from bot.reading.standing import Standings, limits_of
from bot.sending import SystemClock, opened, own
from bot.settings import Settings
from bot.store.arms import ArmStops
from bot.store.decisions import Decisions
from bot.store.erasures import Erasures
from bot.store.members import Members
from bot.today import Person
from recsys import remembered
from recsys.encoder import Encoder
from recsys.registry import Registry


@dataclass(frozen=True)
class App(Hearing):
    """Everything wired for one workspace; parts are made when they are first needed."""

    kin: App | None = None
    given_encoder: Encoder | None = None

    @cached_property
    def encoder(self) -> Encoder:
        if self.kin is not None:
            return self.kin.encoder
        return self.given_encoder or Encoder(
            self.settings.recommender.encoder, self.settings.home / "embeddings"
        )

    @cached_property
    def registry(self) -> Registry:
        return Registry(self.settings.home / "models" / digest(self.workspace))

    @cached_property
    def recommender(self) -> Recommender:
        snapshots = self.settings.home / "snapshots"
        return Recommender(
            self.store, self.encoder, self.registry, self.settings.recommender, snapshots
        )

    @cached_property
    def composer(self) -> Composer:
        return self._composer(self.model)

    def _composer(self, model: LanguageModel | None) -> Composer:
        return Composer(self.library, bundled.templates(), model, self.settings.model.deadline)

    def _reader(self, standings: Standings) -> FactsReader:
        return FactsReader(
            self.store,
            self.workspace,
            standings,
            self.recommender,
            self.settings.recommender,
            self.settings.openers.sensitive,
        )

    @cached_property
    def asking(self) -> Asking:
        picker = Picker(
            self.workspace,
            self._reader(self.standings),
            self.recommender,
            self.briefing,
            self.settings.policy,
        )
        return Asking(picker, self.briefing, self.conversing, self.agreeing)

    def warm(self, now: datetime, older_than: timedelta) -> None:
        """Have a view that is not older than that, for whoever asks."""
        read = self.recommender.read_at
        if read is None or now - read >= older_than:
            self.refresh(now)

    @cached_property
    def foresight(self) -> Foresight:
        reader = self._reader(self.standings)
        parts = (self.recommender, reader, self.briefing, self.composer)
        return Foresight(self.store, self.workspace, *parts, self.settings.policy)

    @cached_property
    def twins(self) -> Twins:
        """What holds new items against the others."""
        alike = Meaning(self.recommender, self.encoder, self.workspace)
        return Twins(self.store, self.workspace, alike)

    @cached_property
    def night(self) -> Night:
        return Night(
            store=self.store,
            workspace=self.workspace,
            recommender=self.recommender,
            registry=self.registry,
            window=timedelta(hours=self.settings.learning.window_hours),
            seed=self.settings.recommender.seed,
        )

    @cached_property
    def variants(self) -> Variants:
        """The view under models that do not serve."""
        return Variants(self.registry)

    @cached_property
    def shadow(self) -> Shadow:
        """The challenger that is scored beside what serves, where there is one."""
        return Shadow(self.store, self.workspace, self.registry, self.variants)

    def arms(self) -> Arms | None:
        """The experiments that are set, with what is stopped of them now."""
        if not self.settings.experiments:
            return None
        with self.store.reading(self.workspace) as unit:
            stopped = ArmStops(unit).stopped()
        return Arms(self.settings.experiments, stopped, self.variants)

    def watch_arms(self, now: datetime) -> None:
        """Stop the arms whose guardrails broke, by the openers closed by now."""
        if self.settings.experiments:
            with self.store.writing(self.workspace) as unit:
                seed = self.settings.recommender.seed
                watch(unit, self.settings.experiments, now, seed=seed)
                unit.commit()

    def planner(
        self, run: str, *, keeps: bool = True, assume_consent: bool = False, spread: bool = False
    ) -> Planner:
        """A planner whose decisions belong to `run`; with `keeps` off it writes nothing."""
        standings = Standings(self.settings.policy, assume_consent=assume_consent)
        facts = self._reader(standings)
        outreach = Outreach(
            store=self.store,
            workspace=self.workspace,
            facts=facts,
            recommender=self.recommender,
            briefing=self.briefing,
            composer=self.composer if keeps else self._composer(self.paid_model(keeps=False)),
            policy=self.settings.policy,
            run=run,
            keeps=keeps,
            jitter=jitter if spread else at_once,
            sight=self.sight,
            arms=self.arms(),
        )
        return Planner(
            store=self.store,
            workspace=self.workspace,
            facts=facts,
            outreach=outreach,
            people=self._people(standings),
            keeps=keeps,
            seed=self.settings.recommender.seed,
            at_once=self.settings.model.at_once if self.settings.model.configured else 1,
        )

    def _people(self, standings: Standings) -> Mapping[str, Person]:
        with self.store.reading(self.workspace) as unit:
            return {
                member.id: Person(
                    ZoneInfo(member.zone) if member.zone else self.zone,
                    limits_of(member, self.settings.policy),
                    standings.invites(member),
                    member.busy_until,
                )
                for member in Members(unit).wishes()
            }

    def refresh(
        self, now: datetime, *, assume_consent: bool = False, progress: Progress = silent
    ) -> View:
        """Take in new items, signals and models."""
        return self.recommender.refresh(
            self.workspace, now, assume_consent=assume_consent, progress=progress
        )

    def plan(
        self,
        now: datetime,
        *,
        members: tuple[str, ...] = (),
        keeps: bool = True,
        assume_consent: bool = False,
        wait_for_moment: bool = True,
        spread: bool = False,
        progress: Progress = silent,
    ) -> Pass:
        """One pass of deciding and composing; what may be said waits in the outbox after it.

        With `spread` openers wait for moments of their own, some minutes from now.
        The recommender must have been refreshed. Raises Refused for members that do not exist.
        """
        run = "ru_" + digest(self.workspace, "plan", now.isoformat())
        planner = self.planner(run, keeps=keeps, assume_consent=assume_consent, spread=spread)
        unknown = sorted(set(members) - set(planner.people))
        if unknown:
            raise Refused(f"no such member: {', '.join(unknown)}")
        if keeps:
            with self.store.writing(self.workspace) as unit:
                Decisions(unit).start_run(run, "plan", now)
                unit.commit()
        done = planner.plan(
            members or tuple(planner.people), now, wait_for_moment=wait_for_moment,
            progress=progress,
        )  # fmt: skip
        if keeps:
            said = (one.opener for one in done.openers)
            self.metrics.planned(done.summary(), (one for one in said if one is not None))
            self.shadow.watch(done.attempts)
            with self.store.writing(self.workspace) as unit:
                Decisions(unit).finish_run(run, done.summary())
                unit.commit()
        return done

    def erase(self, now: datetime) -> int:
        """As `Hearing.erase`; what was read before is read anew, here and in other processes."""
        done = super().erase(now)
        read = self.recommender.read_at if "recommender" in self.__dict__ else None
        with self.store.reading(self.workspace) as unit:
            last = Erasures(unit).last_done()
        if read is not None and last is not None and read <= last:
            self.refresh(max(now, last + timedelta(microseconds=1)))
            self.night.forget()  # and not before: a night that begins now sees what was read anew
            remembered.forget()
        return done

    def is_anybody_due(self, now: datetime) -> bool:
        """Whether a tick at `now` has anything to decide; else it needs no refresh."""
        return bool(self.planner("").due(now))

    def welcome(self, now: datetime) -> int:
        """Queue the welcome messages that are due; returns how many."""
        return Welcomes(
            self.store,
            self.workspace,
            self.standings,
            self.settings.policy,
            lambda first_name: welcome(self.library, first_name).text,
        ).plan(now)

    def train(
        self, now: datetime, origin: Literal["outcome", "history"], *, promote: bool = True
    ) -> Trained:
        """Fit and judge a model; the recommender must have been refreshed."""
        return self.night.train(now, origin, promote=promote)

    def run_night(self, now: datetime, progress: Progress = silent) -> tuple[int, Trained]:
        """Close windows, learn, and serve what was promoted; how many closed, and the verdict."""
        closed = self.night.close_windows(now)
        self.watch_arms(now)
        self.refresh(now, progress=progress)
        trained = self.night.train(now, "outcome")
        if trained.result.promoted:
            self.refresh(now)
        return closed, trained


def build(
    settings: Settings,
    clock: Clock | None = None,
    *,
    channel: Channel | None = None,
    encoder: Encoder | None = None,
) -> App:
    """Wire everything. Nothing is loaded, called or sent yet. Raises as `bot.sending.opened` does.

    A `channel` or an `encoder` that is given stands in for that of the settings.
    """
    store, workspace = opened(settings)
    mine = own(settings, store, workspace)
    return App(mine, clock or SystemClock(), store, workspace, channel, given_encoder=encoder)
