"""When a slot opens: the best moment of a member's day, as far as their habits tell.

Only the first part of the working day is considered: what is said later leaves little of the day
to act on it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from bot.ids import draw
from bot.policy.facts import Facts
from recsys.clocks import local_hour

MIDNIGHT = 24 * 60
TICK_MINUTES = 15
"""how long after a moment the pass may come that acts on it"""
FIRST_HOURS = 4
"""hours after the day begins in which a slot may open"""
SMOOTHING = 3.0
"""messages' worth of belief that all hours are alike"""
SPREAD_MINUTES = 45
"""a slot opens at a random minute of so many, so that not everybody hears at once"""


def best_moment(facts: Facts) -> datetime:
    """The moment of this local day at which the slot opens, in the member's zone.

    The hour is the one with most of the member's own activity, that hour and the next counted
    together; without any history it is the first of the day. A day that crosses midnight opens
    its slot before it: afterwards it is another date, with a slot of its own.
    """
    limits = facts.standing.limits
    midnight = facts.standing.local.replace(hour=0, minute=0, second=0, microsecond=0)
    ends = limits.day_ends if limits.day_starts <= limits.day_ends else MIDNIGHT
    length = min(ends, MIDNIGHT) - limits.day_starts
    hours = max(1, min(FIRST_HOURS, length // 60))
    first = limits.day_starts // 60
    signals = facts.query.member.signals
    counts = np.bincount(
        local_hour(signals.at, facts.query.member.zone).astype(np.intp), minlength=24
    )
    share = (counts + SMOOTHING / 24) / (counts.sum() + SMOOTHING)
    worth = [share[(first + h) % 24] + share[(first + h + 1) % 24] for h in range(hours)]
    hour = int(np.argmax(worth))
    # the tick that sees the slot open has to come before the day ends
    spread = max(1, min(SPREAD_MINUTES, length - hour * 60 - TICK_MINUTES))
    minute = int(draw(facts.seed, "moment") * spread)
    return midnight + timedelta(minutes=limits.day_starts + hour * 60 + minute)
