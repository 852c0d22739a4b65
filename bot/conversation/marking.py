"""What members think of our answers: good or not, and how a conversation went in all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.conversation.agreeing import Agreeing
from bot.conversation.conversing import TO_PERSON, Conversing
from bot.conversation.handlers import Handlers
from bot.inbox import Act, After, moment
from bot.ports import Arrival, ChannelError, Receipt
from bot.store import tables
from bot.store.answers import Answers
from bot.store.conversations import Conversations
from bot.store.database import Unit
from bot.store.openers import Openers

AGAIN = timedelta(days=7)
"""a member is asked how a conversation went at most once in so long"""
ASKS = " How was this conversation for you?"
SCORES = (("score|5", "Very good"), ("score|4", "Good"), ("score|3", "So-so"),
          ("score|2", "Not so good"), ("score|1", "Bad"))  # fmt: skip
RATINGS = {"good": 1, "bad": -1}
GOOD, BAD = "You said: a good answer. Thank you.", "You said: not a good answer. What was wrong?"
WRONG = (("reason|facts", "Wrong facts"), ("reason|topic", "Not my topic"), *TO_PERSON)


@dataclass(frozen=True)
class Marking:
    """Handles the marks that members give."""

    conversing: Conversing
    agreeing: Agreeing

    def handlers(self) -> Handlers:
        marks = {"rate": self.rate, "score": self.score}
        return Handlers(presses=marks)

    def rate(self, arrival: Arrival, now: datetime) -> Act:
        """One answer was good, or was not; the last word counts."""
        payload = arrival.payload
        rating = RATINGS.get(str(payload.get("value", "")), 0)

        def act(unit: Unit) -> After | None:
            member = self.agreeing.speaker(unit, payload)
            row = Answers(unit).at(member.id, str(payload["message_ref"])) if member else None
            if member is None or row is None or not rating:
                return None
            turn = Conversations(unit).ours(row.dedupe_key)
            if turn is not None:
                turn.rating, turn.rated_at = rating, moment(payload, now)
            more = {"buttons": [list(pair) for pair in WRONG]} if rating < 0 else {}
            return self.note(unit, member.id, payload, GOOD if rating > 0 else BAD, more)

        return act

    def score(self, arrival: Arrival, now: datetime) -> Act:
        """How a conversation went, from 1 (bad) to 5 (very good)."""
        payload = arrival.payload
        value = str(payload.get("value", ""))
        labels = {score.partition("|")[2]: label for score, label in SCORES}

        def act(unit: Unit) -> After | None:
            member = self.agreeing.speaker(unit, payload)
            opener = Openers(unit).get(str(payload["opener"]))
            if member is None or opener is None or opener.member_id != member.id:
                return None
            if value not in labels:
                return None
            opener.satisfaction = int(value)
            said = f"You said: {labels[value].lower()}. Thank you."
            return self.note(unit, member.id, payload, said)

        return act

    def may_ask(
        self, unit: Unit, member: str, conversation: tables.Conversation, at: datetime
    ) -> bool:
        """Whether to ask how it went: once a conversation, and once a week; notes that we do."""
        if conversation.opener_id is None or conversation.asked_at is not None:
            return False
        last = Conversations(unit).last_asked(member)
        if last is not None and at - last < AGAIN:
            return False
        conversation.asked_at = at
        return True

    def note(
        self,
        unit: Unit,
        member: str | None,
        payload: Mapping[str, Any],
        said: str,
        more: Mapping[str, Any] | None = None,
    ) -> After | None:
        """Show under the message that was pressed what came of it, in place of its buttons.

        Without `member` the message went to somebody else: to whoever takes hand-offs.
        """
        place = str(payload["address"]), str(payload["message_ref"])
        row = Answers(unit).anywhere(*place) if member is None else None
        row = row or (Answers(unit).at(member, place[1]) if member is not None else None)
        told = (row.payload.get("content") or {}) if row is not None else {}
        if not told.get("text"):
            return None  # its words are no longer kept: drawn anew it would say nothing
        content = {**told, "answer": True, "buttons": (), "rates": False, **(more or {})}
        receipt = Receipt(*place)

        def after() -> None:
            try:
                self.conversing.channel.show_outcome(receipt, content, said, False)
            except ChannelError:
                return  # the row says what happened; only its drawing is missing

        return after
