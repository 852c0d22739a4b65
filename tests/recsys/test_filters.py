"""A table of cases for every filter, and proof that each wired one decides."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from recsys.filters import FILTERS, RestingTopic
from recsys.types import (
    UNKNOWN_AUDIENCE,
    Audience,
    ChannelId,
    Item,
    ItemId,
    MemberId,
    OutcomeKind,
    Query,
    Topic,
)
from tests.recsys.builders import (
    DAY,
    ME,
    NOW,
    WIDTH,
    exposures,
    item,
    member,
    query,
    signals,
    unit,
    world,
)

GENERAL = ChannelId("C-GENERAL")
HER = MemberId("U-HER")
ELSEWHERE, WEEKLY = 4, 5
"""rows that stand beside the case's item"""
READERS = Audience("channels", frozenset({GENERAL, "C-OTHER"}))


@dataclass(frozen=True)
class Case:
    filter: str
    title: str
    keeps: bool
    item: dict[str, Any] = field(default_factory=dict)
    member: dict[str, Any] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)


def told(outcome: OutcomeKind, row: int = 0) -> dict[str, Any]:
    return {"exposures": exposures([(NOW - DAY, row, outcome, NOW - 60.0)])}


def touched(kind: int, row: int = 0) -> dict[str, Any]:
    return {"signals": signals([(NOW - DAY, row, None)], kind=kind)}


BREAD = {"topics": (Topic("bread"),)}
SLEEP = {"topics": (Topic("sleep"), Topic("bread"))}
SLEEPER = {"follows": frozenset({Topic("sleep")})}
BAKER = {"follows": frozenset({Topic("bread")})}
TOUCHY = {"sensitive": frozenset({Topic("sleep"), Topic("health")})}
HOUR = 3600.0


def about_bread(hours: float, outcome: OutcomeKind = OutcomeKind.REPLIED) -> dict[str, Any]:
    """An opener about the loaf, so many hours ago."""
    at = NOW - hours * HOUR
    return {"exposures": exposures([(at, 3, outcome, at + HOUR)])}


CASES = (
    Case("not_approved", "approved", True),
    Case("not_approved", "waiting for a curator", False, {"approved": False}),
    Case("embargoed", "published a second ago", True, {"published": NOW - 1}),
    Case("embargoed", "published this moment", True, {"published": NOW}),
    Case("embargoed", "published in a second", False, {"published": NOW + 1}),
    Case("embargoed", "not to be spoken of yet", False, {"not_before": NOW + 1}),
    Case("embargoed", "may be spoken of from now", True, {"not_before": NOW}),
    Case("embargoed", "nobody knows when it was published", False, {"published": np.nan}),
    Case("expired", "never expires", True),
    Case("expired", "expires in a second", True, {"expires": NOW + 1}),
    Case("expired", "expires now", False, {"expires": NOW}),
    Case("expired", "nobody knows when it expires", False, {"expires": np.nan}),
    Case("not_visible", "the workspace's", True),
    Case("not_visible", "audience unknown", False, {"audience": UNKNOWN_AUDIENCE}),
    Case("not_visible", "audience of a kind that nobody knows", False, {"audience": Audience("x")}),
    Case("not_visible", "a channel they do not read", False, {"audience": READERS}),
    Case(
        "not_visible",
        "one channel of two that they read",
        True,
        {"audience": READERS},
        {"channels": frozenset({GENERAL})},
    ),
    Case(
        "not_visible",
        "channels, but none named",
        False,
        {"audience": Audience("channels")},
        {"channels": frozenset({GENERAL})},
    ),
    Case("not_visible", "named", True, {"audience": Audience("members", frozenset({ME, HER}))}),
    Case(
        "not_visible", "another named", False, {"audience": Audience("members", frozenset({HER}))}
    ),
    Case("not_visible", "addressed to them", True, {"addressed_to": ME}),
    Case("not_visible", "addressed to another", False, {"addressed_to": HER}),
    Case(
        "not_visible",
        "addressed to them in a channel they do not read",
        False,
        {"addressed_to": ME, "audience": READERS},
    ),
    Case("already_sent", "never sent", True),
    Case("already_sent", "another item was sent", True, {}, told(OutcomeKind.REPLIED, 1)),
    Case("already_sent", "sent, still open", False, {}, told(OutcomeKind.OPEN)),
    Case("already_sent", "sent and welcome", False, {}, told(OutcomeKind.REPLIED)),
    Case(
        "already_sent",
        "another address was sent",
        True,
        {"url": "https://a.org/x"},
        told(OutcomeKind.REPLIED, ELSEWHERE),
    ),
    Case(
        "already_sent",
        "its address was, under another id",
        False,
        {"url": "http://www.elsewhere.org/story/?utm_source=mail#top"},
        told(OutcomeKind.REPLIED, ELSEWHERE),
    ),
    Case(
        "already_sent",
        "its address was, and it is addressed to them: a reminder",
        True,
        {"url": "https://elsewhere.org/story", "addressed_to": ME},
        told(OutcomeKind.REPLIED, ELSEWHERE),
    ),
    Case(
        "already_sent",
        "a reminder that was sent",
        False,
        {"addressed_to": ME},
        told(OutcomeKind.REPLIED),
    ),
    Case("already_took_part", "never touched", True),
    Case("already_took_part", "touched another", True, {}, touched(1, 1)),
    Case("already_took_part", "a message about nothing here", True, {}, touched(0, -1)),
    Case("already_took_part", "replied in it", False, {}, touched(1)),
    Case("already_took_part", "reacted to it", False, {}, touched(2)),
    Case("already_took_part", "went there", False, {}, touched(3)),
    Case("own_item", "by nobody", True),
    Case("own_item", "by another", True, {"author": HER}),
    Case("own_item", "by themselves", False, {"author": ME}),
    Case("muted_topic", "no topics, one muted", True, {}, {"mutes": frozenset({Topic("bread")})}),
    Case("muted_topic", "topics, none muted", True, {"topics": (Topic("bread"),)}),
    Case(
        "muted_topic",
        "one of its topics is muted",
        False,
        {"topics": (Topic("bread"), Topic("python"))},
        {"mutes": frozenset({Topic("bread")})},
    ),
    Case("sensitive_topic", "none is sensitive", True, BREAD),
    Case("sensitive_topic", "another one is", True, BREAD, {}, TOUCHY),
    Case("sensitive_topic", "it is, and followed by nobody", False, SLEEP, {}, TOUCHY),
    Case("sensitive_topic", "it is, and followed", True, SLEEP, SLEEPER, TOUCHY),
    Case("sensitive_topic", "it is, and a plain one is followed", False, SLEEP, BAKER, TOUCHY),
    Case(
        "sensitive_topic",
        "one of two is followed",
        False,
        {"topics": (Topic("sleep"), Topic("food"))},
        SLEEPER,
        {"sensitive": frozenset({Topic("sleep"), Topic("food")})},
    ),
    Case("sensitive_topic", "its kind is", False, {**BREAD, "kind": "health"}, {}, TOUCHY),
    Case("sensitive_topic", "its kind is, no topic", False, {"kind": "health"}, BAKER, TOUCHY),
    Case(
        "sensitive_topic", "its kind is, followed", True, {**BREAD, "kind": "health"}, BAKER, TOUCHY
    ),
    Case("resting_topic", "its topic was told of yesterday", True, BREAD, about_bread(24)),
    Case("resting_topic", "its topic was told of this morning", False, BREAD, about_bread(3)),
    Case(
        "resting_topic",
        "its topic was dismissed last week",
        False,
        BREAD,
        about_bread(150, OutcomeKind.DISMISSED),
    ),
    Case(
        "resting_topic",
        "its topic was dismissed long ago",
        True,
        BREAD,
        about_bread(170, OutcomeKind.DISMISSED),
    ),
    Case(
        "resting_topic", "its topic was ignored", True, BREAD, about_bread(30, OutcomeKind.IGNORED)
    ),
    Case("resting_topic", "another topic rests", True, {}, about_bread(3)),
    Case("same_story", "told of another", True, {}, told(OutcomeKind.REPLIED, 1)),
    Case("same_story", "told of nearly the same", False, {}, told(OutcomeKind.REPLIED, 2)),
    Case(
        "same_story",
        "alike as they are, more is asked of one story",
        True,
        {},
        told(OutcomeKind.REPLIED, 2),
        {"same_story": 1.1},
    ),
    Case(
        "same_story",
        "that was long ago",
        True,
        {},
        {"exposures": exposures([(NOW - 61 * DAY, 2, OutcomeKind.REPLIED, NOW - 60 * DAY)])},
    ),
    Case(
        "same_story",
        "told of its title",
        False,
        {"title": "Somewhere, else: today"},
        told(OutcomeKind.REPLIED, ELSEWHERE),
    ),
    Case(
        "same_story",
        "told of its title, and it is addressed to them",
        True,
        {"title": "Somewhere else today", "addressed_to": ME},
        told(OutcomeKind.REPLIED, ELSEWHERE),
    ),
    Case(
        "same_story",
        "told of a title too short to tell",
        True,
        {"title": "Weekly update"},
        told(OutcomeKind.REPLIED, WEEKLY),
    ),
    Case(
        "same_story",
        "told of its title long ago",
        True,
        {"title": "Somewhere else today"},
        {"exposures": exposures([(NOW - 61 * DAY, ELSEWHERE, OutcomeKind.REPLIED, NOW - DAY)])},
    ),
    Case("blocked", "nothing blocked", True),
    Case("blocked", "another blocked", True, {}, {}, {"blocked": frozenset({ItemId("other")})}),
    Case("blocked", "blocked", False, {}, {}, {"blocked": frozenset({ItemId("it")})}),
    Case("blocked", "blocked, long gone", True, {}, {}, {"blocked": frozenset({ItemId("gone")})}),
)


def verdicts(case: Case) -> dict[str, bool]:
    """What every filter says of the case's item; beside it stand others, its twin and a loaf."""
    items: list[Item] = [
        item("it", **case.item),
        item("other", author=HER, addressed_to=ME),
        item("twin"),
        item("loaf", topics=(Topic("bread"),)),
        item("elsewhere", title="Somewhere else today", url="https://elsewhere.org/story"),
        item("weekly", title="Weekly update"),
    ]
    vectors = unit(np.random.default_rng(1).normal(size=(len(items), WIDTH)))
    vectors[2] = unit(vectors[0] + 0.1 * vectors[1])
    pool, _ = world(items, vectors)
    asked: Query = query(member(**case.member), **case.query)
    rows = np.arange(len(items), dtype=np.int32)
    return {rule.name: bool(rule.keeps(asked, pool, rows)[0]) for rule in FILTERS}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.filter}: {case.title}")
def test_the_filter_decides(case: Case) -> None:
    assert verdicts(case)[case.filter] is case.keeps


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.filter}: {case.title}")
def test_no_other_filter_interferes(case: Case) -> None:
    said = verdicts(case)
    del said[case.filter]
    assert all(said.values())


def test_a_topic_that_most_items_bear_rests_for_nobody() -> None:
    pool, _ = world([item(f"{n}", topics=(Topic("bread"),)) for n in range(3)] + [item("other")])
    asked = query(member(exposures=exposures([(NOW - HOUR, 0, OutcomeKind.DISMISSED, NOW)])))
    rows = np.arange(4, dtype=np.int32)
    assert RestingTopic().keeps(asked, pool, rows).all()
    few = np.array([1, 3, 3], dtype=np.int32)
    assert RestingTopic().keeps(asked, pool, few).tolist() == [False, True, True]


def test_every_wired_filter_drops_something_and_keeps_something() -> None:
    wired = {rule.name for rule in FILTERS}
    assert len(wired) == len(FILTERS)
    assert {case.filter for case in CASES if not case.keeps} == wired
    assert {case.filter for case in CASES if case.keeps} == wired


@pytest.mark.parametrize("rule", FILTERS, ids=lambda rule: str(rule.name))
def test_flags_fit_the_rows(rule: Any) -> None:
    pool, _ = world([item("a"), item("b", topics=(Topic("bread"),)), item("c", author=ME)])
    for rows in ([], [2], [2, 0, 1]):
        flags = rule.keeps(query(), pool, np.array(rows, dtype=np.int32))
        assert flags.dtype == np.bool_
        assert flags.shape == (len(rows),)


@pytest.mark.parametrize("rule", FILTERS, ids=lambda rule: str(rule.name))
def test_an_empty_pool_is_no_error(rule: Any) -> None:
    pool, _ = world([])
    assert rule.keeps(query(), pool, np.zeros(0, dtype=np.int32)).size == 0
