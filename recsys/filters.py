"""What may not be offered to this member now, one class a reason; `FILTERS` is the order.

The record of a decision names the first filter that refused an item, so those that say most
about an item stand first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys.labels import refused
from recsys.pipeline import Filter
from recsys.promises import addressed
from recsys.types import SAME_STORY, Audience, Flags, Pool, Query, Rows

HOUR = 3600.0
TOLD_RESTS = 20 * HOUR
"""seconds for which a topic rests that was spoken of: a day holds no second word about it"""
DISMISSED_RESTS = 7 * 24 * HOUR
"""the same for one whose opener was dismissed"""
STORY_LASTS = 60 * 24 * HOUR
MOST_OF_ALL = 0.5
"""share of the candidates; a topic that more of them bear rests for nobody"""
SAME = SAME_STORY


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
        asked: Sequence[int] = range(len(pool.audiences))
        of_row: NDArray[Any] = pool.audience[rows]
        if len(pool.audiences) > rows.size:
            found, of_row = np.unique(of_row, return_inverse=True)
            asked = found.tolist()
        may_see = np.array([_may_see(pool.audiences[a], query) for a in asked], dtype=np.bool_)
        seen: Flags = may_see[of_row] & (
            (pool.addressee[rows] < 0) | addressed(pool, query.member.member, rows)
        )
        return seen


def _may_see(audience: Audience, query: Query) -> bool:
    if audience.kind == "workspace":
        return True
    if audience.kind == "channels":
        return bool(audience.ids & query.member.channels)
    if audience.kind == "members":
        return query.member.member in audience.ids
    return False


def _among(rows: NDArray[Any], few: NDArray[Any]) -> Flags:
    """(n,), which of many values are among a few; `numpy.isin` sorts the many."""
    few = np.sort(few)
    place = np.searchsorted(few, rows)
    place[place == few.size] = 0
    return few[place] == rows if few.size else np.zeros(rows.size, dtype=np.bool_)


def _shared(keys: NDArray[np.int64], rows: Rows, told: Rows) -> Flags:
    """(n,), which rows have a key that one of the told ones has; 0 is none."""
    few = keys[told]
    return _among(keys[rows], few[few != 0])


class AlreadySent:
    """The member was told before, of this item or of another one with the same address."""

    name = "already_sent"

    def keeps(self, query: Query, pool: Pool, rows: Rows) -> Flags:
        """True for items that no opener to this member was about, under whatever id.

        What is addressed to them comes though its address is known: a reminder is of something.
        """
        told = query.member.exposures.row
        elsewhere = _shared(pool.address, rows, told[told >= 0]) & ~addressed(
            pool, query.member.member, rows
        )
        return ~(_among(rows, told) | elsewhere)


class AlreadyTookPart:
    """The member wrote in it, reacted to it or went there."""

    name = "already_took_part"

    def keeps(self, query: Query, pool: Pool, rows: Rows) -> Flags:
        """True for items that no signal of this member touches."""
        return ~_among(rows, query.member.signals.row)


class OwnItem:
    """The member is its author."""

    name = "own_item"

    def keeps(self, query: Query, pool: Pool, rows: Rows) -> Flags:
        """True for items by others or by nobody."""
        others: Flags = pool.author[rows] != pool.author_at.get(query.member.member, -2)
        return others


class MutedTopic:
    """The member asked not to hear of one of its topics."""

    name = "muted_topic"

    def keeps(self, query: Query, pool: Pool, rows: Rows) -> Flags:
        """True for items without a muted topic."""
        if not query.member.mutes:
            return np.ones(rows.size, dtype=np.bool_)
        muted = np.array([topic in query.member.mutes for topic in pool.topics], dtype=np.bool_)
        return ~np.asarray(pool.topic[rows][:, muted].any(axis=1), dtype=np.bool_)


class SensitiveTopic:
    """It is about something sensitive that the member did not choose."""

    name = "sensitive_topic"

    def keeps(self, query: Query, pool: Pool, rows: Rows) -> Flags:
        """True for items all of whose sensitive topics the member follows.

        Where only its kind is sensitive, they have to follow one of its topics.
        """
        touchy = np.array([topic in query.sensitive for topic in pool.topics], dtype=np.bool_)
        kinds = [at for at, kind in enumerate(pool.kinds) if kind in query.sensitive]
        if not touchy.any() and not kinds:
            return np.ones(rows.size, dtype=np.bool_)
        follows = np.array([topic in query.member.follows for topic in pool.topics], dtype=np.bool_)
        topics = pool.topic[rows]
        unchosen = topics[:, touchy & ~follows].any(axis=1)
        by_kind = _among(pool.kind[rows], np.array(kinds, dtype=np.int16))
        chosen: Flags = ~unchosen & (~by_kind | topics[:, follows].any(axis=1))
        return chosen


class RestingTopic:
    """One of its topics was spoken of lately, or dismissed lately.

    A topic that most of what could be offered bears rests for nobody: it says nothing about an
    item, and its rest would be silence.
    """

    name = "resting_topic"

    def keeps(self, query: Query, pool: Pool, rows: Rows) -> Flags:
        """True for items none of whose topics rests."""
        told = query.member.exposures
        age = query.now - told.at
        unwelcome = refused(told.outcome)
        lately = (age < TOLD_RESTS) | (unwelcome & (age < DISMISSED_RESTS))
        about = told.row[lately & (told.row >= 0)]
        if not about.size or not rows.size:
            return np.ones(rows.size, dtype=np.bool_)
        topics = pool.topic[rows]
        resting = pool.topic[about].any(axis=0) & (topics.mean(axis=0) <= MOST_OF_ALL)
        return ~np.asarray(topics[:, resting].any(axis=1), dtype=np.bool_)


class SameStory:
    """The member was told nearly the same lately: the same title, or the same in other words."""

    name = "same_story"

    def keeps(self, query: Query, pool: Pool, rows: Rows) -> Flags:
        """True for items whose title or text is not nearly that of another one they were told.

        What is addressed to them is true: a reminder says what they were told.
        """
        told = query.member.exposures
        lately = told.row[(query.now - told.at < STORY_LASTS) & (told.row >= 0)]
        if not lately.size or not rows.size:
            return np.ones(rows.size, dtype=np.bool_)
        alike = pool.vectors[rows] @ pool.vectors[lately].T >= query.same_story
        alike[rows[:, None] == lately[None, :]] = False  # that is what `already_sent` says
        titled = _shared(pool.heading, rows, lately) & ~_among(rows, lately)
        again = np.asarray(alike.any(axis=1), dtype=np.bool_) | titled
        return ~again | addressed(pool, query.member.member, rows)


class Blocked:
    """A rule of the policy rules it out for this member."""

    name = "blocked"

    def keeps(self, query: Query, pool: Pool, rows: Rows) -> Flags:
        """True for items that the query does not block."""
        blocked = [pool.row_of[item] for item in query.blocked if item in pool.row_of]
        return ~_among(rows, np.array(blocked, dtype=np.int32))


FILTERS: tuple[Filter, ...] = (
    NotApproved(),
    Embargoed(),
    Expired(),
    NotVisible(),
    AlreadySent(),
    AlreadyTookPart(),
    OwnItem(),
    MutedTopic(),
    SensitiveTopic(),
    RestingTopic(),
    SameStory(),
    Blocked(),
)
