"""Who may be disturbed, read from an emulated Slack: in batches, seldom, and unknown means no."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.emulator import EmulatedWorkspace, Emulator, Person
from bot.emulator.faults import Fault
from bot.ports import Seen
from bot.settings import SlackSettings
from bot.slack.presence import AT_ONCE, SlackPresences
from tests.bot.slack.conftest import NOW, settings_for

AT = datetime.fromtimestamp(NOW, UTC)
FREE = Seen(dnd=False)


class Counting(SlackPresences):
    """The real one, with its calls counted."""

    def __init__(self, settings: SlackSettings) -> None:
        super().__init__(settings)
        self.calls: Counter[str] = Counter()

    def _call(self, what: str, now: datetime, call: Any) -> Any:
        self.calls[what] += 1
        return super()._call(what, now, call)


@pytest.fixture
def presences(settings: SlackSettings) -> Counting:
    return Counting(settings)


def now_and_then(presences: SlackPresences, emulator: Emulator, **shown: Any) -> list[Seen | None]:
    """Ada before and after she shows something, a minute apart."""
    before = presences.look("U1ADA", AT, closely=True, away=True)
    emulator.workspace.amend("U1ADA", **shown)
    return [before, presences.look("U1ADA", AT + timedelta(minutes=1), closely=True, away=True)]


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ({"dnd_windows": ((NOW, NOW + 3600),)}, Seen(dnd=True)),
        ({"dnd_windows": ((NOW + 3600, NOW + 7200),)}, Seen(False, False, False)),
        ({"dnd_daily": ("00:00", "23:59"), "tz": "UTC"}, Seen(dnd=True)),
        ({"status_text": "Deep work until noon"}, Seen(False, True, False)),
        ({"status_emoji": ":no_bell:"}, Seen(False, True, False)),
        ({"status_text": "At lunch"}, Seen(False, False, False)),
        ({"presence": "away"}, Seen(False, False, True)),
    ],
)
def test_what_a_person_shows_is_seen(
    presences: Counting, emulator: Emulator, shown: dict[str, Any], expected: Seen
) -> None:
    assert now_and_then(presences, emulator, **shown) == [Seen(False, False, False), expected]


def test_it_is_read_once_a_minute_and_only_what_is_asked_for(presences: Counting) -> None:
    for seconds in (0, 30, 59):
        assert presences.look("U1ADA", AT + timedelta(seconds=seconds)) == FREE
    assert presences.calls == {"dnd.teamInfo": 1}
    presences.look("U1ADA", AT, closely=True)
    assert presences.calls == {"dnd.teamInfo": 1, "users.info": 1}
    presences.look("U1ADA", AT + timedelta(seconds=60))
    assert presences.calls["dnd.teamInfo"] == 2


def test_whoever_is_expected_is_read_together() -> None:
    people = [Person(f"U{n:03}", f"m{n}") for n in range(120)]
    people[7] = Person("U007", "m7", dnd_windows=((NOW - 60, NOW + 60),))
    with Emulator(EmulatedWorkspace(people=people), clock=lambda: NOW) as emulator:
        presences = Counting(settings_for(emulator))
        presences.expect(lambda: [one.id for one in people])
        seen = [presences.look(one.id, AT) for one in people]
    assert [one for one, found in zip(people, seen, strict=True) if found != FREE] == [people[7]]
    assert presences.calls == {"dnd.teamInfo": -(-len(people) // AT_ONCE)}


@pytest.mark.parametrize(("coming", "calls"), [(300, {"users.list": 2}), (5, {"users.info": 6})])
def test_statuses_of_many_are_read_from_the_list(coming: int, calls: dict[str, int]) -> None:
    people = [Person(f"U{n:03}", f"m{n}") for n in range(320)]
    people[5] = Person("U005", "m5", status_emoji=":no_bell:")
    with Emulator(EmulatedWorkspace(people=people), clock=lambda: NOW) as emulator:
        presences = Counting(settings_for(emulator))
        wanted = [one.id for one in people[: coming + 1]]
        presences.expect(lambda: wanted)
        seen = [presences.look(one, AT, closely=True) for one in wanted]
    assert [at for at, one in enumerate(seen) if one != FREE] == [5]
    del presences.calls["dnd.teamInfo"]
    assert presences.calls == calls


def test_a_list_that_helps_nobody_is_left_alone() -> None:
    people = [Person(f"U{n:04}", f"m{n}") for n in range(1200)]
    with Emulator(EmulatedWorkspace(people=people), clock=lambda: NOW) as emulator:
        presences = Counting(settings_for(emulator))
        wanted = [one.id for one in people[1050:1070]]
        presences.expect(lambda: wanted)
        for one in wanted:
            presences.look(one, AT, closely=True)
    assert presences.calls["users.info"] == len(wanted)
    assert presences._rests_until["users.list"] > AT


@pytest.mark.parametrize(
    "fault",
    [
        Fault("dnd.teamInfo", "error", error="missing_scope"),
        Fault("dnd.teamInfo", "status", status=503),
        Fault("users.info", "error", error="user_not_found"),
        Fault("users.getPresence", "drop_before"),
    ],
    ids=lambda fault: f"{fault.method} {fault.kind}",
)
def test_what_cannot_be_read_is_unknown(
    presences: Counting, emulator: Emulator, fault: Fault
) -> None:
    emulator.faults.add(fault)
    assert presences.look("U1ADA", AT, closely=True, away=True) is None
    later = AT + timedelta(hours=1)
    assert presences.look("U1ADA", later, closely=True, away=True) == Seen(False, False, False)


def test_slack_s_wish_to_be_left_alone_is_kept(presences: Counting, emulator: Emulator) -> None:
    emulator.faults.add(Fault("dnd.teamInfo", "rate_limited", retry_after=30))
    assert presences.look("U1ADA", AT) is None
    asked = len(emulator.faults.fired())
    assert presences.look("U2GRACE", AT + timedelta(seconds=29)) is None
    assert presences.look("U1ADA", AT + timedelta(seconds=31)) == FREE
    assert asked == 1


def test_somebody_whom_slack_does_not_know_is_unknown(presences: Counting) -> None:
    assert presences.look("U9NOBODY", AT) is None
