"""The worlds of `recsys.world`, and the policy that always speaks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pytest

from recsys.habits import axes
from recsys.setting import MONDAY
from recsys.simulation import (
    Offer,
    Reaction,
    World,
    always_send,
    is_working_day,
    local_day,
    moment,
)
from recsys.types import ItemId, MemberId, OutcomeKind
from recsys.world import FOCUS, DefaultWorld

WEEK = [MONDAY + timedelta(days=past) for past in range(7)]
NOON = 12.0


def first(member: MemberId, offers: Sequence[Offer], at: float) -> list[ItemId]:
    return [offer.id for offer in offers]


def one_item_world(members: int, mixture: float, seed: int = 3) -> DefaultWorld:
    """Every member likes topic 0 alone; the one item is about it to the share `mixture`."""
    item = Offer(ItemId("only"), np.array([mixture, 1 - mixture]), MONDAY)
    interests = {MemberId(f"m{n}"): np.array([1.0, 0.0]) for n in range(members)}
    return DefaultWorld.over([item], interests, ["UTC"] * members, seed, start=MONDAY)


def share(world: DefaultWorld, kind: OutcomeKind, at: float) -> float:
    answers = [
        world.react(person.id, ItemId("only"), "a", at).kind for person in world.members(MONDAY)
    ]
    return answers.count(kind) / len(answers)


def engaged(world: DefaultWorld, at: float) -> float:
    return share(world, OutcomeKind.REPLIED, at) + share(world, OutcomeKind.FOLLOWED_UP, at)


def test_the_default_world_is_a_world() -> None:
    world: World = DefaultWorld.drawn(3, 5, seed=1, days=2)
    assert len(world.members(MONDAY)) == 3
    assert len(world.items(MONDAY)) == 5 + 10
    assert len(world.items(MONDAY + timedelta(days=1))) >= 20


def test_items_appear_when_published_and_live_three_weeks() -> None:
    world = DefaultWorld.drawn(1, 40, seed=1, days=60)
    for day in (MONDAY, MONDAY + timedelta(days=40)):
        for offer in world.items(day):
            assert timedelta(0) <= day - offer.published < timedelta(days=21)
    assert len(world.items(MONDAY + timedelta(days=40))) == 210


def test_one_seed_is_one_world_and_another_is_another() -> None:
    def said(seed: int) -> list[tuple[float, int]]:
        world = DefaultWorld.drawn(20, 5, seed)
        return [(one.at, one.topic) for day in WEEK for one in world.signals(day)]

    assert said(1) == said(1)
    assert said(1) != said(2)


def test_two_policies_that_send_the_same_get_the_same_whatever_they_asked_others() -> None:
    lone, busy = (DefaultWorld.drawn(30, 20, seed=5) for _ in range(2))
    at = moment(MONDAY, NOON, "UTC")
    for person in busy.members(MONDAY)[1:]:
        busy.signals(MONDAY)
        busy.react(person.id, ItemId("item-1"), "b", at)
    me = MemberId("member-0")
    assert lone.react(me, ItemId("item-3"), "a", at) == busy.react(me, ItemId("item-3"), "a", at)


def test_the_die_of_a_member_and_day_is_not_rolled_again_for_another_moment_or_item() -> None:
    # where the chance does not change, neither does the answer: minutes come from the same die
    world = DefaultWorld.drawn(60, 20, seed=5)
    fresh = world.copy()
    at = moment(MONDAY, NOON, "UTC")
    for person in world.members(MONDAY):
        one = world.react(person.id, ItemId("item-1"), "a", at)
        other = fresh.react(person.id, ItemId("item-2"), "a", at + 60)
        if OutcomeKind.IGNORED not in (one.kind, other.kind):
            assert one.minutes == other.minutes


def test_asked_again_about_the_same_item_it_answers_as_before_and_tires_nobody() -> None:
    world = DefaultWorld.drawn(1, 20, seed=5)
    me, at = MemberId("member-0"), moment(MONDAY, NOON, "UTC")
    once = world.react(me, ItemId("item-1"), "a", at)
    before = world.chance(me, ItemId("item-2"), "a", at)
    assert world.react(me, ItemId("item-1"), "a", at + 60) == once
    assert world.chance(me, ItemId("item-2"), "a", at) == before


def test_fatigue_lowers_the_chance_halves_in_two_days_and_stays_in_its_copy() -> None:
    world = DefaultWorld.drawn(1, 20, seed=5)
    me, at = MemberId("member-0"), moment(MONDAY, NOON, "UTC")

    def logit(of: DefaultWorld, when: float) -> float:
        p = of.chance(me, ItemId("item-2"), "a", when)
        return float(np.log(p / (1 - p)))

    rested = world.copy()
    reaction = world.react(me, ItemId("item-1"), "a", at)
    added = 0.2 if reaction.engaged else 0.6
    assert logit(rested, at) - logit(world, at) == pytest.approx(0.9 * added)
    later = at + 2 * 86_400
    assert logit(rested, later) - logit(world, later) == pytest.approx(0.45 * added)


def test_the_shares_of_reactions_follow_the_formula() -> None:
    at = moment(MONDAY, NOON, "UTC")
    world = one_item_world(1500, mixture=1.0)
    expected = np.mean([world.chance(p.id, ItemId("only"), "a", at) for p in world.members(MONDAY)])
    assert engaged(world, at) == pytest.approx(float(expected), abs=0.03)
    assert 0.45 < engaged(world, at) < 0.75


def test_what_nobody_cares_for_is_seldom_taken_up_and_often_dismissed_for_its_topic() -> None:
    at = moment(MONDAY, NOON, "UTC")
    world = one_item_world(1500, mixture=0.0)
    assert engaged(world, at) < 0.15
    # rested and indifferent: σ(-1 + 0.6) = 0.40 of those who do not engage
    not_engaged = 1 - engaged(world, at)
    assert share(world, OutcomeKind.DISMISSED, at) / not_engaged == pytest.approx(0.40, abs=0.04)
    reasons = {
        world.react(p.id, ItemId("only"), "a", at).reason
        for p in world.members(MONDAY)
        if world.react(p.id, ItemId("only"), "a", at).kind is OutcomeKind.DISMISSED
    }
    assert reasons == {"topic"}
    assert share(world, OutcomeKind.OPTED_OUT, at) < 0.01


def test_reactions_come_within_four_hours_and_silence_never() -> None:
    world = one_item_world(300, mixture=0.5)
    at = moment(MONDAY, NOON, "UTC")
    reactions = [world.react(p.id, ItemId("only"), "a", at) for p in world.members(MONDAY)]
    for reaction in reactions:
        if reaction.kind is OutcomeKind.IGNORED:
            assert reaction.minutes == float("inf")
        else:
            assert 1 <= reaction.minutes <= 240
        assert bool(reaction.reason) == (reaction.kind is OutcomeKind.DISMISSED)


def test_the_focus_status_hints_at_closed_days() -> None:
    world = one_item_world(2000, mixture=1.0)
    focused = sum(person.status == FOCUS for person in world.members(MONDAY))
    # .3 x .7 + .7 x .05
    assert focused / 2000 == pytest.approx(0.245, abs=0.03)


def test_members_speak_on_working_days_mostly_about_their_interests() -> None:
    world = one_item_world(300, mixture=1.0)
    said = [one for day in WEEK[:5] for one in world.signals(day)]
    assert not [one for day in WEEK[5:] for one in world.signals(day)]
    assert len(said) / 300 / 5 == pytest.approx(3.0, abs=0.5)
    # two topics: .7 + .3 / 2
    assert np.mean([one.topic == 0 for one in said]) == pytest.approx(0.85, abs=0.02)
    ordered = [one.at for one in world.signals(MONDAY)]
    assert ordered == sorted(ordered)


def test_interests_stay_true_unless_they_drift() -> None:
    def about(drift: float) -> float:
        interests = {MemberId(f"m{n}"): np.array([1.0, 0.0]) for n in range(50)}
        world = DefaultWorld.over([], interests, ["UTC"] * 50, 3, start=MONDAY, drift=drift)
        later = [MONDAY + timedelta(days=past) for past in range(350, 364)]
        return float(np.mean([one.topic == 0 for day in later for one in world.signals(day)]))

    assert about(0.0) == pytest.approx(0.85, abs=0.04)
    assert about(0.02) < 0.7


def test_hours_are_those_of_the_member() -> None:
    at = moment(date(2026, 7, 13), 9.5, "America/New_York")
    assert at == moment(date(2026, 7, 13), 15.5, "Europe/Berlin")
    assert local_day(at, "America/New_York") == (date(2026, 7, 13), 9.5)
    assert local_day(at, "Asia/Kolkata") == (date(2026, 7, 13), 19.0)


def test_strangers_are_refused() -> None:
    world = one_item_world(1, mixture=1.0)
    with pytest.raises(ValueError, match="nobody"):
        world.react(MemberId("nobody"), ItemId("only"), "a", 0.0)
    with pytest.raises(ValueError, match="one zone a member"):
        DefaultWorld.over([], {MemberId("m"): np.ones(2)}, [], 1, start=MONDAY)


def test_topic_axes_are_orthonormal() -> None:
    vectors = axes(24, 384, seed=1)
    np.testing.assert_allclose(vectors @ vectors.T, np.eye(24), atol=1e-9)
    with pytest.raises(ValueError, match="do not fit"):
        axes(24, 8, seed=1)


class Scripted:
    """A world that answers by the item alone, and keeps what it was asked."""

    def __init__(self, kinds: dict[str, OutcomeKind]) -> None:
        self.kinds = kinds
        self.world = one_item_world(2, mixture=1.0)
        self.asked: list[tuple[MemberId, ItemId, float]] = []
        self.members = self.world.members
        self.signals = self.world.signals

    def items(self, day: date) -> list[Offer]:
        return [Offer(ItemId(name), np.ones(1), MONDAY) for name in self.kinds]

    def react(self, member: MemberId, item: ItemId, style: str, at: float) -> Reaction:
        self.asked.append((member, item, at))
        return Reaction(self.kinds[item], 1.0)


def test_always_sending_speaks_once_each_working_morning_and_never_twice_about_an_item() -> None:
    world = Scripted({f"i{n}": OutcomeKind.REPLIED for n in range(7)})
    days = always_send(world, WEEK, first, seed=1)
    assert [day.openers for day in days] == [2, 2, 2, 2, 2, 0, 0]
    assert len(set(world.asked)) == len({(m, i) for m, i, _ in world.asked}) == 10
    for _, _, at in world.asked:
        day, hour = local_day(at, "UTC")
        assert is_working_day(day)
        assert 9 <= hour <= 11
    assert sum(day.utility for day in days) == 10


def test_always_sending_leaves_those_alone_who_opted_out_and_pays_for_them() -> None:
    world = Scripted(
        {"i0": OutcomeKind.DISMISSED, "i1": OutcomeKind.OPTED_OUT, "i2": OutcomeKind.REPLIED}
    )
    days = always_send(
        world, WEEK, first, seed=1, already={MemberId("m0"): frozenset({ItemId("i1")})}
    )
    assert [(d.openers, d.engaged, d.dismissed, d.opted_out) for d in days[:4]] == [
        (2, 0, 2, 0),
        (2, 1, 0, 1),
        (0, 0, 0, 0),
        (0, 0, 0, 0),
    ]
    assert [day.utility for day in days[:2]] == [-1.0, -19.0]
    assert days[1].precision == 0.5
    only = always_send(world, WEEK[:1], first, seed=1, members=frozenset({MemberId("m1")}))
    assert only[0].openers == 1
