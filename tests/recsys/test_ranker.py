"""Scores, their order, and what adds up to them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recsys import prior
from recsys.calibration import Calibration
from recsys.dataset import Dataset
from recsys.features import FEATURES, column
from recsys.fitting import fit_model
from recsys.model import Head, LoadedModel, Model
from recsys.ranker import OPT_OUT, SCORED, PriorScorer, rank, scorer_for, utility
from recsys.registry import Registry
from recsys.training import train
from recsys.types import Candidates, Floats, Pool, Query, Version
from tests.recsys.builders import NOW, TOPICS, query, signals, topical_items, topical_vectors, world
from tests.recsys.builders import member as somebody
from tests.recsys.classroom import pool as classroom_pool
from tests.recsys.classroom import taught


def candidates(rows: int) -> Candidates:
    of = np.arange(rows, dtype=np.int32)
    return Candidates(of, np.zeros(rows, np.float32), ("dense",), np.ones((rows, 1), np.int32))


def python_lover() -> tuple[Query, Pool]:
    pool, _ = world(topical_items(), topical_vectors())
    said = [(NOW - day * 86_400.0, -1, pool.vectors[0]) for day in (3, 2, 1)]
    return query(somebody(signals=signals(said))), pool


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> LoadedModel:
    registry = Registry(tmp_path_factory.mktemp("models"))
    result = train(taught(), classroom_pool(), seed=7, now=NOW, serving=None)
    return registry.load(registry.register(result))


def neutral() -> Floats:
    """One row in which every feature that the prior reads says nothing."""
    row = np.array([[feature.default for feature in FEATURES]], np.float32)
    for term in prior.ENGAGES.terms + prior.DISMISSES.terms:
        row[0, column(term.feature)] = term.centre
    return row


def test_the_prior_prefers_what_the_member_writes_about() -> None:
    asked, pool = python_lover()
    ranked = PriorScorer(pool).score(asked, candidates(30))
    first = {int(pool.topic[row].argmax()) for row in ranked.rows[:8]}
    assert first == {pool.topics.index(TOPICS[0])}
    assert (ranked.version, ranked.uncertainty) == ("prior", prior.UNCERTAINTY)


def test_the_prior_at_its_centres_is_its_intercept() -> None:
    row = neutral()
    assert prior.ENGAGES.logits(row) == pytest.approx([prior.ENGAGES.intercept])
    assert Model().engages.probability(row) == pytest.approx([1 / (1 + np.exp(1.8))], abs=0.001)
    row[0, column("interest_similarity")] = 0.55
    assert prior.ENGAGES.logits(row) == pytest.approx([-1.8 + 2.5 * 0.2])


def test_the_order_is_that_of_utility_and_probabilities_are_probabilities() -> None:
    asked, pool = python_lover()
    ranked = PriorScorer(pool).score(asked, candidates(30))
    assert (np.diff(ranked.utility) <= 0).all()
    for p in (ranked.engages, ranked.dismisses, ranked.opts_out):
        assert ((p > 0) & (p < 1)).all()
    assert ranked.utility == pytest.approx(
        ranked.engages - 0.5 * ranked.dismisses - 20 * ranked.opts_out, abs=1e-6
    )
    assert sorted(ranked.rows.tolist()) == list(range(30))


def test_a_lost_member_costs_more_than_many_missed_openers() -> None:
    one = np.ones(1, np.float32)
    assert utility(one, 0 * one, 0 * one) == 1.0
    assert utility(0 * one, one, 0 * one) == -0.5
    assert utility(one, 0 * one, one / OPT_OUT) == pytest.approx(0.0)


def test_beyond_the_fifty_nothing_overtakes() -> None:
    pool, _ = world(topical_items(120), topical_vectors(120))
    said = [(NOW - 86_400.0, -1, pool.vectors[0])]
    ranked = PriorScorer(pool).score(query(somebody(signals=signals(said))), candidates(120))
    assert ranked.engages[SCORED:].max() <= ranked.engages[:SCORED].min()
    assert np.unique(ranked.dismisses[SCORED:]).size == 1
    assert ranked.dismisses[SCORED] == ranked.dismisses[:SCORED].max()


def test_fatigue_raises_the_chance_of_losing_them() -> None:
    rows = np.repeat(neutral(), 4, axis=0)
    rows[:, column("pressure")] = (0, 1, 2, 9)
    assert Model().opts_out(rows).tolist() == pytest.approx(prior.OPT_OUT_RATES)
    left = np.array([0, 0, 0, 1], np.float32)
    told = prior.opt_out_rates(np.repeat(rows, 100, axis=0), np.repeat(left, 100))
    assert told[3] == pytest.approx((100 + 200 * 0.03) / 300)
    assert told[0] == pytest.approx((0 + 200 * 0.002) / 300)
    unknown = prior.opt_out_rates(rows, np.full(4, np.nan, np.float32))
    assert unknown == pytest.approx(prior.OPT_OUT_RATES)


def test_contributions_add_up_to_the_logit(loaded: LoadedModel) -> None:
    asked = taught(members=1)[-1].query
    scorer = scorer_for(loaded, classroom_pool())
    ranked = scorer.score(asked, candidates(60))
    parts = scorer.contributions(ranked.matrix)
    assert parts.shape == (60, len(FEATURES))
    left = loaded.model.engages.logits(ranked.matrix) - parts.sum(axis=1)
    assert left == pytest.approx(np.full(60, left[0]), abs=1e-6)
    assert ranked.version == loaded.version


def test_a_young_model_starts_from_the_prior_so_that_nothing_jumps() -> None:
    """Labels that the prior foresaw leave its logits where they were; others move them."""
    table = np.random.default_rng(0).random((600, len(FEATURES))).astype(np.float32)
    foreseen = Model().engages.probability(table)
    for labels, moved in ((foreseen, False), (1 - foreseen, True)):
        data = lesson_each(table, labels)
        model = fit_model(data.between(0, 400), data.between(400, 600), seed=1)
        away = np.abs(model.engages.logits(table) - prior.ENGAGES.logits(table)).mean()
        assert (away > 0.3) == moved, away


def lesson_each(table: Floats, labels: Floats) -> Dataset:
    n = len(table)
    nothing = np.zeros(n, np.float32)
    at, of = np.arange(n, dtype=np.float64), np.arange(n, dtype=np.int32)
    return Dataset(table, labels, nothing, nothing, np.ones_like(nothing), at, of, ("U",) * n)


def test_what_calibration_ties_the_logits_still_order() -> None:
    asked, pool = python_lover()
    flat = Calibration("isotonic", (-9.0, 9.0), (0.3, 0.3))
    model = replace(
        Model(), engages=Head(prior.ENGAGES, None, flat), dismisses=Head(prior.ENGAGES, None, flat)
    )
    ranked = rank(model, Version("flat"), asked, pool, candidates(30))
    assert np.unique(ranked.utility).size == 1
    assert (np.diff(prior.ENGAGES.logits(ranked.matrix)) <= 0).all()


def test_no_candidates_are_no_trouble(loaded: LoadedModel) -> None:
    asked, pool = python_lover()
    for serving in (None, loaded):
        ranked = scorer_for(serving, pool).score(asked, candidates(0))
        assert len(ranked) == 0
        assert scorer_for(serving, pool).contributions(ranked.matrix).shape == (0, len(FEATURES))


def test_scored_twice_is_scored_the_same(loaded: LoadedModel, tmp_path: Path) -> None:
    asked = taught(members=1)[-1].query
    one, two = (scorer_for(loaded, classroom_pool()).score(asked, candidates(60)) for _ in "ab")
    for name in ("rows", "engages", "dismisses", "opts_out", "utility", "matrix"):
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes()
