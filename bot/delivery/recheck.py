"""The policy at the moment of sending: what was allowed when it was queued may not be any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.policy.facts import Standing
from bot.policy.gate import judge
from bot.policy.rules import ANSWER_RULES, REACH_RULES, WELCOME_RULES
from bot.reading.sight import Sight
from bot.reading.standing import Standings
from bot.reading.visibility import why_not
from bot.store.consents import Consents
from bot.store.database import Store, Unit
from bot.store.decisions import Decisions
from bot.store.items import Items
from bot.store.members import Members
from bot.store.openers import Openers
from bot.store.outbox import Row

RULES = {"opener": REACH_RULES, "welcome": WELCOME_RULES, "answer": ANSWER_RULES}


@dataclass(frozen=True)
class Recheck:
    """Judges a row of the outbox once more; needs no recommender."""

    store: Store
    workspace: str
    standings: Standings
    sight: Sight | None = None
    """None where the channel shows nothing of anybody's presence"""
    sensitive: frozenset[str] = frozenset()
    """topics and kinds that are so beside those marked in the database"""

    def __call__(self, row: Row, now: datetime) -> str | None:
        """None when the row may leave, else the reason why it may not.

        The channel is asked last, and only about somebody whom nothing else protects.
        """
        with self.store.reading(self.workspace) as unit:
            standing = self.standings.read(unit, row.member, now, leaving_out=row.opener)
            verdict = judge(RULES[row.kind], standing)
            if not verdict.allowed:
                return verdict.reason
            if row.kind == "welcome" and Consents(unit).record(row.member):
                return "answered_already"
            refused = self._item(unit, row, standing) if row.kind == "opener" else None
        if refused is not None or self.sight is None or row.kind == "answer":
            return refused
        return judge(RULES[row.kind], self.sight.look(standing, closely=True)).reason or None

    def _item(self, unit: Unit, row: Row, standing: Standing) -> str | None:
        opener = Openers(unit).get(row.opener or "")
        used = Decisions(unit).purposes(opener.decision_id) if opener is not None else frozenset()
        if not used <= standing.purposes:
            return "purpose_withdrawn"
        item = Items(unit).get(opener.item_id) if opener is not None else None
        member = Members(unit).get(row.member)
        return why_not(unit, item, member, standing.now, self.sensitive)
