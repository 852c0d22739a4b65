"""Training learns what was planted, and says why where it may not serve."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recsys import dataset, fitting
from recsys.evaluation.calibration import log_losses
from recsys.features import matrix
from recsys.labels import HISTORY, Lesson
from recsys.model import LoadedModel, TrainingResult
from recsys.ranker import PriorScorer
from recsys.registry import Registry
from recsys.training import MIN_LESSONS, train
from tests.recsys.builders import DAY, NOW
from tests.recsys.classroom import lessons_gladly, pool, taught


def trained(
    lessons: list[Lesson], serving: LoadedModel | None = None, *, seed: int = 7
) -> TrainingResult:
    return train(lessons, pool(), seed=seed, now=NOW, serving=serving)


@pytest.fixture(scope="module")
def learned() -> TrainingResult:
    return trained(taught())


@pytest.fixture(scope="module")
def serving(learned: TrainingResult, tmp_path_factory: pytest.TempPathFactory) -> LoadedModel:
    registry = Registry(tmp_path_factory.mktemp("models"))
    return registry.load(registry.register(learned))


def test_learns_a_planted_preference_better_than_the_prior(learned: TrainingResult) -> None:
    assert learned.promoted, learned.reason
    assert learned.metrics["gain"]["low"] > 0
    assert learned.metrics["candidate"]["auc_pooled"] > 0.75
    assert (
        learned.metrics["candidate"]["auc_pooled"] > learned.metrics["serving"]["auc_pooled"] + 0.1
    )
    assert learned.metrics["candidate"]["ece"] < 0.15


def test_nothing_planted_nothing_ordered() -> None:
    """Negative control: where taste is a coin, the same training finds no order."""
    coin = trained(taught(lambda kind, share: 0.3))
    assert abs(coin.metrics["candidate"]["auc_pooled"] - 0.5) < 0.12


def test_a_refit_of_the_same_recipe_serves_unless_it_is_worse(serving: LoadedModel) -> None:
    again = trained(taught(seed=1, members=15), serving)
    assert again.promoted
    assert "a refit that is not worse" in again.reason
    assert serving.version in again.reason


def test_a_worse_refit_is_refused_with_its_reason(serving: LoadedModel) -> None:
    """The labels that it learns from are upside down; those that judge it are not."""
    lessons = taught()
    early = int(0.6 * len(lessons))
    upside_down = [replace(lesson, engaged=1 - lesson.engaged) for lesson in lessons[:early]]
    refused = trained([*upside_down, *lessons[early:]], serving)
    assert not refused.promoted
    assert "a worse refit" in refused.reason
    assert refused.metrics["gain"]["high"] < 0


def test_a_changed_recipe_must_be_better(serving: LoadedModel) -> None:
    other = replace(serving, manifest=replace(serving.manifest, recipe="outcome-older"))
    same = trained(taught(members=15), other)
    assert not same.promoted
    assert "not shown to be better" in same.reason


def test_too_few_lessons_are_refused_and_the_prior_serves_on() -> None:
    few = trained(taught(members=2, openers=20))
    assert (few.model, few.promoted) == (None, False)
    assert few.reason == f"too few lessons: 40, at least {MIN_LESSONS} are needed"


def test_too_few_taken_up_are_refused() -> None:
    sour = trained(taught(lambda kind, share: 0.005, members=8))
    assert sour.model is None
    assert "too few were taken up" in sour.reason


def test_an_unbroken_run_at_the_end_cannot_judge() -> None:
    ended = trained(taught(lambda kind, share: 0.5 if share < 0.6 else 0.0))
    assert ended.model is None
    assert "none was taken up" in ended.reason


def test_same_seed_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    written = []
    lessons = taught(members=10)
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        registry = Registry(tmp_path / name)
        version = registry.register(trained(lessons, seed=seed))
        folder = tmp_path / name / version
        written.append({path.name: path.read_bytes() for path in sorted(folder.iterdir())})
    assert written[0] == written[1]
    assert written[0]["model.txt"] != written[2]["model.txt"]


def test_origins_are_never_mixed_silently() -> None:
    lessons = taught(members=4)
    mixed = [*lessons, replace(lessons[0], origin=HISTORY)]
    with pytest.raises(ValueError, match="'history' among those of 'outcome'"):
        trained(mixed)
    with pytest.raises(ValueError, match="unknown origin 'guess'"):
        train(lessons, pool(), seed=0, now=NOW, serving=None, origin="guess")


def test_lessons_after_now_teach_nothing() -> None:
    lessons = taught(members=10)
    cut = train(lessons, pool(), seed=7, now=NOW - 20 * DAY, serving=None)
    before = [lesson for lesson in lessons if lesson.at < NOW - 20 * DAY]
    assert cut.counts["lessons_outcome"] == len(before) < len(lessons)
    assert cut.window[1] < NOW - 20 * DAY


def test_history_orders_and_keeps_the_level_of_the_prior() -> None:
    """Joins are rare; a model of them must not read as if openers were as rarely taken up."""
    dice = np.random.default_rng(0)
    weak = []
    for lesson in taught():
        rows = dice.choice(60, 8, replace=False).astype(np.int32)
        joined = (dice.random(8) < np.where(rows % 2 == 0, 0.12, 0.01)).astype(np.float32)
        unknown = np.full(8, np.nan, np.float32)
        weak.append(
            replace(
                lesson,
                rows=rows,
                engaged=joined,
                dismissed=unknown,
                opted_out=unknown,
                weight=np.ones(8, np.float32),
                origin=HISTORY,
            )
        )
    found = train(weak, pool(), seed=7, now=NOW, serving=None, origin=HISTORY)
    assert found.promoted, found.reason
    assert found.metrics["serving"]["log_loss"] < 0.3  # the prior was calibrated to joins first
    assert found.counts["lessons_history"] == len(weak)
    assert found.model is not None
    assert found.model.uncertainty == 0.25
    query = weak[-1].query
    everything = matrix(query, pool(), np.arange(60, dtype=np.int32))
    best = found.model.engages.probability(everything).max()
    prior_best = PriorScorer(pool()).model.engages.probability(everything).max()
    assert 0.5 * prior_best < best < 2.5 * prior_best


def test_few_labels_grow_no_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    lessons = taught()
    for least, grown in ((len(lessons), False), (0, True)):
        monkeypatch.setattr(fitting, "TREES_FROM", least)
        model = trained(lessons).model
        assert model is not None
        assert (model.engages.booster is not None) is grown


def test_what_serves_has_learned_from_the_newest_lessons() -> None:
    """The taste turns when the judging lessons begin: only a fit to all of them knows of it."""

    def turning(kind: str, share: float) -> float:
        return lessons_gladly(
            {"lesson": "news", "news": "lesson"}[kind] if share > 0.75 else kind, share
        )

    lessons = taught(turning)
    found = trained(lessons)
    assert found.model is not None
    judged = found.metrics["candidate"]["log_loss"]
    last = dataset.build(lessons[int(len(lessons) * 0.75) :], pool(), origin="outcome", now=NOW)
    said = found.model.engages.probability(last.matrix).astype(np.float64)
    assert log_losses(last.engaged.astype(np.float64), said).mean() < judged - 0.05


def test_the_serving_model_is_not_judged_on_what_it_has_learned(serving: LoadedModel) -> None:
    lessons = taught()
    known = replace(serving, manifest=replace(serving.manifest, window=(0.0, lessons[-31].at)))
    result = train(lessons, pool(), seed=8, now=NOW, serving=known)
    assert result.metrics["judged_lessons"] == 30
