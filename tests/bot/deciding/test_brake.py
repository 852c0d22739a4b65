"""The workspace pauses itself when too many opt out, and only a person ends that."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest

from bot.deciding.brake import Brake, resume
from bot.policy.gate import judge
from bot.policy.rules import ANSWER_RULES, REACH_RULES, WELCOME_RULES
from bot.ports import Refused
from bot.reading.standing import Standings
from bot.settings import PolicySettings
from bot.store import tables
from bot.store.database import Store, Unit
from tests.bot.scene import NOW, WORKSPACE, populate, shown

MANY = tuple(f"m{n:02}" for n in range(20))
DAY = timedelta(days=1)
BRAKE = Brake(PolicySettings(optout_share=0.2, optout_least=3, optout_days=7))


@pytest.fixture
def told(store: Store) -> Store:
    """Twenty members, of whom the first ten got an opener the day before yesterday."""
    populate(store, members=MANY)
    for member in MANY[:10]:
        shown(store, f"t-{member}", member, at=NOW - 2 * DAY)
    return store


def leave(store: Store, *members: str, at: Any = NOW) -> str | None:
    """They opt out one after another; what the brake says of the last."""
    reason = None
    for member in members:
        with store.writing(WORKSPACE) as unit:
            unit.session.get_one(tables.Member, (WORKSPACE, member)).left_at = at
            unit.session.flush()
            reason = BRAKE.check(unit, at)
            unit.commit()
    return reason


def verdicts(store: Store, member: str = "m09") -> list[str]:
    with store.reading(WORKSPACE) as unit:
        policy = PolicySettings(pilot_only=False)
        standing = Standings(policy).read(unit, member, NOW)
    return [judge(rules, standing).reason for rules in (REACH_RULES, WELCOME_RULES, ANSWER_RULES)]


def test_two_are_too_few_and_the_third_pauses(
    told: Store, caplog: pytest.LogCaptureFixture
) -> None:
    assert leave(told, "m00", "m01") is None
    assert verdicts(told) == ["", "", ""]
    with caplog.at_level(logging.WARNING):
        assert leave(told, "m02") == "3 of 10 members opted out within 7 days"
    assert "is paused: 3 of 10" in caplog.text
    assert verdicts(told) == ["workspace_paused", "workspace_paused", ""]
    assert leave(told, "m03") is None, "it is paused already, and said so once"


def test_three_of_many_are_a_small_share(told: Store) -> None:
    for member in MANY[10:]:
        shown(told, f"t-{member}", member, at=NOW - DAY)
    assert leave(told, "m00", "m01", "m02") is None
    assert leave(told, "m03") == "4 of 20 members opted out within 7 days"


@pytest.mark.parametrize("who", [MANY[10:14], ("nobody",)])
def test_who_never_got_one_left_for_no_opener_of_ours(told: Store, who: tuple[str, ...]) -> None:
    assert leave(told, *(member for member in who if member in MANY)) is None


def test_what_is_long_ago_counts_no_more(told: Store) -> None:
    assert leave(told, "m00", "m01", at=NOW - 8 * DAY) is None
    assert leave(told, "m02") is None


def test_a_person_ends_it_and_those_before_count_no_more(told: Store) -> None:
    leave(told, "m00", "m01", "m02")
    with told.writing(WORKSPACE) as unit:
        resume(unit, by="ada", now=NOW + timedelta(hours=1))
        unit.commit()
    assert verdicts(told) == ["", "", ""]
    assert leave(told, "m03", "m04", at=NOW + timedelta(hours=2)) is None
    assert leave(told, "m05", at=NOW + timedelta(hours=2)) is not None
    with told.reading(WORKSPACE) as unit:
        entries = unit.session.query(tables.AuditEntry).order_by(tables.AuditEntry.number).all()
        assert [(one.who, one.action) for one in entries] == [
            ("overture", "workspace.paused"),
            ("ada", "workspace.resumed"),
            ("overture", "workspace.paused"),
        ]


def test_what_is_not_paused_cannot_be_resumed(told: Store) -> None:
    with told.writing(WORKSPACE) as unit, pytest.raises(Refused, match="is not paused"):
        resume(unit, by="ada", now=NOW)


def test_without_the_brake_they_go_on(told: Store) -> None:
    def leaves(unit: Unit, member: str) -> None:
        unit.session.get_one(tables.Member, (WORKSPACE, member)).left_at = NOW

    with told.writing(WORKSPACE) as unit:
        for member in MANY[:5]:
            leaves(unit, member)
        unit.commit()
    assert verdicts(told) == ["", "", ""]
