"""What a member did with what we said → outcome, conversation, next turn.

Reading and thinking happen first (a model may take its time); what follows from it is returned as
an `Act` and written in one transaction with the completion of its inbox row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.briefing import Briefing
from bot.conversing import Conversing, Reply
from bot.inbox import Act, After
from bot.openers.brief import About
from bot.policy.purposes import NAMES, OPENERS
from bot.ports import Arrival, Channel, ChannelError, Receipt
from bot.store import tables
from bot.store.consents import Consents
from bot.store.conversations import Conversations
from bot.store.database import Store, Unit
from bot.store.items import Items, stored
from bot.store.members import Members
from bot.store.openers import Openers
from bot.store.outcomes import Outcomes
from bot.store.topics import Topics
from recsys.types import OutcomeKind

PAUSE = timedelta(days=7)
SINCE = timedelta(days=3)
"""a message that hangs under no opener is taken to be about the last one, if it is this young"""

REASONS = (("reason|topic", "Not my topic"), ("reason|timing", "Bad moment"),
           ("reason|frequency", "Too often"), ("reason|facts", "Wrong facts"))  # fmt: skip

NOTES: Mapping[str, str] = {
    "more": "You asked for more; it is in the thread.",
    "not_for_me": "Noted: not for you. What was wrong? It helps me choose better.",
    "not_now": "Noted: a bad moment.",
    "person": "You asked for a person; it is in the thread.",
    "pause": "I am silent for a week.",
    "reason": "Thank you. I will choose with that in mind.",
    "helped": "Glad it helped.",
}
OUTCOMES: Mapping[str, OutcomeKind] = {
    "more": OutcomeKind.FOLLOWED_UP,
    "not_for_me": OutcomeKind.DISMISSED,
    "not_now": OutcomeKind.DISMISSED,
    "person": OutcomeKind.HANDED_OFF,
    "pause": OutcomeKind.DISMISSED,
    "save": OutcomeKind.SAVED,
    "helped": OutcomeKind.RESOLVED,
}
WHY: Mapping[str, str] = {"not_now": "timing", "pause": "frequency"}
"""the reason that an action implies"""


@dataclass(frozen=True)
class Replies:
    """Handles presses and messages in the direct conversation with the bot."""

    store: Store
    workspace: str
    channel: Channel
    briefing: Briefing
    conversing: Conversing

    def press(self, arrival: Arrival, now: datetime) -> Act:
        """A button or an entry of a menu."""
        payload = arrival.payload
        at = moment(payload, now)
        action = str(payload["action"])
        if not payload.get("opener"):
            return lambda unit: self._without_opener(unit, payload, action, at, now)
        return lambda unit: self._about_opener(unit, arrival, action, at, now)

    def message(self, arrival: Arrival, now: datetime) -> Act:
        """Words of a member in the direct conversation: understood first, then written down."""
        payload = arrival.payload
        at = moment(payload, now)
        with self.store.reading(self.workspace) as unit:
            member = Members(unit).behind(self.channel.name, str(payload["member"]))
            opener = self._opener_meant(unit, payload, member, at)
        if member is None or not member_may_speak(member):
            return lambda unit: None
        thread = str(payload.get("thread") or payload["message_ref"])
        about, why = self._about(opener)
        reply = self.conversing.reply(member.name, about, why, thread, payload)
        return lambda unit: self._said(unit, arrival, member.id, opener, thread, reply, at, now)

    def _opener_meant(
        self, unit: Unit, payload: Mapping[str, Any], member: tables.Member | None, at: datetime
    ) -> tables.Opener | None:
        if payload.get("thread"):
            return Openers(unit).by_message(str(payload["address"]), str(payload["thread"]))
        if member is None:
            return None
        last = Openers(unit).recent(member.id, 1)
        fresh = [one for one in last if one.sent_at is not None and at - one.sent_at <= SINCE]
        return fresh[0] if fresh else None

    def _about(self, opener: tables.Opener | None) -> tuple[About | None, str]:
        if opener is None:
            return None, ""
        with self.store.reading(self.workspace) as unit:
            row = Items(unit).get(opener.item_id)
        if row is None or row.withdrawn_at is not None:
            return None, opener.why
        return self.briefing.about(stored(row)), opener.why

    def _said(
        self,
        unit: Unit,
        arrival: Arrival,
        member_id: str,
        opener: tables.Opener | None,
        thread: str,
        reply: Reply,
        at: datetime,
        now: datetime,
    ) -> After | None:
        address, text = str(arrival.payload["address"]), str(arrival.payload["text"])
        conversations = Conversations(unit)
        conversation = conversations.at(
            member_id, address, thread, now, opener.id if opener else None
        )
        conversations.say(
            tables.Turn(
                workspace_id=self.workspace,
                conversation_id=conversation.id,
                key=str(arrival.payload["message_ref"]),
                author="member",
                text=text,
                at=at,
            )
        )
        if opener is not None and reply.outcome is not None:
            fresh = Openers(unit).get(opener.id)
            if fresh is not None:
                Outcomes(unit).record(fresh, reply.outcome, at, reply.reason)
        member = unit.session.get_one(tables.Member, (self.workspace, member_id))
        member.came_at = member.came_at or at
        if reply.intent == "stop":
            self.leave(unit, member, at)
        if reply.intent == "person":
            conversations.hand_off(member_id, opener.id if opener else None, now)
        self.conversing.answer(unit, member_id, conversation, arrival.key, reply, now)
        return None

    def _about_opener(
        self, unit: Unit, arrival: Arrival, action: str, at: datetime, now: datetime
    ) -> After | None:
        payload = arrival.payload
        opener = Openers(unit).get(str(payload["opener"]))
        member = Members(unit).behind(self.channel.name, str(payload["member"]))
        if opener is None or member is None or opener.member_id != member.id:
            return None  # somebody else's opener, or one of a workspace restored from elsewhere
        outcomes = Outcomes(unit)
        if action == "undo":
            return self._undo(unit, opener, member, str(payload.get("value", "")), at)
        if action == "reason":
            outcomes.record(opener, OutcomeKind.DISMISSED, at, str(payload.get("value", "")))
            return self._redraw(opener, NOTES["reason"], "dismissed")
        if action in OUTCOMES:
            outcomes.record(opener, OUTCOMES[action], at, WHY.get(action, ""))
        if action == "pause":
            member.paused_until = at + PAUSE
            Openers(unit).withdraw_queued(member.id, "paused")
        self._continue(unit, arrival, opener, member, action, now)
        note = NOTES.get(action)
        if note is None or action == "helped":
            return None
        return self._redraw(
            opener, note, OUTCOMES[action].name.lower(), REASONS if action == "not_for_me" else ()
        )

    def _continue(
        self,
        unit: Unit,
        arrival: Arrival,
        opener: tables.Opener,
        member: tables.Member,
        action: str,
        now: datetime,
    ) -> None:
        """The next turn, where a press asks for one."""
        if action not in ("more", "why", "person", "helped"):
            return
        thread = opener.message_ref or str(arrival.payload["message_ref"])
        conversations = Conversations(unit)
        address = str(arrival.payload["address"])
        conversation = conversations.at(member.id, address, thread, now, opener.id)
        if action == "person":
            conversations.hand_off(member.id, opener.id, now)
        about, why = self._about(opener)
        reply = self.conversing.pressed(action, member.name, about, why)
        self.conversing.answer(unit, member.id, conversation, arrival.key, reply, now)

    def _undo(
        self, unit: Unit, opener: tables.Opener, member: tables.Member, kind: str, at: datetime
    ) -> After | None:
        undone = Outcomes(unit).undo(opener.id, kind, at)
        if undone is not None and undone.reason == WHY["pause"]:
            member.paused_until = None
        return self._redraw(opener, "Taken back.", "")

    def _redraw(
        self,
        opener: tables.Opener,
        note: str,
        outcome: str,
        buttons: tuple[tuple[str, str], ...] = (),
    ) -> After | None:
        if opener.address is None or opener.message_ref is None:
            return None
        receipt = Receipt(opener.address, opener.message_ref)
        with self.store.reading(self.workspace) as unit:
            row = Items(unit).get(opener.item_id)
        content = {
            "text": opener.text,
            "about": row.title if row is not None else "",
            "opener": opener.id,
            "outcome": outcome,
            "buttons": [list(pair) for pair in buttons],
        }

        def after() -> None:
            try:
                self.channel.show_outcome(receipt, content, note, bool(outcome))
            except ChannelError:
                return  # the row says what happened; only its drawing is missing

        return after

    def _without_opener(
        self, unit: Unit, payload: Mapping[str, Any], action: str, at: datetime, now: datetime
    ) -> After | None:
        """A press on the welcome message or the home tab."""
        member = Members(unit).behind(self.channel.name, str(payload["member"]))
        if member is None or not member_may_speak(member):
            return None
        member.came_at = member.came_at or at
        if action == "consent_yes":
            self.agree(unit, member, NAMES, at)
        elif action in ("consent_no", "withdraw"):
            self.leave(unit, member, at)
        elif action == "pause":
            member.paused_until = at + PAUSE
            Openers(unit).withdraw_queued(member.id, "paused")
        elif action == "resume":
            member.paused_until = None
        self.conversing.confirm(unit, member.id, payload, action, now)
        return self.conversing.redraw_home(str(payload["member"]), member.id, now)

    def agree(
        self, unit: Unit, member: tables.Member, purposes: tuple[str, ...], at: datetime
    ) -> None:
        """Grant these purposes and no others, from now on."""
        consents = Consents(unit)
        dropped = consents.granted(member.id) - set(purposes)
        if dropped:
            consents.withdraw(member.id, dropped, at=at)
        consents.grant(member.id, purposes, at=at, origin="member")
        if OPENERS in purposes:
            member.left_at = None
        else:
            Openers(unit).withdraw_queued(member.id, "no_consent")

    def leave(self, unit: Unit, member: tables.Member, at: datetime) -> None:
        """Withdraw every consent, with effect at once, also on what is queued."""
        member.left_at = at
        Consents(unit).withdraw(member.id, at=at)
        Openers(unit).withdraw_queued(member.id, "opted_out")

    def chosen(self, arrival: Arrival, now: datetime) -> Act:
        """The modal in which a member ticked purposes and topics."""
        payload = arrival.payload

        def act(unit: Unit) -> After | None:
            at = moment(payload, now)
            member = Members(unit).behind(self.channel.name, str(payload["member"]))
            if member is None or not member_may_speak(member):
                return None
            member.came_at = member.came_at or at
            values = payload["values"]
            self.agree(unit, member, tuple(p for p in values["purposes"] if p in NAMES), at)
            topics = Topics(unit)
            wanted, had = set(values["topics"]), topics.choices(member.id).follows
            for topic in sorted(wanted - had):
                topics.choose(member.id, topic, "follow", at=at)
            for topic in sorted(had - wanted):
                topics.choose(member.id, topic, None, at=at)
            return self.conversing.redraw_home(str(payload["member"]), member.id, now)

        return act


def member_may_speak(member: tables.Member) -> bool:
    """Bots, guests and strangers of shared channels are no members: we do not answer them."""
    return not (member.is_bot or member.is_guest or member.is_stranger)


def moment(payload: Mapping[str, Any], now: datetime) -> datetime:
    """When it happened, by the channel's own clock, and never later than now."""
    return min(datetime.fromtimestamp(float(payload["at"]), UTC), now)
