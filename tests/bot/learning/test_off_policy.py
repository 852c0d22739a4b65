"""Logged decisions as columns: what was done and how likely it was, then and otherwise."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from bot.deciding.ruling import Ruling
from bot.learning.off_policy import TOP, Log, Target, read, reward
from bot.settings import RecommenderSettings
from bot.store import tables
from bot.store.outcomes import Outcomes
from recsys.evaluation.off_policy import estimate, weights
from recsys.model import Model
from recsys.types import OutcomeKind
from tests.bot.scene import NOW, WORKSPACE, Scene, Withholds, policy

CLOSED = {"ana": OutcomeKind.ACCEPTED, "bo": OutcomeKind.DISMISSED, "cy": OutcomeKind.IGNORED}


def close(scene: Scene) -> None:
    """Every opener arrived, and what `CLOSED` says came of it."""
    with scene.store.writing(WORKSPACE) as unit:
        for opener in unit.session.query(tables.Opener):
            opener.sent_at = opener.created_at
            opener.state = "closed"
            Outcomes(unit).record(opener, CLOSED[opener.member_id], NOW + timedelta(minutes=9))
        unit.commit()


def decide(scene: Scene, **changes: object) -> None:
    for member in CLOSED:
        scene.outreach(**changes).attempt(member, NOW)
    close(scene)


def logged(scene: Scene, target: Target) -> Log:
    with scene.store.reading(WORKSPACE) as unit:
        return read(unit, target, NOW - timedelta(days=1), NOW + timedelta(days=1))


@pytest.fixture
def explored(populated: Scene) -> Scene:
    """A policy that draws from the top, and withholds one in four."""
    populated.settings = RecommenderSettings(epsilon=0.5)
    populated.policy = policy(threshold=0.05, holdout=0.25)
    return populated


def test_the_policy_that_served_weighs_everything_alike(explored: Scene) -> None:
    decide(explored)
    columns = logged(explored, Target()).columns()
    assert len(columns) == 3
    assert columns.logged.sum(axis=1) == pytest.approx(np.ones(3))
    assert weights(columns) == pytest.approx(np.ones(3), abs=1e-4)
    decisions = {d.member_id: d for d in explored.rows(tables.Decision)}
    for row, member in enumerate(columns.groups):
        made = decisions[str(member)]
        if made.verdict == "speak":
            chance = columns.logged[row, columns.action[row]]
            assert chance == pytest.approx(made.p_item * made.p_speak)
    assert sum(columns.action != TOP) == sum(d.verdict == "speak" for d in decisions.values())


def test_a_rule_of_an_admin_binds_the_policy_that_is_asked_about_as_well(explored: Scene) -> None:
    rules = Ruling(explored.store, WORKSPACE)
    rules.save("no-python", "'python' in topics", by="root", now=NOW)
    rules.switch_on("no-python", None, by="root", now=NOW)
    decide(explored)
    reasons = {d.reason for d in explored.rows(tables.Decision)}
    assert reasons == {"admin_rule:no-python"}
    for target in (Target(), Target(threshold=0.06)):
        columns = logged(explored, target).columns()
        assert (columns.target > 0).tolist() == (columns.logged > 0).tolist()
        assert weights(columns) == pytest.approx(np.ones(3), abs=1e-4)
        assert estimate(columns, seed=0).unsupported == 0.0


def test_rewards_are_those_of_the_utility(populated: Scene) -> None:
    decide(populated)
    columns = logged(populated, Target()).columns()
    assert dict(zip(columns.groups, columns.reward, strict=True)) == {
        "ana": 1.0, "bo": -0.5, "cy": 0.0,
    }  # fmt: skip
    assert reward(["dismissed", "opted_out"]) == -20.5
    assert reward([]) == 0.0


def test_a_threshold_that_nothing_clears_is_silence(populated: Scene) -> None:
    decide(populated)
    columns = logged(populated, Target(threshold=1.0)).columns()
    assert (columns.target[:, TOP] == 1.0).all()
    assert (weights(columns) == 0.0).all()
    assert estimate(columns, seed=0).verdict == "none"


def test_a_threshold_below_what_ever_spoke_has_no_support(populated: Scene) -> None:
    populated.policy = policy(threshold=0.99)
    decide(populated)
    found = estimate(logged(populated, Target(threshold=0.05)).columns(), seed=0)
    assert found.unsupported == pytest.approx(1.0)
    assert "never possible" in found.reason


def test_a_style_counts_where_it_was_drawn(populated: Scene) -> None:
    decide(populated)
    made = {d.member_id: d for d in populated.rows(tables.Decision)}
    style = made["ana"].style
    columns = logged(populated, Target(style=style)).columns()
    for member, within in zip(columns.groups, columns.within, strict=True):
        one = made[str(member)]
        assert within == pytest.approx(1 / one.p_style if one.style == style else 0.0)


def test_a_model_takes_the_item_that_it_likes_best(explored: Scene) -> None:
    decide(explored)
    columns = logged(explored, Target(model=Model())).columns()
    # the prior served, so its own scores come out again
    assert columns.target == pytest.approx(columns.logged, abs=1e-4)


def test_what_the_composer_withheld_was_worth_nothing(populated: Scene) -> None:
    decide(populated, composer=Withholds())
    columns = logged(populated, Target()).columns()
    assert (columns.action != TOP).all()
    assert (columns.reward == 0.0).all()


def test_what_cannot_be_used_is_counted(populated: Scene) -> None:
    for member in CLOSED:
        populated.outreach().attempt(member, NOW)
    assert logged(populated, Target()).left_out == {"its window is still open": 3}
    close(populated)
    with populated.store.writing(WORKSPACE) as unit:
        rows = list(unit.session.query(tables.Decision))
        rows[0].inputs = None
        rows[1].slate = {**(rows[1].slate or {}), "schema": "0"}
        unit.commit()
    log = logged(populated, Target())
    assert (len(log.rows), log.left_out.total()) == (1, 2)
