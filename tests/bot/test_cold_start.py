"""Cold start, step by step as docs/development.md has it: what speaks, how sure, and no jump."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from bot.settings import PolicySettings
from recsys.features import FEATURES, column, matrix
from recsys.labels import OUTCOME, Lesson
from recsys.model import Model
from recsys.prior import UNCERTAINTY
from recsys.ranker import PriorScorer
from recsys.training import MIN_LESSONS, MIN_POSITIVES, TrainingResult, train
from recsys.types import (
    Candidates,
    Floats,
    MemberId,
    MemberState,
    OutcomeKind,
    Pool,
    Query,
    Topic,
    WorkspaceState,
)
from tests.docs.pages import ROOT, section
from tests.recsys.builders import (
    DAY,
    ME,
    NOW,
    TOPICS,
    WIDTH,
    axis,
    exposures,
    member,
    query,
    signals,
    topical_items,
    topical_vectors,
    unit,
    world,
)

PAGE = section((ROOT / "docs" / "development.md").read_text("utf-8"), "Cold start")
STEP = re.compile(r"^\| ([^|]+) \| ([^|]*) \| ([^|]*) \|$", re.MULTILINE)
PYTHON = frozenset({Topic("python")})
ITEMS = 60
THRESHOLD = PolicySettings().threshold


@cache
def pool() -> Pool:
    """Sixty items in turn about python, running and bread."""
    return world(topical_items(ITEMS), topical_vectors(ITEMS))[0]


ROWS = np.arange(ITEMS, dtype=np.int32)
ABOUT_PYTHON = ROWS % len(TOPICS) == 0


def table(state: MemberState | None = None, **changes: Any) -> Floats:
    return matrix(query(state, **changes), pool(), ROWS)


def likely(features: Floats) -> Floats:
    """P(engages) by the prior."""
    return Model().engages.probability(features)


def documented(step: str) -> set[str]:
    """The features that begin to speak at a step, as the page says."""
    (found,) = [row for row in STEP.findall(PAGE) if row[0].strip() == step]
    return set(re.findall(r"`(\w+)`", found[2]))


def spoken(before: Floats, after: Floats) -> set[str]:
    """Features that say something else than before, of any candidate."""
    moved = np.abs(after - before).max(axis=0) > 1e-6
    return {feature.name for feature, moves in zip(FEATURES, moved, strict=True) if moves}


def said(count: int) -> Any:
    """So many messages about python, the last one seven hours ago, one every seven hours."""
    dice = np.random.default_rng(0)
    words = [unit(axis(0) + dice.normal(0, 0.15, WIDTH)) for _ in range(61)]
    return signals([(NOW - 7 * 3600.0 * n, -1, words[n]) for n in range(count, 0, -1)])


def told(row: int, count: int, ago: float = 10.0) -> list[tuple[float, int, OutcomeKind, float]]:
    """So many openers about an item, all taken up, on days that lie back."""
    at = [NOW - DAY * (ago + count - n) / 2 for n in range(count)]
    return [(one, row, OutcomeKind.ACCEPTED, one + 600) for one in at]


def workspace(openers: Sequence[tuple[float, int, OutcomeKind, float]]) -> WorkspaceState:
    """What others were told; nobody touched anything."""
    names, none = (ME, MemberId("U2")), np.zeros(0)
    listed = sorted(openers)
    rows = none.astype(np.int32)
    return WorkspaceState(names, exposures(listed, members=[1] * len(listed)), none, rows, rows)


NOBODY = "a new member"
CHOSE, FIRST, MANY = "chosen topics", "a first message", "many messages"


def test_of_nobody_only_the_item_speaks() -> None:
    nobody = table()
    differ = {f.name for f, values in zip(FEATURES, nobody.T, strict=True) if np.ptp(values) > 1e-6}
    assert differ <= documented(NOBODY)
    assert "freshness_hours" in differ
    assert likely(nobody).max() < THRESHOLD


def test_chosen_topics_speak_first_and_only_of_themselves() -> None:
    nobody, chose = table(), table(member(follows=PYTHON))
    assert spoken(nobody, chose) == documented(CHOSE)
    assert (likely(chose)[ABOUT_PYTHON] > likely(nobody)[ABOUT_PYTHON] + 0.1).all()
    assert likely(chose)[~ABOUT_PYTHON] == pytest.approx(likely(nobody)[~ABOUT_PYTHON], abs=0.04)


def test_a_first_message_brings_what_was_said_and_when() -> None:
    chose = table(member(follows=PYTHON))
    assert spoken(chose, table(member(follows=PYTHON, signals=said(1)))) == documented(FIRST)


def test_a_first_message_of_whoever_chose_nothing_says_less_than_a_choice_with_it() -> None:
    alone = likely(table(member(signals=said(1))))[ABOUT_PYTHON]
    both = likely(table(member(follows=PYTHON, signals=said(1))))[ABOUT_PYTHON]
    assert (alone < both).all()
    # nothing is nearer than this: the likeness is that of one text to itself, but for noise
    assert alone.max() < 0.5


def test_from_few_messages_to_many_nothing_jumps() -> None:
    courses = [likely(table(member(follows=PYTHON, signals=said(count)))) for count in range(60)]
    steps = [float(np.abs(after - before).max()) for before, after in pairwise(courses)]
    assert steps[0] <= UNCERTAINTY
    assert max(steps[1:]) <= 0.1
    # what they talk about keeps rising, what they do not keeps falling
    assert courses[-1][ABOUT_PYTHON].mean() > courses[3][ABOUT_PYTHON].mean()
    assert courses[-1][~ABOUT_PYTHON].mean() < courses[3][~ABOUT_PYTHON].mean()
    many = table(member(follows=PYTHON, signals=said(60)))
    assert documented(MANY) <= spoken(table(member(follows=PYTHON, signals=said(1))), many)


def test_a_jump_would_be_seen() -> None:
    """The control: somebody who turns to another matter altogether does jump."""
    before = likely(table(member(signals=said(1))))
    elsewhere = signals([(NOW - 3600.0, -1, axis(1))])
    assert np.abs(likely(table(member(signals=elsewhere))) - before).max() > 0.1


def test_a_member_is_believed_to_be_like_the_workspace_until_they_answer() -> None:
    glad = workspace([one for row in range(9, 39) for one in told(row, 1, ago=row / 2)])
    rate = table(workspace=glad)[:, column("engagement_rate")]
    wider = table(workspace=glad)[:, column("workspace_rate")]
    assert rate == pytest.approx(wider)
    assert rate[0] > table()[:, column("engagement_rate")][0]


def test_an_item_that_nobody_was_told_of_is_as_popular_as_the_others() -> None:
    others = [one for row in range(9, 39) for one in told(row, 1, ago=row / 2)]
    steps = [table(workspace=workspace([*others, *told(0, n)])) for n in range(9)]
    place = column("popularity")
    never_told = steps[0][:, place]
    assert never_told[0] == pytest.approx(never_told[3], abs=1e-6)
    assert documented("a new item") == {"popularity", "kind_rate", "source_rate"}
    popular = [float(step[0, place]) for step in steps]
    assert popular == sorted(popular)
    changes = [float(abs(likely(b)[0] - likely(a)[0])) for a, b in pairwise(steps)]
    assert max(changes) <= 0.05
    assert popular[-1] > popular[0] + 0.02


def lessons(count: int) -> list[Lesson]:
    """Openers to followers of a topic, taken up exactly as often as the prior believes."""
    dice, found = np.random.default_rng(0), []
    for n in range(count):
        at, row = NOW + n * 3600.0, np.array([dice.integers(ITEMS)], np.int32)
        state = replace(member(), member=MemberId(f"U{n % 30}"))
        state = replace(state, follows=frozenset({Topic(TOPICS[n % len(TOPICS)])}))
        asked = Query(state, query().workspace, at)
        glad = dice.random(1) < likely(matrix(asked, pool(), row))
        one = np.ones(1, np.float32)
        found.append(
            Lesson(asked, row, glad.astype(np.float32), 0 * one, 0 * one, one, OUTCOME, at)
        )
    return found


@cache
def trained(count: int) -> TrainingResult:
    now = NOW + count * 3600.0 + 1.0
    return train(lessons(count), pool(), seed=0, now=now, serving=None)


def test_without_a_model_the_prior_scores_and_admits_how_little_it_knows() -> None:
    ranks = np.zeros((ITEMS, 1), np.int32)
    scores = np.zeros(ITEMS, np.float32)
    candidates = Candidates(ROWS, scores, ("dense",), ranks)
    ranked = PriorScorer(pool()).score(query(), candidates)
    assert (ranked.version, ranked.uncertainty) == ("prior", UNCERTAINTY)
    assert f"{UNCERTAINTY:g}" in PAGE


def test_too_few_labels_make_no_model() -> None:
    assert trained(MIN_LESSONS - 1).model is None
    assert f"{MIN_LESSONS} openers" in PAGE
    assert f"{MIN_POSITIVES} of them taken up" in PAGE


@pytest.mark.parametrize("count", [90, 240])
def test_a_young_model_says_nearly_what_the_prior_said(count: int) -> None:
    """Where what came is what the prior believed: there is nothing to learn yet."""
    model = trained(count).model
    assert model is not None
    seen = np.concatenate([matrix(one.query, pool(), one.rows) for one in lessons(200)])
    moved = np.abs(model.engages.probability(seen) - likely(seen))
    assert moved.max() < 0.1
    assert moved.max() < max(model.uncertainty, 0.1)
    assert model.uncertainty <= UNCERTAINTY


def test_with_labels_it_becomes_sure() -> None:
    few, many = trained(90).model, trained(480).model
    assert few is not None
    assert many is not None
    assert many.uncertainty < few.uncertainty < UNCERTAINTY
