"""Taking a Slack workspace in again: what changed there since holds here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.joining import join
from bot.store.channels import Channels
from tests.bot.conversation_scene import ADA, GENERAL, GRACE, Scene, staged


@pytest.fixture
def scene(tmp_path: Path, sqlite_url: str) -> Iterator[Scene]:
    with staged(tmp_path, sqlite_url) as made:
        yield made


@pytest.mark.parametrize(
    ("changed", "reads"),
    [({}, True), ({"is_archived": True}, True), ({"kind": "private"}, False)],
    ids=["public", "archived", "made private"],
)
def test_a_channel_that_was_made_private_is_read_by_nobody(
    scene: Scene, changed: dict[str, object], reads: bool
) -> None:
    """Its items were offered to every full member; Slack lets us see no more who is in it."""
    space = scene.emulator.workspace
    channel = space.conversation(GENERAL)
    assert channel is not None
    space.put_conversation(replace(channel, **changed))  # type: ignore[arg-type]
    join(scene.app.settings, scene.clock)
    with scene.app.store.reading(scene.app.workspace) as unit:
        readers = Channels(unit).readers(GENERAL)
    assert ({ADA, GRACE} <= readers) is reads
    assert bool(readers) is reads
