"""What a member did with what we said → outcome, conversation, next turn.

Reading and thinking happen first (a model may take its time); what follows from it is returned as
an `Act` and written in one transaction with the completion of its inbox row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.conversation.agreeing import Agreeing
from bot.conversation.conversing import TO_PERSON, Conversing
from bot.conversation.handing import Handing
from bot.conversation.handlers import Handlers
from bot.conversation.marking import ASKS, SCORES, Marking
from bot.conversation.presses import HELPED, NOTES, OUTCOMES, REASONS, SHOWN_BELOW, SPOKEN, WHY
from bot.conversation.proposing import WISHES, Proposing
from bot.conversation.reply import Make, Reply
from bot.conversation.speaking import Voice
from bot.deciding.briefing import Briefing
from bot.inbox import Act, After, in_turn, moment
from bot.openers.brief import About
from bot.openers.intents import Intent, intent_of
from bot.openers.understanding import Understanding
from bot.ports import Arrival, Channel, ChannelError, Receipt
from bot.reading.visibility import may_tell
from bot.store import tables
from bot.store.answers import TO
from bot.store.conversations import Conversations
from bot.store.database import Store, Unit
from bot.store.items import Items, stored
from bot.store.openers import Openers
from bot.store.outbox import OutboxRows
from bot.store.outcomes import Outcomes
from recsys.types import OutcomeKind

SINCE = timedelta(days=3)
"""a message that hangs under no opener is taken to be about the last one, if it is this young"""

ANSWERS: Mapping[str, bool] = {Intent.YES: True, Intent.NO: False, Intent.LATER: False}
"""words that answer what we asked back"""


@dataclass(frozen=True, slots=True)
class Said:
    """Words of a member, where and when they were said, and about which opener."""

    arrival: Arrival
    opener: str | None
    thread: str
    at: datetime
    now: datetime


@dataclass(frozen=True)
class Replies:
    """Handles presses on openers, and messages in the direct conversation with the bot."""

    store: Store
    workspace: str
    channel: Channel
    briefing: Briefing
    conversing: Conversing
    agreeing: Agreeing
    understanding: Understanding
    proposing: Proposing
    handing: Handing
    marking: Marking

    def handlers(self) -> Handlers:
        return Handlers(on_opener=dict.fromkeys((*OUTCOMES, "why", "undo"), self.press))

    def message(self, arrival: Arrival, now: datetime) -> Act:
        """Words of a member in the direct conversation: understood first, then written down."""
        payload = arrival.payload
        at, words = moment(payload, now), str(payload["text"])
        thread = str(payload.get("thread") or payload["message_ref"])
        with self.store.reading(self.workspace) as unit:
            member = self.agreeing.speaker(unit, payload)
            if member is None:
                return lambda unit: None
            opener = self._opener_meant(unit, payload, member, at)
            about = self._about(unit, opener, member)
            within = payload.get("thread")
            asked = self.proposing.open(unit, member.id, within, opener, at)
        said = Said(arrival, None if opener is None else opener.id, thread, at, now)
        answer = ANSWERS.get(intent_of(words)) if asked is not None else None
        if asked is not None and answer is not None:
            return lambda unit: self._write(
                unit, said, self.proposing.settling(asked.id, answer, at)
            )
        understood = self.understanding.of(words)
        if understood.intent is Intent.PAUSE:
            return lambda unit: self._write(unit, said, self.proposing.silencing(words, at))
        if understood.intent in WISHES:
            place = thread, str(payload["message_ref"])
            wish = (understood, opener, about, place, now)
            make: Make = lambda unit, member: self.proposing.reply(unit, member, *wish)  # noqa: E731
            return lambda unit: self._write(unit, said, make)
        voice = Voice(
            speaker=self.conversing.speaker,
            member=member.id,
            person=str(payload["member"]),
            address=str(payload["address"]),
            thread=thread,
            key=TO + arrival.key,
            now=now,
        )
        why = None if opener is None else opener.why
        reply = self.conversing.reply(member.name, about, why, thread, payload, understood, voice)
        voice.close(reply.content(thread, said.opener))
        return lambda unit: self._write(unit, said, lambda unit, member: reply, voice)

    def _opener_meant(
        self, unit: Unit, payload: Mapping[str, Any], member: tables.Member, at: datetime
    ) -> tables.Opener | None:
        openers = Openers(unit)
        if payload.get("thread"):
            address, thread = str(payload["address"]), str(payload["thread"])
            known = Conversations(unit).find(address, thread)
            if known is not None and known.opener_id is not None:
                return openers.get(known.opener_id)
            said = OutboxRows(unit).opener_at(member.id, thread)
            return openers.by_message(address, thread) or (openers.get(said) if said else None)
        last = [*openers.recent(member.id, 1), *openers.taken_from_shelf(member.id, 1)]
        fresh = {one.sent_at or one.created_at: one for one in last}
        latest = max(fresh, default=None)
        return fresh[latest] if latest is not None and at - latest <= SINCE else None

    def _about(
        self, unit: Unit, opener: tables.Opener | None, member: tables.Member
    ) -> About | None:
        """The item of an opener, as long as this member may be told what it says."""
        row = Items(unit).get(opener.item_id) if opener is not None else None
        if row is None or not may_tell(unit, row, member):
            return None
        return self.briefing.about(stored(row))

    def _write(
        self, unit: Unit, said: Said, make: Make, voice: Voice | None = None
    ) -> After | None:
        payload = said.arrival.payload
        member = self.agreeing.speaker(unit, payload)
        if member is None:
            return None
        reply = make(unit, member)
        opener = Openers(unit).get(said.opener) if said.opener is not None else None
        conversations = Conversations(unit)
        place = str(payload["address"]), said.thread
        conversation = conversations.at(member.id, *place, said.now, said.opener)
        conversations.say(
            tables.Turn(
                workspace_id=self.workspace,
                conversation_id=conversation.id,
                key=str(payload["message_ref"]),
                author="member",
                text=str(payload["text"]),
                at=said.at,
            )
        )
        if opener is not None and reply.outcome is not None:
            Outcomes(unit).record(opener, reply.outcome, said.at, reply.reason)
        member.came_at = member.came_at or said.at
        if reply.intent == Intent.STOP:
            self.agreeing.leave(unit, member, said.at, opener)
        reply = self._followed(unit, member, opener, conversation, reply, said)
        key = said.arrival.key
        self.conversing.answer(unit, member.id, conversation, key, reply, said.now, voice)
        return None

    def _followed(
        self,
        unit: Unit,
        member: tables.Member,
        opener: tables.Opener | None,
        conversation: tables.Conversation,
        reply: Reply,
        said: Said,
    ) -> Reply:
        """The reply with what it asks back: may it be shared, or how was the conversation."""
        if reply.intent == Intent.PERSON:
            return self.handing.asked(unit, member, opener, conversation, reply, said.now)
        if reply.intent in (Intent.THANKS, "helped"):
            conversation.closed_at = said.at
            if self.marking.may_ask(unit, member.id, conversation, said.at):
                return replace(reply, text=reply.text + ASKS, buttons=SCORES)
        else:
            conversation.closed_at = None
        return reply

    def press(self, arrival: Arrival, now: datetime) -> Act:
        """A button of an opener or of an answer about it, or an entry of a menu."""
        payload = arrival.payload
        at, action = moment(payload, now), str(payload["action"])

        def act(unit: Unit) -> After | None:
            opener = Openers(unit).get(str(payload["opener"]))
            member = self.agreeing.speaker(unit, payload)
            if opener is None or member is None or opener.member_id != member.id:
                return None  # somebody else's opener, or one of a workspace restored from elsewhere
            if action == "undo":
                return self._undo(unit, opener, member, str(payload.get("value", "")), now)
            return self._pressed(unit, opener, member, arrival, action, at, now)

        return act

    def _pressed(
        self,
        unit: Unit,
        opener: tables.Opener,
        member: tables.Member,
        arrival: Arrival,
        action: str,
        at: datetime,
        now: datetime,
    ) -> After | None:
        if action in OUTCOMES:
            reason = WHY.get(action) or str(arrival.payload.get("value", ""))
            Outcomes(unit).record(opener, OUTCOMES[action], at, reason)
        if action == "pause":
            self.agreeing.pause(unit, member, at)
        if action in SPOKEN:
            self._continue(unit, arrival, opener, member, action, now)
        if action == "helped":
            left = {"buttons": [list(pair) for pair in TO_PERSON]}
            return self.marking.note(unit, member.id, arrival.payload, HELPED, left)
        if action not in NOTES:
            return None
        undoes = "pause" if action == "pause" else OUTCOMES[action].name.lower()
        more = {"buttons": [list(pair) for pair in REASONS]} if action == "not_for_me" else {}
        drawn = self._redraw(unit, opener, member, NOTES[action], {"outcome": undoes, **more})
        noted = None
        if arrival.payload["message_ref"] != opener.message_ref and action not in SHOWN_BELOW:
            noted = self.marking.note(unit, member.id, arrival.payload, NOTES[action], more)
        return in_turn(drawn, noted)

    def _continue(
        self,
        unit: Unit,
        arrival: Arrival,
        opener: tables.Opener,
        member: tables.Member,
        action: str,
        now: datetime,
    ) -> None:
        """The next turn, where a press asks for one: once, however often it is pressed."""
        thread = opener.message_ref or str(arrival.payload["message_ref"])
        address = str(arrival.payload["address"])
        conversation = Conversations(unit).at(member.id, address, thread, now, opener.id)
        about = self._about(unit, opener, member)
        reply = self.conversing.pressed(action, member.name, about, opener.why)
        said = Said(arrival, opener.id, thread, moment(arrival.payload, now), now)
        reply = self._followed(unit, member, opener, conversation, reply, said)
        key = f"{opener.id}:{action}"
        if action in SHOWN_BELOW:  # asked again further down, it has to be said again there
            key += f":{arrival.payload['message_ref']}"
        self.conversing.answer(unit, member.id, conversation, key, reply, now)

    def _undo(
        self, unit: Unit, opener: tables.Opener, member: tables.Member, what: str, now: datetime
    ) -> After | None:
        """Take back what a press did; `what` is an outcome's kind, or the pause that it began."""
        outcomes = Outcomes(unit)
        kind = OUTCOMES["pause"].name.lower() if what == "pause" else what
        if outcomes.undo(opener.id, kind, now) is None and outcomes.of(opener.id):
            return None  # a press on a drawing that is out of date
        if what == "pause":
            member.paused_until = None
        if kind == OutcomeKind.HANDED_OFF.name.lower():
            self.handing.take_back(unit, member, opener, now)
        return self._redraw(unit, opener, member, "Taken back.", {"again": True})

    def _redraw(
        self,
        unit: Unit,
        opener: tables.Opener,
        member: tables.Member,
        note: str,
        drawn: Mapping[str, Any],
    ) -> After | None:
        """Show in the opener what happened, once the transaction has committed."""
        if opener.address is None or opener.message_ref is None or not opener.text:
            return None  # never sent, or its words are no longer kept
        receipt = Receipt(opener.address, opener.message_ref)
        content = {"text": opener.text, **(OutboxRows(unit).content_of(opener.id) or {})}
        if self._about(unit, opener, member) is None:
            content = {"text": opener.text}  # neither title nor link of what is gone
        content |= {"opener": opener.id, **drawn}

        def after() -> None:
            try:
                self.channel.show_outcome(receipt, content, note, "outcome" in drawn)
            except ChannelError:
                return  # the row says what happened; only its drawing is missing

        return after
