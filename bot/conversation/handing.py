"""The way to a person: who is told what, who takes it, and what happens while nobody does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.conversation.agreeing import Agreeing
from bot.conversation.conversing import Conversing
from bot.conversation.handlers import Handlers
from bot.conversation.marking import Marking
from bot.conversation.reply import Reply
from bot.inbox import Act, After
from bot.openers.cleaning import speakable
from bot.ports import Arrival
from bot.reading.standing import minutes
from bot.store import tables
from bot.store.answers import Answers
from bot.store.conversations import Conversations
from bot.store.database import Unit
from bot.store.handoffs import Handoffs
from bot.store.items import Items
from bot.store.members import Members
from bot.store.openers import Openers

MOST_SHARED = 20
"""turns that a taker is shown, the newest"""
MAY_I = " May I share what we said here with them?"
TOLD_ALREADY = (
    "I passed that on already, and nobody has taken it so far. I will tell you as soon as somebody"
    " does."
)
SHARED = "I have shared what we said."
KEPT = "I have shared nothing of what we said."
NOBODY_YET = (
    "Nobody has taken up your question so far. I have asked {times}; it stays with them, and I"
    " will tell you as soon as somebody does."
)


@dataclass(frozen=True)
class Handing:
    """Handles everything between a member who needs a person and whoever takes that."""

    conversing: Conversing
    agreeing: Agreeing
    marking: Marking

    def handlers(self) -> Handlers:
        return Handlers(
            presses={
                "share_yes": self.share,
                "share_no": self.share,
                "take": self.take,
                "person": self.press,
            }
        )

    def press(self, arrival: Arrival, now: datetime) -> Act:
        """A person was asked for under an answer that is about no opener."""

        def act(unit: Unit) -> After | None:
            member = self.agreeing.speaker(unit, arrival.payload)
            if member is None:
                return None
            address, ref = str(arrival.payload["address"]), str(arrival.payload["message_ref"])
            thread = Answers(unit).thread_of(member.id, ref) or ref
            known = Conversations(unit).find(address, thread)
            reply = self.conversing.pressed("person", member.name, None, "")
            reply = self.asked(unit, member, None, known, reply, now)
            content = reply.content(thread, None)
            self.conversing.say(unit, member.id, f"answer:{arrival.key}", content, now)
            return None

        return act

    def asked(
        self,
        unit: Unit,
        member: tables.Member,
        opener: tables.Opener | None,
        conversation: tables.Conversation | None,
        reply: Reply,
        now: datetime,
    ) -> Reply:
        """Note that a member asked for a person, and tell the one who takes hand-offs.

        Returns the `reply` to that with what it asks back: whether what was said may be shared,
        where anything was and somebody is there to share it with. Who waits already, and asks
        about something else, waits for that instead.
        """
        where = None if conversation is None else conversation.id
        about = None if opener is None else opener.id
        row, is_new = Handoffs(unit).ask(member.id, about, where, now)
        if self.conversing.person is None:
            return reply
        if not is_new:
            return replace(reply, text=TOLD_ALREADY)
        row.told_at = now
        self._tell(unit, member, row, f"{member.name} asks for a person", "ask", now)
        if where is None or not Conversations(unit).turns(where):
            return reply
        share = ((f"share_yes|{row.id}", "Yes, share it"), (f"share_no|{row.id}", "No"))
        return replace(reply, text=reply.text + MAY_I, buttons=share)

    def take_back(
        self, unit: Unit, member: tables.Member, opener: tables.Opener, now: datetime
    ) -> None:
        """They need none any more."""
        if Handoffs(unit).take_back(member.id, opener.id):
            text = f"{member.name} took that back and needs no person any more."
            self.conversing.tell_person(unit, member, text, "back", now)

    def share(self, arrival: Arrival, now: datetime) -> Act:
        """The member says whether what was said may be shown to the taker; the first word holds."""
        payload = arrival.payload
        yes = str(payload["action"]) == "share_yes"

        def act(unit: Unit) -> After | None:
            member = self.agreeing.speaker(unit, payload)
            row = Handoffs(unit).get(str(payload.get("value", "")))
            if member is None or row is None or row.member_id != member.id:
                return None
            if row.shared is None:
                row.shared = yes
                if yes:
                    said = self._transcript(unit, row, member.name)
                    text = f"{member.name} shares what was said:\n\n{said}"
                    self.conversing.tell_person(unit, member, text, "share", now)
            return self.marking.note(unit, member.id, payload, SHARED if row.shared else KEPT)

        return act

    def _transcript(self, unit: Unit, row: tables.Handoff, name: str) -> str:
        """What the member said; and what we said, where it quotes nothing that not all may read."""
        opener = Openers(unit).get(row.opener_id) if row.opener_id is not None else None
        open_to_all = opener is None or bool(self._about(unit, opener))
        turns = Conversations(unit).turns(str(row.conversation_id))[-MOST_SHARED:]
        lines = []
        for turn in turns:
            if turn.author == "member":
                lines.append(f"{name}: {speakable(turn.text, 400)}")
            elif open_to_all:
                lines.append(f"Overture: {speakable(turn.text, 400)}")
        return "\n\n".join(lines)

    def take(self, arrival: Arrival, now: datetime) -> Act:
        """Somebody takes it: the first one does; the member and the others are told who."""
        payload = arrival.payload

        def act(unit: Unit) -> After | None:
            taker = self.agreeing.speaker(unit, payload)
            row = Handoffs(unit).get(str(payload.get("value", "")))
            person = self.conversing.person
            asked = person in (str(payload["member"]), str(payload["address"]))
            if taker is None or row is None or not asked:
                return None
            if row.taken_at is None:
                row.taken_at, row.taken_by = now, taker.id
                self._tell_member(unit, row, f"{taker.name} takes your question from here.", now)
            by = Members(unit).get(str(row.taken_by))
            name = by.name if by is not None else "somebody"
            who = Members(unit).get(row.member_id)
            knows = f" {who.name} knows, and waits to hear from them." if who is not None else ""
            return self.marking.note(unit, None, payload, f"Taken by {name}.{knows}")

        return act

    def _tell_member(self, unit: Unit, row: tables.Handoff, text: str, now: datetime) -> None:
        """In the thread that it came from, where there is one."""
        key = f"handoff:{row.id}:{text[:40]}"
        conversation = unit.session.get(tables.Conversation, str(row.conversation_id))
        content = {"text": text}
        if conversation is not None:
            content["thread"] = conversation.thread_ref
        self.conversing.say(unit, row.member_id, key, content, now)

    def remind(self, unit: Unit, now: datetime) -> int:
        """Repeat what nobody took in time, in working hours; returns how many were repeated."""
        settings, repeated = self.conversing.settings, 0
        if self.conversing.person is None or not self._is_working(now):
            return 0
        for row in Handoffs(unit).waiting():
            last = row.reminded_at or row.told_at or row.asked_at
            due = last + timedelta(minutes=settings.remind_minutes) <= now
            member = Members(unit).get(row.member_id)
            if member is None or not due or row.reminders > settings.reminders:
                continue
            row.reminders += 1
            row.reminded_at = now
            if row.reminders > settings.reminders:
                times = f"{settings.reminders + 1} times"
                self._tell_member(unit, row, NOBODY_YET.format(times=times), now)
                continue
            text = f"Nobody has taken this yet: {member.name} asked for a person"
            self._tell(unit, member, row, text, f"again{row.reminders}", now)
            repeated += 1
        return repeated

    def _is_working(self, now: datetime) -> bool:
        home = self.conversing.home
        here = now.astimezone(ZoneInfo(home.zone))
        policy = home.policy
        starts, ends = minutes(policy.day_starts), minutes(policy.day_ends)
        in_hours = starts <= here.hour * 60 + here.minute < ends
        return in_hours and str(here.weekday()) in policy.weekdays

    def _tell(
        self,
        unit: Unit,
        member: tables.Member,
        row: tables.Handoff,
        text: str,
        what: str,
        now: datetime,
    ) -> None:
        opener = Openers(unit).get(row.opener_id) if row.opener_id is not None else None
        told = f"{text}{self._about(unit, opener)}."
        buttons = ((f"take|{row.id}", "I take this"),)
        self.conversing.tell_person(unit, member, told, what, now, buttons)

    def _about(self, unit: Unit, opener: tables.Opener | None) -> str:
        """What it is about, in words, where nobody can learn anything from that."""
        item = Items(unit).get(opener.item_id) if opener is not None else None
        if item is None or item.withdrawn_at is not None or item.addressed_to is not None:
            return ""
        return f" about “{item.title}”" if item.audience_kind == "workspace" else ""
