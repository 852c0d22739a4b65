"""kill -9 of the sending process at any moment: nothing doubles, nothing is lost."""

from __future__ import annotations

from pathlib import Path

from tests.chaos.figures import ROUNDS, Figures
from tests.chaos.killing import ROWS, killed_at_random
from tests.chaos.scene import staged

CONTROLS = 60
"""random kills of a control"""


def test_killed_at_random_moments(tmp_path: Path, database_url: str, figures: Figures) -> None:
    with staged(tmp_path, database_url, ROWS * ROUNDS + 1) as scene:
        tally = figures.note("kill -9 at random moments", killed_at_random(scene, ROUNDS))
    assert tally.faults == ROUNDS
    assert tally.harmless
    assert (tally.once, tally.unresolved, tally.kept_back) == (ROWS * ROUNDS + 1, 0, 0)


def test_at_random_moments_it_doubles_without_reconciliation(
    tmp_path: Path, sqlite_url: str, figures: Figures
) -> None:
    without = "reconciliation"
    with staged(tmp_path, sqlite_url, ROWS * CONTROLS + 1) as scene:
        tally = figures.control(without, killed_at_random(scene, CONTROLS, without))
    assert tally.doubled > 0
