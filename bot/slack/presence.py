"""Do-not-disturb, status and presence as Slack shows them now, within its rates.

`dnd.teamInfo` answers for fifty people at once and may be called twenty times a minute, so those
who will be asked about next are read together. `users.info` (a status) and `users.getPresence`
answer for one: they are asked for right before something is sent, which happens once a second.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from slack_sdk.web import SlackResponse

from bot.ports import ChannelError, Seen, Transient
from bot.settings import SlackSettings
from bot.slack.status import busy_until
from bot.slack.transport import BoundedClient, TokenSource

FRESH = timedelta(minutes=1)
AT_ONCE = 50
"""people of one `dnd.teamInfo`"""
DEADLINE = 5.0
"""seconds for one call: what is not known by then is unknown"""

log = logging.getLogger("overture.slack.presence")
_Call = Callable[[BoundedClient], SlackResponse]


class SlackPresences:
    """`bot.ports.Presences` over Slack's Web API."""

    def __init__(self, settings: SlackSettings, token: TokenSource | None = None) -> None:
        deadline = min(DEADLINE, settings.call_deadline)
        self._client = BoundedClient(settings, deadline, token)
        self._lock = threading.Lock()
        self._expected: tuple[str, ...] = ()
        self._dnd: dict[str, tuple[datetime, bool]] = {}
        self._status: dict[str, tuple[datetime, bool]] = {}
        self._away: dict[str, tuple[datetime, bool]] = {}
        self._rests_until: dict[str, datetime] = {}
        """methods that Slack asked to leave alone"""

    def expect(self, people: Sequence[str]) -> None:
        self._expected = tuple(people)

    def look(
        self, person: str, now: datetime, *, closely: bool = False, away: bool = False
    ) -> Seen | None:
        """How a person stands; None where any part of it could not be read."""
        with self._lock:  # whoever waits finds what the other one has read for both
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
        start = self._expected.index(person) if person in self._expected else len(self._expected)
        later = (one for one in self._expected[start:] if one != person)
        stale = [one for one in later if _fresh(self._dnd, one, now) is None]
        return (person, *stale[: AT_ONCE - 1])

    def _shows_busy(self, person: str, now: datetime) -> bool | None:
        known = _fresh(self._status, person, now)
        if known is None:
            answer = self._call("users.info", now, lambda client: client.users_info(user=person))
            user = answer.get("user") if answer is not None else None
            if user is None:
                return None
            until = busy_until(user.get("profile") or {}, now.timestamp())
            known = until is not None and now.timestamp() < until
            self._status[person] = now, known
        return known

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


def _fresh(known: dict[str, tuple[datetime, bool]], person: str, now: datetime) -> bool | None:
    at, value = known.get(person, (now - FRESH, False))
    return value if abs(now - at) < FRESH else None


def _is_on(told: dict[str, object], now: datetime) -> bool:
    """Whether the window that Slack names, open or next, is open now."""
    if not told.get("dnd_enabled"):
        return False
    starts, ends = (float(str(told.get(f"next_dnd_{end}_ts") or 0)) for end in ("start", "end"))
    return starts <= now.timestamp() < ends
