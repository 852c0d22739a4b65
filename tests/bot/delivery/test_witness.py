"""An absence is believed only where conversations show what was sent later."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.delivery.histories import Histories
from bot.delivery.witness import WITNESSES, Witness
from bot.emulator import Fault
from bot.ports import ChannelError
from bot.store.database import Store
from bot.store.ledger import Ledger
from tests.bot.outbox_bench import START, WORKSPACE, outbox, put_opener
from tests.bot.outbox_scene import Scene, staged

AGES = 10**6


@pytest.fixture
def scene(store: Store) -> Iterator[Scene]:
    with staged(store) as made:
        yield made


def believes(scene: Scene) -> bool:
    """By a process that has read nothing yet."""
    histories = Histories(scene.store, WORKSPACE, scene.channel, Ledger(scene.store, WORKSPACE))
    witness = Witness(scene.store, WORKSPACE, histories, scene.channel.call_deadline)
    return witness.believable_from(START, START, scene.clock.now) is not None


def send(scene: Scene, *names: str) -> None:
    box = outbox(scene.store, scene.channel)
    for number, name in enumerate(names):
        member = ("m-ada", "m-grace")[number % 2]
        put_opener(scene.store, name, member, now=scene.clock.now)
        assert box.work(scene.clock.now).sent == 1
        scene.clock.later(seconds=2)


def test_nothing_was_sent_since_so_there_is_nothing_to_go_by(scene: Scene) -> None:
    assert believes(scene)
    send(scene, "a")  # at START, when the call in question was still under way
    scene.fault("history_lag", "conversations.history", times=AGES, seconds=AGES)
    assert believes(scene)


def test_what_was_sent_later_has_to_be_visible(scene: Scene) -> None:
    scene.clock.later(seconds=30)
    send(scene, "a")
    scene.fault("history_lag", "conversations.history", times=AGES, seconds=AGES)
    assert not believes(scene)


def test_what_was_seen_once_need_not_be_read_again(scene: Scene) -> None:
    scene.clock.later(seconds=30)
    send(scene, "a")
    assert believes(scene)
    scene.emulator.faults.add(Fault("conversations.history", "status", times=AGES))
    assert believes(scene)


def test_one_that_is_visible_suffices(scene: Scene) -> None:
    scene.clock.later(seconds=30)
    send(scene, "a", "b")
    scene.fault("history_lag", "conversations.history", times=1, seconds=AGES)
    assert believes(scene)


def test_one_reading_of_a_conversation_serves_all_that_were_sent_to_it(scene: Scene) -> None:
    scene.clock.later(seconds=30)
    send(scene, *(f"m{number}" for number in range(WITNESSES)))
    scene.fault("history_lag", "conversations.history", times=AGES, seconds=AGES)
    assert not believes(scene)
    assert len(scene.emulator.faults.fired()) == 2  # Ada's and Grace's


def test_a_conversation_that_cannot_be_read_says_nothing(scene: Scene) -> None:
    scene.clock.later(seconds=30)
    send(scene, "a")
    scene.emulator.faults.add(Fault("conversations.history", "status", times=AGES))
    with pytest.raises(ChannelError):
        believes(scene)
