"""A whole conversation through Slack leaves no word of it readable in the database."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.store import tables
from tests.bot.conversation_scene import ADA, GENERAL, Scene, staged
from tests.bot.store.test_sealing import everything

PHRASE = "zanzibar quicksilver"


def converse(scene: Scene) -> bytes:
    """A message in a channel, an opener, an answer in words, and something that still waits."""
    scene.agree(ADA)
    scene.emulator.say(ADA, GENERAL, f"first {PHRASE}")
    scene.drain()
    told = scene.speak()
    assert told.address is not None
    scene.emulator.say(ADA, told.address, f"what about {PHRASE}?", thread_ts=told.message_ref)
    scene.drain()
    scene.emulator.say(ADA, GENERAL, f"last {PHRASE}")
    assert {signal.text for signal in scene.rows(tables.Signal)} >= {f"first {PHRASE}"}
    assert any(PHRASE in turn.text for turn in scene.rows(tables.Turn))
    assert any(PHRASE in row.payload.get("text", "") for row in scene.rows(tables.Inbox))
    return everything(scene.app.store)


@pytest.mark.parametrize("sealing", [True, False])
def test_its_words_are_found_only_where_sealing_is_off(
    tmp_path: Path, database_url: str, sealing: bool
) -> None:
    with staged(tmp_path, database_url, sealing=sealing) as scene:
        kept = converse(scene)
        assert (PHRASE.encode() in kept) == (not sealing)
        assert (b"Seen how joins count" in kept) == (not sealing)
