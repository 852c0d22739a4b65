"""Answers that are said while they are written: once, in order, whatever breaks meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.conversation import speaking
from bot.emulator import Fault
from bot.inbox import ATTEMPTS
from bot.store import tables
from tests.bot.conversation_scene import ADA, Scene, actions_of, said_in, staged
from tests.bot.llm.server import Exchange, serving

PIECES = ("Count skips ", "nulls. ", "Left joins ", "keep every row.")
WHOLE = "Count skips nulls. Left joins keep every row."
QUESTION = "what does count skip?"
STREAMS = ("chat.startStream", "chat.appendStream", "chat.stopStream")


def streaming(it: Exchange) -> None:
    it.stream(PIECES) if it.request.get("stream") else it.say('{"intent": "other"}')


@pytest.fixture
def scene(tmp_path: Path, sqlite_url: str) -> Iterator[Scene]:
    with serving(streaming) as server, staged(tmp_path, sqlite_url, model=server.settings()) as it:
        it.agree(ADA)
        it.speak()
        yield it


def calls(scene: Scene) -> list[str]:
    return [e.method for e in scene.emulator.journal.entries() if e.method in STREAMS]


def answers(scene: Scene) -> list[dict[str, object]]:
    opener = scene.opener()
    return scene.below(str(opener.address), str(opener.message_ref))


def states(scene: Scene) -> list[str]:
    return [row.state for row in scene.rows(tables.Outbox) if row.kind == "answer"]


def test_an_answer_grows_sentence_by_sentence_and_is_one_message(scene: Scene) -> None:
    assert scene.reply(QUESTION) == [WHOLE]
    assert calls(scene) == [STREAMS[0], STREAMS[1], STREAMS[1], STREAMS[2]]
    (message,) = answers(scene)
    assert actions_of(message) == ["helped", "person", "open"]
    assert states(scene) == ["sent"]
    turns = [(turn.author, turn.text) for turn in scene.rows(tables.Turn)]
    assert turns == [("member", QUESTION), ("bot", WHOLE)]


@pytest.mark.parametrize("method", STREAMS)
@pytest.mark.parametrize("kind", ["drop_after_commit", "drop_before", "rate_limited"])
def test_whatever_breaks_there_is_one_whole_answer(scene: Scene, method: str, kind: str) -> None:
    scene.emulator.faults.add(Fault(method, kind))  # type: ignore[arg-type]
    opener = scene.opener()
    scene.emulator.say(ADA, str(opener.address), QUESTION, opener.message_ref)
    assert scene.app.inbox.work(scene.clock.now()).errors == []
    scene.clock.later(minutes=4)  # what may have been begun is looked for after a while
    scene.drain()
    assert [said_in(message) for message in answers(scene)] == [WHOLE]
    assert scene.emulator.faults.fired()
    assert states(scene) == ["sent"]


def test_a_slack_that_knows_no_streams_gets_one_message(scene: Scene) -> None:
    scene.emulator.faults.add(Fault("chat.startStream", "error", error="unknown_method"))
    assert scene.reply(QUESTION) == [WHOLE]
    assert calls(scene) == []


class Killed(BaseException):
    """The process dies here."""


@pytest.mark.parametrize("at", ["add", "close"])
def test_after_a_death_in_mid_stream_the_same_message_is_made_whole(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    def die(*given: object) -> None:
        raise Killed

    opener = scene.opener()
    scene.emulator.say(ADA, str(opener.address), QUESTION, opener.message_ref)
    with monkeypatch.context() as patched:
        patched.setattr(f"bot.slack.streams.SlackStream.{at}", die)
        with pytest.raises(Killed):
            scene.app.inbox.work(scene.clock.now())
    assert states(scene) == ["streaming"]
    scene.clock.later(minutes=3)  # its lease is over
    scene.drain()
    assert [said_in(message) for message in answers(scene)] == [WHOLE]
    assert calls(scene).count("chat.startStream") == 1
    assert states(scene) == ["sent"]


def test_without_a_row_that_says_so_a_death_would_leave_two(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*given: object) -> None:
        raise Killed

    monkeypatch.setattr(speaking.Voice, "_left_behind", lambda self: False)
    opener = scene.opener()
    scene.emulator.say(ADA, str(opener.address), QUESTION, opener.message_ref)
    with monkeypatch.context() as patched:
        patched.setattr("bot.slack.streams.SlackStream.close", die)
        with pytest.raises(Killed):
            scene.app.inbox.work(scene.clock.now())
    with scene.writing() as unit:
        for row in unit.session.query(tables.Outbox).filter_by(state="streaming"):
            unit.session.delete(row)
    scene.clock.later(minutes=3)
    scene.drain()
    assert len(answers(scene)) == 2


def set_aside(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer begins, and what it answers is given up."""

    def fail(*given: object) -> None:
        raise RuntimeError

    opener = scene.opener()
    scene.emulator.say(ADA, str(opener.address), QUESTION, opener.message_ref)
    with monkeypatch.context() as patched:
        patched.setattr("bot.replies.Replies._write", fail)
        for _ in range(ATTEMPTS):
            scene.app.remind(scene.clock.later(minutes=10))  # somebody will try again
            assert scene.app.inbox.work(scene.clock.now()).failed == 1
    assert scene.app.inbox.waiting() == {"waiting": 0, "set_aside": 1}
    assert states(scene) == ["streaming"]


def test_an_answer_that_nobody_will_finish_ends_with_honest_words(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_aside(scene, monkeypatch)
    scene.app.remind(scene.clock.later(minutes=10))
    scene.drain()
    (message,) = answers(scene)
    assert (
        said_in(message)
        == "I could not finish this answer. If you ask me again, I will try once more."
    )
    assert states(scene) == ["sent"]
    assert scene.reply(QUESTION) == [WHOLE]
    assert calls(scene).count("chat.startStream") == 2, "and the next one is streamed again"


def test_without_that_it_is_said_for_ever(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    set_aside(scene, monkeypatch)
    scene.clock.later(days=1)
    scene.drain()
    assert states(scene) == ["streaming"]


def test_an_answer_never_overtakes_one_that_waits(scene: Scene) -> None:
    with scene.writing() as unit:
        scene.app.conversing.tell(unit, ADA, "first", "Something else.", scene.clock.now())
    assert scene.reply(QUESTION) == [WHOLE]
    assert calls(scene) == []


def test_where_the_workspace_is_silent_nothing_begins(scene: Scene) -> None:
    with scene.writing() as unit:
        unit.session.get_one(tables.Workspace, unit.workspace).killed_at = scene.clock.now()
    assert scene.reply(QUESTION) == []
    assert calls(scene) == []


def test_memory_has_a_ceiling(scene: Scene) -> None:
    for _ in range(8):
        scene.reply("thanks")
    payload = {"address": scene.opener().address}
    thread = str(scene.opener().message_ref)
    history = scene.app.conversing._history(payload, thread)
    assert len(history) == 12
