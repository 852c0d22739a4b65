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

JITTER_MINUTES = 10
"""so long at most an opener waits that is ready: those of one pass do not leave in one second"""


def best_moment(facts: Facts) -> datetime:
    """The moment of this local day at which the slot opens, in the member's zone.

    The quarter of an hour around which they are most about and openers were most welcome, in the
    first hours of their day; without any history it is the first of the day. A day that crosses
    midnight opens its slot before it: afterwards it is another date, with a slot of its own.
    """
    limits = facts.standing.limits
    length = _ends(facts) - limits.day_starts
    quarters = max(1, min(limits.slot_hours * 60, length) // STEP - SPREAD_MINUTES // STEP)
    best = _best_quarter(facts, limits.day_starts // STEP, quarters)
    wanted = SPREAD_MINUTES if best is None else KNOWN_SPREAD_MINUTES
    # the tick that sees the slot open has to come before the day ends
    spread = max(1, min(wanted, length - (best or 0) * STEP - TICK_MINUTES))
    minute = int(draw(facts.seed, "moment") * spread)
    return _midnight(facts) + timedelta(minutes=limits.day_starts + (best or 0) * STEP + minute)


def best_left(facts: Facts) -> datetime:
    """The same, or where that moment has passed, the best that is left of the day.

    They came later, or something stood in the way until now. Of whom nothing is known, that is now.
    """
    first, local = best_moment(facts), facts.standing.local
    if local - first < timedelta(minutes=TICK_MINUTES):
        return first
    begins = (local.hour * 60 + local.minute) // STEP
    quarters = (_ends(facts) - TICK_MINUTES) // STEP - begins
    best = _best_quarter(facts, begins, quarters) if quarters > 0 else None
    if not best:
        return local
    minute = int(draw(facts.seed, "moment") * KNOWN_SPREAD_MINUTES)
    return _midnight(facts) + timedelta(minutes=(begins + best) * STEP + minute)


def at_once(facts: Facts) -> timedelta:
    """No waiting at all, where a person asked for it."""
    return timedelta(0)


def jitter(facts: Facts) -> timedelta:
    """How long an opener that is ready waits, drawn for its slot; never past the working day."""
    local, limits = facts.standing.local, facts.standing.limits
    minute = local.hour * 60 + local.minute
    is_night_shift = limits.day_starts > limits.day_ends and minute < limits.day_ends
    room = (limits.day_ends if is_night_shift else _ends(facts)) - minute - 1
    seconds = 60 * max(0, min(JITTER_MINUTES, room)) * draw(facts.seed, "jitter")
    return timedelta(seconds=int(seconds))


def _midnight(facts: Facts) -> datetime:
    return facts.standing.local.replace(hour=0, minute=0, second=0, microsecond=0)


def _ends(facts: Facts) -> int:
    """Minutes after midnight at which this date's working day ends."""
    limits = facts.standing.limits
    ends = limits.day_ends if limits.day_starts <= limits.day_ends else MIDNIGHT
    return min(ends, MIDNIGHT)


def _best_quarter(facts: Facts, begins: int, quarters: int) -> int | None:
    """Which of so many quarters of an hour is the best; None of whom nothing is known."""
    query = facts.query
    if not (len(query.member.signals) or len(query.member.exposures)):
        return None
    worth = rhythm(query.member, query.workspace)
    places = (begins + np.arange(quarters)) % worth.size
    return int(np.argmax(worth[places]))
