"""What a member does with their shelf: ask about an item, or turn it down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.conversation.agreeing import Agreeing
from bot.conversation.conversing import AFTER_ANSWER, GONE, Conversing
from bot.conversation.handlers import Handlers
from bot.conversation.reply import told, whole
from bot.deciding.briefing import Briefing
from bot.ids import digest
from bot.inbox import Act, After, moment
from bot.policy.purposes import OPENERS
from bot.ports import Arrival
from bot.reading.visibility import why_not
from bot.store import tables
from bot.store.consents import Consents
from bot.store.database import Unit
from bot.store.items import Items, stored
from bot.store.openers import SHELVED, Openers
from bot.store.outcomes import Outcomes
from bot.store.shelf import Shelf
from bot.store.signals import Happened, Signals
from recsys.types import OutcomeKind


@dataclass(frozen=True)
class Shelving:
    """Handles presses on the shelf of the home tab."""

    briefing: Briefing
    conversing: Conversing
    agreeing: Agreeing

    def handlers(self) -> Handlers:
        return Handlers(presses={"shelf_open": self.press, "shelf_no": self.press})

    def press(self, arrival: Arrival, now: datetime) -> Act:
        """A tap opens the conversation as if it had been said; once, however often it comes."""
        payload = arrival.payload
        at, item_id = moment(payload, now), str(payload.get("value", ""))

        def act(unit: Unit) -> After | None:
            member = self.agreeing.speaker(unit, payload)
            entry = Shelf(unit).get(member.id, item_id) if member is not None else None
            if member is None:
                return None
            if entry is not None and entry.opened_at is None and entry.dismissed_at is None:
                if str(payload["action"]) == "shelf_no":
                    entry.dismissed_at = at
                elif OPENERS in Consents(unit).granted(member.id):
                    entry.opened_at = at
                    self._open(unit, member, entry, at, now)
                unit.session.flush()
            return self.conversing.redraw_home(str(payload["member"]), member.id, now)

        return act

    def _open(
        self,
        unit: Unit,
        member: tables.Member,
        entry: tables.Shelved,
        at: datetime,
        now: datetime,
    ) -> None:
        item = Items(unit).get(entry.item_id)
        key = f"shelf:{member.id}:{entry.item_id}"
        if item is None or why_not(unit, item, member, now) is not None:
            self.conversing.tell(unit, member.id, key, GONE, now)
            return
        about = self.briefing.about(stored(item))
        opener = tables.Opener(
            id="op_" + digest(unit.workspace, key),
            workspace_id=unit.workspace,
            decision_id=entry.decision_id,
            member_id=member.id,
            item_id=entry.item_id,
            state=SHELVED,
            text=told(about),
            why=entry.why,
            style="",
            prompt="item",
            language_model="template",
            created_at=at,
        )
        Openers(unit).add(opener)
        unit.session.flush()
        Outcomes(unit).record(opener, OutcomeKind.FOLLOWED_UP, at)
        Signals(unit).save([Happened(key, member.id, OPENERS, "visited", at, entry.item_id)])
        self.conversing.say(unit, member.id, key, whole(about, opener.id, AFTER_ANSWER), now)
