"""Who is in the workspace, page by page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.emulator import Conversation, EmulatedWorkspace, Emulator, Fault, Person
from bot.ports import Ambiguous, Refused, Transient
from bot.slack import directory
from bot.slack.directory import Directory
from tests.bot.slack.conftest import NOW, PEOPLE, settings_for

CROWD = [Person(f"U9{number:04d}", f"person{number}") for number in range(450)]


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    everyone = tuple(person.id for person in CROWD)
    channels = [
        Conversation("C1BIG", "big", members=everyone),
        Conversation("C2OLD", "old", members=everyone[:2], is_archived=True),
        Conversation("G1SECRET", "secret", "private", members=(*everyone[:3], "U0OVERTURE")),
    ]
    space = EmulatedWorkspace(
        people=[*PEOPLE, *CROWD, Person("U8OTHER", "other", is_stranger=True)],
        conversations=channels,
    )
    with Emulator(space, clock=lambda: NOW) as made:
        yield made


def test_everyone_and_every_public_channel(emulator: Emulator) -> None:
    snapshot = Directory(settings_for(emulator)).read()
    people = {person.id: person for person in snapshot.people}
    assert len(people) == len(PEOPLE) + len(CROWD) + 2
    assert (people["U1ADA"].name, people["U1ADA"].title) == ("ada", "Engineer")
    assert people["U1ADA"].zone == "Europe/London"
    assert people["U3GUEST"].is_guest
    assert people["U4ROBOT"].is_bot
    assert people["U5AWAY"].deleted
    assert people["U8OTHER"].is_stranger
    assert not people["U1ADA"].is_stranger
    channel, archived = snapshot.channels
    assert (channel.id, channel.name, channel.is_archived) == ("C1BIG", "big", False)
    assert set(channel.members) == {person.id for person in CROWD}
    assert (archived.id, archived.is_archived) == ("C2OLD", True), "still public"


def test_it_waits_as_long_as_slack_asks(emulator: Emulator) -> None:
    slept: list[float] = []
    emulator.faults.add(Fault("users.list", "rate_limited", retry_after=17, skip=1))
    emulator.faults.add(Fault("conversations.members", "drop_before"))
    snapshot = Directory(settings_for(emulator), sleep=slept.append).read()
    assert slept == [17.0, 1.0]
    assert len(snapshot.channels[0].members) == len(CROWD)


def test_who_is_told_to_stop_reads_no_further_page(emulator: Emulator) -> None:
    asked: list[bool] = []

    def goes_on() -> bool:
        asked.append(len(asked) < 3)
        return asked[-1]

    with pytest.raises(Transient, match="told to stop"):
        Directory(settings_for(emulator), goes_on=goes_on).read()
    assert asked == [True, True, True, False]


def test_nothing_half_read_is_returned(emulator: Emulator) -> None:
    emulator.faults.add(Fault("users.list", "status", times=100, skip=1))
    with pytest.raises(Ambiguous):
        Directory(settings_for(emulator), sleep=lambda seconds: None).read()
    fired = [fault for fault in emulator.faults.fired() if fault.method == "users.list"]
    assert len(fired) == directory.TRIES


def test_a_token_that_is_not_taken_is_named(emulator: Emulator) -> None:
    nobody = settings_for(emulator).model_copy(update={"bot_token": None})
    with pytest.raises(Refused, match="OVERTURE_SLACK__BOT_TOKEN"):
        Directory(nobody).read()
