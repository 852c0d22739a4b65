"""Interests: several, fading, and moved both ways by what became of openers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from recsys.interests import HALF_LIFE, MAX_INTERESTS, interests, recent_context
from recsys.types import Floats, MemberState, OutcomeKind, Pool, Topic
from tests.recsys.builders import (
    DAY,
    NOW,
    WIDTH,
    axis,
    exposures,
    item,
    member,
    signals,
    topical_items,
    topical_vectors,
    unit,
    world,
)

SAID = [(NOW - 6 * DAY, -1, axis(0)), (NOW - 5 * DAY, -1, axis(1)), (NOW - 5 * DAY, -1, axis(1))]


def pool_of(*vectors: Floats) -> Pool:
    return world([item(str(n)) for n in range(len(vectors))], np.stack(vectors))[0]


def pull(state: MemberState, pool: Pool, towards: Floats) -> float:
    """How strongly the interests point at a vector."""
    vectors, weights = interests(state, pool, NOW)
    return float((np.maximum(vectors @ towards, 0) * weights).max(initial=0.0))


def test_two_subjects_are_two_interests_and_not_their_mean() -> None:
    vectors, weights = interests(member(signals=signals(SAID)), pool_of(axis(3)), NOW)
    np.testing.assert_allclose(vectors, [axis(1), axis(0)], atol=1e-6)
    assert weights[0] > weights[1]
    assert weights.sum() == pytest.approx(1)


def test_what_is_alike_is_one_interest() -> None:
    near = unit(axis(0) + 0.3 * axis(1))
    said = [(NOW - DAY, -1, axis(0)), (NOW - DAY, -1, near)]
    vectors, _ = interests(member(signals=signals(said)), pool_of(axis(3)), NOW)
    assert len(vectors) == 1
    assert vectors[0] @ axis(0) > 0.95


def test_interests_fade_by_half_in_fourteen_days() -> None:
    said = [(NOW - HALF_LIFE, -1, axis(0)), (NOW - 0.001, -1, axis(1))]
    _, weights = interests(member(signals=signals(said)), pool_of(axis(3)), NOW)
    assert weights[0] / weights[1] == pytest.approx(2, rel=1e-3)


@pytest.mark.parametrize("row", [0, 1])
def test_a_welcome_opener_pulls_and_a_dismissed_one_pushes(row: int) -> None:
    pool = pool_of(axis(0), unit(axis(0) + axis(4)))
    shown = pool.vectors[row]
    strength = {}
    for outcome in (OutcomeKind.OPEN, OutcomeKind.REPLIED, OutcomeKind.DISMISSED):
        at = np.inf if outcome is OutcomeKind.OPEN else NOW - DAY
        told = exposures([(NOW - 2 * DAY, row, outcome, at)])
        strength[outcome] = pull(member(signals=signals(SAID), exposures=told), pool, shown)
    assert strength[OutcomeKind.REPLIED] > strength[OutcomeKind.OPEN] + 0.05
    assert strength[OutcomeKind.DISMISSED] < strength[OutcomeKind.OPEN] - 0.05


def test_a_dismissal_turns_the_interest_away_from_its_item() -> None:
    pool = pool_of(unit(axis(1) + axis(4)))
    plain = interests(member(signals=signals(SAID)), pool, NOW)[0][0]
    told = exposures([(NOW - 2 * DAY, 0, OutcomeKind.DISMISSED, NOW - DAY)])
    vectors, _ = interests(member(signals=signals(SAID), exposures=told), pool, NOW)
    turned = vectors[np.argmax(vectors @ axis(1))]
    assert plain @ axis(4) == pytest.approx(0, abs=1e-6)
    assert turned @ axis(4) < -0.05


def test_a_dismissal_leaves_other_interests_where_they_were() -> None:
    pool = pool_of(axis(0))
    told = exposures([(NOW - 2 * DAY, 0, OutcomeKind.DISMISSED, NOW - DAY)])
    vectors, weights = interests(member(signals=signals(SAID), exposures=told), pool, NOW)
    np.testing.assert_allclose(vectors[0], axis(1), atol=1e-6)
    assert weights[0] > 0.9


def test_silence_pushes_less_than_a_no() -> None:
    pool = pool_of(axis(0))
    strength = []
    for outcome in (OutcomeKind.IGNORED, OutcomeKind.DISMISSED):
        told = exposures([(NOW - 2 * DAY, 0, outcome, NOW - DAY)])
        strength.append(pull(member(signals=signals(SAID), exposures=told), pool, axis(0)))
    assert strength[0] > strength[1]


def test_a_signal_without_words_speaks_of_its_item() -> None:
    state = member(signals=signals([(NOW - DAY, 1, None)], kind=2))
    vectors, _ = interests(state, pool_of(axis(0), axis(5)), NOW)
    np.testing.assert_allclose(vectors, [axis(5)], atol=1e-6)


def test_a_new_member_is_where_their_topics_are() -> None:
    pool, _ = world(topical_items(), topical_vectors())
    vectors, weights = interests(member(follows=frozenset({Topic("running")})), pool, NOW)
    assert len(vectors) == 1
    assert vectors[0] @ axis(1) > 0.9
    assert weights.tolist() == [1.0]


def test_followed_topics_know_nothing_of_items_to_come() -> None:
    items = [
        item("old", topics=(Topic("t"),)),
        item("to come", topics=(Topic("t"),), published=NOW + 1),
    ]
    pool, _ = world(items, np.stack([axis(0), axis(1)]))
    vectors, _ = interests(member(follows=frozenset({Topic("t")})), pool, NOW)
    np.testing.assert_allclose(vectors, [axis(0)], atol=1e-6)


def test_of_a_stranger_nothing_is_known() -> None:
    vectors, weights = interests(member(follows=frozenset({Topic("gone")})), pool_of(axis(0)), NOW)
    assert vectors.shape == (0, WIDTH)
    assert weights.size == 0


def test_recent_context_is_the_last_two_days_alone() -> None:
    said = [(NOW - 3 * DAY, -1, axis(0)), (NOW - DAY, -1, axis(1)), (NOW, -1, axis(2))]
    context = recent_context(member(signals=signals(said)), pool_of(axis(3)), NOW)
    np.testing.assert_allclose(context, axis(1), atol=1e-6)
    assert not recent_context(member(), pool_of(axis(3)), NOW).any()


events = some.lists(
    some.tuples(some.floats(0, 60 * DAY), some.integers(-1, 3), some.integers(0, 10**6)),
    max_size=12,
)
fates = some.lists(
    some.tuples(some.floats(0, 60 * DAY), some.integers(0, 3), some.sampled_from(OutcomeKind)),
    max_size=6,
)


@given(events, fates)
def test_whatever_happened_interests_are_unit_vectors_that_share_one(
    did: list[tuple[float, int, int]], became: list[tuple[float, int, OutcomeKind]]
) -> None:
    rng = np.random.default_rng
    said = [(NOW - age, row, unit(rng(seed).normal(size=WIDTH))) for age, row, seed in did]
    told = [(NOW - age - 1, row, kind, NOW - age) for age, row, kind in became]
    state = member(
        signals=signals(sorted(said, key=lambda event: event[0])),
        exposures=exposures(sorted(told)),
    )
    pool = pool_of(*(axis(n) for n in range(4)))
    vectors, weights = interests(state, pool, NOW)
    assert vectors.shape == (len(weights), WIDTH)
    assert len(weights) <= MAX_INTERESTS
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    assert (weights > 0).all()
    assert (np.diff(weights) <= 0).all()
    assert weights.sum() == pytest.approx(1 if len(weights) else 0, abs=1e-4)
