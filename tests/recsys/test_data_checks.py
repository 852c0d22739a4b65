"""Ordinary weeks pass; each planted fault is named, and keeps a model from serving."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from recsys import dataset
from recsys.data_checks import WEEK, check, psi
from recsys.dataset import Dataset
from recsys.features import FEATURES
from recsys.labels import OUTCOME
from recsys.training import train
from tests.recsys.builders import NOW
from tests.recsys.classroom import pool, taught

NAMES = [feature.name for feature in FEATURES]


def built(seed: int = 0) -> Dataset:
    return dataset.build(taught(seed=seed), pool(), origin=OUTCOME, now=NOW)


def newest(data: Dataset) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.asarray(data.at > data.at[-1] - WEEK)


def changed(data: Dataset, name: str, values: Callable[[int], Any]) -> Dataset:
    """With other values of a feature in the newest week."""
    matrix = data.matrix.copy()
    rows = newest(data)
    matrix[rows, NAMES.index(name)] = values(int(rows.sum()))
    return replace(data, matrix=matrix)


@pytest.mark.parametrize("seed", range(6))
def test_ordinary_weeks_pass(seed: int) -> None:
    assert check(built(seed)) == ()


def test_nothing_has_no_anomaly() -> None:
    assert check(built().between(0, 0)) == ()


def test_values_that_are_no_numbers_are_named() -> None:
    (found,) = check(changed(built(), "freshness_hours", lambda n: np.nan))
    assert (found.check, found.subject) == ("missing", "freshness_hours")


def test_a_feature_that_goes_missing_is_named() -> None:
    default = next(f.default for f in FEATURES if f.name == "freshness_hours")
    (found,) = check(changed(built(), "freshness_hours", lambda n: default))
    assert (found.check, found.subject) == ("missing", "freshness_hours")
    assert "known for 0.0% of the labels in the last week" in str(found)


def test_a_feature_that_becomes_another_one_is_named() -> None:
    dice = np.random.default_rng(0)
    (found,) = check(changed(built(), "local_hour", lambda n: dice.normal(90, 9, n)))
    assert (found.check, found.subject) == ("drift", "local_hour")


def test_what_always_moves_may_move_on() -> None:
    data = built()
    matrix = data.matrix.copy()
    matrix[:, NAMES.index("workspace_rate")] = np.linspace(0.2, 0.3, len(data))
    assert check(replace(data, matrix=matrix)) == ()


def test_labels_that_turn_are_named() -> None:
    data = built()
    engaged = data.engaged.copy()
    engaged[newest(data)] = 1.0
    (found,) = check(replace(data, engaged=engaged))
    assert (found.check, found.subject) == ("labels", "engaged")
    assert found.detail.startswith("100.0% in the last week")


def test_a_week_in_which_little_came_is_named() -> None:
    """The weeks that remain hold what they held; of the newest only one label is left."""
    data = built()
    keep = ~newest(data)
    keep[-1] = True
    rows = np.flatnonzero(keep)
    columns: dict[str, Any] = {
        name: value[rows] if isinstance(value, np.ndarray) else value
        for name, value in vars(data).items()
    }
    few = Dataset(**columns)
    (found,) = check(few)
    assert (found.check, found.subject) == ("volume", "labels")
    assert found.detail.startswith("1 in the last week, usually")


def test_psi_is_zero_for_the_same_and_large_for_another() -> None:
    dice = np.random.default_rng(1)
    same = psi(dice.normal(size=4000), dice.normal(size=4000))
    assert 0 <= same < 0.02
    assert psi(dice.normal(size=4000), dice.normal(2.0, size=4000)) > 1.0
    assert psi(np.zeros(500), np.zeros(500)) == 0.0


def test_an_anomaly_stops_promotion_and_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    well = train(taught(), pool(), seed=7, now=NOW, serving=None)
    assert well.promoted
    assert well.metrics["anomalies"] == []
    plain = dataset.build

    def broken(*given: object, **more: object) -> Dataset:
        return changed(plain(*given, **more), "local_hour", lambda n: 9e6)  # type: ignore[arg-type]

    monkeypatch.setattr(dataset, "build", broken)
    found = train(taught(), pool(), seed=7, now=NOW, serving=None)
    assert not found.promoted
    assert found.reason.startswith("the data look wrong: drift of local_hour")
    assert found.model is not None
