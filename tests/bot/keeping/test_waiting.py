"""What a restored copy still had to work off, and what it cannot know but conversations show."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from bot.emulator import Fault
from bot.ids import digest
from bot.keeping.restoring import Restored, Restoring
from bot.policy.purposes import NAMES
from bot.ports import Arrival, Delivery
from bot.reading.standing import Standings
from bot.store.consents import Consents
from bot.store.members import Members
from bot.store.withdrawals import Withdrawals
from tests.bot.conversation_scene import ADA, START, Scene, staged

LATER = START + timedelta(hours=1)


@pytest.fixture
def scene(tmp_path: Path, sqlite_url: str) -> Iterator[Scene]:
    with staged(tmp_path, sqlite_url) as made:
        made.agree(ADA)
        yield made


def restored(app: App, rests: list[float] | None = None) -> Restored:
    journal = Withdrawals(app.settings.home)
    rested = [] if rests is None else rests
    made = Restoring(
        app.store, app.workspace, app.channel, journal, app.zone.key, frozenset(), rested.append
    )
    return made.run(LATER, "ada")


def waits(app: App, kind: Any, **payload: Any) -> None:
    told = {"member": ADA, "at": str(LATER.timestamp()), "address": "D1", **payload}
    assert app.inbox.receive(Arrival(f"{kind}:1", kind, "D1", told), LATER)


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("message", {"text": "please stop", "direct": True, "message_ref": "9.0"}),
        ("command", {"text": "stop"}),
        ("press", {"action": "withdraw"}),
        ("view", {"callback": "choose", "values": {"purposes": [], "topics": []}}),
        ("press", {"action": "disallow", "value": "openers"}),
    ],
)
def test_a_stop_that_waited_is_obeyed_and_not_answered(
    scene: Scene, kind: str, payload: dict[str, Any]
) -> None:
    waits(scene.app, kind, **payload)
    assert restored(scene.app).arrived == 1
    with scene.app.store.reading(scene.app.workspace) as unit:
        assert "openers" not in Consents(unit).granted(ADA)
    assert scene.app.deliver(LATER).sent == 0


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("message", {"text": "tell me more", "direct": True, "message_ref": "9.0"}),
        ("message", {"text": "please stop", "direct": False, "message_ref": "9.0"}),
        ("command", {"text": "why"}),
        ("press", {"action": "more", "opener": "op_1"}),
    ],
)
def test_what_takes_nothing_back_changes_nothing(
    scene: Scene, kind: str, payload: dict[str, Any]
) -> None:
    waits(scene.app, kind, **payload)
    assert restored(scene.app).arrived == 1
    with scene.app.store.reading(scene.app.workspace) as unit:
        assert Consents(unit).granted(ADA) == set(NAMES)


def test_a_pause_that_waited_holds(scene: Scene) -> None:
    waits(scene.app, "command", text="pause until I say so")
    restored(scene.app)
    with scene.app.store.reading(scene.app.workspace) as unit:
        member = Members(unit).get(ADA)
        assert member is not None
        assert member.paused_until is not None
        assert member.paused_until > LATER + timedelta(days=365)


@pytest.mark.parametrize(
    ("kind", "payload", "ends"),
    [
        ("message", {"text": "please be quiet for two weeks", "direct": True}, timedelta(days=14)),
        ("message", {"text": "please pause", "direct": True}, timedelta(days=7)),
        ("command", {"text": "pause for two days"}, timedelta(days=2)),
        ("command", {"text": "pause"}, timedelta(days=7)),
        ("command", {"text": "pause blue"}, None),
        ("press", {"action": "pause", "value": "week"}, timedelta(days=7)),
    ],
)
def test_a_pause_that_waited_is_as_long_as_its_words_say(
    scene: Scene, kind: str, payload: dict[str, Any], ends: timedelta | None
) -> None:
    waits(scene.app, kind, message_ref="9.0", **payload)
    restored(scene.app)
    until = scene.member().paused_until
    assert (until and until.date()) == (ends and (LATER + ends).date())


def test_a_deletion_that_waited_is_done(scene: Scene) -> None:
    waits(scene.app, "press", action="erase")
    restored(scene.app)
    assert scene.app.erase(LATER + timedelta(minutes=1)) == 1
    with scene.app.store.reading(scene.app.workspace) as unit:
        assert Members(unit).get(ADA) is None


def sent_week(app: App) -> int:
    with app.store.reading(app.workspace) as unit:
        return Standings(app.settings.policy).read(unit, ADA, LATER).sent_week


def test_what_left_after_the_copy_counts_for_the_caps(scene: Scene) -> None:
    app = scene.app
    address = app.channel.address_of(ADA)
    key = f"slot:{ADA}:{START.date().isoformat()}"
    content = {"text": "Seen it?", "about": "it", "opener": "op_lost"}
    app.channel.send(Delivery("dl_" + digest(app.workspace, key), address, "opener", content))
    assert sent_week(app) == 0, "the copy does not know"
    scene.emulator.faults.add(Fault("conversations.history", "rate_limited", retry_after=30))
    rests: list[float] = []
    assert restored(app, rests).sent_since == 1
    assert rests == [30.0]
    assert sent_week(app) == 1
    assert restored(app).sent_since == 0
    assert sent_week(app) == 1
