"""The simulated past: the rules of its logging policy, its figures, and its rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import func, select

from bot.demo import history
from bot.demo.chatter import Phrases, put_into_words
from bot.demo.history import DAYS, SPEAKS, WEEK, Past, live
from bot.demo.load import DEMO_BEGINS, HISTORY_BEGINS, Bundle, load
from bot.demo.records import is_written, posts, write
from bot.demo.worlds import Similarity, days, world_of
from bot.openers.styles import suited
from bot.store import tables
from bot.store.database import Store
from recsys.simulation import Reaction, Said, always_send, local_day, moment
from recsys.types import ItemId, MemberId, OutcomeKind
from recsys.world import DefaultWorld
from tests.bot.demo.conftest import POOL, WORKSPACE


def test_the_past_is_the_same_for_the_same_seed(
    bundle: Bundle, phrases: Phrases, past: Past
) -> None:
    assert live(world_of(bundle, 1), bundle, phrases, 1) == past
    assert live(world_of(bundle, 2), bundle, phrases, 2) != past


def test_the_past_keeps_to_its_policy(bundle: Bundle, past: Past) -> None:
    agreed = {one.id: one for one in bundle.agreed}
    sensitive = {topic.slug for topic in bundle.topics if topic.sensitive}
    weeks = set(days(HISTORY_BEGINS, DAYS))
    moments: defaultdict[str, list[float]] = defaultdict(list)
    for told in past.openers:
        member = agreed[told.member]
        day, hour = local_day(told.at, told.zone)
        assert day == told.day
        assert day in weeks
        assert day.weekday() < 5
        assert 9 <= hour < 17
        assert told.item.published <= told.at < told.item.expires
        assert not set(told.item.topics) & set(member.mutes)
        assert set(told.item.topics) & sensitive <= set(member.follows)
        assert told.style in suited(told.item.kind)
        assert 0 < told.p_item <= 1
        moments[told.member].append(told.at)
    assert len({(o.member, o.item.id) for o in past.openers}) == len(past.openers)
    assert len({(o.member, o.day) for o in past.openers}) == len(past.openers)
    for own in moments.values():
        assert all(later - first >= WEEK for first, later in zip(own, own[3:], strict=False))


def test_the_bundled_world_can_be_learned_from_but_is_not_trivial(
    bundle: Bundle, past: Past
) -> None:
    engaged = sum(told.reaction.engaged for told in past.openers)
    kinds = Counter(told.reaction.kind for told in past.openers)
    assert 700 < len(past.openers) < 1_000
    assert 0.25 < engaged / len(past.openers) < 0.45
    assert kinds[OutcomeKind.OPTED_OUT] <= 6
    assert min(kinds[OutcomeKind.DISMISSED], kinds[OutcomeKind.IGNORED]) > 100
    rested = world_of(bundle, 1)
    agreed = {MemberId(one.id) for one in bundle.agreed}
    day = HISTORY_BEGINS + timedelta(days=51)
    assert day.weekday() == 2
    best = [
        max(
            rested.chance(person.id, offer.id, "question", moment(day, hour, person.zone))
            for offer in rested.items(day)
            for hour in (10.0, 15.0)
        )
        for person in rested.members(day)
        if person.id in agreed
    ]
    assert np.mean(best) > 0.6


def test_similarity_beats_chance_in_the_world_it_does_not_know(
    bundle: Bundle, phrases: Phrases, past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "SHARPNESS", 0.0)
    blind = live(world_of(bundle, 1), bundle, phrases, 1)

    def precision(of: Past) -> float:
        return sum(told.reaction.engaged for told in of.openers) / len(of.openers)

    assert precision(past) > 1.5 * precision(blind)


def test_messages_come_in_words_of_their_topic_in_rooms_that_the_member_is_in(
    bundle: Bundle, phrases: Phrases, past: Past
) -> None:
    rooms = {room.id: room for room in bundle.rooms}
    agreed = {one.id for one in bundle.agreed}
    assert len(past.posts) > 2_000
    assert {post.kind for post in past.posts} == {"posted", "replied"}
    for post in past.posts:
        assert post.member in agreed
        assert post.member in rooms[post.channel].members
        assert not rooms[post.channel].is_private
    topic = 4
    member = MemberId(bundle.agreed[0].id)
    said = [Said(member, float(n), topic) for n in range(10)]
    texts = [post.text for post in put_into_words(bundle, phrases, said, 1)]
    assert set(texts) <= set(phrases.phrases[bundle.topics[topic].slug])


def test_there_are_phrases_for_every_topic_and_rooms_that_exist(
    bundle: Bundle, phrases: Phrases
) -> None:
    slugs, names = {topic.slug for topic in bundle.topics}, {room.name for room in bundle.rooms}
    assert set(phrases.phrases) == set(phrases.rooms) == slugs
    assert all(len(set(lines)) >= 10 for lines in phrases.phrases.values())
    assert {name for fitting in phrases.rooms.values() for name in fitting} <= names


def test_similarity_knows_only_what_was_said_before(bundle: Bundle) -> None:
    member = MemberId(bundle.agreed[0].id)
    later = Similarity(bundle, [Said(member, 1_000.0, 18)])
    silent = Similarity(bundle, [])
    np.testing.assert_array_equal(later.scores(member, 1_000.0), silent.scores(member, 1_000.0))
    assert not np.array_equal(later.scores(member, 1_001.0), silent.scores(member, 1_001.0))


class Watched:
    """A world, and what it was asked."""

    def __init__(self, world: DefaultWorld) -> None:
        self.members, self.items, self.signals = world.members, world.items, world.signals
        self.asked: list[tuple[MemberId, ItemId]] = []
        self._world = world

    def react(self, member: MemberId, item: ItemId, style: str, at: float) -> Reaction:
        self.asked.append((member, item))
        return self._world.react(member, item, style, at)


def test_always_sending_can_stand_beside_on_the_same_members(
    bundle: Bundle, world: DefaultWorld, past: Past
) -> None:
    week = days(DEMO_BEGINS.date(), 7)
    similarity = Similarity(bundle, [one for day in week for one in world.signals(day)])
    agreed = frozenset(MemberId(one.id) for one in bundle.agreed)
    watched = Watched(world)
    tallies = always_send(
        watched, week, similarity.ranking, seed=1, members=agreed, already=past.sent
    )
    assert [tally.openers for tally in tallies[5:]] == [0, 0]
    assert tallies[0].openers == len(agreed)
    assert len(watched.asked) == 5 * len(agreed)
    assert not any(item in past.sent[member] for member, item in watched.asked)


def test_the_rows_are_marked_as_simulated_and_written_once(store: Store, past: Past) -> None:
    bundle = load(store, WORKSPACE, POOL, DEMO_BEGINS)
    assert not is_written(store, bundle.id)
    write(store, bundle, past, 1)
    write(store, bundle, past, 1)
    assert is_written(store, bundle.id)
    with store.reading(bundle.id) as unit:

        def every(table: type[tables.Table]) -> int:
            return unit.session.scalar(select(func.count()).select_from(table)) or 0

        assert every(tables.Decision) == every(tables.Opener) == len(past.openers)
        assert every(tables.Outcome) == len(past.openers)
        assert every(tables.Signal) == len(past.posts)
        assert every(tables.Run) == len({told.day for told in past.openers})
        decisions = unit.session.scalars(select(tables.Decision)).all()
        assert {(d.arm, d.policy_version, d.verdict) for d in decisions} == {
            ("history", "simulated", "speak")
        }
        for one in decisions:
            assert one.p_item is not None
            assert one.p_style is not None
            assert one.propensity == pytest.approx(SPEAKS * one.p_item * one.p_style)
        openers = unit.session.scalars(select(tables.Opener)).all()
        assert {o.state for o in openers} == {"closed"}
        assert {(o.prompt, o.language_model) for o in openers} == {("simulated", "simulated")}
        assert all("simulated" in o.text for o in openers)
        assert all(o.closed_at is not None and o.closed_at <= DEMO_BEGINS for o in openers)
        outcomes = unit.session.scalars(select(tables.Outcome)).all()
        kinds = Counter(told.reaction.kind.name.lower() for told in past.openers)
        assert Counter(one.kind for one in outcomes) == kinds
        for one_outcome in outcomes:
            late = one_outcome.kind == "ignored"
            assert (one_outcome.seconds_after == 12 * 3600) == late
        # nobody is gone: whoever opted out in the past is taken as having come back
        assert not [m for m in unit.session.scalars(select(tables.Member)) if m.left_at is not None]
    lines = posts(store, bundle.id)
    assert len(lines) == len(past.posts)
    assert [line.ts for line in lines] == sorted(line.ts for line in lines)
