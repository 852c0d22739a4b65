"""Slack is answered within its three seconds while the language model hangs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bot.ports import Arrival
from bot.settings import ConversationSettings
from tests.bot.conversation_scene import ADA, GRACE, Scene, staged
from tests.bot.llm.server import Exchange, ModelServer, serving
from tests.bot.slack.test_app import until

SLACKS_SECONDS = 3.0
THINKS_SECONDS = 3.5
QUESTION = "what does count skip?"

AT_ONCE = ConversationSettings().at_once


def hang(exchange: Exchange) -> None:
    exchange.stopping.wait(30)


@pytest.fixture
def model() -> Iterator[ModelServer]:
    with serving(hang) as server:
        yield server


@pytest.fixture
def scene(tmp_path: Path, sqlite_url: str, model: ModelServer) -> Iterator[Scene]:
    settings = model.settings(deadline=THINKS_SECONDS)
    with staged(tmp_path, sqlite_url, redeliver_after=SLACKS_SECONDS, model=settings) as made:
        for member in (ADA, GRACE):
            made.agree(member)
        made.speak("one", ADA)
        made.speak("two", GRACE)
        yield made


@contextmanager
def worked_off(scene: Scene) -> Iterator[None]:
    """The inbox as the schedule works it off, in the background."""
    over = threading.Event()

    def run() -> None:
        while not over.wait(0.05):
            scene.app.inbox.work(scene.clock.now(), threads=AT_ONCE)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        over.set()
        scene.app.inbox.stop()
        thread.join(30)


def ask(scene: Scene, name: str) -> None:
    opener = scene.opener(name)
    assert opener.address is not None
    scene.emulator.say(opener.member_id, opener.address, QUESTION, opener.message_ref)


def press(scene: Scene, name: str) -> None:
    opener = scene.opener(name)
    assert opener.address is not None
    assert opener.message_ref is not None
    scene.emulator.press(opener.member_id, opener.address, opener.message_ref, "more")


def test_all_is_acknowledged_in_time_while_answers_hang(scene: Scene, model: ModelServer) -> None:
    with worked_off(scene):
        ask(scene, "one")
        until(lambda: len(model.requests) == 1)
        ask(scene, "two")
        until(lambda: len(model.requests) == 2)
        ask(scene, "one")
        for name in ("one", "two"):
            press(scene, name)
        scene.emulator.command(GRACE, scene.emulator.open_dm(GRACE), "/overture", "status")
        assert scene.thread("one") == scene.thread("two") == [], "no answer has come yet"
        model.stopping.set()
    found = scene.emulator.acknowledged()
    assert [kind for kind, _ in found].count("events_api") >= 3
    assert [kind for kind, _ in found].count("interactive") == 2
    assert [kind for kind, _ in found].count("slash_commands") == 1
    assert max(seconds for _, seconds in found) < SLACKS_SECONDS
    assert scene.emulator.envelopes_given_up() == 0


def test_thinking_in_the_listener_would_be_noticed(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: the arrival is worked off before it is acknowledged."""

    def think(arrival: Arrival) -> None:
        scene.app.receive(arrival)
        scene.app.inbox.work(scene.clock.now())

    monkeypatch.setattr(scene.slack, "_ears", replace(scene.slack._ears, receive=think))
    ask(scene, "one")
    assert max(seconds for _, seconds in scene.emulator.acknowledged()) > SLACKS_SECONDS
