"""What leaves: all that a process needs that only sends, and what everything else builds on.

`overture worker` is this and nothing more, so nothing here may import the recommender.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Self

from bot.delivery.recheck import Recheck
from bot.delivery.tally import Report
from bot.outbox import Outbox
from bot.own_settings import for_workspace
from bot.ports import Channel, Clock, Refused
from bot.reading.sight import Sight
from bot.reading.standing import Standings
from bot.settings import Settings
from bot.slack.delivery import SlackChannel
from bot.slack.identity import identify
from bot.slack.presence import SlackPresences
from bot.slack.tokens import RotatingToken, token_for
from bot.store.database import Store
from bot.store.opening import open_store
from bot.store.owners import Owner, be_owner
from bot.store.queues import queues
from bot.store.workspaces import Served, Workspaces, known_workspace
from bot.telemetry.metrics import Metrics

NOBODY = ""
"""the workspace of what serves several, and belongs to none"""


class SystemClock:
    """The time of this machine, in UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True)
class Sending:
    """The sending side of one workspace; parts are made when they are first needed."""

    settings: Settings
    clock: Clock
    store: Store
    workspace: str
    given_channel: Channel | None = None
    kin: Sending | None = None
    """where a process serves several workspaces: what lends all that belongs to none of them"""

    @cached_property
    def token(self) -> RotatingToken | None:
        """What refreshes the bot's token; None where that of the settings serves as it is."""
        return token_for(self.store, self.workspace, self.settings.slack, self.clock)

    @cached_property
    def channel(self) -> Channel:
        return self.given_channel or SlackChannel(self.settings.slack, self.token)

    @cached_property
    def standings(self) -> Standings:
        return Standings(self.settings.policy)

    @cached_property
    def sight(self) -> Sight | None:
        """What Slack shows of members; a channel that was given shows nothing."""
        slack = self.settings.slack
        if self.given_channel is not None or (slack.bot_token is None and self.token is None):
            return None
        presences = SlackPresences(slack, self.token)
        return Sight(self.store, self.workspace, self.channel.name, presences)

    @cached_property
    def owner(self) -> Owner:
        """Who this process is to the others; it is known to be dead once the process is."""
        if self.kin is not None:
            return self.kin.owner
        name = f"{socket.gethostname()[:32]}:{os.getpid()}:{secrets.token_hex(4)}"
        return be_owner(self.store.engine, name)

    @cached_property
    def outbox(self) -> Outbox:
        window = timedelta(hours=self.settings.learning.window_hours)
        return Outbox(
            self.store,
            self.workspace,
            self.channel,
            recheck=Recheck(
                self.store,
                self.workspace,
                self.standings,
                self.sight,
                frozenset(self.settings.openers.sensitive),
            ),
            closes_at=lambda sent: sent + window,
            owner=self.owner.name,
            is_dead=self.owner.is_dead,
            in_flight=self.settings.slack.in_flight,
            budget=self.settings.policy.openers_per_day,
            timed=self.metrics.sent_in,
        )

    def deliver(self, now: datetime) -> Report:
        """Send what is due."""
        self.owner.hold()
        report = self.outbox.work(now)
        self.metrics.delivered(report)
        return report

    @cached_property
    def metrics(self) -> Metrics:
        """What this process did, and what waits now."""
        return self.kin.metrics if self.kin is not None else Metrics(self._queues)

    def _queues(self) -> Mapping[str, float]:
        with self.store.reading(self.workspace) as unit:
            of_all = self.workspace == NOBODY
            ids = Workspaces(unit).present() if of_all else (self.workspace,)
            return queues(unit, self.clock.now(), ids)

    def beside(self, served: Served) -> Self:
        """The same for one workspace of several, with what belongs to none of them from here."""
        return replace(
            self,
            settings=own(self.settings, self.store, served.id),
            workspace=served.id,
            kin=self,
        )

    def close(self) -> None:
        if self.kin is not None:
            return
        if "owner" in self.__dict__:
            self.owner.close()
        self.store.close()


def open_sending(
    settings: Settings, clock: Clock | None = None, *, channel: Channel | None = None
) -> Sending:
    """Wire the sending side alone. Nothing is called or sent yet. Raises as `opened` does."""
    store, workspace = opened(settings)
    mine = own(settings, store, workspace)
    return Sending(mine, clock or SystemClock(), store, workspace, channel)


def open_for_all(settings: Settings, clock: Clock | None = None) -> Sending:
    """The sending side of no workspace yet, see `Sending.beside`. Raises as `open_store` does."""
    return Sending(settings, clock or SystemClock(), open_store(settings), NOBODY)


def opened(settings: Settings) -> tuple[Store, str]:
    """The store, and the workspace that the settings mean.

    Raises:
        BadInput: the database's address is wrong.
        Refused: the database is behind or ahead of this code, holds no workspace, or several and
            none is named.
    """
    store = open_store(settings)
    try:
        return store, known_workspace(store, settings.workspace)
    except Exception:
        store.close()
        raise


def own(settings: Settings, store: Store, workspace: str) -> Settings:
    """The settings as they hold for one workspace. Raises BadInput where its own are wrong."""
    with store.reading(workspace) as unit:
        row = Workspaces(unit).get(workspace)
        by_oauth = Workspaces(unit).is_by_oauth(workspace)
    return for_workspace(settings, row.settings if row is not None else {}, by_oauth=by_oauth)


def of_token(settings: Settings, workspace: str | None = None) -> Settings:
    """The settings, for the workspace that the bot's token belongs to.

    Asks Slack, unless the answer is given. Raises Refused where the token is missing or refused,
    or the settings name another workspace.
    """
    if workspace is None and settings.slack.refresh_token is not None:
        return settings  # the installation in the database says whose it is
    found = identify(settings.slack).us.team if workspace is None else workspace
    if (settings.workspace or found) != found:
        raise Refused(
            f"OVERTURE_WORKSPACE is {settings.workspace!r}, but the token belongs to {found!r}."
        )
    return settings.model_copy(update={"workspace": found})
