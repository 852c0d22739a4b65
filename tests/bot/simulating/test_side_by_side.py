"""Lives side by side come to what they come to one after the other."""

from __future__ import annotations

import os

import pytest

from bot.ports import BadInput, Progress
from bot.simulating.side_by_side import side_by_side

NAMES = ("long", "short")


def life(name: str, progress: Progress) -> tuple[str, int]:
    for day in range(3):
        progress(name, day + 1, 3)
    return name.upper(), os.getpid()


def broken(name: str, progress: Progress) -> str:
    if name == "short":
        raise BadInput("items(day) is missing")
    return name


def test_each_has_a_process_and_all_come_back_by_name_in_order() -> None:
    shown: list[tuple[int, int]] = []
    lived = side_by_side(life, NAMES, 2, lambda _what, done, total: shown.append((done, total)))
    assert list(lived) == list(NAMES)
    assert [name for name, _ in lived.values()] == ["LONG", "SHORT"]
    assert os.getpid() not in {process for _, process in lived.values()}
    assert shown == sorted(shown)
    assert all(total == 6 for _, total in shown)


def test_one_at_a_time_they_live_here() -> None:
    shown: list[str] = []
    lived = side_by_side(life, NAMES, 1, lambda what, _done, _total: shown.append(what))
    assert lived == {name: (name.upper(), os.getpid()) for name in NAMES}
    assert shown == ["long"] * 3 + ["short"] * 3


def test_what_a_life_raises_is_raised() -> None:
    with pytest.raises(BadInput, match="is missing"):
        side_by_side(broken, NAMES, 2, lambda *_: None)
