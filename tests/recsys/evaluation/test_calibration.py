"""Calibration metrics on cases that are known."""

from __future__ import annotations

import numpy as np
import pytest

from recsys.evaluation.calibration import brier, ece, log_losses, reliability


def test_half_right_at_one_half_is_calibrated() -> None:
    said, came = np.full(10, 0.5), np.array([0.0, 1.0] * 5)
    assert ece(came, said) == 0.0
    assert brier(came, said) == pytest.approx(0.25)
    assert log_losses(came, said) == pytest.approx(np.log(2))


def test_sure_and_always_wrong_is_as_far_off_as_can_be() -> None:
    said, came = np.ones(4), np.zeros(4)
    assert ece(came, said) == 1.0
    assert brier(came, said) == 1.0
    assert np.isfinite(log_losses(came, said)).all()


def test_distances_are_weighed_by_their_bins() -> None:
    said = np.array([0.15, 0.15, 0.15, 0.95])
    came = np.array([0.0, 0.0, 1.0, 1.0])
    assert ece(came, said) == pytest.approx(0.75 * (1 / 3 - 0.15) + 0.25 * 0.05)
    assert ece(came, said, np.array([1.0, 1.0, 1.0, 0.0])) == pytest.approx(1 / 3 - 0.15)


def test_bins_tell_what_was_said_and_what_came() -> None:
    low, high = reliability(np.array([0.0, 1.0, 1.0]), np.array([0.12, 0.18, 1.0]))
    assert (low.low, low.high, low.weight) == (0.1, 0.2, 2.0)
    assert low.said == pytest.approx(0.15)
    assert low.came == 0.5
    assert (high.high, high.said, high.came) == (1.0, 1.0, 1.0)
