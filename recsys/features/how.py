"""How the item is received: by those who were told, and by those who came by themselves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recsys.features.tally import smoothed
from recsys.features.view import View
from recsys.types import Floats


def popularity(view: View) -> Floats:
    """Share of openers about it that were taken up, drawn to its topics' and the workspace's."""
    tally = view.tally
    prior = view.mean_over_topics(tally.topic_rate, tally.rate).astype(np.float64)
    rate = smoothed(tally.taken[view.rows], tally.shown[view.rows], prior)
    return rate.astype(np.float32)


def appeal(view: View) -> Floats:
    """How much more gladly it was taken up than expected, in logits: whoever was told."""
    return view.tally.appeal[view.rows].astype(np.float32)


def kind_rate(view: View) -> Floats:
    """Share of openers of its kind that were taken up by anybody, smoothed."""
    return view.tally.kind_rate[view.pool.kind[view.rows].astype(np.intp)].astype(np.float32)


def source_rate(view: View) -> Floats:
    """Share of openers from its source that were taken up by anybody, smoothed."""
    return view.tally.source_rate[view.pool.source[view.rows].astype(np.intp)].astype(np.float32)


def interest_lately(view: View) -> Floats:
    """How often members touched it in the last week, as log1p."""
    return np.log1p(view.tally.interest_lately[view.rows]).astype(np.float32)


def shown_today(view: View) -> Floats:
    """How many openers were about it in the last day, as log1p."""
    return np.log1p(view.tally.shown_today[view.rows]).astype(np.float32)


def author_draw(view: View) -> Floats:
    """How many others an item of this author usually draws, as log1p; nan where none is known."""
    return _per_author(view, view.tally.draw)


def author_begun(view: View) -> Floats:
    """How much this author has begun before, as log1p; nan where none is known."""
    return _per_author(view, view.tally.begun)


def _per_author(view: View, values: NDArray[np.float64]) -> Floats:
    author = view.authors
    if not values.size:
        return view.constant(np.nan)
    return np.where(author >= 0, np.log1p(values[author]), np.nan).astype(np.float32)
