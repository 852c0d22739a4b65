"""What the page says of an export before and while it is rehearsed; no stage is needed for it."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest

from bot.demo.scenes.export import Reader, how_far, last_day
from bot.emulator.extension import AskError
from tests.bot.demo.scenes.conftest import exported


@pytest.mark.parametrize(
    ("what", "done", "share"),
    [("Reading", 1, 0.5), ("Day 1 of 4, x", 0, 0), ("Day 3 of 4", 1, 0.625)],
)  # fmt: skip
def test_a_rehearsal_tells_how_far_it_is_of_all_days(what: str, done: int, share: float) -> None:
    told = how_far(what, done, 2)
    assert told["fraction"] == share
    assert ("learning" in told["text"]) is (share == 0)


def test_reading_tells_of_its_batches_and_stops_where_telling_does() -> None:
    told: list[tuple[int, int]] = []
    reader = Reader(None, lambda what, done, total: told.append((done, total)))
    assert reader.encode(["night trains are back"]).shape[0] == 1
    assert told[-1] == (1, 1)

    def stop(what: str, done: int, total: int) -> None:
        raise AskError("closed")

    with pytest.raises(AskError, match="closed"):
        Reader(None, stop).encode(["night trains are back"])


def test_an_archive_without_days_is_no_export() -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as file:
        file.writestr("readme.txt", "hello")
    with pytest.raises(AskError, match="no Slack export"):
        last_day(held.getvalue())
    assert last_day(exported()) == date(2026, 3, 9)
