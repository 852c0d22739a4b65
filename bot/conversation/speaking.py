"""An answer that is said while it is written, and that stays one whatever breaks meanwhile.

    begin ──► row `streaming` ──► the channel begins ──► words ──► closed ──► sent
                   │                    │                  │
                   │ not begun: queued  │ maybe: queued, to be looked for and made whole in place
                   ▼                    ▼
               said as one message by the outbox, like any other answer

The row exists before the channel is called, under the key of what it answers. A process that dies
leaves it `streaming`; whoever works off the same arrival again finds it, begins no second answer,
and leaves the first to the outbox, which makes it whole in place. One whose arrival was set aside
is nobody's any more: the outbox then ends it with the words that say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.policy.gate import judge
from bot.policy.rules import ANSWER_RULES
from bot.ports import Ambiguous, ChannelError, Delivery, Growing, Streams
from bot.reading.standing import Standings
from bot.store import tables
from bot.store.answers import STREAMING, Answers
from bot.store.database import Store, Unit

SETTLES = timedelta(minutes=3)
"""after which a call that may have begun a stream has either done so or never will"""
ORPHANED = timedelta(minutes=5)
"""after which an answer is ended that nobody will finish: longer than one is thought about"""
KEEPS = timedelta(hours=12)
"""how long an answer waits until it is not said any more"""


@dataclass(frozen=True)
class Speaker:
    """Lets answers be said while they are written, where the channel can show that."""

    store: Store
    workspace: str
    streams: Streams | None
    standings: Standings
    unfinished: str
    """what an answer says that is never finished"""

    def end_orphans(self, unit: Unit, now: datetime) -> int:
        """Give the outbox what nobody will finish; returns how many there were."""
        rows = Answers(unit).orphans(now - ORPHANED)
        for row in rows:
            _hand_on(row, {**row.payload["content"], **_begun(row)}, now)
        return len(rows)

    def may_answer(self, member: str, now: datetime) -> bool:
        """Whether the policy lets us answer this member at all, now."""
        with self.store.reading(self.workspace) as unit:
            return judge(ANSWER_RULES, self.standings.read(unit, member, now)).allowed


@dataclass
class Voice:
    """Says one answer: called with its words as they come, first with none."""

    speaker: Speaker
    member: str
    person: str
    address: str
    thread: str
    key: str
    now: datetime
    _id: str | None = field(default=None, init=False)
    _growing: Growing | None = field(default=None, init=False)
    _begun: dict[str, Any] = field(default_factory=dict, init=False)
    """where the outbox finds what was begun, and may have to be made whole"""
    _told: bool = field(default=False, init=False)
    """closed, with everything in it"""

    def __call__(self, words: str) -> None:
        if not words:
            self._begin()
        elif self._growing is not None:
            try:
                self._growing.add(words)
            except ChannelError:
                self._growing = None  # the outbox makes it whole

    def _begin(self) -> None:
        streams = self.speaker.streams
        if streams is None or self._id is not None or self._left_behind():
            return
        if not self._enter():
            return
        try:
            growing = streams.begin(self._delivery({"thread": self.thread}), self.person)
        except Ambiguous:
            self._begun = {"begun_since": self.now.isoformat()}
        except ChannelError:
            return
        else:
            self._growing = growing
            self._begun = {"begun": growing.message_ref}
            with self.speaker.store.writing(self.speaker.workspace) as unit:
                self._row(unit).message_ref = growing.message_ref
                unit.commit()

    def _left_behind(self) -> bool:
        """Whether somebody who died began this answer; then it is not begun again."""
        with self.speaker.store.reading(self.speaker.workspace) as unit:
            row = Answers(unit).find(self.key)
            if row is None or row.state != STREAMING:
                return row is not None
            self._id, self._begun = row.id, _begun(row)
        return True

    def _enter(self) -> bool:
        """Note that the answer begins; False where it has to wait its turn, or may not be said."""
        speaker, now = self.speaker, self.now
        if not speaker.may_answer(self.member, now):
            return False
        with speaker.store.writing(speaker.workspace) as unit:
            content = {"text": speaker.unfinished, "thread": self.thread}
            who = (self.key, self.member, self.address)
            self._id = Answers(unit).begin(*who, content, now, now + KEEPS)
            unit.commit()
        return self._id is not None

    def close(self, content: Mapping[str, Any]) -> None:
        """End what was begun, with all that stands under it."""
        if self._growing is None:
            return
        try:
            self._growing.close(self._delivery(content))
        except ChannelError:
            return  # the outbox makes it whole
        self._told = True

    def settle(self, unit: Unit, content: Mapping[str, Any], now: datetime) -> bool:
        """Write down what became of it; False where nothing was begun, and it is still to say."""
        if self._id is None:
            self._left_behind()
        if self._id is None:
            return False
        row = self._row(unit)
        if self._told:
            row.payload = {"content": dict(content)}
            row.state, row.sent_at = "sent", self.now
            return True
        waits = "begun_since" in self._begun
        _hand_on(row, {**content, **self._begun}, max(now, self.now + SETTLES) if waits else now)
        return True

    def _delivery(self, content: Mapping[str, Any]) -> Delivery:
        return Delivery(str(self._id), self.address, "answer", content)

    def _row(self, unit: Unit) -> tables.Outbox:
        return unit.session.get_one(tables.Outbox, self._id)


def _begun(row: tables.Outbox) -> dict[str, Any]:
    """Where the outbox finds what somebody else began."""
    if row.message_ref is not None:
        return {"begun": row.message_ref}
    return {"begun_since": (row.called_at or row.created_at).isoformat()}


def _hand_on(row: tables.Outbox, content: Mapping[str, Any], at: datetime) -> None:
    """Let the outbox say this, from a moment on."""
    row.payload, row.not_before = {"content": dict(content)}, at
    row.state, row.called_at, row.message_ref = "queued", None, None
