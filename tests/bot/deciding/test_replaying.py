"""A decision made again: the same from what is kept, and otherwise only with a reason named."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.deciding.replaying import DIFFERS, IMPOSSIBLE, SAME, Replay, Replayer
from bot.outreach import Attempt
from bot.settings import RecommenderSettings
from bot.store import tables
from bot.store.consents import Consents
from bot.store.database import Unit
from bot.store.items import Items
from bot.store.outcomes import Outcomes
from bot.store.signals import Signals
from bot.store.topics import Topics
from recsys.training import train
from recsys.types import OutcomeKind
from tests.bot.scene import NOW, WORKSPACE, Scene, Withholds, item, policy, said, shown
from tests.recsys.builders import NOW as THEN
from tests.recsys.classroom import pool, taught

LATER = NOW + timedelta(hours=1)


def replay(scene: Scene, decision_id: str) -> Replay:
    """By another process, which knows only what is kept."""
    other = Scene(scene.store, scene.home, policy(threshold=0.9), RecommenderSettings(epsilon=1.0))
    with scene.store.reading(WORKSPACE) as unit:
        decision = unit.session.get_one(tables.Decision, decision_id)
    return Replayer(scene.store, WORKSPACE, other.recommender, other.registry).replay(decision)


def decided(scene: Scene, member: str = "ana", **changes: Any) -> tables.Decision:
    attempt: Attempt = scene.outreach(**changes).attempt(member, NOW)
    return attempt.decision


def write(scene: Scene, act: Callable[[Unit], Any]) -> None:
    with scene.store.writing(WORKSPACE) as unit:
        act(unit)
        unit.commit()


def test_speech_comes_out_the_same(populated: Scene) -> None:
    shown(populated.store, "before")
    decision = decided(populated)
    assert decision.verdict == "speak"
    done = replay(populated, decision.id)
    assert (done.result, done.differences, done.changes) == (SAME, [], [])
    compared = {"slate hash", "slate top", "item_id", "style", "propensity", "engages", "verdict"}
    assert compared <= set(done.compared)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"threshold": 0.999}, "below_threshold"),
        ({"holdout": 0.999}, "holdout"),
        ({"day_starts": "11:00"}, "quiet_hours"),
    ],
)
def test_silence_comes_out_the_same(populated: Scene, changes: dict[str, Any], reason: str) -> None:
    populated.policy = policy(**changes)
    decision = decided(populated)
    assert decision.reason == reason
    assert replay(populated, decision.id).result == SAME


def test_what_the_composer_withheld_stays_withheld(populated: Scene) -> None:
    decision = decided(populated, composer=Withholds())
    assert decision.reason == "composer_abstained"
    assert replay(populated, decision.id).result == SAME


def test_what_the_caps_stopped_at_the_last_moment_is_stopped_again(populated: Scene) -> None:
    outreach = populated.outreach()

    class Slow(Withholds):
        def compose(self, brief: Any) -> Any:
            shown(populated.store, "meanwhile", at=NOW - timedelta(minutes=1))
            return outreach.composer.compose(brief)

    decision = decided(populated, composer=Slow())
    assert (decision.verdict, decision.reason) == ("silent", "daily_cap")
    assert replay(populated, decision.id).result == SAME


def test_the_budget_of_exploration_is_replayed(populated: Scene) -> None:
    populated.policy = policy(threshold=0.99, explore_per_day=1, explore_floor=0.01)
    first, second = decided(populated, "ana"), decided(populated, "bo")
    assert (first.arm, second.arm) == ("explore", "normal")
    assert [replay(populated, one.id).result for one in (first, second)] == [SAME, SAME]


def test_what_came_later_changes_nothing(populated: Scene) -> None:
    opener = shown(populated.store, "before")
    with populated.store.writing(WORKSPACE) as unit:
        Outcomes(unit).record(opener, OutcomeKind.ACCEPTED, NOW - timedelta(days=2))
        unit.commit()
    decision = decided(populated)

    def go_on(unit: Unit) -> None:
        backdated = (NOW - timedelta(days=2)).timestamp()
        late = [item("late", "python", published=backdated), item("a-late", published=backdated)]
        Items(unit).save(late, at=LATER, approved_by="curator")
        Signals(unit).save([said("ana", 30, text="told late"), said("bo", 31, item="python-1")])
        Outcomes(unit).record(opener, OutcomeKind.DISMISSED, NOW - timedelta(days=1))
        Topics(unit).choose("ana", "python", "mute", at=LATER)
        Consents(unit).withdraw("cy", ["reactions"], at=LATER)
        unit.session.add(tables.Member(id="aa", workspace_id=WORKSPACE, name="Aa"))

    write(populated, go_on)
    shown(populated.store, "after", "bo", at=NOW + timedelta(minutes=1))
    done = replay(populated, decision.id)
    assert done.result == SAME
    # nothing of theirs was used for this decision, yet it is told
    assert [(one.what, one.detail) for one in done.changes] == [
        ("consent", "cy withdrew reactions")
    ]


def test_an_item_that_was_withdrawn_is_named_and_does_not_matter(populated: Scene) -> None:
    decision = decided(populated)
    write(populated, lambda unit: Items(unit).withdraw([str(decision.item_id)], at=LATER))
    done = replay(populated, decision.id)
    assert done.result == SAME
    assert f"{decision.item_id} was withdrawn" in done.changes[0].detail


def test_an_item_that_says_something_else_is_named(populated: Scene) -> None:
    decision = decided(populated)
    picked = str(decision.item_id)
    write(populated, lambda unit: Items(unit).reword(picked, "Else", "other words", at=LATER))
    done = replay(populated, decision.id)
    assert done.result == DIFFERS
    assert "slate hash" in {one.what for one in done.differences}
    assert f"{picked} was edited" in done.changes[0].detail


def test_what_a_member_no_longer_agrees_to_is_not_used_again(populated: Scene) -> None:
    decision = decided(populated)
    write(populated, lambda unit: Consents(unit).withdraw("ana", ["channel_messages"], at=LATER))
    done = replay(populated, decision.id)
    assert done.result == DIFFERS
    told = {(one.what, one.detail) for one in done.changes}
    assert ("consent", "ana withdrew channel_messages") in told
    assert ("signals", "4 signals of the member could be read then, 0 now") in told
    # who agrees again may be looked at again
    write(populated, lambda u: Consents(u).grant("ana", ["channel_messages"], at=LATER, origin="t"))
    assert replay(populated, decision.id).result == SAME


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (lambda unit: Signals(unit).forget(["ana:1"]),
         ("signals", "4 signals of the member could be read then, 3 now")),
        (lambda unit: Signals(unit).amend("ana:1", "about an oven"),
         ("signals", "the 4 signals of the member are not all as they were")),
    ],
)  # fmt: skip
def test_messages_deleted_or_edited_are_told(
    populated: Scene, act: Callable[[Unit], Any], told: tuple[str, str]
) -> None:
    decision = decided(populated)
    write(populated, act)
    done = replay(populated, decision.id)
    assert done.result == DIFFERS
    assert told in {(one.what, one.detail) for one in done.changes}


def test_a_team_that_changed_since_is_told(populated: Scene) -> None:
    decision = decided(populated)

    def join(unit: Unit) -> None:
        for member in ("ana", "bo"):
            unit.session.get_one(tables.Member, (WORKSPACE, member)).team = "platform"

    write(populated, join)
    told = [(one.what, one.detail) for one in replay(populated, decision.id).changes]
    assert told == [("team", "0 members of their team could be read then, 2 now")]


def test_the_model_that_served_then_is_asked_again(populated: Scene) -> None:
    result = train(taught(), pool(), seed=7, now=THEN, serving=None)
    registry = populated.registry
    registry.promote(registry.register(result))
    decision = decided(populated)
    assert decision.model_version == "m0001"
    registry.rollback()
    assert replay(populated, decision.id).result == SAME
    shutil.rmtree(registry.root / "m0001")
    gone = replay(populated, decision.id)
    assert gone.result == IMPOSSIBLE
    assert "m0001 cannot be loaded" in gone.changes[0].detail
    other = train(taught(seed=3), pool(), seed=8, now=THEN, serving=None)
    assert registry.register(other) == "m0001"
    another = replay(populated, decision.id)
    assert another.result == DIFFERS
    assert "another one than the one of that name" in another.changes[0].detail


def test_a_record_that_was_tampered_with_is_noticed(populated: Scene) -> None:
    decision = decided(populated)

    def tamper(unit: Unit) -> None:
        unit.session.get_one(tables.Decision, decision.id).style = "story"

    write(populated, tamper)
    done = replay(populated, decision.id)
    assert done.result == DIFFERS
    assert [one.what for one in done.differences] == ["style"]
    assert done.changes[0].what == "unknown"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda row: setattr(row, "inputs", None), "before inputs were kept"),
        (lambda row: setattr(row, "slate", {**row.slate, "schema": "0" * 64}), "schema was 0000"),
    ],
)
def test_what_this_code_cannot_make_again_is_said(
    populated: Scene, change: Callable[[tables.Decision], None], told: str
) -> None:
    decision = decided(populated)
    row: Callable[[Unit], tables.Decision] = lambda unit: unit.session.get_one(  # noqa: E731
        tables.Decision, decision.id
    )
    write(populated, lambda unit: change(row(unit)))
    done = replay(populated, decision.id)
    assert done.result == IMPOSSIBLE
    assert told in done.changes[0].detail


def test_another_version_of_the_rules_is_said(populated: Scene) -> None:
    decision = decided(populated)
    write(
        populated,
        lambda u: setattr(u.session.get_one(tables.Decision, decision.id), "policy_version", "p0"),
    )
    done = replay(populated, decision.id)
    assert (done.result, done.changes[0].what) == (SAME, "policy")


def test_a_replay_writes_nothing(populated: Scene) -> None:
    decision = decided(populated)
    before = populated.everything()
    replay(populated, decision.id)
    assert populated.everything() == before
