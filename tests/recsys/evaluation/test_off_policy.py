"""The estimators against a simulated world whose truth is known, and their refusals."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from recsys.evaluation.off_policy import MIN_ESS, Logged, effective_size, estimate, weights
from recsys.setting import MONDAY, STYLES
from recsys.simulation import moment
from recsys.world import DefaultWorld

MEMBERS, DAYS, CHOICES = 80, 30, 4
SILENCE = CHOICES


def lived(seed: int = 5, blind: bool = False) -> tuple[Logged, float]:
    """A log, and what the target really comes to with the same dice.

    Each member and day is met fresh. The policy that serves favours what is *not* the best, and
    takes the best more often where all is well anyway: so what came of the best, on average, is
    not what the best is worth. The target always takes the best. `blind` serves no best at all.
    """
    world = DefaultWorld.drawn(MEMBERS, 60, seed, days=DAYS)
    dice = np.random.default_rng(seed)
    logged, target, modelled, action, reward, truth, groups = [], [], [], [], [], [], []
    for number, member in enumerate(world.setting.members):
        for elapsed in range(DAYS):
            day = MONDAY + timedelta(days=elapsed)
            at = moment(day, 10.0, "UTC")
            items = [one.id for one in world.items(day)]
            some = [items[int(n)] for n in dice.choice(len(items), CHOICES, replace=False)]
            chances = np.array([world.copy().chance(member, one, STYLES[0], at) for one in some])
            best = int(chances.argmax())
            share = 0.0 if blind else 0.1 + 0.6 * chances[best]
            serves = np.full(CHOICES + 1, (0.8 - share) / (CHOICES - 1))
            serves[best], serves[SILENCE] = share, 0.2
            taken = int(dice.choice(CHOICES + 1, p=serves))
            came = [float(world.copy().react(member, one, STYLES[0], at).engaged) for one in some]
            logged.append(serves)
            target.append(np.eye(CHOICES + 1)[best])
            # a poor model of the reward: too bold, and noisy
            modelled.append(np.append(1.3 * chances + dice.normal(0, 0.05, CHOICES), 0.0))
            action.append(taken)
            reward.append(0.0 if taken == SILENCE else came[taken])
            truth.append(came[best])
            groups.append(number)
    log = Logged(
        np.array(logged), np.array(target), np.array(modelled), np.array(action, np.intp),
        np.array(reward), np.ones(len(action)), groups,
    )  # fmt: skip
    return log, float(np.mean(truth))


@pytest.fixture(scope="module")
def world() -> tuple[Logged, float]:
    return lived()


def test_both_estimates_find_the_truth_where_plain_means_do_not(
    world: tuple[Logged, float],
) -> None:
    log, truth = world
    found = estimate(log, seed=1)
    alike = log.target[np.arange(len(log)), log.action] > 0
    plain = log.reward[alike].mean()
    assert abs(log.reward.mean() - truth) > 0.05  # what was logged is another policy's
    assert plain - truth > 0.05  # and the best was mostly taken where all was well
    for near in (found.snips, found.doubly_robust):
        assert near.low < truth < near.high
        assert abs(near.value - truth) < 0.03
        assert not near.low < plain < near.high
    assert found.verdict == "better"
    assert found.effective > MIN_ESS
    assert found.unsupported == 0.0


def test_a_model_of_the_reward_narrows_the_interval(world: tuple[Logged, float]) -> None:
    log, _ = world
    found = estimate(log, seed=1)
    assert found.doubly_robust.high - found.doubly_robust.low < found.snips.high - found.snips.low


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    held = [
        (found.doubly_robust.low < truth < found.doubly_robust.high)
        for log, truth in (lived(seed) for seed in range(20, 32))
        for found in (estimate(log, seed=1),)
    ]
    assert sum(held) >= 9


def test_wrong_propensities_mislead(world: tuple[Logged, float]) -> None:
    log, truth = world
    even = np.full_like(log.logged, 1 / (CHOICES + 1))
    found = estimate(replace(log, logged=even), seed=1)
    assert not found.snips.low < truth < found.snips.high


def test_the_policy_that_served_gains_nothing_over_itself(world: tuple[Logged, float]) -> None:
    log, _ = world
    found = estimate(replace(log, target=log.logged), seed=1)
    assert found.snips.value == pytest.approx(found.logged.value)
    assert found.verdict == "not told apart"
    assert found.effective == pytest.approx(found.openers)


def test_what_was_never_done_gets_no_verdict() -> None:
    log, _ = lived(blind=True)
    found = estimate(log, seed=1)
    assert (found.verdict, found.unsupported) == ("none", 1.0)
    assert "100% of what it would do was never possible" in found.reason


def test_few_effective_openers_get_no_verdict(world: tuple[Logged, float]) -> None:
    log, _ = world
    some = slice(0, 60)
    few = Logged(
        log.logged[some], log.target[some], log.modelled[some], log.action[some],
        log.reward[some], log.within[some], log.groups[some],
    )  # fmt: skip
    found = estimate(few, seed=1)
    assert found.verdict == "none"
    assert "effective openers" in found.reason


def test_a_style_is_weighed_within_its_action(world: tuple[Logged, float]) -> None:
    """Two styles, drawn three to one, of which the rarer is worth nothing."""
    log, _ = world
    dice = np.random.default_rng(3)
    rare = dice.random(len(log)) < 0.25
    spoke = log.action != SILENCE
    reward = np.where(rare, 0.0, log.reward)
    within = np.where(spoke, np.where(rare, 0.0, 1 / 0.75), 1.0)
    found = estimate(replace(log, target=log.logged, reward=reward, within=within), seed=1)
    assert found.doubly_robust.low < log.reward.mean() < found.doubly_robust.high
    assert found.logged.value < log.reward.mean() - 0.01


def test_effective_size_counts_even_weights() -> None:
    assert effective_size(np.ones(8)) == 8.0
    assert effective_size(np.array([1.0, 0, 0, 0])) == 1.0
    assert effective_size(np.zeros(3)) == 0.0


def test_an_impossible_action_is_refused(world: tuple[Logged, float]) -> None:
    log, _ = world
    with pytest.raises(ValueError, match="propensity of zero"):
        weights(replace(log, logged=np.zeros_like(log.logged)))
