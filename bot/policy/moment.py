"""When a slot opens: the best moment of a member's day, as far as their habits tell.

Only the first part of the working day is considered, as long as the limits say: what is said later
leaves little of the day to act on it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from bot.ids import draw
from bot.policy.facts import Facts
from recsys.rhythm import STEP, rhythm

MIDNIGHT = 24 * 60
TICK_MINUTES = 15
"""how long after a moment the pass may come that acts on it"""
SPREAD_MINUTES = 45
"""of whom nothing is known, a slot opens at a random minute of so many: not all hear at once"""
KNOWN_SPREAD_MINUTES = 15
"""the same for those whose rhythm is known; more would miss it"""


def best_moment(facts: Facts) -> datetime:
    """The moment of this local day at which the slot opens, in the member's zone.

    The quarter of an hour around which they are most about and took up most openers; without any
    history it is the first of the day. A day that crosses midnight opens its slot before it:
    afterwards it is another date, with a slot of its own.
    """
    limits, member = facts.standing.limits, facts.query.member
    midnight = facts.standing.local.replace(hour=0, minute=0, second=0, microsecond=0)
    ends = limits.day_ends if limits.day_starts <= limits.day_ends else MIDNIGHT
    length = min(ends, MIDNIGHT) - limits.day_starts
    quarters = max(1, min(limits.slot_hours * 60, length) // STEP - SPREAD_MINUTES // STEP)
    known = bool(len(member.signals) or len(member.exposures))
    best = 0
    if known:
        worth = rhythm(member)
        places = (limits.day_starts // STEP + np.arange(quarters)) % worth.size
        best = int(np.argmax(worth[places]))
    wanted = KNOWN_SPREAD_MINUTES if known else SPREAD_MINUTES
    # the tick that sees the slot open has to come before the day ends
    spread = max(1, min(wanted, length - best * STEP - TICK_MINUTES))
    minute = int(draw(facts.seed, "moment") * spread)
    return midnight + timedelta(minutes=limits.day_starts + best * STEP + minute)
