"""A member's day: what speaks for each quarter of an hour of it, in logits of being welcome.

Two things do: that they are about, as far as their messages tell, and what became of openers around
that time, theirs and everybody's. When somebody writes is a guess at when they like to be spoken
to; answers correct it.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from recsys.clocks import minute_of_day
from recsys.features.tally import PRIOR_RATE, smoothed
from recsys.labels import target
from recsys.remembered import remembered
from recsys.types import Exposures, MemberState, WorkspaceState

STEP = 15
"""minutes from one place of a rhythm to the next"""
PLACES = 24 * 60 // STEP
WIDTH = 60.0
"""minutes over which a message, or an answer, says something of the day (standard deviation)"""
ABOUT = 0.5
"""logits that it is worth to be about e times as much as on average"""
BELIEF = 4.0
"""messages' worth of belief that all hours are alike"""
LATEST = 300
"""messages that count, the latest ones"""
SPREAD = 0.7
"""logits by which hours differ to one member, beside what they are to all (standard deviation)"""
SPREAD_OF_ALL = 0.5
"""the same for what hours are to all members of a workspace"""

Places = NDArray[np.float64]


def rhythm(state: MemberState, workspace: WorkspaceState) -> Places:
    """(96,): what speaks for each quarter of an hour of the member's day, from midnight on.

    Both are as of the moment that is asked about.
    """
    of_all, usual = _of_all(workspace.exposures)
    told = state.exposures
    beyond, known = _evidence(told, np.zeros(len(told), np.intp), usual)
    own = (beyond - known * of_all) / (1.0 / SPREAD**2 + known)
    return np.asarray(ABOUT * np.log(_about(state)) + of_all + own)


def _about(state: MemberState) -> Places:
    """(96,) how much they write around each place, beside an even day."""
    places = minute_of_day(state.signals.at[-LATEST:], state.zone) // STEP
    counts = np.bincount(places, minlength=PLACES).astype(np.float64)
    around = _kernel() @ counts / _kernel()[0].sum() + BELIEF / PLACES
    return np.asarray(around / around.mean())


@remembered(4)
def _of_all(exposures: Exposures) -> tuple[Places, float]:
    """(96,) what each place is to all, in logits, and the share of openers that are taken up."""
    came = target(exposures.outcome).astype(np.float64)
    known = np.isfinite(came)
    usual = float(smoothed(came[known].sum(), known.sum(), PRIOR_RATE))
    beyond, told = _evidence(exposures, exposures.member.astype(np.intp), usual)
    return beyond / (1.0 / SPREAD_OF_ALL**2 + told), usual


def _evidence(exposures: Exposures, whose: NDArray[np.intp], usual: float) -> tuple[Places, Places]:
    """(96,) openers taken up around each place beyond what is usual, and how much that tells.

    Usual is how gladly the same member takes up openers at any time, drawn to the share `usual`:
    who is glad of all, and hears of us early, does not make mornings look better than they are.
    """
    came = target(exposures.outcome).astype(np.float64)
    known = np.isfinite(came) & (whose >= 0)
    came, whose = came[known], whose[known]
    members = int(whose.max(initial=-1)) + 1
    hits = np.bincount(whose, came, minlength=members).astype(np.float64)
    rate = smoothed(hits, np.bincount(whose, minlength=members).astype(np.float64), usual)[whose]
    hours = exposures.hour[known].astype(np.intp)
    near = _kernel()[:, (60 * hours + 30) // STEP]
    return near @ (came - rate), near @ (rate * (1.0 - rate))


@cache
def _kernel() -> NDArray[np.float64]:
    """(96, 96): how much what happened at one place says of another, around the clock."""
    apart = np.abs(np.subtract.outer(np.arange(PLACES), np.arange(PLACES)))
    minutes = np.minimum(apart, PLACES - apart) * STEP
    return np.asarray(np.exp(-0.5 * (minutes / WIDTH) ** 2))
