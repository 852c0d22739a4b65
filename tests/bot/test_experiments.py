"""Who is in which arm: by shares, for good, and in the control where theirs was stopped."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from bot.experiments import Experiment, assign, drawn
from bot.ports import BadInput
from bot.settings import Settings, load

MEMBERS = [f"U{n}" for n in range(4_000)]


def experiment(varies: str = "threshold", **arms: Any) -> Experiment:
    """Half of the members in the control, a quarter in each of two arms."""
    plain: dict[str, Any] = {
        "control": {"share": 0.5},
        "low": {"share": 0.25, "value": 0.2},
        "high": {"share": 0.25, "value": 0.8},
    }
    return Experiment.model_validate({"varies": varies, "arms": arms or plain})


def test_members_fall_into_arms_by_their_shares_and_stay() -> None:
    first = [drawn("bars", experiment(), "W1", member) for member in MEMBERS]
    assert first == [drawn("bars", experiment(), "W1", member) for member in MEMBERS]
    shares = {arm: first.count(arm) / len(first) for arm in set(first)}
    # three standard errors of a share of a quarter
    assert shares == pytest.approx({"control": 0.5, "low": 0.25, "high": 0.25}, abs=0.021)


def test_arms_of_two_experiments_have_nothing_to_do_with_each_other() -> None:
    one = [drawn("bars", experiment(), "W1", member) for member in MEMBERS]
    other = [drawn("others", experiment(), "W1", member) for member in MEMBERS]
    both = sum(a == b == "low" for a, b in zip(one, other, strict=True)) / len(MEMBERS)
    assert both == pytest.approx(1 / 16, abs=0.012)


def test_members_of_a_stopped_arm_are_the_controls_and_nobody_else_moves() -> None:
    before = {m: assign("bars", experiment(), "W1", m, ()) for m in MEMBERS}
    after = {m: assign("bars", experiment(), "W1", m, ("low",)) for m in MEMBERS}
    for member in MEMBERS:
        moved = before[member].arm == "low"
        assert after[member].arm == ("control" if moved else before[member].arm)
    assert {one.arm: one.share for one in after.values()} == {"control": 0.75, "high": 0.25}
    assert {one.running for one in after.values()} == {((0.75, None), (0.25, 0.8))}


def test_logged_shares_are_exact() -> None:
    for stopped in ((), ("low",), ("low", "high")):
        one = assign("bars", experiment(), "W1", "U1", stopped)
        assert sum(share for share, _ in one.running) == pytest.approx(1.0)
        assert (one.share, one.value) in one.running


@pytest.mark.parametrize(
    ("arms", "complaint"),
    [
        ({"control": {"share": 1.0}}, "two arms or more"),
        ({"a": {"share": 0.5}, "b": {"share": 0.4, "value": 0.3}}, "sum to 1, not to 0.9"),
        ({"a": {"share": 0.5}, "b": {"share": 0.5}}, "exactly one arm, the control"),
        ({"a": {"share": 0.5, "value": 0.1}, "b": {"share": 0.5, "value": 0.2}}, "exactly one"),
        ({"a": {"share": 0.5}, "b": {"share": 0.5, "value": 1.5}}, "1.5 is no threshold"),
        ({"a": {"share": 0.5}, "b": {"share": 0.5, "value": "low"}}, "'low' is no threshold"),
        ({"A!": {"share": 0.5}, "b": {"share": 0.5, "value": 0.5}}, "small letters"),
    ],
)
def test_arms_that_make_no_experiment_are_refused(arms: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        experiment(**arms)


def test_two_experiments_on_one_thing_are_refused() -> None:
    with pytest.raises(ValidationError, match="only one experiment at a time should vary the thr"):
        Settings(experiments={"one": experiment(), "two": experiment()})


def test_a_variable_can_hold_them_and_is_named_when_it_is_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = experiment().model_dump_json()
    monkeypatch.setenv("OVERTURE_EXPERIMENTS", f'{{"bars": {whole}}}')
    assert load().experiments["bars"] == experiment()
    monkeypatch.setenv("OVERTURE_EXPERIMENTS", '{"bars": {"varies": "mood", "arms": {}}}')
    with pytest.raises(BadInput, match=r"setting experiments\.bars\.varies"):
        load()
