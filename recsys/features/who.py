"""Who the member is, whatever the item."""

from __future__ import annotations

import numpy as np

from recsys.features.tally import DAY, PRIOR_SHOWN, half_life
from recsys.features.view import View
from recsys.surprise import MEMBER_SPREAD, ratings
from recsys.types import Floats, SignalKind

LONGEST_HOURS = 90 * 24.0


def messages_14d(view: View) -> Floats:
    """Messages of the last fortnight, as log1p."""
    kind = view.signals.kind
    said = (kind == int(SignalKind.POSTED)) | (kind == int(SignalKind.REPLIED))
    return view.constant(float(np.log1p((said & (view.ages <= 14 * DAY)).sum())))


def active_days_14d(view: View) -> Floats:
    """Days of the last fortnight on which the member did anything."""
    lately = view.ages[view.ages <= 14 * DAY]
    return view.constant(float(np.unique(np.floor(lately / DAY)).size))


def touches_14d(view: View) -> Floats:
    """How often the member took part in an item in the last fortnight, as log1p."""
    lately = (view.signals.row >= 0) & (view.ages <= 14 * DAY)
    return view.constant(float(np.log1p(lately.sum())))


def hours_since_signal(view: View) -> Floats:
    """Hours since the member last did anything, at most 90 days; nan where they never did."""
    if not len(view.signals):
        return view.constant(np.nan)
    return view.constant(min(float(view.ages[-1]) / 3600.0, LONGEST_HOURS))


def history_length(view: View) -> Floats:
    """All that is known of the member's doings, as log1p of their number."""
    return view.constant(float(np.log1p(len(view.signals))))


def engagement_rate(view: View) -> Floats:
    """Share of openers that this member took up, drawn to the workspace's."""
    hits, shown = float(view.engaged.sum()), float(view.closed.sum())
    return view.constant((hits + PRIOR_SHOWN * view.tally.rate) / (shown + PRIOR_SHOWN))


def leaning(view: View) -> Floats:
    """How much more gladly they take up openers than expected, in logits: whatever the items."""
    theirs = np.zeros(len(view.exposures), np.intp)
    return view.constant(float(ratings(view.exposures, theirs, 1, MEMBER_SPREAD)[0]))


def workspace_rate(view: View) -> Floats:
    """Share of openers that anybody took up, smoothed."""
    return view.constant(view.tally.rate)


def messages_1d(view: View) -> Floats:
    """What they did in the last day, as log1p."""
    return view.constant(float(np.log1p((view.ages <= DAY).sum())))


def momentum(view: View) -> Floats:
    """What they did lately, halving every three days, as log1p."""
    return view.constant(float(np.log1p(half_life(view.ages, 3 * DAY).sum())))


def joins_28d(view: View) -> Floats:
    """Items of others that they took part in within four weeks, as log1p."""
    return view.constant(float(np.log1p(np.unique(view.joined_rows).size)))


def join_share(view: View) -> Floats:
    """Share of what they did in four weeks that was to do with others' items, smoothed."""
    lately = float((view.ages <= 28 * DAY).sum())
    return view.constant((view.joined_rows.size + 1.0) / (lately + 5.0))
