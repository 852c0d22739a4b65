"""People and conversations of the emulated workspace, all of it in memory."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import InitVar, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from bot.emulator.messages import MessageLog
from bot.emulator.organisation import Organisation

Kind = Literal["public", "private", "im", "mpim"]


@dataclass(frozen=True)
class Person:
    """A member, a guest or a bot. `dnd_daily` is a nightly pair of local "HH:MM" times;
    `dnd_windows` are extra (start, end) pairs in epoch seconds. `extra` goes to the page as is."""

    id: str
    name: str
    real_name: str = ""
    tz: str = "UTC"
    locale: str = "en-US"
    title: str = ""
    email: str = ""
    is_bot: bool = False
    deleted: bool = False
    is_admin: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    presence: Literal["active", "away"] = "active"
    status_text: str = ""
    status_emoji: str = ""
    dnd_daily: tuple[str, str] | None = None
    dnd_windows: tuple[tuple[float, float], ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def tz_offset(self, at: float) -> int:
        """Seconds east of UTC in this person's zone at the epoch second `at`."""
        offset = datetime.fromtimestamp(at, ZoneInfo(self.tz)).utcoffset()
        return int((offset or timedelta()).total_seconds())

    def next_dnd(self, at: float) -> tuple[float, float] | None:
        """The do-not-disturb window that is open at `at`, else the next one, in epoch seconds."""
        windows = [w for w in (*self.dnd_windows, *self._nights(at)) if w[1] > at]
        return min(windows, default=None)

    def _nights(self, at: float) -> list[tuple[float, float]]:
        if self.dnd_daily is None:
            return []
        zone = ZoneInfo(self.tz)
        today = datetime.fromtimestamp(at, zone).replace(second=0, microsecond=0)
        (from_h, from_m), (to_h, to_m) = (map(int, t.split(":")) for t in self.dnd_daily)
        nights = []
        for days in (-1, 0, 1):
            start = (today + timedelta(days=days)).replace(hour=from_h, minute=from_m)
            end = start.replace(hour=to_h, minute=to_m)
            if end <= start:
                end = (end + timedelta(days=1)).replace(hour=to_h, minute=to_m)
            nights.append((start.astimezone(UTC).timestamp(), end.astimezone(UTC).timestamp()))
        return nights


@dataclass(frozen=True)
class Conversation:
    """A channel, group or direct message with the ids of its members."""

    id: str
    name: str = ""
    kind: Kind = "public"
    members: tuple[str, ...] = ()
    topic: str = ""
    purpose: str = ""
    created: int = 0
    is_archived: bool = False
    is_ext_shared: bool = False

    @property
    def event_kind(self) -> str:
        """The `channel_type` of message events, as in the subscription `message.<kind>s`."""
        return {"public": "channel", "private": "group", "im": "im", "mpim": "mpim"}[self.kind]


@dataclass
class EmulatedWorkspace:
    """What the emulator knows. Every reader and writer of it holds `lock`."""

    people: InitVar[Iterable[Person]] = ()
    conversations: InitVar[Iterable[Conversation]] = ()
    name: str = "Overture demo"
    id: str = "T0DEMO0001"
    domain: str = "overture-demo"
    bot: Person = field(
        default_factory=lambda: Person(
            id="U0OVERTURE", name="overture", real_name="Overture", is_bot=True
        )
    )
    bot_id: str = "B0OVERTURE"
    app_id: str = "A0OVERTURE"
    organisation: Organisation | None = None

    def __post_init__(
        self, people: Iterable[Person], conversations: Iterable[Conversation]
    ) -> None:
        self.lock = threading.RLock()
        self.log = MessageLog()
        self._people = {p.id: p for p in (*people, self.bot)}
        self._conversations = {c.id: c for c in conversations}
        if self.organisation is not None:
            self.organisation.take_in(self)

    @property
    def by_org(self) -> Organisation | None:
        """The organisation that installed the app for this workspace too, where one did."""
        organisation = self.organisation
        return organisation if organisation is not None and organisation.has_app else None

    def everyone(self) -> list[Person]:
        """All people in the order of their ids."""
        with self.lock:
            return sorted(self._people.values(), key=lambda p: p.id)

    def person(self, user: str) -> Person | None:
        return self._people.get(user)

    def add_person(self, person: Person) -> None:
        with self.lock:
            self._people[person.id] = person

    def amend(self, user: str, **changes: Any) -> Person:
        """Change fields of a person, such as presence or deleted. KeyError for a stranger."""
        with self.lock:
            changed = replace(self._people[user], **changes)
            self._people[user] = changed
            return changed

    def channels(self) -> list[Conversation]:
        """All conversations in the order of their ids."""
        with self.lock:
            return sorted(self._conversations.values(), key=lambda c: c.id)

    def conversation(self, channel: str) -> Conversation | None:
        return self._conversations.get(channel)

    def put_conversation(self, conversation: Conversation) -> None:
        with self.lock:
            self._conversations[conversation.id] = conversation

    def dm_between(self, user: str, other: str, now: float) -> tuple[Conversation, bool]:
        """The direct message of two people and whether it was there before."""
        with self.lock:
            for found in self._conversations.values():
                if found.kind == "im" and set(found.members) == {user, other}:
                    return found, True
            suffix = user[1:] if other == self.bot.id else f"{user[1:]}{other[1:]}"
            if self.organisation is not None:  # the same person may be in another one of it
                suffix += self.id[1:]
            dm = Conversation(f"D{suffix}", kind="im", members=(user, other), created=int(now))
            self._conversations[dm.id] = dm
            return dm, False

    def group_of(self, members: tuple[str, ...], now: float) -> tuple[Conversation, bool]:
        """The multi-person direct message of exactly these members."""
        with self.lock:
            for found in self._conversations.values():
                if found.kind == "mpim" and set(found.members) == set(members):
                    return found, True
            name = "mpdm-" + "--".join(self._people[m].name for m in members) + "-1"
            count = sum(c.kind == "mpim" for c in self._conversations.values())
            group = Conversation(f"G{count:09d}", name, "mpim", members, created=int(now))
            self._conversations[group.id] = group
            return group, False

    def record(
        self, channel: str, user: str, text: str, at: float, thread_ts: str | None = None
    ) -> str:
        """Put a message of the past in place: no event, no notification. Returns its ts."""
        with self.lock:
            body: dict[str, Any] = {"type": "message", "user": user, "text": text}
            if thread_ts is not None:
                body["thread_ts"] = thread_ts
            return self.log.backdate(channel, body, at).ts
