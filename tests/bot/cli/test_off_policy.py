"""`overture eval policy`: a verdict, or why there is none."""

from __future__ import annotations

import json

from tests.bot.cli.conftest import NOW, Overture


def test_an_empty_log_gives_no_verdict(stocked: Overture) -> None:
    code, out, err = stocked("eval", "policy", "--threshold", "0.3", "--until", NOW)
    assert (code, err) == (0, "")
    assert out.startswith("Verdict: none.")
    told = json.loads(stocked("eval", "policy", "--model", "prior", "--until", NOW, "--json")[1])
    assert (told["verdict"], told["decisions"]) == ("none", 0)


def test_nothing_to_ask_and_unknown_models_are_refused(stocked: Overture) -> None:
    code, _, err = stocked("eval", "policy")
    assert (code, "--threshold, --style or --model" in err) == (2, True)
    code, _, err = stocked("eval", "policy", "--model", "m0042")
    assert (code, "m0042" in err) == (1, True)
