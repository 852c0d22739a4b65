"""Who may take a row from whom: before a call began from anybody, after it only from the dead."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from bot.delivery.tally import Report
from bot.ports import Receipt
from bot.store.calls import Calls
from bot.store.database import Store
from bot.store.due import HANGING, Due
from bot.store.outbox import OutboxRows, Row
from tests.bot.outbox_bench import START, WINDOW, WORKSPACE, opener_of, outbox, put_opener, row_of
from tests.bot.outbox_scene import Scene, staged

LEASE = START + timedelta(seconds=90)


@pytest.fixture
def scene(store: Store) -> Iterator[Scene]:
    with staged(store) as made:
        put_opener(store, "a")
        yield made


def claimed(scene: Scene, *, called: bool) -> Row:
    """Taken by an owner who then says nothing more."""
    with scene.store.writing(WORKSPACE) as unit:
        (row,) = Due(unit).claim("theirs", START, LEASE, lambda owner: False)
        if called:
            assert Calls(unit).begin(row, "theirs", "D1ADA", START, 99) == "called"
        unit.commit()
    return row


def ours(scene: Scene, **more: Any) -> Any:
    return outbox(scene.store, scene.channel, is_dead=lambda owner: False, **more)


def test_before_its_call_a_row_is_taken_from_the_living_and_they_cannot_begin(
    scene: Scene,
) -> None:
    row = claimed(scene, called=False)
    assert ours(scene).work(START) == Report(waiting=1), "their lease runs"
    assert ours(scene).work(scene.clock.later(seconds=91)) == Report(sent=1)
    with scene.store.writing(WORKSPACE) as unit:
        assert Calls(unit).begin(row, "theirs", "D1ADA", scene.clock.now, 99) == "lost"
        unit.commit()
    assert scene.posts() == 1


def test_after_its_call_began_a_row_of_the_living_is_left_to_a_person(scene: Scene) -> None:
    row = claimed(scene, called=True)
    scene.clock.now = LEASE
    while scene.clock.now < LEASE + HANGING:
        assert ours(scene).work(scene.clock.now) == Report(waiting=1)
        scene.clock.later(minutes=10)
    ours(scene).work(scene.clock.later(minutes=10))
    found = row_of(scene.store, "a")
    assert (found.state, opener_of(scene.store, "a").state) == ("unresolved", "unresolved")
    assert "theirs hangs" in found.reason
    assert scene.posts() == 0
    with scene.store.writing(WORKSPACE) as unit:  # it wakes, and holds Slack's receipt
        receipt = Receipt("D1ADA", "1.1")
        assert OutboxRows(unit).mark_sent(row, "theirs", receipt, START, START + WINDOW)
        unit.commit()
    assert (row_of(scene.store, "a").state, opener_of(scene.store, "a").state) == ("sent", "sent")
