"""An answer that comes piece by piece: from servers that stream, that cannot, and that break."""

from __future__ import annotations

import threading
import time
from itertools import repeat

import pytest

from bot.llm.openai_model import OpenAIModel
from bot.ports import ModelError, Prompt, Usage
from tests.bot.llm.server import Exchange, ModelServer, serving

PROMPT = Prompt("p@1+x", ({"role": "system", "content": "s"}, {"role": "user", "content": "u"}))


def heard(model: OpenAIModel, deadline: float = 5.0) -> tuple[list[str], Usage]:
    """The pieces, and what they took."""
    said, stream = [], model.stream(PROMPT, deadline=deadline)
    while True:
        try:
            said.append(next(stream))
        except StopIteration as end:
            return said, end.value


def asked(server: ModelServer) -> list[tuple[bool, bool]]:
    """Of each request, whether it wanted a stream, and to be told what that takes."""
    return [(bool(r.get("stream")), "stream_options" in r) for r in server.requests]


def test_pieces_come_as_they_are_written() -> None:
    with serving(lambda it: it.stream(["One ", "two."])) as server:
        assert heard(OpenAIModel(server.settings())) == (["One ", "two."], Usage(50, 9))
        assert "response_format" not in server.requests[0]


def test_the_first_piece_is_heard_before_the_last_is_written() -> None:
    with serving(lambda it: it.stream(["One ", "two."], pause=0.4)) as server:
        stream = OpenAIModel(server.settings()).stream(PROMPT, deadline=5.0)
        began = time.monotonic()
        assert next(stream) == "One "
        assert time.monotonic() - began < 0.35
        assert list(stream) == ["two."]


def test_a_server_that_knows_no_stream_answers_at_once_and_is_remembered() -> None:
    with serving(lambda it: it.say("One two.")) as server:
        model = OpenAIModel(server.settings())
        assert heard(model) == (["One two."], Usage(100, 20) + Usage(1, estimated=True))
        assert heard(model) == (["One two."], Usage(100, 20))
        assert asked(server) == [(True, True), (False, False), (False, False)]


def test_what_a_server_refuses_is_left_out() -> None:
    def picky(it: Exchange) -> None:
        if "stream_options" in it.request:
            it.fail(400, "stream_options")
        elif it.request.get("stream"):
            it.fail(422, "stream")
        else:
            it.say("Whole.")

    with serving(picky) as server:
        assert heard(OpenAIModel(server.settings()))[0] == ["Whole."]
        assert asked(server) == [(True, True), (True, False), (False, False)]


@pytest.mark.parametrize(
    ("finish", "reason"), [("length", "cut_off"), ("content_filter", "refusal")]
)
def test_a_stream_that_ends_badly_says_so_after_its_pieces(finish: str, reason: str) -> None:
    with serving(lambda it: it.stream(["One. "], finish=finish)) as server:
        stream = OpenAIModel(server.settings()).stream(PROMPT, deadline=5.0)
        assert next(stream) == "One. "
        with pytest.raises(ModelError) as told:
            next(stream)
        assert told.value.reason == reason
        assert told.value.usage.completion_tokens > 0


@pytest.mark.parametrize("pause", [0.02, 30.0])
def test_a_stream_that_never_ends_is_over_in_time(pause: float) -> None:
    with serving(lambda it: it.stream(repeat("x"), pause=pause)) as server:
        began = time.monotonic()
        with pytest.raises(ModelError) as told:
            heard(OpenAIModel(server.settings()), deadline=0.4)
        assert time.monotonic() - began < 1.0
        assert told.value.reason == "timeout"


def test_whoever_has_heard_enough_leaves_nothing_behind() -> None:
    ended = threading.Event()

    def endless(it: Exchange) -> None:
        try:
            it.stream(repeat("x"), pause=0.01)
        finally:
            ended.set()

    with serving(endless) as server:
        stream = OpenAIModel(server.settings()).stream(PROMPT, deadline=5.0)
        next(stream)
        stream.close()
        assert ended.wait(2.0)
        assert not [t for t in threading.enumerate() if t.name == "model-stream" and _lives(t)]


def _lives(thread: threading.Thread) -> bool:
    thread.join(2.0)
    return thread.is_alive()


def test_a_server_that_fails_is_told_by_its_reason() -> None:
    with serving(lambda it: it.fail(500)) as server, pytest.raises(ModelError) as told:
        heard(OpenAIModel(server.settings()))
    assert told.value.reason == "server_error"
