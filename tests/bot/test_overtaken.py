"""An edit or a deletion that comes before its message: kept is what the message says now."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.ports import Arrival
from bot.store import tables
from bot.store.corrections import Corrections
from tests.bot.conversation_scene import ADA, GENERAL, GRACE, START, Scene, staged

REF = "1760000000.000100"


@pytest.fixture
def scene(tmp_path: Path, sqlite_url: str) -> Iterator[Scene]:
    with staged(tmp_path, sqlite_url) as made:
        made.agree(ADA)
        yield made


def arrives(scene: Scene, kind: Any, text: str = "", member: str = ADA, later: int = 0) -> None:
    payload = {
        "member": member, "address": GENERAL, "thread": None, "message_ref": REF, "text": text,
        "direct": False, "at": START.timestamp() - 60 + later,
    }  # fmt: skip
    scene.app.receive(Arrival(f"event:{kind}:{text}", kind, GENERAL, payload))
    scene.app.inbox.work(START)


def signals(scene: Scene) -> list[str]:
    return [signal.text for signal in scene.rows(tables.Signal)]


def test_a_message_that_was_edited_before_it_came_says_what_it_says_now(scene: Scene) -> None:
    arrives(scene, "edit", "second", later=2)
    arrives(scene, "edit", "first", later=1)
    arrives(scene, "message", "as it was written")
    assert signals(scene) == ["second"]


def test_a_message_that_was_deleted_before_it_came_is_not_kept(scene: Scene) -> None:
    arrives(scene, "delete", later=2)
    arrives(scene, "edit", "before that", later=1)
    arrives(scene, "message", "as it was written")
    assert signals(scene) == []


def test_what_nobody_remembers_is_kept_as_it_was_written(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control."""
    monkeypatch.setattr(Corrections, "of", lambda *_: None)
    arrives(scene, "delete")
    arrives(scene, "message", "as it was written")
    assert signals(scene) == ["as it was written"]


def test_the_words_of_who_did_not_agree_do_not_wait_either(scene: Scene) -> None:
    arrives(scene, "edit", "not yours", member=GRACE)
    assert scene.rows(tables.Correction) == []
