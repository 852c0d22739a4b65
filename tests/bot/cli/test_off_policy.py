"""`overture eval policy`: a verdict, or why there is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.cli.plot_eval import off_policy
from tests.bot.cli.conftest import NOW, Overture


def test_an_empty_log_gives_no_verdict(stocked: Overture) -> None:
    code, out, err = stocked("eval", "policy", "--threshold", "0.3", "--until", NOW)
    assert (code, err) == (0, "")
    assert out.startswith("Verdict: none.")
    told = json.loads(stocked("eval", "policy", "--model", "prior", "--until", NOW, "--json")[1])
    assert (told["verdict"], told["decisions"]) == ("none", 0)


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_the_picture_is_drawn_for_full_and_for_empty_logs(
    stocked: Overture, tmp_path: Path, ending: str
) -> None:
    file = tmp_path / f"policy.{ending}"
    assert stocked("eval", "policy", "--threshold", "0.5", "--until", NOW, "--plot", file)[0] == 0
    assert file.stat().st_size > 1_000
    one = {"value": 0.1, "low": -0.1, "high": 0.3}
    told = dict.fromkeys(("logged", "snips", "doubly_robust"), one)
    off_policy({**told, "verdict": "better", "effective": 80.0}, tmp_path / f"full.{ending}")
    assert (tmp_path / f"full.{ending}").stat().st_size > file.stat().st_size


def test_a_picture_that_cannot_be_drawn_is_refused_before_the_work(stocked: Overture) -> None:
    code, out, err = stocked("eval", "policy", "--threshold", "0.3", "--plot", "policy.doc")
    assert (code, out) == (1, "")
    assert ".png" in err


def test_nothing_to_ask_and_unknown_models_are_refused(stocked: Overture) -> None:
    code, _, err = stocked("eval", "policy")
    assert (code, "--threshold, --style or --model" in err) == (2, True)
    code, _, err = stocked("eval", "policy", "--model", "m0042")
    assert (code, "m0042" in err) == (1, True)
