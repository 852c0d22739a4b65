"""Wall clocks, against the standard library's."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from recsys.clocks import local_hour, local_weekday

ZONES = (
    "UTC",
    "Europe/Lisbon",
    "America/New_York",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/Sao_Paulo",
    "Africa/Casablanca",
)
FIRST = int(datetime(1995, 1, 1, tzinfo=UTC).timestamp())
LAST = int(datetime(2037, 1, 1, tzinfo=UTC).timestamp())


@given(some.sampled_from(ZONES), some.lists(some.integers(FIRST, LAST), max_size=20))
def test_they_read_as_zoneinfo_reads(zone: str, moments: list[int]) -> None:
    expected = [datetime.fromtimestamp(moment, ZoneInfo(zone)) for moment in moments]
    at = np.array(moments, dtype=np.float64)
    assert local_hour(at, zone).tolist() == [there.hour for there in expected]
    assert local_weekday(at, zone).tolist() == [there.weekday() for there in expected]


@pytest.mark.parametrize(
    ("utc", "hour"),
    [
        ("2026-03-29T00:59:59Z", 0),
        ("2026-03-29T01:00:00Z", 2),
        ("2026-10-25T00:59:59Z", 1),
        ("2026-10-25T01:00:00Z", 1),
        ("2026-10-25T02:00:00Z", 2),
    ],
)
def test_summer_time_begins_and_ends_to_the_second(utc: str, hour: int) -> None:
    at = np.array([datetime.fromisoformat(utc).timestamp()])
    assert local_hour(at, "Europe/Lisbon").tolist() == [hour]


def test_never_and_unknown_have_no_hour() -> None:
    at = np.array([np.inf, -np.inf, np.nan, 0.0])
    assert local_hour(at, "UTC").tolist() == [-1, -1, -1, 0]
    assert local_weekday(at, "UTC").tolist() == [-1, -1, -1, 3]


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "", "/etc/localtime"])
def test_an_unknown_zone_is_named(zone: str) -> None:
    with pytest.raises(ValueError, match="is no time zone; give an IANA name"):
        local_hour(np.array([0.0]), zone)
