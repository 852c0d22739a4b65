"""Reasons are words about what the member did, and about nothing else."""

from __future__ import annotations

import re

import numpy as np
import pytest

from recsys.features import FEATURES, matrix
from recsys.reasons import GROUPS, Reason, reasons
from recsys.types import Audience, ChannelId, OutcomeKind, Query, Topic
from tests.recsys.builders import ME, NOW, axis
from tests.recsys.features.scene import DEN, HALL, LOOPS, MINE, PACES, TYPES, pool, query

YES, NO = OutcomeKind.ACCEPTED, OutcomeKind.DISMISSED
ALL_FOR_IT = np.ones(len(FEATURES))
HERE = frozenset({HALL, DEN})


def told(
    asked: Query, row: int, contributions: object = None, limit: int = 9
) -> tuple[Reason, ...]:
    parts = ALL_FOR_IT if contributions is None else np.asarray(contributions)
    table = matrix(asked, pool(), np.array([row], np.int32))[0]
    return reasons(asked, pool(), row, table, parts, limit)


def groups(asked: Query, row: int) -> set[str]:
    return {reason.group for reason in told(asked, row)}


DEEDS: dict[str, tuple[Query, int, str]] = {
    "addressed": (query(), MINE, "because it was meant for you"),
    "named": (query(), MINE, "because it mentions you"),
    "followed": (query(follows=frozenset({Topic("python")})), LOOPS, "because you follow python"),
    "topics": (
        query([(3.0, TYPES, None, -1), (2.0, LOOPS, None, -1)]),
        LOOPS,
        "because you took part in 2 conversations about python lately",
    ),
    "followed_up": (
        query([], [(40.0, TYPES, YES)]),
        LOOPS,
        "because you took up something about python before",
    ),
    "words": (
        query([(3.0, -1, axis(0), 0), (2.0, -1, axis(0), 0)], channels=HERE),
        LOOPS,
        "because you wrote twice about something close to it lately",
    ),
    "taken_up": (
        query([], [(3.0, TYPES, YES)]),
        PACES,
        "because you took up something of the same kind before",
    ),
    "groundwork": (
        query([(3.0, TYPES, None, -1)]),
        PACES,
        "because it builds on something you have been through",
    ),
    "author": (
        query([(60.0, LOOPS, None, -1)]),
        LOOPS,
        "because you took part in something of its author's before",
    ),
    "channel": (
        query([*[(float(n), -1, None, 0) for n in (3, 2, 1)], (0.5, -1, None, 1)], channels=HERE),
        LOOPS,
        "because it comes from a channel that you are often in",
    ),
    "active": (
        query([(3.0, TYPES, None, -1), (2.0, PACES, None, -1)]),
        LOOPS,
        "because you took part in 2 conversations here in the last four weeks",
    ),
    "hour": (
        query([(float(n), -1, None, -1) for n in (3, 2, 1)]),
        TYPES,
        "you are often around at this hour",
    ),
}


@pytest.mark.parametrize("group", [group.name for group in GROUPS])
def test_each_reason_has_a_deed_and_is_silent_without_it(group: str) -> None:
    asked, row, sentence = DEEDS[group]
    assert sentence in {r.sentence for r in told(asked, row) if r.group == group}
    nobody = query()
    if group not in ("addressed", "named"):
        assert group not in groups(nobody, row)
    else:
        assert group not in groups(nobody, LOOPS)


def test_of_a_member_who_did_nothing_nothing_is_said_however_sure_the_model() -> None:
    """All features speak for it, popularity most: still there is no deed to cite."""
    asked = query(to_all=[(3.0, LOOPS, YES)] * 9, touches=[(1.0, LOOPS, 1)] * 9)
    assert told(asked, LOOPS) == ()


def test_what_argued_against_it_is_no_reason() -> None:
    asked, row, _ = DEEDS["topics"]
    assert told(asked, row, -ALL_FOR_IT) == ()


def test_nothing_is_cited_from_where_the_member_cannot_look() -> None:
    said, row, _ = DEEDS["words"]
    assert "words" in groups(said, row)
    elsewhere = query([(3.0, -1, axis(0), 0), (2.0, -1, axis(0), 0)], channels=frozenset({DEN}))
    assert "words" not in groups(elsewhere, row)
    nowhere = query([(3.0, -1, axis(0), -1)], channels=HERE)
    assert "words" not in groups(nowhere, row)
    left = query([(float(n), -1, None, 0) for n in (3, 2, 1)], channels=frozenset({DEN}))
    assert "channel" not in groups(left, row)


def test_a_deed_in_a_thread_that_is_closed_to_them_now_is_not_cited() -> None:
    from dataclasses import replace

    open_pool = pool()
    shut = replace(
        open_pool,
        audiences=(Audience("channels", frozenset({ChannelId("C-SECRET")})), *open_pool.audiences),
        audience=np.array([1, 1, 0, 1], np.int32),
    )
    asked = query([(3.0, TYPES, None, -1)])
    table = matrix(asked, open_pool, np.array([LOOPS], np.int32))[0]
    assert "topics" in {r.group for r in reasons(asked, open_pool, LOOPS, table, ALL_FOR_IT)}
    assert "topics" not in {r.group for r in reasons(asked, shut, LOOPS, table, ALL_FOR_IT)}


def test_deeds_still_to_come_are_not_cited() -> None:
    asked = query([(3.0, TYPES, None, -1)], now=NOW - 4 * 86_400.0)
    assert told(asked, LOOPS) == ()


def test_a_refused_opener_is_no_deed_for_it() -> None:
    refused = groups(query([], [(3.0, TYPES, NO)]), LOOPS)
    assert "topics" not in refused
    assert "followed_up" not in refused


def test_the_strongest_come_first_and_no_score_is_spoken() -> None:
    asked = query(
        [(3.0, TYPES, None, -1), (2.0, LOOPS, axis(0), 0)],
        channels=HERE,
        follows=frozenset({Topic("python")}),
    )
    found = told(asked, LOOPS, limit=2)
    assert len(found) == 2
    assert found[0].weight >= found[1].weight
    everything = told(asked, LOOPS)
    assert len(everything) > 2
    for reason in everything:
        assert not re.search(r"\d\.\d|%|similar|score|U-|C-", reason.sentence)
        assert str(ME) not in reason.sentence


def test_a_channel_says_nothing_to_whoever_is_only_ever_there() -> None:
    """Negative control of the deed above: the same messages, and none anywhere else."""
    asked = query([(float(n), -1, None, 0) for n in (3, 2, 1)], channels=HERE)
    assert "channel" not in groups(asked, LOOPS)
