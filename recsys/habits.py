"""How simulated members are and how their days go: everything a die decides before they are asked.

Each die has its own key, (seed, what it is for, …), so that nothing anybody does moves another.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

HOLIDAY_DAYS = 7


class Dice(IntEnum):
    """What a die is for: the first part of its key after the seed."""

    MEMBER = 1
    ITEM = 2
    DAY = 3
    MESSAGES = 4
    DRIFT = 5
    AXES = 6


def die(seed: int, what: Dice, *key: int) -> np.random.Generator:
    """The die of this key: the same one whenever it is asked for."""
    return np.random.default_rng([seed, what, *key])


@dataclass(frozen=True, eq=False, slots=True)
class Habits:
    """What a member is like, for good."""

    base: float
    """how readily they engage, a logit"""
    peaks: Array
    """(2,) local hours at which they are most receptive"""
    likes: Array
    """how much they like each style, (number of styles,)"""
    messages: float
    """how many they post on a working day, on average"""

    def receptive(self, hour: float) -> float:
        """0..1, highest at a peak."""
        return float(np.exp(-((hour - self.peaks) ** 2) / 2).max())


@dataclass(frozen=True, slots=True)
class Mood:
    """What a member is like on one day; the last five are dice, 0..1."""

    closed: bool
    focus: bool
    leaves: bool
    """a holiday starts"""
    noise: float
    engages: float
    replies: float
    dismisses: float
    opts_out: float
    minutes: float


def habits(seed: int, number: int, styles: int, base: float) -> Habits:
    """Draw the habits of one member; `base` is the mean of how readily members engage."""
    dice = die(seed, Dice.MEMBER, number)
    return Habits(
        base=float(dice.normal(base, 1.4)),
        peaks=np.array([dice.uniform(9, 11.5), dice.uniform(13.5, 17)]),
        messages=float(dice.gamma(1.5, 2.0)),  # shape 1.5, mean 3
        likes=dice.normal(size=styles),
    )


def mood(seed: int, day: date, number: int) -> Mood:
    """Draw one day of one member."""
    dice = die(seed, Dice.DAY, day.toordinal(), number)
    closed, focus, leaves, engages, replies, dismisses, opts_out, minutes = map(
        float, dice.random(8)
    )
    is_closed = closed < 0.3
    return Mood(
        closed=is_closed,
        focus=focus < (0.7 if is_closed else 0.05),
        leaves=leaves < 0.003,
        noise=float(dice.normal(0, 0.3)),
        engages=engages,
        replies=replies,
        dismisses=dismisses,
        opts_out=opts_out,
        minutes=minutes,
    )


def messages(
    seed: int, day: date, number: int, of: Habits, interests: Array
) -> list[tuple[float, int]]:
    """The local hours and topics of what a member says on a working day.

    A topic comes from the interests in 70 % of messages, else from all alike; an hour lies
    around a peak in 70 %, else anywhere from 7 to 20.
    """
    dice = die(seed, Dice.MESSAGES, day.toordinal(), number)
    said = []
    for _ in range(int(dice.poisson(of.messages))):
        about = interests if dice.random() < 0.7 else np.full(interests.size, 1 / interests.size)
        topic = int(dice.choice(interests.size, p=about))
        at_peak = dice.random() < 0.7
        hour = dice.normal(dice.choice(of.peaks), 1.0) if at_peak else dice.uniform(7, 20)
        said.append((float(hour), topic))
    return said


def drifted(seed: int, day: date, number: int, interests: Array) -> Array:
    """Interests after `day`: the largest swaps with a random one."""
    other = int(die(seed, Dice.DRIFT, day.toordinal(), number).integers(interests.size))
    changed = interests.copy()
    largest = int(interests.argmax())
    changed[[largest, other]] = interests[[other, largest]]
    return changed


def drifts(seed: int, day: date, number: int, chance: float) -> bool:
    """Whether a member's interests change at the start of `day`."""
    return bool(die(seed, Dice.DRIFT, day.toordinal(), number, 1).random() < chance)


def axes(topics: int, width: int, seed: int) -> Array:
    """(topics, width) orthonormal directions, one for each topic. Raises ValueError if too few."""
    if width < topics:
        raise ValueError(f"{topics} orthonormal topics do not fit in {width} dimensions")
    square = die(seed, Dice.AXES).normal(size=(width, topics))
    return np.ascontiguousarray(np.linalg.qr(square)[0].T)
