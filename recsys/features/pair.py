"""What is between the member and whoever the item comes from."""

from __future__ import annotations

import numpy as np

from recsys.features.tally import DAY, half_life
from recsys.features.view import View
from recsys.types import Floats

EXCHANGE_HALF_LIFE = 28 * DAY
SIBLING_HALF_LIFE = 28 * DAY


def author_exchanges(view: View) -> Floats:
    """How often the member took part in what the item's author began, recent counting more."""
    return _where_known(view, _toward_authors(view))


def author_returns(view: View) -> Floats:
    """How often the item's author took part in what the member began, recent counting more."""
    return _where_known(view, _from_authors(view))


def _where_known(view: View, per_author: Floats) -> Floats:
    author = view.authors
    if not per_author.size:
        return view.constant(0.0)
    return np.asarray(np.where(author >= 0, np.log1p(per_author[author]), 0.0), np.float32)


def _toward_authors(view: View) -> Floats:
    s, pool = view.signals, view.pool
    touched = np.flatnonzero(s.row >= 0)
    author = pool.author[s.row[touched]]
    known = author >= 0
    worth = half_life(view.ages[touched[known]], EXCHANGE_HALF_LIFE)
    return np.bincount(author[known], worth, minlength=len(pool.authors)).astype(np.float32)


def _from_authors(view: View) -> Floats:
    pool, state, own = view.pool, view.tally.state, view.own_author
    mine = view.tally.touches_of_author.of([own])
    who = view.tally.author_of_member[state.touches_member[mine]]
    known = (who >= 0) & (who != own)
    ages = view.now - state.touches_at[mine[known]]
    worth = half_life(ages, EXCHANGE_HALF_LIFE)
    return np.bincount(who[known], worth, minlength=len(pool.authors)).astype(np.float32)


def channel_share(view: View) -> Floats:
    """Share of the member's last four weeks that was spent in the item's channel."""
    s, channel = view.signals, view.pool.channel[view.rows]
    lately = view.ages <= 28 * DAY
    inside = lately & (s.channel >= 0)
    count = np.bincount(s.channel[inside], minlength=len(view.pool.channels) + 1)
    share = count / (float(lately.sum()) + 1.0)
    return np.asarray(np.where(channel >= 0, share[channel], 0.0), np.float32)


def same_team(view: View) -> Floats:
    """1 where the item's author is of the member's team."""
    place = view.pool.author_at
    mate = np.zeros(len(view.pool.authors) + 1, np.float32)  # the last stands for no author
    mate[[place[member] for member in view.member.mates if member in place]] = 1.0
    return mate[view.authors]


def talked_siblings(view: View) -> Floats:
    """How often they took part in items of its topics, halving every four weeks, as log1p."""
    s = view.signals
    touched = s.row >= 0
    return np.log1p(view.per_topic(s.row[touched], view.ages[touched], SIBLING_HALF_LIFE))


def followed_up_siblings(view: View) -> Floats:
    """Openers about its topics that they took up, halving every four weeks."""
    return view.siblings(view.engaged, SIBLING_HALF_LIFE)


def addressed(view: View) -> Floats:
    """1 where the item is addressed to this member."""
    who = view.pool.addressees
    own = who.index(view.member.member) if view.member.member in who else -2
    return np.asarray(view.pool.addressee[view.rows] == own, np.float32)


def names_them(view: View) -> Floats:
    """1 where the item's words name this member."""
    return view.names_them.astype(np.float32)


def names_others(view: View) -> Floats:
    """1 where the item's words name somebody, and not this member."""
    named = view.pool.mention[view.rows] >= 0
    return (named & ~view.names_them).astype(np.float32)


def author_met(view: View) -> Floats:
    """How often the author was where the member was, in items of anybody's, as log1p."""
    state = view.tally.state
    there = view.tally.touches_of_row.of(set(view.signals.row[view.signals.row >= 0].tolist()))
    who = view.tally.author_of_member[state.touches_member[there]]
    kept = (who >= 0) & (who != view.own_author)
    worth = half_life(view.now - state.touches_at[there][kept], EXCHANGE_HALF_LIFE)
    met = np.bincount(who[kept], worth, minlength=len(view.pool.authors))
    return _where_known(view, met.astype(np.float32))
