"""A snapshot of who and what is in the workspace, read page by page."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from slack_sdk.web import SlackResponse

from bot.ports import Ambiguous, ChannelError, Permanent, Transient
from bot.settings import SlackSettings
from bot.slack.arrivals.us import is_admin, name_of
from bot.slack.identity import identify
from bot.slack.transport import BoundedClient, TokenSource

PAGE = 200
log = logging.getLogger("overture.slack.directory")
TRIES = 5
"""times one page is asked for before its error is told"""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the workspace; not all of them may become members."""

    id: str
    name: str
    title: str
    zone: str
    locale: str
    """such as es-ES; empty where Slack does not say"""
    is_bot: bool
    is_guest: bool
    is_stranger: bool
    deleted: bool
    is_admin: bool = False
    """whether they administer the workspace on Slack"""


@dataclass(frozen=True, slots=True)
class PublicChannel:
    """A public channel with the ids of those who are in it, which of archived ones is not asked."""

    id: str
    name: str
    members: tuple[str, ...]
    is_archived: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everyone and every public channel, as of one reading."""

    people: tuple[Person, ...]
    channels: tuple[PublicChannel, ...]


class Directory:
    """Reads the workspace's people and public channels; waits where Slack asks for it.

    That may take half an hour: `goes_on` is asked before each page whether anybody waits for it.
    """

    def __init__(
        self,
        settings: SlackSettings,
        sleep: Callable[[float], object] = time.sleep,
        token: TokenSource | None = None,
        goes_on: Callable[[], bool] = lambda: True,
    ) -> None:
        self._settings, self._token = settings, token
        self._client = BoundedClient(settings, token=token)
        self._sleep, self._goes_on = sleep, goes_on

    def read(self) -> Snapshot:
        """The whole workspace; takes as long as Slack's limits make it.

        Raises:
            Refused: the token is missing or not taken.
            ChannelError: a page could not be read; nothing half-read is returned.
        """
        team = identify(self._settings, self._token).us
        people = [
            _person(user, team.have(user))
            for user in self._pages("users.list", "members", lambda c, at: _users(c, at))
        ]
        channels = [self._channel(raw) for raw in self._channels()]
        return Snapshot(tuple(people), tuple(channels))

    def _channels(self) -> list[dict[str, Any]]:
        return list(
            self._pages(
                "conversations.list",
                "channels",
                lambda c, at: c.conversations_list(
                    types="public_channel",
                    limit=PAGE,
                    cursor=at,
                    team_id=c.team,
                ),
            )
        )

    def _channel(self, raw: dict[str, Any]) -> PublicChannel:
        """A channel whose members Slack does not tell is one that nobody is known to read."""
        channel, name = str(raw["id"]), str(raw.get("name") or "")
        if raw.get("is_archived"):
            return PublicChannel(channel, name, (), is_archived=True)
        members = self._pages(
            "conversations.members",
            "members",
            lambda c, at: c.conversations_members(channel=channel, limit=PAGE, cursor=at),
        )
        try:
            readers = tuple(str(m) for m in members)
        except Permanent as error:
            log.warning("%s: %s", channel, error)
            readers = ()
        return PublicChannel(channel, name, readers)

    def _pages(
        self, what: str, key: str, call: Callable[[BoundedClient, str | None], SlackResponse]
    ) -> Iterator[Any]:
        cursor: str | None = None
        while True:
            answer = self._patient(what, cursor, call)
            yield from answer.get(key) or ()
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or None
            if cursor is None:
                return

    def _patient(
        self,
        what: str,
        cursor: str | None,
        call: Callable[[BoundedClient, str | None], SlackResponse],
    ) -> SlackResponse:
        """One page; reading twice harms nobody, so it is tried again."""
        for left in reversed(range(TRIES)):
            if not self._goes_on():
                raise Transient(f"Slack {what}: given up, since we are told to stop")
            try:
                return self._client.within(what, lambda c: call(c, cursor))
            except Permanent:
                raise
            except ChannelError as error:
                if left == 0:
                    raise
                self._sleep(error.retry_after if isinstance(error, Transient) else 1.0)
        raise Ambiguous(f"Slack {what}: never answered")


def _users(client: BoundedClient, cursor: str | None) -> SlackResponse:
    return client.users_list(limit=PAGE, cursor=cursor, include_locale=True, team_id=client.team)


def _person(user: dict[str, Any], is_ours: bool) -> Person:
    profile = user.get("profile") or {}
    return Person(
        id=str(user["id"]),
        name=name_of(user),
        title=str(profile.get("title") or ""),
        zone=str(user.get("tz") or ""),
        locale=str(user.get("locale") or ""),
        is_bot=bool(user.get("is_bot")) or user["id"] == "USLACKBOT",
        is_guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        is_stranger=bool(user.get("is_stranger")) or not is_ours,
        deleted=bool(user.get("deleted")),
        is_admin=is_admin(user),
    )
