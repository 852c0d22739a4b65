"""What the bench makes of what its processes measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.benching.pipeline_bench import _together
from bot.benching.worker import Plan
from bot.cli.plot_bench import ratio_by_size


def test_a_step_takes_as_long_as_the_slowest_of_those_who_took_it() -> None:
    assert _together([(1.0, 5.0, 1.0), (2.0, 1.0, 1.0)]) == 8.0


def test_measured_members_are_spread_over_all() -> None:
    numbers = Plan(Path(), 1_000, 10_000, 5, 0).numbers()
    assert numbers == [0, 2499, 4999, 7499, 9999]


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_the_picture_is_drawn(tmp_path: Path, ending: str) -> None:
    told = [
        {"items": items, "ratio": 0.9, "pipeline_members_per_s": 100.0} for items in (100, 1_000)
    ]
    file = tmp_path / f"bench.{ending}"
    ratio_by_size(told, file)
    assert file.stat().st_size > 1_000
