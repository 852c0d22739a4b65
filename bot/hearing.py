"""What arrives: all that hears members and answers them; it builds on `bot.sending`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from bot.conversation.agreeing import Agreeing
from bot.conversation.asking import Asking
from bot.conversation.commands import Commands
from bot.conversation.conversing import Conversing
from bot.conversation.desk.counter import Counter
from bot.conversation.desk.parts import Parts
from bot.conversation.handing import Handing
from bot.conversation.handlers import Handlers
from bot.conversation.home import Home
from bot.conversation.marking import Marking
from bot.conversation.own_data import OwnData
from bot.conversation.proposing import Proposing
from bot.conversation.reviewing import Reviewing
from bot.conversation.reviews import Reviewer
from bot.conversation.shelving import Shelving
from bot.conversation.speaking import Speaker
from bot.conversation.wishing import Wishing
from bot.curating.feeds import Feeding
from bot.curating.foresight import Foresight
from bot.curating.links import Links
from bot.curating.roles import RoleBook
from bot.deciding.brake import Brake
from bot.deciding.briefing import Briefing
from bot.inbox import Inbox
from bot.keeping.erasing import Erasing
from bot.keeping.files import Files
from bot.learning.dataset import key_at, pseudonyms
from bot.listening import Listening
from bot.llm import connect as connect_model
from bot.llm.paying import PaidModel
from bot.openers import bundled
from bot.openers.answer import Answerer
from bot.openers.prompts import Library
from bot.openers.understanding import Understanding
from bot.pool.fetch import Web
from bot.ports import Arrival, Asked, LanguageModel
from bot.replies import Replies
from bot.sending import Sending
from bot.slack.delivery import SlackChannel
from bot.slack.streams import SlackStreams
from bot.store import tables
from bot.telemetry.metrics import MeteredModel


@dataclass(frozen=True)
class Hearing(Sending):
    """The hearing side of one workspace; parts are made when they are first needed."""

    kin: Hearing | None = None

    @property
    def library(self) -> Library:
        return bundled.library()

    @cached_property
    def connection(self) -> LanguageModel | None:
        """The language model at its server; None where templates serve."""
        return self.kin.connection if self.kin is not None else connect_model(self.settings.model)

    @cached_property
    def briefing(self) -> Briefing:
        return Briefing(self.store, self.workspace, self.settings.openers, self.channel.name)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The workspace's zone."""
        with self.store.reading(self.workspace) as unit:
            return ZoneInfo(unit.session.get_one(tables.Workspace, self.workspace).zone)

    @cached_property
    def model(self) -> LanguageModel | None:
        """The configured model, its calls counted and paid for; None where templates serve."""
        return self.paid_model(keeps=True)

    def paid_model(self, *, keeps: bool) -> LanguageModel | None:
        """The same; with `keeps` off nothing of what it takes is written down."""
        if self.connection is None:
            return None
        paid = PaidModel(
            self.connection, self.settings.model, self.store, self.workspace, self.clock, keeps
        )  # fmt: skip
        return MeteredModel(paid, self.metrics)

    @cached_property
    def conversing(self) -> Conversing:
        answerer = Answerer(
            self.library,
            self.model,
            self.settings.model.deadline,
            has_person=self.settings.slack.person is not None,
        )
        streams = None
        if self.settings.conversation.streams and self.given_channel is None:
            streams = SlackStreams(self.settings.slack, self.token, self.workspace)
        unfinished = self.library.text("responses/unfinished")
        speaker = Speaker(self.store, self.workspace, streams, self.standings, unfinished)
        home = Home(self.settings.policy, self.zone.key, self.settings.retention)
        return Conversing(
            self.store, self.workspace, self.channel, answerer, home, self.settings.slack.person,
            speaker, self.settings.conversation,
        )  # fmt: skip

    @cached_property
    def agreeing(self) -> Agreeing:
        return Agreeing(self.channel.name, self.conversing, Brake(self.settings.policy))

    @cached_property
    def marking(self) -> Marking:
        return Marking(self.conversing, self.agreeing)

    @cached_property
    def handing(self) -> Handing:
        return Handing(self.conversing, self.agreeing, self.marking)

    @cached_property
    def own_data(self) -> OwnData:
        return OwnData(self.conversing, self.agreeing, self.erasing, self.erase)

    @cached_property
    def listening(self) -> Listening:
        agreeing = self.agreeing
        understanding = Understanding(self.library, self.model, self.settings.model.deadline)
        proposing = Proposing(self.conversing, agreeing, self.marking)
        replies = Replies(
            self.store, self.workspace, self.channel, self.briefing, self.conversing, agreeing,
            understanding, proposing, self.handing, self.marking,
        )  # fmt: skip
        shelving = Shelving(self.briefing, self.conversing, agreeing)
        commands = Commands(agreeing, self.conversing, self.roles)
        wishing = Wishing(self.briefing, self.conversing, agreeing)
        own = (replies, shelving, wishing, self.own_data, proposing, self.handing, self.marking)
        asking = () if self.asking is None else (self.asking,)
        parts = (agreeing, *own, *asking, self.reviewing, commands)
        handlers = Handlers.of(part.handlers() for part in (*parts, self.desk))
        unknown = commands.unknown_beside(handlers.commands)
        return Listening(
            replies,
            agreeing,
            self.conversing,
            self.channel.name,
            handlers,
            unknown,
            self.asking,
        )

    @cached_property
    def erasing(self) -> Erasing:
        files = Files(self.settings.home, self.workspace, self._pseudonym)
        return Erasing(self.store, self.workspace, files)

    def _pseudonym(self, member: str) -> str:
        return pseudonyms(key_at(self.settings.home))(member)

    def erase(self, now: datetime) -> int:
        """Delete the data of who asked for it; how many are done."""
        return self.erasing.work(now)

    @cached_property
    def reviewer(self) -> Reviewer:
        return Reviewer(self.store, self.workspace, self.briefing)

    @cached_property
    def reviewing(self) -> Reviewing:
        return Reviewing(self.reviewer, self.conversing, self.channel, self.roles)

    @cached_property
    def roles(self) -> RoleBook:
        return RoleBook(self.settings.slack, self.channel.name)

    @cached_property
    def web(self) -> Web:
        return Web(frozenset(self.settings.pool.private_hosts))

    @cached_property
    def feeding(self) -> Feeding:
        every = timedelta(minutes=self.settings.pool.feed_minutes)
        return Feeding(self.store, self.workspace, self.web, every)

    @cached_property
    def asking(self) -> Asking | None:
        """What picks for members who ask; None without a recommender."""
        return None

    @cached_property
    def links(self) -> Links:
        return Links(self.store, self.workspace, self.web)

    @cached_property
    def foresight(self) -> Foresight | None:
        """What looks ahead for curators; None without a recommender."""
        return None

    @cached_property
    def desk(self) -> Parts:
        """The curators' desk."""
        modals = self.channel if isinstance(self.channel, SlackChannel) else None
        counter = Counter(self.roles, self.conversing, modals, self.clock)
        return Parts(counter, self.feeding, lambda: self.foresight)

    @cached_property
    def inbox(self) -> Inbox:
        return Inbox(self.store, self.workspace, self.listening.handle, self.owner)

    def remind(self, now: datetime) -> int:
        """Repeat hand-offs that nobody took in time, and end answers that nobody will finish.

        Returns how many hand-offs were repeated.
        """
        with self.store.writing(self.workspace) as unit:
            self.conversing.speaker.end_orphans(unit, now)
            repeated = self.handing.remind(unit, now)
            unit.commit()
        return repeated

    def shows(self, asked: Asked) -> Mapping[str, Any] | None:
        """What the modal shows that somebody asks for; None for whoever may not see it."""
        if asked.typed:  # who may not use commands is told so in words
            with self.store.reading(self.workspace) as unit:
                if self.listening.turned_away(unit, asked.member) is not None:
                    return None
        show = self.listening.handlers.shows.get(asked.action)
        return None if show is None else show(asked)

    def receive(self, arrival: Arrival) -> str | None:
        """Keep what arrived, before it is acknowledged; or say why nothing of it is kept.

        What people say in channels is kept only of those who agreed to it: the words of others
        do not even reach the inbox, nor do those of guests and bots. Of who had their data deleted
        nothing is kept, but for what brings them back by themselves.
        """
        with self.store.reading(self.workspace) as unit:
            told = self.listening.declined(unit, arrival)
            if told is not None or not self.listening.may_keep(unit, arrival):
                return told
        self.inbox.receive(arrival, self.clock.now())
        return None
