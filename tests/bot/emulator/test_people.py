"""users.*, dnd.*: zones, guests, presence and quiet nights."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from slack_sdk import WebClient

from bot.emulator import Emulator, Person
from tests.bot.emulator.conftest import NOON, StoppedClock


def test_a_zones_offset_follows_the_clock(client: WebClient, clock: StoppedClock) -> None:
    winter = client.users_info(user="U1")["user"]["tz_offset"]
    clock.now = datetime(2026, 7, 1, tzinfo=UTC).timestamp()
    summer = client.users_info(user="U1")["user"]["tz_offset"]
    assert (winter, summer) == (3_600, 7_200)


def test_guests_bots_and_the_deactivated_are_told_apart(client: WebClient) -> None:
    users = {u["id"]: u for u in client.users_list()["members"]}
    assert users["U4"]["is_restricted"] is True
    assert users["U5"]["is_bot"] is True
    assert users["U3"]["deleted"] is True
    assert "tz" not in users["U3"]
    assert users["U1"]["profile"]["title"] == "Engineer"


def test_presence_and_amendments(emulator: Emulator, client: WebClient) -> None:
    assert client.users_getPresence(user="U2")["presence"] == "away"
    emulator.workspace.amend("U2", presence="active", status_text="In a meeting")
    assert client.users_getPresence(user="U2")["presence"] == "active"
    assert client.users_info(user="U2")["user"]["profile"]["status_text"] == "In a meeting"


def test_do_not_disturb_is_told_per_person_and_in_batches(client: WebClient) -> None:
    night = client.dnd_info(user="U4")
    assert night["dnd_enabled"] is True
    start = datetime.fromtimestamp(night["next_dnd_start_ts"], UTC)
    end = datetime.fromtimestamp(night["next_dnd_end_ts"], UTC)
    assert (start.hour, end.hour, (end - start).total_seconds()) == (22, 8, 36_000)
    team = client.dnd_teamInfo(users="U1,U4,U999")["users"]
    assert set(team) == {"U1", "U4"}
    assert team["U1"]["dnd_enabled"] is False
    assert team["U4"]["next_dnd_start_ts"] == night["next_dnd_start_ts"]


@pytest.mark.parametrize("at", [NOON, NOON + 43_200.0, NOON + 64_800.0])
def test_the_window_told_is_open_or_the_next(at: float) -> None:
    person = Person("U9", "nina", tz="Asia/Tokyo", dnd_daily=("22:00", "08:00"))
    window = person.next_dnd(at)
    assert window is not None
    start, end = window
    assert end > at
    assert start - at < 86_400


def test_a_night_keeps_its_local_hours_over_a_change_of_the_clocks() -> None:
    person = Person("U9", "nina", tz="Europe/Berlin", dnd_daily=("22:00", "08:00"))
    before_spring = datetime(2026, 3, 28, 12, tzinfo=UTC).timestamp()
    window = person.next_dnd(before_spring)
    assert window is not None
    assert window[1] - window[0] == 9 * 3_600  # one hour of that night does not exist


def test_the_team_has_a_name(client: WebClient) -> None:
    assert client.team_info()["team"]["name"] == "Overture demo"
