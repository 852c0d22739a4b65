"""Answers that grow: what Slack holds at each step, and after each kind of trouble."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.emulator import Emulator, Fault
from bot.ports import Ambiguous, Delivery, Permanent, Transient
from bot.slack import manifest
from bot.slack.delivery import SlackChannel
from bot.slack.streams import SlackStreams
from tests.bot.slack.conftest import NOW, settings_for, workspace

SINCE = datetime.fromtimestamp(NOW, UTC)


@dataclass
class Bench:
    emulator: Emulator
    channel: SlackChannel
    streams: SlackStreams
    address: str
    thread: str

    def delivery(self, name: str = "dl_1", **content: Any) -> Delivery:
        words = {"text": "One. Two.", "thread": self.thread, **content}
        return Delivery(name, self.address, "answer", words)

    def below(self) -> list[dict[str, Any]]:
        return self.emulator.messages(self.address, self.thread)[1:]


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Emulator(workspace(), clock=lambda: NOW, manifest=manifest.load()) as emulator:
        settings = settings_for(emulator)
        channel = SlackChannel(settings)
        address = channel.address_of("U1ADA")
        thread = emulator.say("U1ADA", address, "Well?")
        yield Bench(emulator, channel, SlackStreams(settings, team="T1"), address, thread)


def test_an_answer_grows_and_ends_as_a_message_with_its_buttons(bench: Bench) -> None:
    growing = bench.streams.begin(bench.delivery(), "U1ADA")
    growing.add("One <!here> [x](y).")
    assert bench.below()[0]["text"] == "One &lt;!here&gt; \\[x\\](y)."
    growing.add(" Two.")
    buttons = [("helped", "That helped")]
    growing.close(bench.delivery(buttons=buttons, source="Joins", rates=True, opener="op_1"))
    (message,) = bench.below()
    assert message["text"].endswith(" Two.")
    assert message["metadata"]["event_payload"] == {"delivery": "dl_1"}
    kinds = [block["type"] for block in message["blocks"]]
    assert kinds == ["markdown", "context", "actions", "context_actions"]


def test_what_slack_does_not_take_now_goes_with_what_comes_next(bench: Bench) -> None:
    growing = bench.streams.begin(bench.delivery(), "U1ADA")
    bench.emulator.faults.add(Fault("chat.appendStream", "rate_limited", times=2))
    growing.add("One.")
    growing.add(" Two.")
    assert bench.below()[0]["text"] == ""
    growing.close(bench.delivery())
    assert bench.below()[0]["text"] == "One. Two."


def test_where_slack_wants_no_more_streams_none_is_begun_for_a_while(bench: Bench) -> None:
    bench.emulator.faults.add(Fault("chat.startStream", "rate_limited", retry_after=30))
    for _ in range(2):
        with pytest.raises(Transient):
            bench.streams.begin(bench.delivery(), "U1ADA")
    assert len(bench.emulator.faults.fired()) == 1
    assert bench.below() == []


def test_a_slack_without_streams_says_so(bench: Bench) -> None:
    fault = Fault("chat.startStream", "error", error="unknown_method")
    bench.emulator.faults.add(fault)
    with pytest.raises(Permanent):
        bench.streams.begin(bench.delivery(), "U1ADA")
    with pytest.raises(Transient, match="rests"):
        bench.streams.begin(bench.delivery(), "U1ADA")


@pytest.mark.parametrize("closed", [False, True])
def test_a_stream_that_was_left_is_made_whole_in_place(bench: Bench, closed: bool) -> None:
    growing = bench.streams.begin(bench.delivery(), "U1ADA")
    growing.add("One.")
    if closed:
        growing.close(bench.delivery())
    for _ in range(2):
        whole = bench.delivery(text="All of it.", begun=growing.message_ref)
        assert bench.channel.send(whole).message_ref == growing.message_ref
    (message,) = bench.below()
    assert message["blocks"][0]["text"] == "All of it."
    assert message["metadata"]["event_payload"] == {"delivery": "dl_1"}


def test_a_stream_of_which_nobody_knows_is_found_and_made_whole(bench: Bench) -> None:
    bench.channel.send(bench.delivery("dl_0", text="Earlier."))
    bench.emulator.faults.add(Fault("chat.startStream", "drop_after_commit"))
    with pytest.raises(Ambiguous):
        bench.streams.begin(bench.delivery(), "U1ADA")
    whole = bench.delivery(text="All of it.", begun_since=SINCE.isoformat())
    bench.channel.send(whole)
    earlier, message = bench.below()
    assert earlier["blocks"][0]["text"] == "Earlier."
    assert message["blocks"][0]["text"] == "All of it."


def test_one_that_was_never_begun_is_posted(bench: Bench) -> None:
    bench.emulator.faults.add(Fault("chat.startStream", "drop_before"))
    with pytest.raises(Ambiguous):
        bench.streams.begin(bench.delivery(), "U1ADA")
    bench.channel.send(bench.delivery(begun_since=SINCE.isoformat()))
    assert len(bench.below()) == 1


def test_without_looking_there_would_be_two(bench: Bench) -> None:
    bench.emulator.faults.add(Fault("chat.startStream", "drop_after_commit"))
    with pytest.raises(Ambiguous):
        bench.streams.begin(bench.delivery(), "U1ADA")
    bench.channel.send(bench.delivery())
    assert len(bench.below()) == 2
