"""What a status says of being disturbed."""

from __future__ import annotations

import pytest

from bot.slack.status import LASTS, busy_until


@pytest.mark.parametrize(
    ("profile", "until"),
    [
        ({"status_text": "Focus time", "status_expiration": 500}, 500.0),
        ({"status_text": "heads-down until three", "status_expiration": 0}, 100 + LASTS),
        ({"status_text": "", "status_emoji": ":no_entry:"}, 100 + LASTS),
        ({"status_text": "Do not disturb"}, 100 + LASTS),
        ({"status_text": "Lunch", "status_emoji": ":sandwich:"}, None),
        ({"status_text": "Refocusing the lens"}, None),
        ({}, None),
    ],
)
def test_only_a_wish_for_peace_makes_busy(profile: dict[str, object], until: float | None) -> None:
    assert busy_until(profile, 100.0) == until
