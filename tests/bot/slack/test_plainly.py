"""Where Slack refuses how a message is drawn, its words arrive all the same, and once."""

from __future__ import annotations

import pytest

from bot.emulator import Emulator, Fault
from bot.ports import Ambiguous, Delivery, Permanent
from bot.settings import SlackSettings
from bot.slack.delivery import SlackChannel
from bot.slack.plainly import UNDRAWN

OPENER = {"text": "Seen how joins count?", "about": "Joins", "opener": "op_1"}
ANSWER = {"text": "Rows without a match <stay>.", "answer": True}


def refuse(slack: Emulator, error: str, method: str = "chat.postMessage", times: int = 1) -> None:
    def has_blocks(args: object) -> bool:
        return bool(isinstance(args, dict) and args.get("blocks") not in (None, "", "[]", []))

    slack.faults.add(Fault(method, "error", error=error, times=times, when=has_blocks))


@pytest.mark.parametrize("error", sorted(UNDRAWN))
@pytest.mark.parametrize(("kind", "content"), [("opener", OPENER), ("answer", ANSWER)])
def test_it_goes_once_more_as_text(
    emulator: Emulator, settings: SlackSettings, kind: str, content: dict[str, object], error: str
) -> None:
    channel = SlackChannel(settings)
    address = channel.address_of("U1ADA")
    refuse(emulator, error, times=9)
    receipt = channel.send(Delivery("de_1", address, kind, content))  # type: ignore[arg-type]
    (said,) = emulator.messages(address)
    assert said["ts"] == receipt.message_ref
    assert str(content["text"]).split(" <")[0] in said["text"]
    assert "<stay>" not in said["text"]
    assert not said.get("blocks")
    assert said["metadata"]["event_payload"]["delivery"] == "de_1"


def test_an_answer_that_was_begun_ends_as_text(emulator: Emulator, settings: SlackSettings) -> None:
    channel = SlackChannel(settings)
    address = channel.address_of("U1ADA")
    first = channel.send(Delivery("de_0", address, "answer", ANSWER))
    refuse(emulator, "invalid_blocks", "chat.update")
    more = {**ANSWER, "text": "All of it.", "begun": first.message_ref}
    assert channel.send(Delivery("de_1", address, "answer", more)) == first
    (said,) = emulator.messages(address)
    assert (said["text"], bool(said.get("blocks"))) == ("All of it.", False)


def test_what_may_have_arrived_is_not_said_again(
    emulator: Emulator, settings: SlackSettings
) -> None:
    """The control: only what was certainly not shown goes once more, and only once."""
    channel = SlackChannel(settings)
    address = channel.address_of("U1ADA")
    for kind, wrong in (("drop_after_commit", Ambiguous), ("error", Permanent)):
        fault = Fault("chat.postMessage", kind, error="is_archived")  # type: ignore[arg-type]
        emulator.faults.add(fault)
        before = len(emulator.journal.entries("chat.postMessage"))
        with pytest.raises(wrong):
            channel.send(Delivery("de_2", address, "opener", OPENER))
        assert len(emulator.journal.entries("chat.postMessage")) - before <= 1
    assert len(emulator.messages(address)) == 1
    emulator.faults.add(Fault("chat.postMessage", "error", error="invalid_blocks", times=2))
    with pytest.raises(Permanent, match="invalid_blocks"):
        channel.send(Delivery("de_3", address, "opener", OPENER))
    assert len(emulator.messages(address)) == 1
