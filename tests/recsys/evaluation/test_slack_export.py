"""The export's protocol: who is asked what, what is known, and what comes out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.pool.community import community
from bot.pool.leftout import Sieve
from bot.pool.slack_export import read
from recsys.clocks import DAY
from recsys.encoder import Encoder
from recsys.evaluation.slack_export import (
    Community,
    MemberDay,
    evaluate,
    replayed,
    train_lessons,
)
from recsys.evaluation.unusable import Unusable
from recsys.labels import HISTORY, history_lessons
from recsys.training import train
from recsys.types import Floats, MemberState
from tests.recsys.builders import axis
from tests.recsys.evaluation.village import (
    DAYS,
    MEMBERS,
    MONDAY,
    touched,
    village,
    with_later,
    with_later_threads,
)


def quiet(what: str, done: int, total: int) -> None:
    """Nobody waits for a test."""


def judged(community: Community) -> list[MemberDay]:
    return list(replayed(community, quiet))


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return evaluate(village(), seed=3, progress=quiet)


def test_the_last_three_tenths_of_the_days_are_for_testing() -> None:
    assert village().first_test_day == MONDAY + int(0.7 * DAYS) * DAY
    assert {day.at for day in judged(village())} == {
        MONDAY + n * DAY for n in range(int(0.7 * DAYS), DAYS)
    }


def test_training_stops_two_days_before() -> None:
    lessons = list(train_lessons(village(), keep_quiet=1))
    assert max(lesson.at for lesson in lessons) == village().first_test_day - 2 * DAY


def test_the_candidates_are_the_days_threads_by_others() -> None:
    for day in judged(village()):
        pool = village().pool
        assert ((pool.published[day.rows] // DAY) * DAY == day.at).all()
        assert day.member not in {pool.authors[a] for a in pool.author[day.rows]}


def test_joined_is_posted_in_within_a_day_of_its_root() -> None:
    whole = village()
    day = next(one for one in judged(whole) if one.is_choice)
    row = int(day.rows[day.labels > 0][0])
    member = next(state for state in whole.states if state.member == day.member)
    late = np.where(member.signals.row == row, whole.pool.published[row] + DAY + 1, 0.0)
    moved = _moved(whole, member, np.maximum(member.signals.at, late))
    again = next(o for o in judged(moved) if (o.member, o.at) == (day.member, day.at))
    assert again.labels[day.rows == row] == 0
    assert day.labels.sum() - again.labels.sum() == 1


def _moved(community: Community, member: MemberState, at: Any) -> Community:
    order = np.argsort(at, kind="stable")
    s = member.signals
    signals = replace(
        s, at=at[order], kind=s.kind[order], row=s.row[order], vectors=s.vectors[order]
    )
    states = tuple(
        replace(one, signals=signals) if one is member else one for one in community.states
    )
    return Community(community.pool, states, touched(states))


def test_nothing_that_happens_on_the_day_or_later_moves_a_score() -> None:
    whole = village()
    moment = whole.first_test_day
    before = [day for day in judged(whole) if day.at == moment]
    after = [day for day in judged(with_later(whole, moment)) if day.at == moment]
    assert [day.member for day in before] == [day.member for day in after]
    for one, other in zip(before, after, strict=True):
        assert one.table.tobytes() == other.table.tobytes()
        assert one.hour_match.tobytes() == other.hour_match.tobytes()
        assert one.embedding.tobytes() == other.embedding.tobytes()
        assert one.activity == other.activity


def test_the_planted_day_is_seen_the_day_after() -> None:
    """Negative control: what moved nothing on its own day is there, and counts."""
    whole = village()
    moment = whole.first_test_day
    later = [
        [day for day in judged(one) if day.at == moment + DAY]
        for one in (whole, with_later(whole, moment))
    ]
    pairs = zip(*later, strict=True)
    assert all(one.table.tobytes() != other.table.tobytes() for one, other in pairs)


def test_threads_that_begin_later_on_the_day_move_no_score_of_an_earlier_one() -> None:
    whole = village()
    moment = whole.first_test_day
    crowded = with_later_threads(whole, moment + 20 * 3600.0)
    for one, other in zip(
        [day for day in judged(whole) if day.at == moment],
        [day for day in judged(crowded) if day.at == moment],
        strict=True,
    ):
        assert other.rows.size == one.rows.size + 40
        assert other.table[: one.rows.size].tobytes() == one.table.tobytes()


def test_learns_who_is_about_when(found: dict[str, Any]) -> None:
    assert found["n"] > 40
    assert found["metrics"]["auc"]["low"] > 0.75
    assert found["gains"]["random"]["auc"]["low"] > 0.1
    assert abs(found["baselines"]["random"]["auc"]["value"] - 0.5) < 0.1


def test_the_shape_is_that_of_the_benchmarks(found: dict[str, Any]) -> None:
    assert set(found) == {
        "n", "seed", "metrics", "baselines", "gains", "speak", "model", "excluded",
    }  # fmt: skip
    names = {"random", "root_length", "hour_match", "embedding"}
    assert set(found["baselines"]) == set(found["gains"]) == names
    for figures in (found["metrics"], *found["baselines"].values(), *found["gains"].values()):
        assert list(figures) == ["auc", "mrr", "ndcg@5", "ndcg@10"]
        assert all(set(figure) == {"value", "low", "high"} for figure in figures.values())
    speak = found["speak"]
    assert set(speak["baselines"]) == {"always", "random", "activity", "hour_match_x_activity"}
    assert {"n", "precision@1%", "precision@2%", "precision@5%", "members_reached@2%",
            "aurc", "ece"} <= set(speak)  # fmt: skip
    assert {"objective", "features", "version"} <= set(found["model"])
    json.dumps(found, allow_nan=False)


def test_production_learns_to_order_in_the_same_way(found: dict[str, Any]) -> None:
    community = village()
    lessons = train_lessons(community)
    end = community.first_test_day
    trained = train(lessons, community.pool, seed=3, now=end, serving=None, origin=HISTORY)
    told = trained.metrics["ordering"]
    assert set(told["choice"]) == set(found["model"]["choice"])
    assert trained.model is not None
    assert (trained.model.orders is None) == (told["objective"] == "cross_entropy")


def test_the_same_seed_gives_the_same_figures(found: dict[str, Any]) -> None:
    assert evaluate(village(), seed=3, progress=quiet) == found


def test_a_pick_is_believed_as_often_as_it_is_right(found: dict[str, Any]) -> None:
    assert found["speak"]["n"] == MEMBERS * (DAYS - int(0.7 * DAYS))
    assert found["speak"]["ece"] < 0.2


def test_too_few_days_and_nothing_joined_are_said() -> None:
    with pytest.raises(Unusable, match="4 days only"):
        evaluate(village(days=4), seed=0, progress=quiet)
    whole = village()
    own = tuple(
        replace(s, signals=replace(s.signals, row=np.full_like(s.signals.row, -1)))
        for s in whole.states
    )
    with pytest.raises(Unusable, match="no thread was joined"):
        evaluate(Community(whole.pool, own, touched(own)), seed=0, progress=quiet)


@pytest.mark.slow
def test_a_real_community_gives_the_counts_that_are_known(datasets: Path) -> None:
    """Counted without a single feature: no vectors are needed to know who could join what."""
    found = read(datasets / "slack" / "elm-general-2019.zip", Sieve())
    whole = community(found, Encoder("blank", open_model=lambda model: _blank))
    choices, eligible = 0, 0
    for lesson in history_lessons(
        whole.states,
        whole.workspace,
        whole.pool,
        float(whole.days[0]),
        float(whole.days[-1]) + 2 * DAY,
        keep_quiet=1,
    ):
        eligible += 1
        choices += bool(0 < lesson.engaged.sum() < lesson.engaged.size)
    assert (eligible, choices) == (30_413, 1_479)
    to_train = sum(bool(lesson.engaged.any()) for lesson in train_lessons(whole, 10**9))
    assert to_train == 1_017


def _blank(texts: Sequence[str]) -> Floats:
    return np.tile(axis(0), (len(texts), 1))
