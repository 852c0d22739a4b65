"""What the item is about, beside what this member cares for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recsys.features.tally import DAY, half_life, smoothed
from recsys.features.view import View
from recsys.remembered import remembered
from recsys.topics import shares
from recsys.types import Floats, Moments, Pool

AFFINITY_HALF_LIFE = 14 * DAY
SAID_HALF_LIFE = 60 * DAY
LEANING_BELIEF = 5.0
"""Items of others worth of belief that a member joins what everybody joins."""
SAID_LONGEST = 360 * DAY
WORDS_OF = 60
"""items, those met last, whose words are those of a member"""


def interest_similarity(view: View) -> Floats:
    """Likeness to the nearest of the member's interests."""
    if not view.cosines.shape[1]:
        return view.constant(0.0)
    return np.asarray(view.cosines.max(axis=1), np.float32)


def interest_breadth(view: View) -> Floats:
    """Likeness to all interests, each by its weight: how much of the member an item speaks to."""
    if not view.cosines.shape[1]:
        return view.constant(0.0)
    toward = np.vecdot(np.maximum(view.cosines, 0.0), view.interests[1][None, :])
    return np.asarray(toward, np.float32)


def profile_similarity(view: View) -> Floats:
    """Likeness to where all that the member did points, less the less is known of them."""
    return view.likeness(view.profile[None, :])[:, 0]


def recent_similarity(view: View) -> Floats:
    """Likeness to what the member was about in the last two days."""
    return view.likeness(view.context[None, :])[:, 0]


def last_similarity(view: View) -> Floats:
    """Likeness to the last thing the member said."""
    said = np.flatnonzero(view.spoken)
    if not said.size:
        return view.constant(0.0)
    return view.likeness(view.signals.vectors[said[-1:]])[:, 0]


def said_similarity(view: View) -> Floats:
    """Likeness to all that they said, by their own words, halving every sixty days."""
    said = view.spoken & (view.ages <= SAID_LONGEST)
    return _to_mean(view, view.signals.vectors[said], view.ages[said])


def joined_similarity(view: View) -> Floats:
    """Likeness to what others began and they took part in, halving every sixty days."""
    near = view.by_others & (view.ages <= SAID_LONGEST)
    return _to_mean(view, view.pool.vectors[view.signals.row[near]], view.ages[near])


def joined_leaning(view: View) -> Floats:
    """Likeness to what they joined beyond what all join: both less the usual, few drawn to none."""
    usual = view.tally.usual
    rows = view.signals.row[view.by_others]
    apart = (view.pool.vectors[rows] - usual).sum(axis=0) / (rows.size + LEANING_BELIEF)
    toward = view.likeness(np.asarray(apart, np.float32)[None, :])[:, 0]
    return np.asarray(toward - np.float32(usual @ apart), np.float32)


def _to_mean(view: View, vectors: Floats, ages: Moments) -> Floats:
    if not len(vectors):
        return view.constant(0.0)
    mean = half_life(ages, SAID_HALF_LIFE) @ vectors
    length = float(np.linalg.norm(mean))
    return view.likeness(np.asarray(mean / max(length, 1e-9), np.float32)[None, :])[:, 0]


def keyword_match(view: View) -> Floats:
    """Rare words it shares with what they took part in lately: cosine of both, by TF-IDF."""
    told = view.engaged & (view.exposures.row >= 0)
    touched = view.signals.row >= 0
    rows = np.concatenate([view.exposures.row[told], view.signals.row[touched]])
    if not rows.size:
        return view.constant(0.0)
    ages = np.concatenate([view.exposure_ages[told], view.ages[touched]])
    last, rare = np.argsort(ages, kind="stable")[:WORDS_OF], view.tally.rarity
    past = view.pool.terms[rows[last]]
    weights = _unit(rare[past]) * half_life(ages[last], SAID_HALF_LIFE)[:, None]
    mine = np.bincount(past.ravel(), weights.ravel(), minlength=rare.size).astype(np.float32)
    length = float(np.linalg.norm(mine))
    own = np.take(view.pool.terms, view.rows, axis=0)
    return np.asarray(np.vecdot(_unit(rare[own]), mine[own]) / max(length, 1e-9), np.float32)


def _unit(weights: Floats) -> Floats:
    length = np.sqrt(np.vecdot(weights, weights))[:, None]
    return np.asarray(weights / np.maximum(length, np.float32(1e-9)), np.float32)


def length(view: View) -> Floats:
    """How many words it says, as log1p."""
    return np.log1p(view.pool.words[view.rows]).astype(np.float32)


def topic_affinity(view: View) -> Floats:
    """Share of what the member took part in that has the item's topics, recent counting more."""
    s, e = view.signals, view.exposures
    told = view.engaged & (e.row >= 0)
    rows = np.concatenate([s.row[s.row >= 0], e.row[told]])
    ages = np.concatenate([view.ages[s.row >= 0], view.exposure_ages[told]])
    weights = half_life(ages, AFFINITY_HALF_LIFE).astype(np.float64)
    per_topic = weights @ view.pool.topic[rows].astype(np.float64)
    return view.mean_over_topics(per_topic / (weights.sum() + 1.0), 0.0)


def topic_lift(view: View) -> Floats:
    """How much more than evenly the member talks about the item's topics: log of the ratio."""
    told, even = shares(view.signals, view.pool, view.now)
    of_item = view.mean_over_topics(told, even)
    return np.asarray(np.log(of_item / even), np.float32)


def substance(view: View) -> Floats:
    """0..1, whether the item says enough to stand alone: 25 words do, one word does not."""
    said = np.log1p(view.pool.words[view.rows]) / np.log1p(25.0)
    return np.asarray(np.minimum(said, 1.0), np.float32)


def asks(view: View) -> Floats:
    """1 where the item asks something."""
    return view.pool.asks[view.rows].astype(np.float32)


def follows_topic(view: View) -> Floats:
    """1 where the member chose to follow one of the item's topics."""
    follows = np.array([topic in view.member.follows for topic in view.pool.topics], np.float64)
    return (view.mean_over_topics(follows, 0.0) > 0).astype(np.float32)


def kind_affinity(view: View) -> Floats:
    """How gladly this member takes up openers of the item's kind, smoothed."""
    return _rate_of(view, view.pool.kind, view.tally.kind_rate)


def source_affinity(view: View) -> Floats:
    """How gladly this member takes up openers from the item's source, smoothed."""
    return _rate_of(view, view.pool.source, view.tally.source_rate)


def _rate_of(view: View, group: NDArray[np.int16], prior: NDArray[np.float64]) -> Floats:
    e = view.exposures
    known = view.closed & (e.row >= 0)
    of = group[e.row[known]].astype(np.intp)
    hits = np.bincount(of[view.engaged[known]], minlength=len(prior)).astype(np.float64)
    shown = np.bincount(of, minlength=len(prior)).astype(np.float64)
    rate = smoothed(hits, shown, prior)
    return rate[group[view.rows].astype(np.intp)].astype(np.float32)


def level_gap(view: View) -> Floats:
    """The item's level less the highest the member took part in; nan where either is unknown."""
    reached = view.pool.level[view.took_part]
    reached = reached[np.isfinite(reached)]
    own = float(reached.max()) if reached.size else np.nan
    return (view.pool.level[view.rows] - own).astype(np.float32)


def groundwork_done(view: View) -> Floats:
    """Share of what the item builds on that the member took part in; 1 where it needs nothing."""
    needs = prerequisites(view.pool)
    if not needs.needed.size:
        return view.constant(1.0)
    known = np.zeros(len(view.pool), np.bool_)
    known[view.took_part] = True
    met = np.bincount(needs.item, known[needs.needed], minlength=len(view.pool))[view.rows]
    count = needs.count[view.rows]
    return np.where(count > 0, met / np.maximum(count, 1), 1.0).astype(np.float32)


@dataclass(frozen=True)
class Prerequisites:
    """A pool's `builds_on` as pairs of rows, with how many each item has."""

    item: NDArray[np.intp]
    needed: NDArray[np.intp]
    count: NDArray[np.intp]


@remembered(1)
def prerequisites(pool: Pool) -> Prerequisites:
    """The pairs of a pool, built once; the last pool's are kept."""
    pairs = [(row, need) for row, needs in enumerate(pool.builds_on) for need in needs]
    item = np.array([row for row, _ in pairs], np.intp)
    needed = np.array([need for _, need in pairs], np.intp)
    return Prerequisites(item, needed, np.bincount(item, minlength=len(pool)))
