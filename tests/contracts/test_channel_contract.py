"""What every channel of delivery promises; an adapter's test inherits it.

To hold a new adapter to it, make a subclass of `ChannelContract` with a `bench` fixture.
"""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.emulator import EmulatedWorkspace, Emulator, Fault
from bot.ports import Ambiguous, Channel, Delivery, Permanent, Receipt, Transient
from bot.slack import manifest
from bot.slack.delivery import SlackChannel
from tests.bot.slack.conftest import NOW, settings_for, workspace

BEFORE = datetime.fromtimestamp(NOW, UTC) - timedelta(seconds=5)
HOSTILE = "<!channel> & <@U1ADA> <https://evil.example|bank> *bold* `code`\n> quote"


class Bench(ABC):
    """A channel with a far end that the contract can make misbehave."""

    channel: Channel

    @abstractmethod
    def arrived(self, delivery: str) -> int:
        """How often this delivery was really committed, whatever the channel was told."""

    @abstractmethod
    def shown(self, delivery: str) -> Sequence[str]:
        """Every way in which the far end shows this delivery, in full."""

    @abstractmethod
    def trouble(self, kind: str, **more: Any) -> None:
        """What the next call meets."""


@dataclass
class SlackBench(Bench):
    channel: Channel
    emulator: Emulator

    def arrived(self, delivery: str) -> int:
        return sum(
            entry.metadata is not None and entry.metadata["event_payload"] == {"delivery": delivery}
            for entry in self.emulator.journal.entries("chat.postMessage")
        )

    def shown(self, delivery: str) -> Sequence[str]:
        client = WebClient(self.emulator.bot_token, base_url=self.emulator.api_url)
        (address,) = {one.channel for one in self.emulator.journal.entries("chat.postMessage")}
        told = client.conversations_history(channel=address, include_all_metadata=True)
        (message,) = (
            one
            for one in told["messages"]
            if one["metadata"]["event_payload"] == {"delivery": delivery}
        )
        return message["text"], str(message["blocks"])

    def trouble(self, kind: str, **more: Any) -> None:
        method = more.pop("method", "chat.postMessage")
        self.emulator.faults.add(Fault(method, kind, **more))  # type: ignore[arg-type]


def delivery(address: str, name: str = "dl_1", **content: Any) -> Delivery:
    words = {"text": "Did you see this?", "about": "a talk", "opener": "op_1", **content}
    return Delivery(name, address, "opener", words)


def found(
    channel: Channel, address: str, name: str, since: datetime, thread: str | None = None
) -> Receipt | None:
    """Where a conversation shows a delivery, read to its end."""
    page = channel.read(address, since, thread)
    while name not in page.found and page.further is not None:
        page = channel.read(address, since, thread, page.further)
    return page.found.get(name)


class ChannelContract:
    """The promises."""

    def test_a_message_arrives_once_and_is_found_again(self, bench: Bench, address: str) -> None:
        sent = bench.channel.send(delivery(address))
        assert bench.arrived("dl_1") == 1
        assert found(bench.channel, address, "dl_1", BEFORE) == sent
        assert found(bench.channel, address, "dl_2", BEFORE) is None

    def test_the_line_that_has_to_stand_under_it_does(self, bench: Bench, address: str) -> None:
        bench.channel.send(delivery(address, notice="No advice for investors."))
        for shown in bench.shown("dl_1"):
            assert "No advice for investors." in shown
        bench.channel.send(delivery(address, "dl_2"))
        assert not any("No advice" in shown for shown in bench.shown("dl_2"))

    def test_an_address_is_always_the_same(self, bench: Bench, address: str) -> None:
        assert bench.channel.address_of("U1ADA") == address

    def test_a_refusal_is_permanent_and_nothing_arrives(self, bench: Bench) -> None:
        with pytest.raises(Permanent):
            bench.channel.send(delivery("D0NOWHERE"))
        assert bench.arrived("dl_1") == 0

    def test_a_pause_that_is_asked_for_is_told(self, bench: Bench, address: str) -> None:
        bench.trouble("rate_limited", retry_after=7)
        with pytest.raises(Transient) as refused:
            bench.channel.send(delivery(address))
        assert refused.value.retry_after == 7
        assert bench.arrived("dl_1") == 0

    @pytest.mark.parametrize(
        ("kind", "more", "arrives"),
        [
            ("drop_after_commit", {}, 1),
            ("drop_before", {}, 0),
            ("status", {"status": 500}, 0),
            ("status", {"status": 503, "after_commit": True}, 1),
            ("error", {"error": "internal_error"}, 0),
        ],
    )
    def test_what_may_have_happened_is_ambiguous_and_not_tried_again(
        self, bench: Bench, address: str, kind: str, more: dict[str, Any], arrives: int
    ) -> None:
        bench.trouble(kind, **more)
        with pytest.raises(Ambiguous):
            bench.channel.send(delivery(address))
        assert bench.arrived("dl_1") == arrives
        assert (found(bench.channel, address, "dl_1", BEFORE) is not None) == bool(arrives)

    @pytest.mark.parametrize(
        ("kind", "more"), [("drip", {}), ("delay", {"after_commit": True}), ("delay", {})]
    )
    def test_no_call_outlives_its_deadline(
        self, hasty: Bench, address: str, kind: str, more: dict[str, Any]
    ) -> None:
        hasty.trouble(kind, seconds=6.0, **more)
        began = time.monotonic()
        with pytest.raises(Ambiguous):
            hasty.channel.send(delivery(address))
        assert time.monotonic() - began <= hasty.channel.call_deadline + 0.5

    def test_absence_is_never_guessed(self, bench: Bench, address: str) -> None:
        bench.channel.send(delivery(address))
        bench.trouble("status", method="conversations.history", status=500)
        with pytest.raises(Ambiguous):
            found(bench.channel, address, "dl_1", BEFORE)

    def test_a_message_is_found_among_many(self, bench: Bench, address: str) -> None:
        wanted = bench.channel.send(delivery(address, "dl_first"))
        for number in range(40):
            bench.channel.send(delivery(address, f"dl_{number}"))
        assert found(bench.channel, address, "dl_first", BEFORE) == wanted

    def test_an_answer_is_found_in_its_thread(self, bench: Bench, address: str) -> None:
        root = bench.channel.send(delivery(address))
        words = {"text": "Here.", "thread": root.message_ref}
        sent = bench.channel.send(Delivery("dl_a", address, "answer", words))
        assert found(bench.channel, address, "dl_a", BEFORE, root.message_ref) == sent

    def test_hostile_and_endless_words_are_taken(self, bench: Bench, address: str) -> None:
        for number, text in enumerate((HOSTILE, "&" * 50_000, "<" * 3_001, "x" * 100_000)):
            words = {"text": text, "about": text, "url": "https://example.org/" + "y" * 4_000}
            bench.channel.send(Delivery(f"dl_o{number}", address, "opener", words))
            bench.channel.send(Delivery(f"dl_a{number}", address, "answer", {"text": text}))
            pairs = {"text": text, "purposes": [["p", text]] * 30}
            bench.channel.send(Delivery(f"dl_w{number}", address, "welcome", pairs))
            assert bench.arrived(f"dl_o{number}") == 1

    def test_nothing_refused_before_it_left_is_ambiguous(self, unreachable: Channel) -> None:
        with pytest.raises(Transient):
            unreachable.send(delivery("D1"))

    def test_no_thread_stays_behind(self, bench: Bench, address: str) -> None:
        before = threading.active_count()
        for number in range(5):
            bench.channel.send(delivery(address, f"dl_{number}"))
        assert threading.active_count() <= before


class TestSlackChannel(ChannelContract):
    @pytest.fixture
    def emulator(self) -> Iterator[Emulator]:
        space: EmulatedWorkspace = workspace()
        with Emulator(space, clock=lambda: NOW, manifest=manifest.load()) as made:
            yield made

    @pytest.fixture
    def bench(self, emulator: Emulator) -> Bench:
        return SlackBench(SlackChannel(settings_for(emulator)), emulator)

    @pytest.fixture
    def hasty(self, emulator: Emulator) -> Bench:
        return SlackBench(SlackChannel(settings_for(emulator, call_deadline=0.6)), emulator)

    @pytest.fixture
    def address(self, bench: Bench) -> str:
        return bench.channel.address_of("U1ADA")

    @pytest.fixture
    def unreachable(self, emulator: Emulator) -> Channel:
        nobody = settings_for(emulator).model_copy(update={"api_url": "http://127.0.0.1:9/api/"})
        return SlackChannel(nobody)

    def test_the_receipt_says_where(self, bench: Bench, address: str) -> None:
        receipt = bench.channel.send(delivery(address))
        assert replace(receipt, message_ref="") == replace(receipt, message_ref="", address=address)
