"""An answer that comes piece by piece: from servers that stream, that cannot, and that break."""

from __future__ import annotations

import json
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


def told(delta: dict[str, object], finish: str | None = None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return "data: " + json.dumps({"id": "c", "object": "chat.completion.chunk", "created": 1,
                                  "model": "m", "choices": [choice]})  # fmt: skip


def test_a_stream_may_end_its_lines_and_itself_in_other_ways() -> None:
    """Comments that keep it alive, a role first, a chunk without choices, no [DONE]."""
    usage = json.dumps({
        "id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [],
        "usage": {"prompt_tokens": 3, "completion_tokens": 2},
    })  # fmt: skip
    lines = (
        ": keep-alive", told({"role": "assistant", "content": None}), told({"content": "One "}),
        ": keep-alive", "event: message\r\n" + told({"content": "two.", "extra": 1}),
        told({}, "stop"), f"data: {usage}",
    )  # fmt: skip
    with serving(lambda it: it.lines(*(f"{line}\r\n\r\n" for line in lines))) as server:
        assert heard(OpenAIModel(server.settings())) == (["One ", "two."], Usage(3, 2))


@pytest.mark.parametrize(
    "pieces",
    [
        ["<think>", "Who asks? ", "</think>", "\n\nOne ", "two."],
        ["\n<th", "ink>Who", "?</thi", "nk>\n", "One ", "two."],
        ["<think></think>One two."],
        ["One ", "two."],
        ["<", "One ", "two."],
    ],
)
def test_nobody_hears_what_was_thought(pieces: list[str]) -> None:
    with serving(lambda it: it.stream(pieces)) as server:
        said = "".join(heard(OpenAIModel(server.settings()))[0])
    assert said == ("<One two." if pieces[0] == "<" else "One two.")


def test_in_a_field_of_its_own_it_is_not_heard_either() -> None:
    lines = (told({"reasoning_content": "Who?"}), told({"content": "One."}), told({}, "stop"))
    with serving(lambda it: it.lines(*(f"{line}\n\n" for line in lines))) as server:
        assert heard(OpenAIModel(server.settings()))[0] == ["One."]


def test_once_it_shows_that_it_was_thought_no_more_is_told() -> None:
    with serving(lambda it: it.stream(["Who asks?", "</think>", "One."])) as server:
        stream = OpenAIModel(server.settings()).stream(PROMPT, deadline=5.0)
        assert next(stream) == "Who asks?"
        with pytest.raises(ModelError) as raised:
            next(stream)
    assert raised.value.reason == "wrong_shape"


def test_a_stream_of_thought_alone_is_asked_for_with_more_room() -> None:
    def behave(it: Exchange) -> None:
        if it.request["max_tokens"] <= PROMPT.max_tokens:
            it.stream(["<think>", "Who "], finish="length")
        else:
            it.stream(["One."])

    with serving(behave) as server:
        assert heard(OpenAIModel(server.settings()))[0] == ["One."]
        assert asked(server) == [(True, True)] * 2


@pytest.mark.parametrize(
    "minded", [("max_tokens",), ("max_tokens", "temperature"), ("stream",), ("temperature",)]
)
def test_a_refusal_that_names_nothing_does_not_end_it(minded: tuple[str, ...]) -> None:
    def behave(it: Exchange) -> None:
        if any(name in it.request for name in minded):
            it.fail(400)
        elif it.request.get("stream"):
            it.stream(["One."])
        else:
            it.say("One.")

    with serving(behave) as server:
        model = OpenAIModel(server.settings())
        assert heard(model)[0] == ["One."]
        before = len(server.requests)
        assert heard(model)[0] == ["One."]
        assert len(server.requests) == before + 1
