"""A member's day: how much they are about around each quarter of an hour of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recsys.clocks import minute_of_day
from recsys.state import engaged
from recsys.types import MemberState

STEP = 15
"""minutes from one place of a rhythm to the next"""
PLACES = 24 * 60 // STEP
WIDTH = 60.0
"""minutes over which a message says that somebody is about (standard deviation)"""
WELCOME = 2.0
"""what an opener that was taken up says of its hour, in messages"""
BELIEF = 4.0
"""messages' worth of belief that all hours are alike"""
LATEST = 300
"""messages that count, the latest ones"""


def rhythm(state: MemberState) -> NDArray[np.float64]:
    """(96,): what speaks for each quarter of an hour of the member's day, from midnight on.

    Their messages, and the openers that they took up, smoothed around the clock.
    """
    taken = state.exposures.at[engaged(state.exposures)]
    at = np.concatenate([state.signals.at[-LATEST:], taken])
    worth = np.ones(at.size)
    worth[at.size - taken.size :] = WELCOME
    places = minute_of_day(at, state.zone) // STEP
    counts = np.bincount(places, worth, minlength=PLACES)
    around = np.convolve(np.tile(counts, 3), _kernel(), mode="same")[PLACES : 2 * PLACES]
    return np.asarray(around + BELIEF / PLACES)


def _kernel() -> NDArray[np.float64]:
    apart = np.arange(-PLACES // 2 + 1, PLACES // 2) * STEP
    shape = np.exp(-0.5 * (apart / WIDTH) ** 2)
    return np.asarray(shape / shape.sum())
