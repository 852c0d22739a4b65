"""What may not be offered to this member now, one class a reason; `FILTERS` is the order.

The record of a decision names the first filter that refused an item, so those that say most
about an item stand first.
"""

from __future__ import annotations

import numpy as np

from recsys.pipeline import Filter
from recsys.types import Audience, Flags, Pool, Query, Rows


class NotApproved:
    """No curator has let it in."""

    name = "not_approved"

    def keeps(self, query: Query, pool: Pool, rows: Rows) -> Flags:
        """True for approved items."""
        return pool.approved[rows]


class Embargoed:
    """It is not out yet; an unknown date counts as not yet."""

    name = "embargoed"

    def keeps(self, query: Query, pool: Pool, rows: Rows) -> Flags:
        """True for what is published, and may be spoken of, by the query's moment."""
        return (pool.published[rows] <= query.now) & (pool.not_before[rows] <= query.now)


class Expired:
    """Its time has passed."""

    name = "expired"

    def keeps(self, query: Query, pool: Pool, rows: Rows) -> Flags:
        """True for what expires later than the query's moment."""
        return pool.expires[rows] > query.now


class NotVisible:
    """The member could not see it themselves; an unknown audience counts as nobody."""

    name = "not_visible"

    def keeps(self, query: Query, pool: Pool, rows: Rows) -> Flags:
        """True for what the member may see, and what is addressed to them or to nobody."""
        may_see = np.array([_may_see(a, query) for a in pool.audiences], dtype=np.bool_)
        to_me = np.array([a == query.member.member for a in pool.addressees], dtype=np.bool_)
        addressee = pool.addressee[rows]
        unaddressed = addressee < 0
        if not to_me.size:
            return may_see[pool.audience[rows]] & unaddressed
        return may_see[pool.audience[rows]] & (unaddressed | to_me[addressee])


def _may_see(audience: Audience, query: Query) -> bool:
    if audience.kind == "workspace":
        return True
    if audience.kind == "channels":
        return bool(audience.ids & query.member.channels)
    if audience.kind == "members":
        return query.member.member in audience.ids
    return False


class AlreadySent:
    """The member was told before."""

    name = "already_sent"

    def keeps(self, query: Query, pool: Pool, rows: Rows) -> Flags:
        """True for items that no opener to this member was about."""
        return ~np.isin(rows, query.member.exposures.row)


class AlreadyTookPart:
    """The member wrote in it, reacted to it or went there."""

    name = "already_took_part"

    def keeps(self, query: Query, pool: Pool, rows: Rows) -> Flags:
        """True for items that no signal of this member touches."""
        return ~np.isin(rows, query.member.signals.row)


class OwnItem:
    """The member is its author."""

    name = "own_item"

    def keeps(self, query: Query, pool: Pool, rows: Rows) -> Flags:
        """True for items by others or by nobody."""
        mine = np.array([a == query.member.member for a in pool.authors], dtype=np.bool_)
        if not mine.any():
            return np.ones(rows.size, dtype=np.bool_)
        author = pool.author[rows]
        return (author < 0) | ~mine[author]


class MutedTopic:
    """The member asked not to hear of one of its topics."""

    name = "muted_topic"

    def keeps(self, query: Query, pool: Pool, rows: Rows) -> Flags:
        """True for items without a muted topic."""
        muted = np.array([topic in query.member.mutes for topic in pool.topics], dtype=np.bool_)
        return ~np.asarray(pool.topic[rows][:, muted].any(axis=1), dtype=np.bool_)


class MutedKind:
    """The member asked for none of its kind."""

    name = "muted_kind"

    def keeps(self, query: Query, pool: Pool, rows: Rows) -> Flags:
        """True for items of kinds that are welcome."""
        muted = [at for at, kind in enumerate(pool.kinds) if kind in query.member.muted_kinds]
        return ~np.isin(pool.kind[rows], muted)


class Blocked:
    """A rule of the policy rules it out for this member."""

    name = "blocked"

    def keeps(self, query: Query, pool: Pool, rows: Rows) -> Flags:
        """True for items that the query does not block."""
        blocked = [pool.row_of[item] for item in query.blocked if item in pool.row_of]
        return ~np.isin(rows, blocked)


FILTERS: tuple[Filter, ...] = (
    NotApproved(),
    Embargoed(),
    Expired(),
    NotVisible(),
    AlreadySent(),
    AlreadyTookPart(),
    OwnItem(),
    MutedTopic(),
    MutedKind(),
    Blocked(),
)
