"""Where a member stands: what became of the last openers, whose holidays they keep, whose rules."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.calendar import holiday, known_country
from bot.deciding.inputs import standing_from, standing_record
from bot.policy.facts import Standing
from bot.policy.reach import cooldown_hours
from bot.ports import BadInput
from bot.reading.standing import unwelcome, weariness
from bot.store import tables
from bot.store.database import Store, connect
from bot.store.openers import Openers, Told
from bot.store.outcomes import Outcomes
from bot.store.rules import AdminRules
from recsys.types import OutcomeKind
from tests.bot.scene import NOW, WORKSPACE, Scene, policy, populate, shown

DAY = timedelta(days=1)


@pytest.fixture
def scene(sqlite_url: str, tmp_path: Path) -> Iterator[Scene]:
    store = Store(connect(sqlite_url))
    populate(store, members=("ana",))
    yield Scene(store, tmp_path, policy())
    store.close()


def read(scene: Scene, now: datetime = NOW) -> Standing:
    with scene.store.reading(WORKSPACE) as unit:
        return scene.standings.read(unit, "ana", now)


def tell(scene: Scene, days: float, *outcomes: str) -> None:
    """An opener so many days ago, and what became of it, an hour after each other."""
    at = NOW - days * DAY
    opener = shown(scene.store, f"d{days}", at=at, item_id="python-0")
    with scene.store.writing(WORKSPACE) as unit:
        found = unit.session.get_one(tables.Opener, opener.id)
        for number, kind in enumerate(outcomes):
            later = at + timedelta(hours=number + 1)
            Outcomes(unit).record(found, OutcomeKind[kind.upper()], later)
        unit.commit()


HISTORIES: dict[str, tuple[tuple[tuple[float, ...] | tuple[Any, ...], ...], int, float]] = {
    "nothing yet": ((), 0, 0.0),
    "still open": (((1,),), 0, 0.0),
    "ignored twice": (((3, "ignored"), (2, "ignored")), 2, 2.0),
    "dismissed and ignored": (((3, "dismissed"), (2, "ignored")), 2, 3.0),
    "taken up in between": (((4, "ignored"), (3, "replied"), (2, "ignored")), 1, 1.0),
    "taken up last": (((4, "dismissed"), (3, "dismissed"), (2, "accepted")), 0, 3.0),
    "ignored, and then answered": (((2, "ignored", "replied"),), 0, 0.0),
    "answered, and then ignored counts as answered": (((2, "replied", "ignored"),), 0, 0.0),
    "an open one is passed over": (((3, "ignored"), (1,)), 1, 1.0),
    "three weeks ago: counted in a row, no longer felt": (((21, "dismissed"),), 1, 0.0),
}


@pytest.mark.parametrize("what", HISTORIES)
def test_what_became_of_the_last_ones(scene: Scene, what: str) -> None:
    told, in_a_row, weary = HISTORIES[what]
    for days, *outcomes in told:
        tell(scene, float(days), *map(str, outcomes))
    where = read(scene)
    assert (where.unwelcome, where.weariness) == (in_a_row, weary)


def test_the_silence_doubles_and_ends_with_one_that_is_taken_up(scene: Scene) -> None:
    tell(scene, 3.0, "ignored")
    assert cooldown_hours(read(scene)) == 32
    tell(scene, 2.0, "dismissed")
    assert cooldown_hours(read(scene)) == 64
    tell(scene, 1.0, "followed_up")
    assert cooldown_hours(read(scene)) == 16


def test_a_cooldown_of_weeks_sees_an_opener_of_weeks_ago(scene: Scene) -> None:
    tell(scene, 20.0, "ignored")
    assert read(scene).last_sent_at == NOW - 20 * DAY
    assert (read(scene).sent_today, read(scene).sent_week) == (0, 0)


def test_counting_by_itself() -> None:
    told = [Told("a", NOW, "ignored"), Told("b", NOW, ""), Told("c", NOW, "dismissed")]
    assert unwelcome(told) == 2
    assert weariness(told) == 3.0
    assert weariness([Told("a", NOW, "replied")] * 4) == 0.0


def test_undone_outcomes_do_not_count(scene: Scene) -> None:
    tell(scene, 2.0, "dismissed")
    with scene.store.writing(WORKSPACE) as unit:
        Outcomes(unit).undo("op_d2.0", "dismissed", NOW)
        unit.commit()
        (told,) = Openers(unit).lately("ana", NOW - 9 * DAY)
    assert told.outcome == ""
    assert read(scene).unwelcome == 0


def test_a_member_s_country_goes_before_the_workspace_s_and_the_settings_(scene: Scene) -> None:
    freedom = datetime(2026, 4, 25, 10, tzinfo=UTC)
    assert (read(scene, freedom).country, read(scene, freedom).holiday) == ("", "")
    scene.policy = policy(country="US")
    assert read(scene, freedom).country == "US"
    with scene.store.writing(WORKSPACE) as unit:
        unit.session.get_one(tables.Workspace, WORKSPACE).country = "PT"
        unit.commit()
    assert read(scene, freedom).holiday
    scene.change("ana", country="US")
    assert (read(scene, freedom).country, read(scene, freedom).holiday) == ("US", "")


def test_it_is_their_date_that_counts(scene: Scene) -> None:
    scene.policy = policy(country="US")
    eve = datetime(2025, 7, 3, 20, tzinfo=UTC)
    scene.change("ana", zone="Pacific/Auckland")
    assert read(scene, eve).holiday
    scene.change("ana", zone="America/Los_Angeles")
    assert not read(scene, eve).holiday


def test_what_is_read_comes_back_from_the_record(scene: Scene) -> None:
    tell(scene, 2.0, "ignored")
    with scene.store.writing(WORKSPACE) as unit:
        AdminRules(unit).save("late", "hour > 16", at=NOW, by="ada")
        AdminRules(unit).switch("late", 1)
        AdminRules(unit).save("off", "true", at=NOW, by="ada")
        unit.commit()
    where = read(scene)
    assert [rule.name for rule in where.rules] == ["late"]
    again = standing_from(standing_record(where))
    assert (again.rules, again.unwelcome) == (where.rules, 1)


@pytest.mark.parametrize("code", ["PT", "de-by", " us ", ""])
def test_countries_that_are_known(code: str) -> None:
    assert known_country(code) == code.strip().upper()


@pytest.mark.parametrize("code", ["Portugal", "XX", "DE-ZZ", "1"])
def test_countries_that_are_not(code: str) -> None:
    with pytest.raises(BadInput, match="ISO 3166"):
        known_country(code)


def test_parts_of_a_country_keep_holidays_of_their_own() -> None:
    saints = date(2026, 11, 1)
    assert holiday("DE-BY", saints)
    assert not holiday("DE-BE", saints)
    assert not holiday("", saints)
