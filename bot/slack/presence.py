"""Do-not-disturb, status and presence as Slack shows them now, within its rates.

`dnd.teamInfo` answers for fifty people at once and may be called twenty times a minute, so those
who will be asked about next are read together. `users.info` (a status) answers for one, and
`users.list` for everybody: it is read where many will be asked about at once. `users.getPresence`
answers for one, and is asked right before something is sent to them. No call waits for another one
that is about other people.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from slack_sdk.web import SlackResponse

from bot.ports import ChannelError, Seen, Transient
from bot.settings import SlackSettings
from bot.slack.status import busy_until
from bot.slack.transport import BoundedClient, TokenSource

FRESH = timedelta(minutes=1)
AT_ONCE = 50
"""people of one `dnd.teamInfo`"""
CROWD = 8
"""as many statuses to be read are read from the list of all"""
PAGE, MOST_PAGES = 200, 5
"""of that list: in a workspace with more people it is of little use"""
OF_LITTLE_USE = timedelta(hours=1)
DEADLINE = 5.0
"""seconds for one call: what is not known by then is unknown"""

log = logging.getLogger("overture.slack.presence")
_Call = Callable[[BoundedClient], SlackResponse]


class SlackPresences:
    """`bot.ports.Presences` over Slack's Web API."""

    def __init__(self, settings: SlackSettings, token: TokenSource | None = None) -> None:
        deadline = min(DEADLINE, settings.call_deadline)
        self._client = BoundedClient(settings, deadline, token)
        self._batching, self._listing = threading.Lock(), threading.Lock()
        self._expected: Callable[[], Sequence[str]] = tuple
        self._dnd: dict[str, tuple[datetime, bool]] = {}
        self._status: dict[str, tuple[datetime, bool]] = {}
        self._away: dict[str, tuple[datetime, bool]] = {}
        self._rests_until: dict[str, datetime] = {}
        """methods that Slack asked to leave alone"""

    def expect(self, people: Callable[[], Sequence[str]]) -> None:
        self._expected = people

    def look(
        self, person: str, now: datetime, *, closely: bool = False, away: bool = False
    ) -> Seen | None:
        """How a person stands; None where any part of it could not be read."""
        dnd = _fresh(self._dnd, person, now)
        if dnd is None:
            with self._batching:  # whoever waits finds what the other one has read for both
                dnd = self._in_dnd(person, now)
        if dnd is None or dnd:
            return None if dnd is None else Seen(dnd=True)
        busy = self._shows_busy(person, now) if closely else False
        is_away = self._is_away(person, now) if away else None
        if busy is None or (away and is_away is None):
            return None
        return Seen(False, busy, is_away)

    def _in_dnd(self, person: str, now: datetime) -> bool | None:
        known = _fresh(self._dnd, person, now)
        if known is not None:
            return known
        batch = self._batch(person, now)
        answer = self._call(
            "dnd.teamInfo",
            now,
            lambda client: client.dnd_teamInfo(users=list(batch), team_id=client.team),
        )
        told = (answer.get("users") if answer is not None else None) or {}
        for one in batch:
            if one in told:
                self._dnd[one] = now, _is_on(told[one], now)
        return _fresh(self._dnd, person, now)

    def _batch(self, person: str, now: datetime) -> tuple[str, ...]:
        """The person, and those who come after them and are not known."""
        return (person, *self._coming(person, now, self._dnd)[: AT_ONCE - 1])

    def _coming(
        self, person: str, now: datetime, known: dict[str, tuple[datetime, bool]]
    ) -> list[str]:
        """Who is asked about after a person and is not known."""
        expected = tuple(self._expected())
        start = expected.index(person) if person in expected else len(expected)
        later = (one for one in expected[start:] if one != person)
        return [one for one in later if _fresh(known, one, now) is None]

    def _shows_busy(self, person: str, now: datetime) -> bool | None:
        known = _fresh(self._status, person, now)
        if known is None:
            with self._listing:
                known = _fresh(self._status, person, now)
                if (
                    known is None
                    and len(coming := self._coming(person, now, self._status)) >= CROWD
                ):
                    self._list((person, *coming), now)
                    known = _fresh(self._status, person, now)
        if known is None:
            answer = self._call("users.info", now, lambda client: client.users_info(user=person))
            user = answer.get("user") if answer is not None else None
            if user is None:
                return None
            known = self._note_status(user, now)
        return known

    def _list(self, people: Sequence[str], now: datetime) -> None:
        """Read the statuses of everybody, as far as it helps these people."""
        missing, cursor = set(people), None
        for _ in range(MOST_PAGES):
            answer = self._call("users.list", now, partial(_users, cursor=cursor))
            if answer is None:
                return
            for user in answer.get("members") or []:
                self._note_status(user, now)
                missing.discard(str(user.get("id")))
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or None
            if not missing or cursor is None:
                break
        if 2 * len(missing) > len(people):
            self._rests_until["users.list"] = now + OF_LITTLE_USE

    def _note_status(self, user: Mapping[str, Any], now: datetime) -> bool:
        until = busy_until(user.get("profile") or {}, now.timestamp())
        busy = until is not None and now.timestamp() < until
        self._status[str(user.get("id"))] = now, busy
        return busy

    def _is_away(self, person: str, now: datetime) -> bool | None:
        known = _fresh(self._away, person, now)
        if known is None:
            answer = self._call(
                "users.getPresence", now, lambda client: client.users_getPresence(user=person)
            )
            if answer is None:
                return None
            known = answer.get("presence") != "active"
            self._away[person] = now, known
        return known

    def _call(self, what: str, now: datetime, call: _Call) -> SlackResponse | None:
        """The answer; None where there is none, which is no reason to ask again at once."""
        if now < self._rests_until.get(what, now):
            return None
        try:
            return self._client.within(what, call)
        except ChannelError as error:
            rest = error.retry_after if isinstance(error, Transient) else 0.0
            self._rests_until[what] = now + timedelta(seconds=max(rest, 1.0))
            log.warning("%s could not be read, so nobody is disturbed: %s", what, error)
            return None


def _users(client: BoundedClient, cursor: str | None) -> SlackResponse:
    return client.users_list(limit=PAGE, cursor=cursor, team_id=client.team)


def _fresh(known: dict[str, tuple[datetime, bool]], person: str, now: datetime) -> bool | None:
    at, value = known.get(person, (now - FRESH, False))
    return value if abs(now - at) < FRESH else None


def _is_on(told: dict[str, object], now: datetime) -> bool:
    """Whether the window that Slack names, open or next, is open now."""
    if not told.get("dnd_enabled"):
        return False
    starts, ends = (float(str(told.get(f"next_dnd_{end}_ts") or 0)) for end in ("start", "end"))
    return starts <= now.timestamp() < ends
