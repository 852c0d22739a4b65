"""Every feature, in three lines of history, against values worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recsys.features import FEATURES
from recsys.pool import build
from recsys.types import OutcomeKind, Query, Topic
from tests.recsys.builders import NOW, axis, item, unit
from tests.recsys.features.scene import ANA, LOOPS, MINE, PACES, TYPES, query, values

SAID = [(1.0, -1, axis(0), 0)]
TOUCHED_TWICE = [(14.0, PACES, None, -1), (0.01, LOOPS, None, -1)]
YES, NO, MUTE = OutcomeKind.ACCEPTED, OutcomeKind.DISMISSED, OutcomeKind.IGNORED

PRIOR = 0.25
RATE_1_OF_1 = (1 + 8 * PRIOR) / 9
"""the workspace's rate after one opener, taken up"""


def drawn(hits: float, shown: float, prior: float) -> float:
    return (hits + 8 * prior) / (shown + 8)


def hours(*ago: float) -> list[Any]:
    return [(h / 24.0, -1, None, -1) for h in ago]


A_DAY_OF_60 = 0.5 ** (1 / 60)
"""what a signal of yesterday weighs with a half-life of sixty days"""

NO_DAY = 0.05
"""what stands for a day on which somebody was about, before any signal"""


def halved(half_life: float, *days: float) -> float:
    return float(sum(0.5 ** (day / half_life) for day in days))


EVEN = 6.0 / 24.0
"""what each hour of the day holds before any signal"""

CASES: dict[str, tuple[Query, list[float]]] = {
    "interest_similarity": (query(SAID), [1, 0, 0, 0]),
    "interest_breadth": (query([*SAID, (1.0, -1, axis(1), 0)]), [0.5, 0.5, 0, 0]),
    "profile_similarity": (
        query([(14.0, -1, axis(0), 0), (14.0, -1, axis(0), 0), (14.0, -1, axis(0), 0)]),
        [1.5 / (1.5 + 1.5), 0, 0, 0],  # three posts, each half forgotten
    ),
    "recent_similarity": (query([(3.0, -1, axis(1), 0), *SAID]), [1, 0, 0, 0]),
    "last_similarity": (query([(9.0, -1, axis(1), 0), (0.1, -1, None, 0)]), [0, 1, 0, 0]),
    "said_similarity": (
        query([(1.0, -1, axis(0), 0), (1.0, -1, axis(1), 0)]),
        [0.7071] * 2 + [0, 0],
    ),
    "joined_similarity": (query([(14.0, PACES, None, -1), (3.0, MINE, None, -1)]), [0, 1, 0, 0]),
    "joined_leaning": (
        query([(3.0, PACES, None, -1)], touches=[(3, PACES, 0), (2, LOOPS, 1)]),
        # PACES lies half away from the middle of the two; against the five of belief, a sixth
        [-0.5 / 6 - 0, 0.5 / 6, 0, 0],
    ),
    "keyword_match": (query([(3.0, PACES, None, -1)]), [0, 1, 0, 0]),
    "topic_affinity": (query([(14.0, PACES, None, -1)]), [0, 0.5 / 1.5, 0, 0]),
    "topic_lift": (
        query(SAID),  # half of its topic's centre, nothing of the other's
        [
            np.log(2 * (A_DAY_OF_60 + 5) / (A_DAY_OF_60 + 10)),
            np.log(2 * 5 / (A_DAY_OF_60 + 10)),
            np.log(2 * (A_DAY_OF_60 + 5) / (A_DAY_OF_60 + 10)),
            0,
        ],
    ),
    "substance": (query(), [np.log1p(n) / np.log1p(25) for n in (2, 2, 2, 4)]),
    "length": (query(), [np.log1p(n) for n in (2, 2, 2, 4)]),
    "asks": (query(), [0, 0, 0, 1]),
    "follows_topic": (query(follows=frozenset({Topic("python")})), [1, 0, 1, 0]),
    "kind_affinity": (query([], [(3, TYPES, YES)]), [PRIOR, RATE_1_OF_1, RATE_1_OF_1, PRIOR]),
    "source_affinity": (query([], [(3, MINE, NO)]), [2 / 9, PRIOR, PRIOR, 2 / 9]),
    "level_gap": (query([(3.0, TYPES, None, -1)]), [0, 1, 0, 0]),
    "groundwork_done": (query([(3.0, LOOPS, None, -1)]), [1, 0, 1, 1]),
    "freshness_hours": (query(), [24, 2, 240, 1440]),
    "local_hour": (query(), [8, 8, 8, 8]),
    "hour_activity": (query(hours(49, 24)), [(2 + 3 * EVEN) / 8 * 8] * 4),
    "root_hour_match": (
        query(hours(49, 24)),
        # 08 holds one signal and 07 the other: 08-10 has one, 06-08 has both, mine began at 08
        [(1 + 3 * EVEN), (2 + 3 * EVEN), (1 + 3 * EVEN), (1 + 3 * EVEN)],
    ),
    "weekday_activity": (query(hours(7 * 24)), [(1 + 6 / 7) / 7 * 7] * 4),
    "rhythm": (
        query(hours(24 * 30 - 0.7)),  # a month ago, at the hour that matters most
        [
            np.log(
                (0.5 ** ((30 - 0.7 / 24) / 30) * 24 / (1.5 * np.sqrt(2 * np.pi)) + 3)
                / (0.5 ** ((30 - 0.7 / 24) / 30) + 3)
            )
        ]
        * 4,
    ),
    "presence": (
        query(hours(26, 23.5)),  # too early by an hour, and half an hour into the window
        [np.log((halved(14, 1) + NO_DAY) / (halved(14, *range(1, 43)) + 1))] * 4,
    ),
    "presence_lately": (
        query(hours(48, 26)),
        [np.log((halved(2, 2) + NO_DAY) / (halved(2, *range(1, 43)) + 1))] * 4,
    ),
    "presence_weekly": (
        query(hours(6.5 * 24, 5.5 * 24)),
        [np.log((halved(21, 7) + NO_DAY) / (halved(21, *range(7, 43, 7)) + 1))] * 4,
    ),
    "receptivity": (
        query([], [(3, TYPES, YES)]),  # shown at 9, asked at 8
        [(np.exp(-0.5 / 2.25) + 2) / (np.exp(-0.5 / 2.25) + 8)] * 4,
    ),
    "popularity": (
        query(to_all=[(3, LOOPS, YES)]),
        [
            drawn(1, 1, drawn(1, 1, RATE_1_OF_1)),
            drawn(0, 0, RATE_1_OF_1),
            drawn(1, 1, RATE_1_OF_1),
            RATE_1_OF_1,
        ],
    ),
    "appeal": (
        query(to_all=[(4, LOOPS, YES), (3, PACES, NO), (2, LOOPS, OutcomeKind.OPEN)]),
        [0.75 / (4 + 3 / 16), -0.25 / (4 + 3 / 16), 0, 0],
    ),
    "kind_rate": (
        query(to_all=[(3, PACES, YES)]),
        [RATE_1_OF_1, drawn(1, 1, RATE_1_OF_1), drawn(1, 1, RATE_1_OF_1), RATE_1_OF_1],
    ),
    "source_rate": (
        query(to_all=[(3, LOOPS, NO)]),
        [drawn(0, 1, 2 / 9), 2 / 9, 2 / 9, drawn(0, 1, 2 / 9)],
    ),
    "interest_lately": (
        query(touches=[(8, PACES, 1), (2, LOOPS, 1), (2, LOOPS, 2)]),
        [np.log1p(1.0), 0, 0, 0],
    ),
    "shown_today": (
        query(to_all=[(2, PACES, MUTE), (0.5, LOOPS, OutcomeKind.OPEN)]),
        [np.log(2), 0, 0, 0],
    ),
    "author_draw": (
        query(touches=[(3, LOOPS, 2), (2, LOOPS, 2), (1, MINE, 1), (1, MINE, 0)]),
        # two came to three items: each author starts with four items that drew two thirds
        [np.log1p((1 + 8 / 3) / 5), np.log1p((8 / 3) / 5), 0, np.log1p((1 + 8 / 3) / 5)],
    ),
    "author_begun": (query(), [np.log(2), np.log(2), 0, np.log(2)]),
    "messages_14d": (query([(15.0, -1, None, 0), *SAID]), [np.log(2)] * 4),
    "active_days_14d": (
        query([(15, -1, None, 0), (3.2, -1, None, 0), (3.1, -1, None, 0)]),
        [1] * 4,
    ),
    "touches_14d": (query([*TOUCHED_TWICE, (0.005, -1, None, 0)]), [np.log(3)] * 4),
    "messages_1d": (query([(2.0, -1, None, 0), (0.5, -1, None, 0)]), [np.log(2)] * 4),
    "momentum": (query([(3.0, -1, None, 0)]), [np.log1p(0.5)] * 4),
    "joins_28d": (
        query([(30, LOOPS, None, 0), (3, PACES, None, 0), (2, PACES, None, 0), (1, MINE, None, 0)]),
        [np.log(2)] * 4,
    ),
    "join_share": (query([(3, PACES, None, 0), (2, -1, None, 0)]), [(1 + 1) / (2 + 5)] * 4),
    "hours_since_signal": (query(SAID), [24] * 4),
    "history_length": (query(TOUCHED_TWICE), [np.log(3)] * 4),
    "engagement_rate": (query([], [(5, LOOPS, YES), (3, TYPES, NO)]), [3 / 10] * 4),
    "leaning": (  # gladder than one in four, then as cool as that, and surer by the first
        query([], [(5, LOOPS, YES), (3, TYPES, NO)]),
        [0.75 / (1 + 3 / 16) - 0.25 / (1 + 6 / 16)] * 4,
    ),
    "workspace_rate": (query(to_all=[(3, LOOPS, YES)]), [RATE_1_OF_1] * 4),
    "author_exchanges": (query([(28.0, LOOPS, None, -1)]), [np.log1p(0.5), 0, 0, 0]),
    "author_returns": (query(touches=[(28, MINE, 2)]), [0, np.log1p(0.5), 0, 0]),
    "author_met": (
        query([(5.0, LOOPS, None, -1)], touches=[(28, LOOPS, 2), (28, TYPES, 2)]),
        [0, np.log1p(0.5), 0, 0],
    ),
    "same_team": (query(mates=frozenset({ANA})), [1, 0, 0, 0]),
    "talked_siblings": (query([(28.0, LOOPS, None, -1)]), [np.log1p(0.5), 0, np.log1p(0.5), 0]),
    "followed_up_siblings": (query([], [(28, LOOPS, YES), (3, PACES, NO)]), [0.5, 0, 0.5, 0]),
    "channel_share": (query([(2, -1, None, 0), (1, -1, None, 1)]), [1 / 3, 1 / 3, 0, 0]),
    "addressed": (query(), [0, 0, 0, 1]),
    "names_them": (query(), [0, 0, 0, 1]),
    "names_others": (query(), [0, 1, 0, 0]),
    "days_since_opener": (query([], [(5, LOOPS, YES), (3, TYPES, NO)]), [3] * 4),
    "openers_7d": (query([], [(9, LOOPS, YES), (3, TYPES, NO)]), [1] * 4),
    "dismissals_14d": (query([], [(15, LOOPS, NO), (5, MINE, NO), (3, TYPES, MUTE)]), [1] * 4),
    "unanswered_streak": (query([], [(5, MINE, YES), (4, LOOPS, NO), (3, TYPES, MUTE)]), [2] * 4),
    "pressure": (query([], [(6, LOOPS, NO), (3, TYPES, MUTE)]), [0.25 + 0.3] * 4),
    "refused_siblings": (query([], [(14, LOOPS, NO), (3, PACES, YES)]), [0.5, 0, 0.5, 0]),
    "siblings_told": (query([], [(14, LOOPS, YES)]), [0.5, 0, 0.5, 0]),
}


@pytest.mark.parametrize("name", [feature.name for feature in FEATURES])
def test_value_in_three_lines_of_history(name: str) -> None:
    asked, expected = CASES[name]
    assert values(name, asked) == pytest.approx(expected, abs=1e-4), name


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_nobody_known_and_nothing_told_is_finite(feature: Any) -> None:
    found = values(feature.name, query())
    assert np.isfinite(found).all()


def test_unknown_reads_as_the_default() -> None:
    assert values("hours_since_signal", query()) == [0.0] * 4
    assert values("days_since_opener", query()) == [60.0] * 4
    assert values("level_gap", query()) == [0.0] * 4


def test_a_thread_that_began_later_in_a_day_of_weak_labels_is_met_at_its_own_hour() -> None:
    midnight = NOW - 8 * 3600.0
    found = values("local_hour", query(hours(48), now=midnight))
    assert found[PACES] == 6
    assert found[TYPES] == 0
    assert values("freshness_hours", query(now=midnight))[PACES] == 0


def test_a_word_that_everything_has_says_less_than_a_rare_one() -> None:
    """What they took part in shares one word with each of two others: a rare and a usual one."""
    texts = ("decoder release", "decoder marathon", "release flour", "release crust")
    items = [item(f"i{n}", title=text) for n, text in enumerate(texts)]
    pool = build(items, unit(np.ones((4, 16))))
    met = [(days, row, who) for days, row, who in ((4, 0, 0), (3, 2, 1), (2, 3, 1))]
    same, rare, usual, other = values(
        "keyword_match", query([(4.0, 0, None, -1)], touches=met), pool
    )
    often, once = np.log1p((3 + 1) / (3 + 1)), np.log1p((3 + 1) / (1 + 1))
    never = np.log1p(3 + 1)
    assert same == pytest.approx(1.0, abs=1e-5)
    assert rare == pytest.approx(once**2 / np.hypot(often, once) / np.hypot(once, never), abs=1e-5)
    assert usual == pytest.approx(often**2 / np.hypot(often, once) ** 2, abs=1e-5)
    assert rare > usual == other
