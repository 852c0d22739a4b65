"""The ears: real payloads over a real Socket Mode connection, stored before the acknowledgement."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from bot.emulator import Emulator, Fault, NotAcknowledgedError
from bot.ports import Arrival, Delivery, Refused
from bot.settings import SlackSettings
from bot.slack.app import SlackApp
from bot.slack.delivery import SlackChannel
from tests.bot.slack.conftest import NOW

CHOICES = {
    "purposes": [
        {"purpose": "reactions", "title": "Reactions", "sentence": "What you react to.",
         "kept": "Kept for 180 days at most.", "granted": True},
        {"purpose": "channel_messages", "title": "Messages", "sentence": "What you write.",
         "kept": "Kept for 180 days at most.", "granted": False},
    ],
    "topics": [{"slug": "rust", "title": "Rust", "follow": False}],
}  # fmt: skip


class Fixed:
    def now(self) -> datetime:
        return datetime.fromtimestamp(NOW, UTC)


@dataclass
class Kept:
    """A store that fails as often as it is told to."""

    arrivals: list[Arrival] = field(default_factory=list)
    fail: int = 0
    asked: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, arrival: Arrival) -> None:
        with self.lock:
            self.asked += 1
            if self.fail > 0:
                self.fail -= 1
                raise OSError("the disk is full")
            self.arrivals.append(arrival)

    def only(self, kind: str) -> Arrival:
        found = [arrival for arrival in self.arrivals if arrival.kind == kind]
        assert len(found) == 1
        return found[0]


def until(true: Callable[[], bool], seconds: float = 8.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def app(emulator: Emulator, settings: SlackSettings, kept: Kept) -> Iterator[SlackApp]:
    made = SlackApp(settings, kept, lambda asked: CHOICES, Fixed())
    made.start()
    until(lambda: emulator.connections == 1)
    yield made
    made.stop()


@pytest.fixture
def opener(app: SlackApp, settings: SlackSettings) -> tuple[str, str]:
    """(address, message ref) of an opener that stands in Ada's direct message."""
    channel = SlackChannel(settings)
    content = {"text": "Seen this?", "about": "a talk", "opener": "op_1"}
    receipt = channel.send(Delivery("dl_1", channel.address_of("U1ADA"), "opener", content))
    return receipt.address, receipt.message_ref


def test_while_it_listens_our_own_log_is_as_loud_as_before(
    emulator: Emulator, settings: SlackSettings, kept: Kept
) -> None:
    ours = logging.getLogger("overture")
    before = ours.level
    ours.setLevel(logging.INFO)
    made = SlackApp(settings, kept, lambda asked: CHOICES, Fixed())
    try:
        made.start()
        assert ours.level == logging.INFO
    finally:
        made.stop()
        ours.setLevel(before)


def test_a_reply_is_kept(app: SlackApp, emulator: Emulator, kept: Kept) -> None:
    address = emulator.open_dm("U1ADA")
    ts = emulator.say("U1ADA", address, "why <that> & not this?")
    arrival = kept.only("message")
    assert arrival.payload["text"] == "why <that> & not this?"
    assert (arrival.payload["message_ref"], arrival.payload["direct"]) == (ts, True)


def test_edits_and_deletions_are_kept(app: SlackApp, emulator: Emulator, kept: Kept) -> None:
    ts = emulator.say("U1ADA", "C1GENERAL", "one")
    emulator.edit("U1ADA", "C1GENERAL", ts, "two")
    emulator.delete("U1ADA", "C1GENERAL", ts)
    assert kept.only("message").payload["direct"] is False
    assert kept.only("edit").payload["text"] == "two"
    assert kept.only("delete").payload["message_ref"] == ts


def test_our_own_messages_are_not_heard(
    app: SlackApp, emulator: Emulator, settings: SlackSettings, kept: Kept
) -> None:
    channel = SlackChannel(settings)
    content = {"text": "Seen this?", "opener": "op_1"}
    receipt = channel.send(Delivery("dl_1", "C1GENERAL", "opener", content))
    channel.show_outcome(receipt, {**content, "outcome": "dismissed"}, "Noted.", True)
    emulator.say("U1ADA", "C1GENERAL", "hello")
    assert [arrival.kind for arrival in kept.arrivals] == ["message"]


def test_every_press_is_kept(
    app: SlackApp, emulator: Emulator, opener: tuple[str, str], kept: Kept
) -> None:
    address, ref = opener
    emulator.press("U1ADA", address, ref, "more")
    emulator.press("U1ADA", address, ref, "menu", "pause|op_1")
    pressed = [(a.payload["action"], a.payload["opener"]) for a in kept.arrivals]
    assert pressed == [("more", "op_1"), ("pause", "op_1")]
    assert len({arrival.key for arrival in kept.arrivals}) == 2
    assert kept.arrivals[0].payload["message_ref"] == ref


def test_what_could_not_be_stored_is_not_acknowledged_and_comes_again(
    app: SlackApp, emulator: Emulator, opener: tuple[str, str], kept: Kept
) -> None:
    kept.fail = 2
    emulator.press("U1ADA", *opener, "more")
    assert kept.asked == 3
    assert kept.only("press").payload["action"] == "more"


def test_what_is_never_stored_is_never_acknowledged(
    app: SlackApp, emulator: Emulator, opener: tuple[str, str], kept: Kept
) -> None:
    kept.fail = 100
    with pytest.raises(NotAcknowledgedError):
        emulator.press("U1ADA", *opener, "more")
    assert kept.arrivals == []


def test_an_event_that_fails_once_comes_again_under_the_same_key(
    app: SlackApp, emulator: Emulator, kept: Kept
) -> None:
    seen: list[str] = []
    kept.fail = 1
    emulator.say("U1ADA", "C1GENERAL", "hello")
    until(lambda: len(kept.arrivals) == 1)
    seen += [arrival.key for arrival in kept.arrivals]
    assert kept.asked == 2
    assert seen[0].startswith("event:")


def test_the_modal_opens_at_once_and_what_is_saved_is_kept(
    app: SlackApp, emulator: Emulator, settings: SlackSettings, kept: Kept
) -> None:
    channel = SlackChannel(settings)
    words = {"text": "May I?", "purposes": [["reactions", "What you react to."]]}
    sent = channel.send(Delivery("dl_w", channel.address_of("U1ADA"), "welcome", words))
    emulator.press("U1ADA", sent.address, sent.message_ref, "choose")
    assert kept.arrivals == []
    (view,) = emulator.modals("U1ADA")
    emulator.submit_view(
        "U1ADA", view["id"], {"purposes": ["channel_messages"], "topics": ["rust"]}
    )
    arrival = kept.only("view")
    assert arrival.payload["values"] == {"purposes": ["channel_messages"], "topics": ["rust"]}
    assert arrival.payload["at"] == NOW


def test_a_modal_that_cannot_be_opened_disturbs_nobody(
    app: SlackApp, emulator: Emulator, settings: SlackSettings
) -> None:
    channel = SlackChannel(settings)
    sent = channel.send(Delivery("d", channel.address_of("U1ADA"), "welcome", {"text": "May I?"}))
    emulator.faults.add(Fault("views.open", "error", error="expired_trigger_id"))
    emulator.press("U1ADA", sent.address, sent.message_ref, "choose")
    assert emulator.modals("U1ADA") == []
    emulator.press("U1ADA", sent.address, sent.message_ref, "choose")
    assert len(emulator.modals("U1ADA")) == 1


def test_the_command_and_the_home_tab_are_kept(
    app: SlackApp, emulator: Emulator, kept: Kept
) -> None:
    emulator.command("U1ADA", "C1GENERAL", "/overture", "help")
    emulator.open_home("U1ADA")
    until(lambda: len(kept.arrivals) == 2)
    assert kept.only("command").payload["text"] == "help"
    assert kept.only("home").payload["member"] == "U1ADA"


def test_the_home_tab_is_drawn_and_pressed(
    app: SlackApp, emulator: Emulator, settings: SlackSettings, kept: Kept
) -> None:
    home: dict[str, Any] = {
        "name": "Ada",
        "agreed": True,
        "paused_until": None,
        "purposes": [],
        "limits": "one a day",
        "topics": {},
        "recent": [],
    }
    SlackChannel(settings).show_home("U1ADA", home)
    emulator.press_home("U1ADA", "pause:today")
    payload = kept.only("press").payload
    assert (payload["action"], payload["value"]) == ("pause", "today")
    assert kept.only("press").conversation == "home:U1ADA"


def test_it_connects_again_by_itself(app: SlackApp, emulator: Emulator, kept: Kept) -> None:
    for reason in ("refresh_requested", None):
        emulator.disconnect_sockets(reason)
        until(lambda: emulator.connections == 1 and app.connected, seconds=15)
    emulator.say("U1ADA", "C1GENERAL", "still there?")
    until(lambda: len(kept.arrivals) == 1)


def test_it_stops_quickly_and_leaves_no_thread(
    emulator: Emulator, settings: SlackSettings, kept: Kept
) -> None:
    before = set(threading.enumerate())
    for _ in range(3):
        app = SlackApp(settings, kept, lambda asked: CHOICES, Fixed())
        app.start()
        until(lambda: emulator.connections == 1)
        began = time.monotonic()
        app.stop()
        app.stop()
        assert time.monotonic() - began < 2.0
        until(lambda: emulator.connections == 0)
    until(lambda: not (set(threading.enumerate()) - before))


def test_what_is_being_stored_when_it_stops_is_stored_and_acknowledged(
    emulator: Emulator, settings: SlackSettings
) -> None:
    begun, arrivals = threading.Event(), []

    def slowly(arrival: Arrival) -> None:
        begun.set()
        time.sleep(0.2)
        arrivals.append(arrival)

    app = SlackApp(settings, slowly, lambda asked: CHOICES, Fixed())
    app.start()
    until(lambda: emulator.connections == 1)
    speaking = threading.Thread(target=emulator.say, args=("U1ADA", "C1GENERAL", "hello"))
    speaking.start()
    assert begun.wait(5)
    app.stop()
    speaking.join()
    assert len(arrivals) == 1
    assert emulator.envelopes_given_up() == 0


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"bot_token": None}, "OVERTURE_SLACK__BOT_TOKEN"),
        ({"app_token": None}, "OVERTURE_SLACK__APP_TOKEN"),
        ({"bot_token": SecretStr("xoxb-wrong")}, "OVERTURE_SLACK__BOT_TOKEN"),
        ({"app_token": SecretStr("xapp-wrong")}, "OVERTURE_SLACK__APP_TOKEN"),
        ({"api_url": "http://127.0.0.1:9/api/"}, "127.0.0.1:9"),
    ],
)
def test_a_wrong_setting_is_named_and_nothing_is_left(
    settings: SlackSettings, kept: Kept, change: dict[str, Any], named: str
) -> None:
    before = set(threading.enumerate())
    app = SlackApp(settings.model_copy(update=change), kept, lambda asked: CHOICES, Fixed())
    with pytest.raises(Refused, match=named) as refused:
        app.start()
    assert "wrong" not in str(refused.value)
    until(lambda: not (set(threading.enumerate()) - before))
