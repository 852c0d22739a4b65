"""Arms at work: what they change, how it is logged, and that a decision of theirs is replayed."""

from __future__ import annotations

import logging
from functools import cache
from typing import Any

import pytest

from bot.deciding.arms import Arms
from bot.deciding.replaying import SAME
from bot.deciding.variants import Variants
from bot.experiments import Experiment, drawn
from bot.learning.off_policy import Target
from bot.ports import BadInput
from bot.store import tables
from recsys.evaluation.off_policy import estimate, weights
from recsys.training import TrainingResult, train
from tests.bot.deciding.test_replaying import replay
from tests.bot.learning.test_off_policy import CLOSED, close, logged
from tests.bot.scene import NOW, WORKSPACE, Scene, policy
from tests.recsys.builders import NOW as THEN
from tests.recsys.classroom import pool, taught

ARMED = "bo"
"""the one member whose arm changes something"""
OTHERS = [member for member in CLOSED if member != ARMED]


def experiment(varies: str, value: Any) -> Experiment:
    halves = {"as_is": {"share": 0.5}, "new": {"share": 0.5, "value": value}}
    return Experiment.model_validate({"varies": varies, "arms": halves})


def arms(scene: Scene, varies: str, value: Any, *stopped: str) -> Arms:
    """An experiment whose name happens to put ARMED, and nobody else, into the new arm."""
    whole = experiment(varies, value)
    for name in (f"try-{number}" for number in range(500)):
        places = {member: drawn(name, whole, WORKSPACE, member) for member in CLOSED}
        if [member for member in CLOSED if places[member] == "new"] == [ARMED]:
            return Arms({name: whole}, {name: stopped}, Variants(scene.registry))
    raise AssertionError("none of five hundred names draws as wanted")


def decide(scene: Scene, made: Arms | None) -> dict[str, tables.Decision]:
    return {m: scene.outreach(arms=made).attempt(m, NOW).decision for m in CLOSED}


def arm_of(decision: tables.Decision) -> dict[str, Any]:
    (one,) = (decision.inputs or {})["arms"].values()
    return dict(one)


@cache
def trained() -> TrainingResult:
    return train(taught(), pool(), seed=0, now=THEN, serving=None)


def registered(scene: Scene) -> str:
    """A model that does not serve."""
    return scene.registry.register(trained())


def test_a_threshold_of_an_arm_lets_its_member_alone_be_told(populated: Scene) -> None:
    populated.policy = policy(threshold=0.99)
    made = decide(populated, arms(populated, "threshold", 0.05))
    assert {m: one.verdict for m, one in made.items()} == {
        ARMED: "speak", **dict.fromkeys(OTHERS, "silent")
    }  # fmt: skip
    assert (arm_of(made[ARMED])["arm"], arm_of(made["ana"])["arm"]) == ("new", "as_is")
    assert arm_of(made["ana"])["running"] == [[0.5, 0.99], [0.5, 0.05]]
    assert (made[ARMED].arm, made[ARMED].p_speak) == ("normal", 1.0)


def test_without_the_experiment_nobody_is_told(populated: Scene) -> None:
    """The control of the test above."""
    populated.policy = policy(threshold=0.99)
    made = decide(populated, None)
    assert {one.verdict for one in made.values()} == {"silent"}
    assert (made[ARMED].inputs or {})["arms"] == {}


def test_a_stopped_arm_changes_nothing_and_is_logged_as_the_control(populated: Scene) -> None:
    populated.policy = policy(threshold=0.99)
    made = decide(populated, arms(populated, "threshold", 0.05, "new"))
    assert made[ARMED].verdict == "silent"
    assert (arm_of(made[ARMED])["arm"], arm_of(made[ARMED])["share"]) == ("as_is", 1.0)


def test_a_style_of_an_arm_is_spoken_in_for_certain(populated: Scene) -> None:
    made = decide(populated, arms(populated, "style", "check_in"))
    assert (made[ARMED].style, made[ARMED].p_style) == ("check_in", 1.0)
    assert all((made[member].p_style or 1.0) < 1.0 for member in OTHERS)


def test_a_model_of_an_arm_decides_for_its_member_alone(populated: Scene) -> None:
    version = registered(populated)
    made = decide(populated, arms(populated, "model", version))
    assert {m: one.model_version for m, one in made.items()} == {
        ARMED: version, **dict.fromkeys(OTHERS, "prior")
    }  # fmt: skip
    assert made[ARMED].engages != pytest.approx(made["ana"].engages)


def test_an_arm_whose_model_cannot_serve_is_as_if_stopped(
    populated: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "overture.arms"):
        made = decide(populated, arms(populated, "model", "m0099"))
    assert {one.model_version for one in made.values()} == {"prior"}
    assert (arm_of(made[ARMED])["arm"], arm_of(made[ARMED])["share"]) == ("as_is", 1.0)
    assert "m0099" in caplog.text


@pytest.mark.parametrize("varies", ["threshold", "style", "model"])
def test_decisions_of_arms_come_out_the_same(populated: Scene, varies: str) -> None:
    values = {"threshold": 0.9, "style": "news", "model": registered(populated)}
    made = decide(populated, arms(populated, varies, values[varies]))
    assert [replay(populated, one.id).result for one in made.values()] == [SAME] * 3


def test_a_style_that_there_is_not_is_refused(populated: Scene) -> None:
    with pytest.raises(BadInput, match="there is no style 'loud'"):
        arms(populated, "style", "loud")


def test_the_log_of_two_thresholds_can_tell_of_either(populated: Scene) -> None:
    populated.policy = policy(threshold=0.99)
    decide(populated, arms(populated, "threshold", 0.05))
    close(populated)
    low = logged(populated, Target(threshold=0.05)).columns()
    found = dict(zip(low.groups, weights(low), strict=True))
    # half of the members were told under it: who was stands for two, who was not for none
    assert found == pytest.approx({ARMED: 2.0, **dict.fromkeys(OTHERS, 0.0)})
    assert estimate(low, seed=0).unsupported == pytest.approx(0.0)
    high = logged(populated, Target(threshold=0.99)).columns()
    assert dict(zip(high.groups, weights(high), strict=True)) == pytest.approx(
        {ARMED: 0.0, **dict.fromkeys(OTHERS, 2.0)}
    )


def test_the_policy_that_served_with_its_arms_weighs_everything_alike(populated: Scene) -> None:
    populated.policy = policy(threshold=0.99, holdout=0.25)
    decide(populated, arms(populated, "threshold", 0.05))
    close(populated)
    columns = logged(populated, Target()).columns()
    assert columns.logged.sum(axis=1) == pytest.approx([1.0] * 3)
    assert weights(columns) == pytest.approx([1.0] * 3, abs=1e-4)


def test_members_of_another_style_are_left_out_of_the_question(populated: Scene) -> None:
    decide(populated, arms(populated, "style", "news"))
    close(populated)
    asked = logged(populated, Target(style="question"))
    assert (len(asked.columns()), sum(asked.left_out.values())) == (2, 1)
    same = logged(populated, Target(style="news"))
    assert (len(same.columns()), sum(same.left_out.values())) == (3, 0)
