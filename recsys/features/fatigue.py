"""Fatigue: how much we have asked of this member lately, and how it went."""

from __future__ import annotations

import numpy as np

from recsys.features.tally import DAY, half_life
from recsys.features.view import View
from recsys.types import Floats

LONGEST_DAYS = 60.0
PRESSURE_HALF_LIFE = 3 * DAY
PRESSURE_REFUSED, PRESSURE_SILENT, PRESSURE_WELCOME = 1.0, 0.6, 0.2
"""What one opener adds: an open one counts as silent, for it is still being asked."""
SIBLING_HALF_LIFE = 14 * DAY


def days_since_opener(view: View) -> Floats:
    """Days since we last spoke first, at most 60; nan where we never did."""
    if not len(view.exposures):
        return view.constant(np.nan)
    return view.constant(min(float(view.exposure_ages[-1]) / DAY, LONGEST_DAYS))


def openers_7d(view: View) -> Floats:
    """Openers of the last week."""
    return view.constant(float((view.exposure_ages <= 7 * DAY).sum()))


def dismissals_14d(view: View) -> Floats:
    """Openers of the last fortnight that the member refused."""
    return view.constant(float((view.refused & (view.exposure_ages <= 14 * DAY)).sum()))


def unanswered_streak(view: View) -> Floats:
    """Openers in a row that nothing good came of, up to the last whose fate is known."""
    known = view.engaged[view.closed]
    good = np.flatnonzero(known)
    return view.constant(float(known.size - (good[-1] + 1 if good.size else 0)))


def pressure(view: View) -> Floats:
    """Openers so far, each worth by how it went, halving every three days."""
    worth = np.where(view.refused, PRESSURE_REFUSED, PRESSURE_SILENT)
    worth = np.where(view.engaged, PRESSURE_WELCOME, worth)
    decay = half_life(view.exposure_ages, PRESSURE_HALF_LIFE)
    return view.constant(float((worth * decay).sum()))


def refused_siblings(view: View) -> Floats:
    """Refusals of openers about the item's topics, halving every fortnight."""
    return view.siblings(view.refused, SIBLING_HALF_LIFE)


def siblings_told(view: View) -> Floats:
    """Openers about the item's topics, halving every fortnight: the same again wears thin."""
    return view.siblings(np.ones(len(view.exposures), np.bool_), SIBLING_HALF_LIFE)
