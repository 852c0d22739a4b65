"""Reviews in the review channel: what a curator pressed or wrote there, checked on our side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.conversation.conversing import Conversing
from bot.conversation.desk.counter import notice, sentence
from bot.conversation.handlers import Handlers
from bot.conversation.reviews import Decided, Reviewer, announcement
from bot.curating.roles import CURATOR, RoleBook
from bot.curating.seeing import visible
from bot.inbox import Act, After, moment
from bot.ports import Arrival, Asked, Channel, ChannelError, Receipt, Refused
from bot.store.answers import Answers
from bot.store.database import Unit
from bot.store.members import Members
from bot.store.openers import Openers
from bot.store.reviews import Reviews

DECISIONS: Mapping[str, Decided] = {
    "review_ok": "approved",
    "review_edit": "edited",
    "review_note": "answered",
    "review_skip": "skipped",
}
NOTES: Mapping[Decided, str] = {
    "approved": "Approved by {who}; it leaves once nothing else stands in the way.",
    "edited": "Edited by {who}; it leaves once nothing else stands in the way.",
    "answered": "Not sent. {who} answered back.",
    "skipped": "Not sent: skipped by {who}.",
}
UNSEEN = (
    "this opener is about something that you cannot see for yourself. Somebody who can may edit it,"
    " or whoever runs me, with `overture reviews`"
)
LATE = "Not sent: nobody decided in time, or something else kept it back."


@dataclass(frozen=True)
class Reviewing:
    """Handles what arrives from the review channel."""

    reviewer: Reviewer
    conversing: Conversing
    channel: Channel
    roles: RoleBook
    """whoever is no curator changes nothing, whatever they send"""

    def handlers(self) -> Handlers:
        in_words = ("review_edit", "review_note")
        return Handlers(
            presses=dict.fromkeys(("review_ok", "review_skip"), self.pressed),
            modals=dict.fromkeys(in_words, self.written),
            shows={
                **dict.fromkeys(in_words, self.draft),
                "submit:review_edit": self.checked,
                "submit:review_note": _noted,
            },
        )

    def draft(self, asked: Asked) -> Mapping[str, Any] | None:
        """What a modal shows of a waiting opener; why there is none to show, else."""
        one = next((o for o in self.reviewer.waiting() if o.opener == asked.subject), None)
        with self.reviewer.store.reading(self.reviewer.workspace) as unit:
            try:
                actor = self.roles.required(unit, asked.member, CURATOR)
                opener = Openers(unit).get(asked.subject)
                if one is None or opener is None:
                    raise Refused("this opener does not wait for a review any more")
                if not one.for_all and not visible(unit, actor, [opener.item_id]):
                    raise Refused(UNSEEN)
            except Refused as refused:
                return notice(refused)
        return {"text": one.text, "name": one.name, "about": one.about}

    def checked(self, asked: Asked) -> Mapping[str, Any] | None:
        """Whether an edited text may be sent: else its form stays open, and says why not."""
        with self.reviewer.store.reading(self.reviewer.workspace) as unit:
            try:
                self.roles.required(unit, asked.member, CURATOR)
                self.reviewer.check(unit, asked.subject, str(asked.values.get("words") or ""))
            except Refused as refused:
                return {"errors": {"words": sentence(refused)}}
        return None

    def pressed(self, arrival: Arrival, now: datetime) -> Act:
        """A button below an opener that waits."""
        payload = arrival.payload
        return self._decided(arrival, str(payload["action"]), str(payload["opener"]), "", now)

    def written(self, arrival: Arrival, now: datetime) -> Act:
        """The modal in which a reviewer edited an opener, or answered back."""
        payload = arrival.payload
        text = str(payload["values"].get("words") or "")
        return self._decided(arrival, str(payload["callback"]), str(payload["subject"]), text, now)

    def _decided(self, arrival: Arrival, action: str, opener: str, text: str, now: datetime) -> Act:
        """Decide on an opener; the first decision stands."""
        payload, at = arrival.payload, moment(arrival.payload, now)
        decided = DECISIONS[action]

        def act(unit: Unit) -> After | None:
            who = str(payload["member"])
            told = next((o for o in self.reviewer.waiting() if o.opener == opener), None)
            may = False
            try:
                self.roles.required(unit, who, CURATOR)
                may = True
                self.reviewer.decide(unit, opener, decided, by=who, now=at, text=text)
            except Refused as refused:
                self._say(unit, who, f"review:{arrival.key}", sentence(refused), now)
                return self._out_of_date(unit, payload, opener) if may and told is None else None
            if told is not None and decided == "edited":
                told = replace(told, text=text)
            shown = announcement(told) if told is not None else "–"
            return self._redraw(payload, shown, NOTES[decided].format(who=self._name(unit, who)))

        return act

    def _out_of_date(self, unit: Unit, payload: Mapping[str, Any], opener: str) -> After | None:
        """Take the buttons from under a review that was decided elsewhere, or came too late."""
        place = str(payload.get("address") or ""), str(payload.get("message_ref") or "")
        row, review = Answers(unit).anywhere(*place), Reviews(unit).get(opener)
        said = (row.payload.get("content") or {}).get("text") if row is not None else None
        if review is None or not said:
            return None
        note = next((note for decided, note in NOTES.items() if decided == review.state), LATE)
        return self._redraw(payload, said, note.format(who=self._name(unit, review.decided_by)))

    def _name(self, unit: Unit, who: str | None) -> str:
        member = Members(unit).behind(self.channel.name, str(who))
        return member.name if member is not None else str(who)

    def _say(self, unit: Unit, who: str, key: str, text: str, now: datetime) -> None:
        member = Members(unit).behind(self.channel.name, who)
        if member is not None and not (member.is_bot or member.is_guest or member.is_stranger):
            self.conversing.tell(unit, member.id, key, text, now)

    def _redraw(self, payload: Mapping[str, Any], shown: str, note: str) -> After | None:
        address, ref = str(payload.get("address") or ""), str(payload.get("message_ref") or "")
        if not address or not ref:
            return None
        receipt = Receipt(address, ref)

        def after() -> None:
            try:
                self.channel.show_outcome(receipt, {"text": shown}, note, False)
            except ChannelError:
                return  # the row says what happened; only its drawing is missing

        return after


def _noted(asked: Asked) -> Mapping[str, Any] | None:
    """Blanks tell nobody what is wrong."""
    said = str(asked.values.get("words") or "").strip()
    return None if said else {"errors": {"words": "Say what is wrong with it."}}
