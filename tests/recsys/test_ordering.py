"""Slates: what differs within them orders, what does not is left to the probability."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recsys.dataset import Dataset
from recsys.features import FEATURES, column
from recsys.ordering import CHOSEN_BY, choices, fit_slates, ordered
from recsys.slate_line import slate_line

SLATES, SIZE = 900, 6
TELLS, SAME = column("rhythm"), column("messages_14d")


def slates(seed: int = 0, *, told: bool = True) -> Dataset:
    """Each slate has one taker, of the highest `rhythm` more often; `messages_14d` is its own."""
    dice = np.random.default_rng(seed)
    matrix = np.tile(
        np.array([feature.default for feature in FEATURES], np.float32), (SLATES * SIZE, 1)
    )
    matrix[:, TELLS] = dice.normal(size=SLATES * SIZE)
    matrix[:, SAME] = np.repeat(dice.normal(size=SLATES), SIZE)
    taken = np.zeros((SLATES, SIZE), np.float32)
    worth = 2.0 * matrix[:, TELLS].reshape(SLATES, SIZE) * told + dice.gumbel(size=(SLATES, SIZE))
    taken[np.arange(SLATES), worth.argmax(axis=1)] = 1.0
    unknown = np.full(SLATES * SIZE, np.nan, np.float32)
    return Dataset(
        matrix=matrix,
        engaged=taken.ravel(),
        dismissed=unknown,
        opted_out=unknown,
        weight=np.ones(SLATES * SIZE, np.float32),
        at=np.repeat(np.arange(SLATES, dtype=np.float64), SIZE),
        lesson=np.repeat(np.arange(SLATES, dtype=np.int32), SIZE),
        members=tuple(f"U{n % 20}" for n in range(SLATES)),
    )


def test_the_line_weighs_what_differs_within_a_slate_and_nothing_else() -> None:
    weights, _ = slate_line(slates()).columns()
    assert weights[TELLS] > 0.1
    assert np.abs(np.delete(weights, TELLS)).max() < 1e-9


def test_nothing_told_nothing_weighed() -> None:
    weights, _ = slate_line(slates(told=False)).columns()
    assert abs(weights[TELLS]) < 0.05


def test_the_best_way_on_the_later_slates_orders() -> None:
    fitted = fit_slates(slates(), seed=0)
    assert set(fitted.choice) == {"cross_entropy", "conditional_logit", "lambdarank"}
    assert fitted.choice[fitted.objective] == max(fitted.choice.values())
    unseen = slates(seed=1)
    assert ordered(fitted.by_order or fitted.head, unseen) > 0.75
    assert CHOSEN_BY == "ndcg@10"


def test_a_pick_is_believed_as_often_as_it_is_right() -> None:
    fitted, unseen = fit_slates(slates(), seed=0), slates(seed=2)
    picks = [fitted.pick(unseen.matrix[n : n + SIZE]) for n in range(0, len(unseen), SIZE)]
    right = [unseen.engaged[n * SIZE + best] for n, (best, _) in enumerate(picks)]
    assert np.mean([sure for _, sure in picks]) == pytest.approx(np.mean(right), abs=0.1)


def test_the_same_seed_gives_the_same_version() -> None:
    first, again = fit_slates(slates(), seed=0), fit_slates(slates(), seed=0)
    assert first.version == again.version
    assert first.version != fit_slates(slates(seed=1), seed=0).version


def test_without_a_choice_probability_orders() -> None:
    half = slates()
    everything = (half.lesson % 2 == 0).astype(np.float32)
    fitted = fit_slates(replace(half, engaged=everything), seed=0)
    assert (fitted.objective, fitted.by_order) == ("cross_entropy", None)
    assert choices(replace(half, engaged=everything)).lessons == 0
