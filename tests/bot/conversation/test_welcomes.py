"""The one welcome message: to whom, how often, and when never."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.conversation.welcomes import Welcomes
from bot.policy.purposes import PURPOSES
from bot.store import tables
from bot.store.consents import Consents
from bot.store.database import Store
from bot.store.outbox import OutboxRows
from tests.bot.scene import NOW, WORKSPACE, Scene, policy, populate
from tests.bot.test_at_once import at_once

MANY = tuple(f"m{n:02}" for n in range(12))


@pytest.fixture
def strangers(store: Store, tmp_path: Path) -> Scene:
    """A dozen members whom nobody ever asked anything."""
    populate(store, members=MANY)
    with store.writing(WORKSPACE) as unit:
        unit.session.query(tables.Consent).delete()
        unit.commit()
    return Scene(store, tmp_path, policy(pilot_only=True, welcomes_per_day=5))


def welcome(scene: Scene, now: datetime = NOW) -> int:
    hello = "Hello {}.".format
    return Welcomes(scene.store, WORKSPACE, scene.standings, scene.policy, hello).plan(now)


def welcomed(scene: Scene) -> list[str]:
    return sorted(row.member_id for row in scene.rows(tables.Outbox) if row.kind == "welcome")


def test_nobody_is_welcomed_unasked(strangers: Scene) -> None:
    assert welcome(strangers) == 0
    strangers.policy = policy(pilot_only=False)
    assert welcome(strangers) == 0
    assert welcomed(strangers) == []


def test_the_pilot_and_who_came_are_welcomed_once_ever(strangers: Scene) -> None:
    strangers.change("m00", pilot=True)
    strangers.change("m01", came_at=NOW)
    strangers.policy = policy(pilot_only=True, pilot=("m02",))
    assert welcome(strangers) == 3
    assert welcomed(strangers) == ["m00", "m01", "m02"]
    row = next(one for one in strangers.rows(tables.Outbox) if one.member_id == "m00")
    told = row.payload["content"]
    assert told["text"] == "Hello M00."
    assert [name for name, _ in told["purposes"]] == [purpose.name for purpose in PURPOSES]
    for later in (timedelta(minutes=1), timedelta(days=1), timedelta(days=30, hours=1)):
        assert welcome(strangers, NOW + later) == 0
    assert len(welcomed(strangers)) == 3


def pilot(scene: Scene, *members: str) -> None:
    for member in members:
        scene.change(member, pilot=True)


def test_a_few_a_day(strangers: Scene) -> None:
    pilot(strangers, *MANY)
    assert [welcome(strangers, NOW + timedelta(days=n)) for n in range(4)] == [5, 5, 2, 0]
    assert len(welcomed(strangers)) == len(set(welcomed(strangers))) == 12


def test_two_who_plan_at_once_welcome_no_more(strangers: Scene) -> None:
    pilot(strangers, *MANY)
    counts = at_once(*[lambda: welcome(strangers)] * 3)
    assert sorted(counts) == [0, 0, 5]
    assert len(welcomed(strangers)) == 5


@pytest.mark.parametrize(
    "withdrawn", [False, True], ids=["agreed to something", "withdrew everything"]
)
def test_never_after_they_were_asked(strangers: Scene, withdrawn: bool) -> None:
    pilot(strangers, "m00")
    with strangers.store.writing(WORKSPACE) as unit:
        Consents(unit).grant("m00", ["reactions"], at=NOW, origin="home")
        if withdrawn:
            Consents(unit).withdraw("m00", at=NOW)
        unit.commit()
    assert welcome(strangers) == 0


@pytest.mark.parametrize(
    "values",
    [
        {"left_at": NOW},
        {"deactivated_at": NOW},
        {"is_bot": True},
        {"is_guest": True},
        {"is_stranger": True},
        {"welcomed_at": NOW - timedelta(days=400)},
        {"paused_until": NOW + timedelta(hours=1)},
    ],
    ids=lambda values: next(iter(values)),
)
def test_never_to(strangers: Scene, values: dict[str, Any]) -> None:
    strangers.change("m00", pilot=True, **values)
    strangers.change("m01", pilot=True)
    welcome(strangers)
    assert welcomed(strangers) == ["m01"]


def test_not_from_a_stopped_workspace(strangers: Scene) -> None:
    pilot(strangers, "m00")
    with strangers.store.writing(WORKSPACE) as unit:
        unit.session.get_one(tables.Workspace, WORKSPACE).killed_at = NOW
        unit.commit()
    assert welcome(strangers) == 0


def test_it_is_not_spent_on_their_night(strangers: Scene) -> None:
    """A welcome that quiet hours hold back would never come again: it waits for their day."""
    pilot(strangers, "m00", "m01")
    strangers.change("m00", zone="Asia/Tokyo")
    assert welcome(strangers, NOW) == 1
    assert welcomed(strangers) == ["m01"]
    assert welcome(strangers, NOW.replace(hour=23, minute=59)) == 0
    assert welcome(strangers, NOW + timedelta(hours=15)) == 1
    assert welcomed(strangers) == ["m00", "m01"]


def test_those_who_sleep_do_not_hold_up_the_day_s_few(strangers: Scene) -> None:
    pilot(strangers, *MANY)
    for member in MANY[:6]:
        strangers.change(member, zone="Asia/Tokyo")
    assert welcome(strangers) == 5
    assert welcomed(strangers) == list(MANY[6:11])


def test_what_breaks_welcomes_nobody(strangers: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    pilot(strangers, "m00")

    def breaks(*args: Any, **more: Any) -> bool:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(OutboxRows, "add", breaks)
        with pytest.raises(RuntimeError, match="disk"):
            welcome(strangers)
    assert welcome(strangers) == 1
