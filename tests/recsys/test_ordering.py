"""Slates: what differs within them orders, what does not is left to the probability."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recsys import artifacts, fitting, prior
from recsys.calibration import Calibration
from recsys.card import card
from recsys.dataset import Dataset
from recsys.features import FEATURES, column
from recsys.fitting import at_level_of_prior
from recsys.labels import HISTORY
from recsys.model import Head, Model, TrainingResult
from recsys.ordering import CHOSEN_BY, Learned, choices, chosen, learn, ordered
from recsys.prior import Formula, Term
from recsys.ranker import rank
from recsys.slate_line import TAKES, slate_line
from recsys.types import Candidates, Version
from tests.recsys.builders import NOW
from tests.recsys.features.scene import ALL, pool, query

SLATES, SIZE = 700, 6
TELLS, SAME = column("author_met"), column("messages_14d")


def slates(seed: int = 0, *, told: bool = True) -> Dataset:
    """Each has one taker, of the highest `author_met` more often; `messages_14d` is one for all."""
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
    known, _ = TAKES.columns()
    assert np.delete(weights, TELLS) == pytest.approx(np.delete(known, TELLS), abs=1e-9)


def test_nothing_told_nothing_weighed() -> None:
    weights, _ = slate_line(slates(told=False)).columns()
    assert abs(weights[TELLS]) < 0.05


@pytest.fixture(scope="module")
def learned() -> Learned:
    return learn(slates(), seed=0)


def test_a_line_that_made_the_slates_orders_them(learned: Learned) -> None:
    assert set(learned.choice) == {"cross_entropy", "conditional_logit", "lambdarank"}
    assert learned.objective == "conditional_logit"
    assert ordered(learned.model.order, slates(seed=1)).mean() > 0.75
    assert CHOSEN_BY == "ndcg@10"


def test_another_way_orders_only_where_it_is_better_by_more_than_chance() -> None:
    data = slates().between(0, 200)
    tells = Head(Formula(0.0, (Term("author_met", 1.0, 0.0, "what made the slates"),)))
    blind = Head(Formula(0.0, ()))
    assert chosen({"cross_entropy": tells, "conditional_logit": blind}, data)[0] == "cross_entropy"
    assert chosen({"cross_entropy": blind, "conditional_logit": tells}, data)[0] == (
        "conditional_logit"
    )
    assert chosen({"cross_entropy": tells, "conditional_logit": tells}, data)[0] == (
        "conditional_logit"
    )


def test_few_slates_grow_no_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "TREES_FROM", 2_000)
    few = learn(slates().between(0, 60), seed=0)
    assert set(few.choice) == {"cross_entropy", "conditional_logit"}
    assert not few.model.boosters()


def test_the_same_seed_gives_the_same_model() -> None:
    few, others = slates().between(0, 200), slates(seed=1).between(0, 200)
    told = artifacts.fingerprint(learn(few, seed=0).model)
    assert told == artifacts.fingerprint(learn(few, seed=0).model)
    assert told != artifacts.fingerprint(learn(others, seed=0).model)


def test_without_a_choice_probability_orders() -> None:
    half = slates()
    everything = (half.lesson % 2 == 0).astype(np.float32)
    found = learn(replace(half, engaged=everything), seed=0)
    assert (found.objective, found.model.orders) == ("cross_entropy", None)
    assert found.model.order is found.model.engages
    assert choices(replace(half, engaged=everything)).lessons == 0


def shortest_first() -> Model:
    """One that gates by freshness and orders by length, the shortest first."""
    line = Formula(0.0, (Term("length", -1.0, 0.0, "shortest first"),))
    fresh = Formula(-1.0, (Term("freshness_hours", -0.01, 0.0, "the newest is likeliest"),))
    return Model(engages=Head(fresh), orders=Head(line, None, Calibration("platt", (1.0,), (0.0,))))


def test_what_orders_puts_first_and_probability_is_told() -> None:
    candidates = Candidates(ALL, np.zeros(4, np.float32), ("recent",), np.ones((4, 1), np.int32))
    model = shortest_first()
    ranked = rank(model, Version("m0001"), query(), pool(), candidates)
    length = ranked.matrix[:, column("length")]
    assert (np.diff(length) >= 0).all()
    assert ranked.engages == pytest.approx(model.engages.probability(ranked.matrix))
    assert ranked.utility == pytest.approx(
        ranked.engages - 0.5 * ranked.dismisses - 20 * ranked.opts_out, abs=1e-6
    )
    plain = rank(replace(model, orders=None), Version("m0001"), query(), pool(), candidates)
    assert plain.rows.tolist() != ranked.rows.tolist()
    assert (np.diff(plain.utility) <= 0).all()


def test_what_orders_is_kept_with_the_model_and_told_on_its_card(
    learned: Learned, tmp_path: Path
) -> None:
    trees = learned.model.engages.booster
    model = replace(learned.model, orders=Head(slate_line(slates()), trees))
    told = {"ordering": replace(learned, objective="lambdarank").as_json()}
    result = TrainingResult(
        model, "promoted", "better", told, "history-1", HISTORY, 0, "d", (0.0, 1.0), {}, NOW
    )
    artifacts.write(tmp_path, Version("m0001"), result)
    loaded = artifacts.read(tmp_path)
    table = slates(seed=3).matrix
    assert loaded.model.order.logits(table).tobytes() == model.order.logits(table).tobytes()
    assert loaded.manifest.metrics["ordering"]["objective"] == "lambdarank"
    assert "slates are ordered by lambdarank; ndcg@10 of each way: " in card(loaded.manifest)


def test_a_model_of_history_orders_at_the_level_of_the_prior() -> None:
    data = slates()
    model = at_level_of_prior(Model(orders=Head(slate_line(data))), data)
    starts = np.arange(0, len(data), SIZE)
    believed = [
        np.maximum.reduceat(head.probability(data.matrix), starts).mean()
        for head in (Head(prior.ENGAGES), model.order)
    ]
    assert believed[1] == pytest.approx(believed[0], abs=0.01)
