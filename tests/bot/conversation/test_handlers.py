"""Parts of the conversation as one: no name has two handlers."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.conversation.handlers import Handlers
from bot.inbox import Act
from bot.ports import Arrival


def one(arrival: Arrival, now: datetime) -> Act:
    return lambda unit: None


def other(arrival: Arrival, now: datetime) -> Act:
    return lambda unit: None


def test_parts_become_one_and_each_name_keeps_its_kind() -> None:
    parts = (
        Handlers(presses={"pause": one}, commands={"pause": other}),
        Handlers(on_opener={"pause": other}, modals={"choose": one}),
    )
    whole = Handlers.of(parts)
    assert (whole.presses, whole.on_opener) == ({"pause": one}, {"pause": other})
    assert (whole.modals, whole.commands) == ({"choose": one}, {"pause": other})
    assert whole.shows == {}


def test_two_parts_with_one_name_are_refused_by_it() -> None:
    with pytest.raises(ValueError, match="presses pause"):
        Handlers.of((Handlers(presses={"pause": one}), Handlers(presses={"pause": other})))
