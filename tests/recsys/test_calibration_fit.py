"""Calibration: from too sure to right, monotone, and through JSON unchanged."""

from __future__ import annotations

import json

import numpy as np
import pytest

from recsys import calibration
from recsys.calibration import IDENTITY, Calibration, sigmoid
from recsys.evaluation.calibration import ece

DICE = np.random.default_rng(4)


def overconfident(n: int) -> tuple[calibration.Values, calibration.Values]:
    """Logits three times too far from zero, and what came."""
    truth = DICE.normal(-0.5, 1.0, n)
    return 3.0 * truth, (DICE.random(n) < sigmoid(truth)).astype(np.float64)


@pytest.mark.parametrize(("n", "method"), [(4_999, "platt"), (5_000, "isotonic")])
def test_mends_an_overconfident_score(n: int, method: str) -> None:
    logits, came = overconfident(n)
    later, later_came = overconfident(4_000)
    curve = calibration.fit(logits, came, np.ones(n))
    assert curve.method == method
    assert ece(later_came, sigmoid(later)) > 0.1
    assert ece(later_came, curve(later)) < 0.05


@pytest.mark.parametrize("n", [30, 5_000])
def test_never_turns_the_order_round(n: int) -> None:
    logits, came = overconfident(n)
    for targets in (came, 1 - came):
        curve = calibration.fit(logits, targets, np.ones(n))
        assert (np.diff(curve(np.linspace(-20, 20, 400))) >= -1e-12).all()


def test_a_few_labels_in_agreement_are_no_certainty() -> None:
    curve = calibration.fit(np.array([1.0, 2.0, 3.0]), np.ones(3), np.ones(3))
    assert curve(np.array([2.0])) < 0.98


def test_platt_finds_the_line_that_made_the_labels() -> None:
    logits = DICE.normal(0, 2, 900)
    graded = sigmoid(0.5 * logits - 1.0)
    curve = calibration.fit_platt(logits, graded, np.full(900, 50.0))
    assert curve.x[0] == pytest.approx(0.5, abs=0.01)
    assert curve.y[0] == pytest.approx(-1.0, abs=0.01)


def test_goes_through_json_unchanged_and_nonsense_is_refused() -> None:
    for n in (50, 2_000):
        logits, came = overconfident(n)
        curve = calibration.fit(logits, came, np.ones(n))
        assert Calibration.from_json(json.loads(json.dumps(curve.as_json()))) == curve
    for bad in (
        {"method": "guess", "x": [1], "y": [0]},
        {"method": "isotonic", "x": [2, 1], "y": [0, 1]},
        {"method": "isotonic", "x": [], "y": []},
    ):
        with pytest.raises(ValueError, match="malformed"):
            Calibration.from_json(bad)


def test_the_identity_is_the_logit_as_it_is() -> None:
    assert IDENTITY(np.array([0.0, 1.0])) == pytest.approx([0.5, 1 / (1 + np.exp(-1))])
