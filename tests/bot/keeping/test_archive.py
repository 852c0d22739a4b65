"""Export my data: a file in the direct conversation, with everything and nobody else's words."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.emulator import Fault
from bot.keeping.archive import archive
from bot.keeping.own_rows import owned
from bot.store import tables
from bot.store.members import Members
from tests.bot.conversation_scene import ADA, GENERAL, GRACE, WHY, Scene, said_in, staged

SAID, OTHERS = "decoders are <b>my</b> thing", "what Grace said"


@pytest.fixture
def scene(tmp_path: Path, sqlite_url: str) -> Iterator[Scene]:
    with staged(tmp_path, sqlite_url) as made:
        made.agree(ADA)
        made.agree(GRACE)
        made.emulator.say(ADA, GENERAL, SAID)
        made.emulator.say(GRACE, GENERAL, OTHERS)
        made.speak()
        made.reply("and how do I count them?")
        yield made


def opened(data: bytes) -> tuple[dict[str, Any], str]:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert file.testzip() is None
        return json.loads(file.read("data.json")), file.read("your-data.html").decode()


def press(scene: Scene) -> None:
    scene.emulator.open_home(ADA, wait=0)
    scene.drain()
    scene.emulator.press_home(ADA, "export")
    scene.drain()


def test_a_press_puts_the_file_into_the_conversation(scene: Scene) -> None:
    press(scene)
    message = scene.dm()[-1]
    assert message["text"].startswith("Everything I know about you")
    (file,) = message["files"]
    told, page = opened(scene.emulator.uploaded(file["id"]))
    assert file["name"] == "overture-your-data.zip"
    assert told["member"]["id"] == ADA
    assert [one["text"] for one in told["signals"]] == [SAID]
    assert told["messages_to_you"][0]["why"] == WHY
    assert told["conversations"][0]["text"] == "and how do I count them?"
    assert {one["purpose"] for one in told["consents"]} >= {"openers", "reactions"}
    assert "decoders are &lt;b&gt;my&lt;/b&gt; thing" in page
    assert SAID not in page, "no words become markup"


def test_nothing_of_others_is_in_it(scene: Scene) -> None:
    press(scene)
    told, page = opened(scene.emulator.uploaded(scene.dm()[-1]["files"][0]["id"]))
    assert OTHERS not in json.dumps(told) + page
    assert GRACE not in json.dumps(told) + page
    assert scene.dm(GRACE) == []


def test_every_kind_of_row_with_their_id_is_in_it(scene: Scene) -> None:
    """What could be deleted can be taken along, but for what only makes us work."""
    inner = {"slots", "shadow_scores", "identities", "outbox", "reviews", "corrections", "members",
             "topic_choices", "channel_members", "openers", "turns", "outcomes", "handoffs",
             "shelf"}  # fmt: skip
    named = {"topics", "channels", "messages_to_you", "hand_offs", "quiet_shelf"}
    with scene.app.store.reading(scene.app.workspace) as unit:
        member = Members(unit).get(ADA)
        assert member is not None
        told, _ = opened(archive(unit, member, scene.clock.now()))
    tables_of_theirs = {table.name for table, _ in owned("W", "m")}
    assert tables_of_theirs - inner <= told.keys()
    assert named <= told.keys()


def test_marks_and_what_is_kept_for_them_are_in_it(scene: Scene) -> None:
    scene.reply("remind me tomorrow to call Bob")
    scene.reply("yes")
    with scene.writing() as unit:
        unit.session.get_one(tables.Opener, "op_one").satisfaction = 4
        for turn in unit.session.query(tables.Turn).filter_by(author="bot"):
            turn.rating = -1
    with scene.app.store.reading(scene.app.workspace) as unit:
        told, page = opened(archive(unit, unit.session.get_one(tables.Member, (
            unit.workspace, ADA)), scene.clock.now()))  # fmt: skip
    assert told["messages_to_you"][0]["satisfaction"] == 4
    assert -1 in [one["your_rating"] for one in told["conversations"]]
    assert [one["title"] for one in told["kept_for_you"]] == ["Call Bob"]
    assert "Call Bob" in page
    assert GENERAL in page


def test_a_file_that_cannot_be_put_there_is_told(scene: Scene) -> None:
    fault = Fault(kind="error", method="files.getUploadURLExternal", error="internal_error")
    scene.emulator.faults.add(fault)
    press(scene)
    assert "could not put your data" in said_in(scene.dm()[-1])
    assert len(scene.rows(tables.Outbox)) >= 1
