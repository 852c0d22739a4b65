"""The home tab's content: by first name, in words, and of this member alone."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from bot.conversation.home import Home, long_day
from bot.policy.purposes import PURPOSES
from bot.policy.words import OUTCOMES
from bot.settings import PolicySettings
from bot.slack.home import home_view
from bot.store import tables
from bot.store.consents import Consents
from bot.store.outcomes import Outcomes
from bot.store.signals import Signals
from recsys.types import OutcomeKind
from tests.bot.scene import NOW, WORKSPACE, Scene, said, shown


def content(scene: Scene, member: str = "ana") -> dict[str, Any]:
    with scene.store.reading(WORKSPACE) as unit:
        row = unit.session.get_one(tables.Member, (WORKSPACE, member))
        return Home(PolicySettings(), "UTC").content(unit, row, NOW)


def test_it_greets_by_first_name(populated: Scene) -> None:
    populated.change("ana", name="Ana Luisa Prado")
    assert content(populated)["name"] == "Ana"


LIMITS: dict[str, tuple[dict[str, Any], str]] = {
    "the workspace's": (
        {},
        "At most one a day and three a week, Monday to Friday, 09:00 to 18:00 (UTC time).",
    ),
    "their own": (
        {"weekdays": "02", "daily_cap": 2, "weekly_cap": 9, "day_starts": 600, "day_ends": 750,
         "zone": "America/Sao_Paulo"},
        "At most two a day and 9 a week, Monday, Wednesday, 10:00 to 12:30 (Sao Paulo time).",
    ),
    "no day": (
        {"weekdays": ""},
        "At most one a day and three a week, on no day, 09:00 to 18:00 (UTC time).",
    ),
}  # fmt: skip


@pytest.mark.parametrize("whose", LIMITS)
def test_limits_are_said_in_words(populated: Scene, whose: str) -> None:
    values, words = LIMITS[whose]
    populated.change("ana", **values)
    assert content(populated)["limits"] == words


def test_what_they_agreed_to_and_what_they_did_not(populated: Scene) -> None:
    with populated.store.writing(WORKSPACE) as unit:
        Consents(unit).withdraw("ana", ["reactions"], at=NOW)
        unit.commit()
    granted = {one["purpose"]: one["granted"] for one in content(populated)["purposes"]}
    assert granted == {one.name: one.name != "reactions" for one in PURPOSES}
    assert content(populated)["agreed"]
    with populated.store.writing(WORKSPACE) as unit:
        Consents(unit).withdraw("ana", ["openers"], at=NOW)
        unit.commit()
    assert not content(populated)["agreed"]
    assert content(populated, "bo")["agreed"]


def test_a_pause_is_told_until_it_is_over(populated: Scene) -> None:
    populated.change("ana", paused_until=NOW + timedelta(days=1))
    assert content(populated)["paused_until"] == "Tuesday, 8 September"
    populated.change("ana", paused_until=NOW)
    assert content(populated)["paused_until"] is None


@pytest.mark.parametrize("column", ["killed_at", "paused_at"])
def test_who_looks_while_everybody_is_silenced_is_told_so(populated: Scene, column: str) -> None:
    may = "I may open conversations with you."
    assert may in str(home_view(content(populated)))
    with populated.store.writing(WORKSPACE) as unit:
        setattr(unit.session.get_one(tables.Workspace, WORKSPACE), column, NOW)
        unit.commit()
    silenced = str(home_view(content(populated)))
    assert may not in silenced
    assert "until they end that" in silenced or "until an admin ends that" in silenced


def test_what_was_told_lately_with_what_became_of_it(populated: Scene) -> None:
    populated.change("ana", zone="Asia/Kolkata")
    opener = shown(populated.store, "a", at=NOW - timedelta(days=3), why="Because you asked.")
    shown(populated.store, "b", "bo")
    (told,) = content(populated)["recent"]
    assert told["when"] == "Fri 4 Sep, 15:30"
    assert (told["outcome"], told["why"]) == ("no answer yet", "Because you asked.")
    with populated.store.writing(WORKSPACE) as unit:
        Outcomes(unit).record(opener, OutcomeKind.REPLIED, NOW)
        unit.commit()
    assert content(populated)["recent"][0]["outcome"] == "you replied"


def test_what_they_wrote_is_told_as_of_one_and_as_of_many(populated: Scene) -> None:
    for wrote, told in ((1, "1 message, in #code"), (6, "6 messages, most of them in #code")):
        with populated.store.writing(WORKSPACE) as unit:
            unit.session.query(tables.Signal).delete()
            Consents(unit).grant("ana", ["channel_messages"], at=NOW, origin="test")
            Signals(unit).save([said("ana", number) for number in range(wrote)])
            unit.commit()
        known = content(populated)["known"]
        assert f"In the last 90 days I took note of {told}." in known
    assert known[-1] == f"You are here mostly between {NOW:%H}:00 and {NOW.hour + 1:02}:00."


def test_every_outcome_has_words() -> None:
    assert set(OUTCOMES) == {kind.name.lower() for kind in OutcomeKind} - {"open"}


def test_days_are_written_without_a_nought() -> None:
    assert long_day(date(2026, 9, 7)) == "Monday, 7 September"
