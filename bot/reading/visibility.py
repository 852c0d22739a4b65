"""Whether a member could see for themselves what an item says, now."""

from __future__ import annotations

from datetime import datetime

from bot.store import tables
from bot.store.channels import Channels
from bot.store.database import Unit
from bot.store.topics import Topics


def why_not(
    unit: Unit,
    item: tables.Item | None,
    member: tables.Member | None,
    now: datetime,
    sensitive: frozenset[str] = frozenset(),
) -> str | None:
    """Why an item may not be brought to a member at `now`; None where it may.

    Args:
        sensitive: topics and kinds that are so beside those marked in the database.
    """
    if item is None or member is None or item.withdrawn_at is not None:
        return "item_withdrawn"
    if item.approved_at is None:
        return "not_approved"
    if item.not_before is not None and item.not_before > now:
        return "embargoed"
    if item.expires_at is not None and item.expires_at <= now:
        return "expired"
    chosen = Topics(unit).choices(member.id)
    if not chosen.mutes.isdisjoint(item.topics):
        return "muted_topic"
    if not _is_chosen(item, sensitive | Topics(unit).sensitive(), chosen.follows):
        return "sensitive_topic"
    return None if may_see(unit, item, member) else "not_visible"


def _is_chosen(item: tables.Item, sensitive: frozenset[str], follows: frozenset[str]) -> bool:
    """What `recsys.filters.SensitiveTopic` says of an item, of one row."""
    touchy = sensitive.intersection(item.topics)
    if touchy:
        return touchy <= follows
    return item.kind not in sensitive or not follows.isdisjoint(item.topics)


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
