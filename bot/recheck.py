"""The policy at the moment of sending: what was allowed when it was queued may not be any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.policy.gate import judge
from bot.policy.rules import ANSWER_RULES, REACH_RULES, WELCOME_RULES
from bot.sight import Sight
from bot.standing import Standings
from bot.store import tables
from bot.store.channels import Channels
from bot.store.consents import Consents
from bot.store.database import Store, Unit
from bot.store.items import Items
from bot.store.members import Members
from bot.store.openers import Openers
from bot.store.outbox import Row
from bot.store.topics import Topics

RULES = {"opener": REACH_RULES, "welcome": WELCOME_RULES, "answer": ANSWER_RULES}


@dataclass(frozen=True)
class Recheck:
    """Judges a row of the outbox once more; needs no recommender."""

    store: Store
    workspace: str
    standings: Standings
    sight: Sight | None = None
    """None where the channel shows nothing of anybody's presence"""

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
            refused = self._item(unit, row, now) if row.kind == "opener" else None
        if refused is not None or self.sight is None or row.kind == "answer":
            return refused
        return judge(RULES[row.kind], self.sight.look(standing, closely=True)).reason or None

    def _item(self, unit: Unit, row: Row, now: datetime) -> str | None:
        opener = Openers(unit).get(row.opener or "")
        item = Items(unit).get(opener.item_id) if opener is not None else None
        member = Members(unit).get(row.member)
        if item is None or member is None or item.withdrawn_at is not None:
            return "item_withdrawn"
        if item.approved_at is None:
            return "not_approved"
        if item.not_before is not None and item.not_before > now:
            return "embargoed"
        if item.expires_at is not None and item.expires_at <= now:
            return "expired"
        if not Topics(unit).choices(member.id).mutes.isdisjoint(item.topics):
            return "muted_topic"
        return None if may_see(unit, item, member) else "not_visible"


def may_tell(unit: Unit, item: tables.Item, member: tables.Member) -> bool:
    """Whether a member may be told what an item says, now, in a conversation about it."""
    stands = item.withdrawn_at is None and item.approved_at is not None
    return stands and may_see(unit, item, member)


def may_see(unit: Unit, item: tables.Item, member: tables.Member) -> bool:
    """Whether an item is meant for a member, who can read where it comes from."""
    if item.addressed_to is not None and item.addressed_to != member.id:
        return False
    if item.audience_kind == "channels":
        return not Channels(unit).readable_by(member).isdisjoint(item.audience_ids)
    if item.audience_kind == "members":
        return member.id in item.audience_ids
    return item.audience_kind == "workspace"
