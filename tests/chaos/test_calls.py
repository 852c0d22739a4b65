"""Calls that break in every way: each message arrives once, and what nobody can know is said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.figures import Figures, Tally
from tests.chaos.killing import orders
from tests.chaos.processes import result
from tests.chaos.scene import DEADLINE, IN_FLIGHT, SETTLED, Scene, staged
from tests.chaos.worker import finish

POST, HISTORY = "chat.postMessage", "conversations.history"
BREAKS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("drop_after_commit", {}),
    ("drop_before", {}),
    ("delay", {"seconds": DEADLINE + 0.5, "after_commit": True}),
    ("drip", {"seconds": DEADLINE + 0.5}),
    ("status", {"status": 500, "after_commit": True}),
    ("status", {"status": 500}),
    ("status", {"status": 503}),
    ("error", {"error": "internal_error"}),
    ("rate_limited", {"retry_after": 3600}),
)
"""what a call of `chat.postMessage` may meet; each twice"""
MEMBERS = 30
AGES = 10**6
ALWAYS = {"times": AGES}


@pytest.fixture
def scene(tmp_path: Path, sqlite_url: str) -> Iterator[Scene]:
    with staged(tmp_path, sqlite_url, MEMBERS) as made:
        yield made


def break_call(scene: Scene, member: str, kind: str, **more: Any) -> None:
    """The next message to this member meets trouble."""
    address = scene.address(member)
    scene.fault(POST, kind, when=lambda args: args["channel"] == address, **more)


def lag(scene: Scene, by: timedelta) -> None:
    """Conversations show what is new only so much later, by the time of the scene."""
    since = scene.time.now()
    over = lambda args: scene.time.now() < since + by  # noqa: E731
    scene.fault(HISTORY, "history_lag", seconds=AGES, when=over, **ALWAYS)


def broken_calls(scene: Scene, without: str = "") -> Tally:
    troubled = scene.members[: 2 * len(BREAKS)]
    scene.put(scene.members[: 3 * len(BREAKS)])
    for member, (kind, more) in zip(troubled, 2 * BREAKS, strict=True):
        break_call(scene, member, kind, **more)
    result(finish, orders(scene, without))
    return scene.tally(faults=len(scene.emulator.faults.fired()))


def test_broken_calls(tmp_path: Path, database_url: str, figures: Figures) -> None:
    with staged(tmp_path, database_url, MEMBERS) as scene:
        tally = figures.note("calls that break in nine ways", broken_calls(scene))
    assert tally.faults == 2 * len(BREAKS)
    assert tally.harmless
    assert (tally.once, tally.unresolved) == (len(scene.expected), 0)


@pytest.mark.parametrize(("without", "harm"), [("reconciliation", "doubled"), ("looking", "lost")])
def test_broken_calls_do_harm_without_asking_the_conversation(
    scene: Scene, figures: Figures, without: str, harm: str
) -> None:
    tally = figures.control(without, broken_calls(scene, without))
    assert getattr(tally, harm) > 0


def test_a_pause_that_slack_asks_for_is_kept(scene: Scene, figures: Figures) -> None:
    tally = figures.note("429 with a long Retry-After", held(scene))
    assert 1 <= tally.faults <= IN_FLIGHT  # those that were under way when the first was refused
    assert tally.once == len(scene.expected)


def test_without_the_pause_slack_is_asked_again_and_again(scene: Scene, figures: Figures) -> None:
    without = "the pause"
    tally = figures.control(without, held(scene, without))
    assert tally.faults > IN_FLIGHT


def held(scene: Scene, without: str = "") -> Tally:
    """For half an hour every call is refused; the first answer says so."""
    over = scene.time.now() + timedelta(minutes=30)
    early = lambda args: scene.time.now() < over  # noqa: E731
    scene.fault(POST, "rate_limited", retry_after=1800, when=early, **ALWAYS)
    scene.put(scene.members[:5])
    result(finish, orders(scene, without))
    return scene.tally(faults=len(scene.emulator.faults.fired()))


def lagging(scene: Scene, by: timedelta, without: str = "") -> Tally:
    """Messages that arrived without an answer, among others, while conversations lag."""
    lag(scene, by)
    for member in scene.members[:3]:
        break_call(scene, member, "drop_after_commit")
    scene.put(scene.members[:6])
    scene.put(scene.members[6:9], not_before=scene.time.now() + timedelta(seconds=30))
    result(finish, orders(scene, without))
    return scene.tally(faults=len(scene.emulator.faults.fired()))


@pytest.mark.parametrize(
    ("what", "by", "unresolved"),
    [
        ("less than the settle time", SETTLED / 2, 0),
        ("more than the settle time", 3 * SETTLED, 0),
        ("for hours", timedelta(hours=4), 3),
    ],
)
def test_history_that_lags(
    scene: Scene, figures: Figures, what: str, by: timedelta, unresolved: int
) -> None:
    tally = figures.note(f"history lags {what}", lagging(scene, by))
    assert tally.harmless
    assert tally.unresolved == unresolved
    assert tally.once == len(scene.expected) - unresolved


def test_history_that_lags_doubles_where_its_absence_is_believed(
    scene: Scene, figures: Figures
) -> None:
    without = "a witness"
    tally = figures.control(without, lagging(scene, 3 * SETTLED, without))
    assert tally.doubled == 3


def unreadable(scene: Scene, without: str = "") -> Tally:
    """History fails for two members for ever, and for a third for ten minutes."""
    first, second, third = addresses = [scene.address(m) for m in scene.members[:3]]
    over = scene.time.now() + timedelta(minutes=10)
    for member in scene.members[:3]:
        break_call(scene, member, "drop_after_commit")
    never = lambda args: args["channel"] in (first, second)  # noqa: E731
    soon = lambda args: args["channel"] == third and scene.time.now() < over  # noqa: E731
    scene.fault(HISTORY, "status", when=never, **ALWAYS)
    scene.fault(HISTORY, "status", when=soon, **ALWAYS)
    assert len(set(addresses)) == 3
    scene.put(scene.members[:5])
    result(finish, orders(scene, without))
    return scene.tally(faults=len(scene.emulator.faults.fired()))


def test_history_that_fails(scene: Scene, figures: Figures) -> None:
    tally = figures.note("history that fails", unreadable(scene))
    assert tally.harmless
    assert (tally.once, tally.unresolved) == (3, 2)


def test_history_that_fails_doubles_where_a_failure_is_taken_for_absence(
    scene: Scene, figures: Figures
) -> None:
    without = "reconciliation"
    tally = figures.control(without, unreadable(scene, without))
    assert tally.doubled == 3
