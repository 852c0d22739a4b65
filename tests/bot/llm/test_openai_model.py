from __future__ import annotations

import json
import logging
import threading
import time

import pytest
from pydantic import BaseModel, SecretStr

from bot.llm import connect
from bot.llm.openai_model import OpenAIModel
from bot.ports import MODEL_FAILURES, ModelError, Prompt, Usage
from bot.settings import ModelSettings
from tests.bot.llm.failures import COUNTED_AS, FAILURES
from tests.bot.llm.server import Exchange, completion, serving, wanted


class Reply(BaseModel):
    text: str
    sure: bool = True


PROMPT = Prompt(
    "test@1+0",
    ({"role": "system", "content": "Be."}, {"role": "user", "content": "Say SECRETWORD"}),
)
GOOD = '{"text": "hello", "sure": false}'
DEADLINE = 1.5


def ask(model: OpenAIModel, deadline: float = 5.0) -> tuple[Reply, Usage]:
    return model.complete(PROMPT, Reply, deadline=deadline)


def test_a_good_answer_is_validated_and_counted() -> None:
    with serving(lambda it: it.say(GOOD)) as server:
        reply, usage = ask(OpenAIModel(server.settings()))
    assert reply == Reply(text="hello", sure=False)
    assert usage == Usage(100, 20)
    (request,) = server.requests
    schema = request["response_format"]["json_schema"]["schema"]
    assert schema["required"] == ["text", "sure"]
    assert schema["additionalProperties"] is False
    assert request["messages"] == list(PROMPT.messages)


@pytest.mark.parametrize("usage", [None, {}, {"prompt_tokens": "many"}, {"prompt_tokens": -3}])
def test_usage_may_be_missing_or_odd(usage: object) -> None:
    with serving(lambda it: it.say(GOOD, usage=usage)) as server:
        _, counted = ask(OpenAIModel(server.settings()))
    assert counted.estimated
    assert counted.prompt_tokens > 0 < counted.completion_tokens


def test_a_server_without_keys_gets_a_word_for_one() -> None:
    with serving(lambda it: it.say(GOOD)) as server:
        ask(OpenAIModel(ModelSettings(base_url=server.url)))
    assert server.headers[0]["authorization"] == "Bearer none"


@pytest.mark.parametrize("best", ["json_object", "text"])
def test_a_refused_format_is_remembered(best: str) -> None:
    def behave(it: Exchange) -> None:
        if wanted(it.request) == best:
            it.say(GOOD)
        else:
            it.fail(400, "response_format")

    with serving(behave) as server:
        model = OpenAIModel(server.settings())
        ask(model)
        before = len(server.requests)
        ask(model)
    assert before > 1
    assert len(server.requests) == before + 1
    assert wanted(server.requests[-1]) == best
    assert '"sure"' in server.requests[-1]["messages"][0]["content"]


def test_a_silently_ignored_format_is_met_by_saying_the_schema() -> None:
    def behave(it: Exchange) -> None:
        told = "Its schema" in it.request["messages"][0]["content"]
        it.say(f"Sure! Here it is:\n```json\n{GOOD}\n```" if told else "Hello there.")

    with serving(behave) as server:
        model = OpenAIModel(server.settings())
        reply, usage = ask(model)
        assert reply.text == "hello"
        assert usage == Usage(200, 40)
        ask(model)
    assert [wanted(it) for it in server.requests] == ["json_schema", "json_object", "json_object"]


def test_the_right_object_is_found_among_others() -> None:
    with serving(lambda it: it.say(f'{{"a": 1}} {{ not json }} {GOOD} and {{"b": 2}}')) as server:
        reply, _ = ask(OpenAIModel(server.settings()))
    assert reply.text == "hello"


def test_newer_parameters_are_found_out() -> None:
    def behave(it: Exchange) -> None:
        for old in ("max_tokens", "temperature"):
            if old in it.request:
                return it.fail(400, old)
        return it.say(GOOD)

    with serving(behave) as server:
        model = OpenAIModel(server.settings())
        ask(model)
        ask(model)
    assert len(server.requests) == 4
    assert server.requests[-1]["max_completion_tokens"] > PROMPT.max_tokens
    assert wanted(server.requests[-1]) == "json_schema"


@pytest.mark.parametrize(
    ("minded", "format"),
    [
        (("max_tokens",), "json_schema"),
        (("max_tokens", "temperature"), "json_schema"),
        (("temperature",), "json_schema"),
        (("max_completion_tokens", "temperature"), "text"),
        (("max_tokens", "response_format"), "text"),
        (("response_format", "max_completion_tokens"), "text"),
    ],
)
def test_a_refusal_that_names_nothing_is_found_out_as_well(
    minded: tuple[str, ...], format: str
) -> None:
    """Compatible servers refuse in words alone, which nobody can rely on."""

    def behave(it: Exchange) -> None:
        it.fail(400) if any(name in it.request for name in minded) else it.say(GOOD)

    with serving(behave) as server:
        model = OpenAIModel(server.settings())
        ask(model)
        before = len(server.requests)
        ask(model)
    assert len(server.requests) == before + 1
    assert wanted(server.requests[-1]) == format


@pytest.mark.parametrize(
    "thought",
    [
        '<think>Perhaps {"text": "no", "sure": true}?</think>\n\n',
        'Perhaps {"text": "no"}? Let me see.\n</think>',
    ],
)
def test_what_was_thought_before_is_no_answer(thought: str) -> None:
    with serving(lambda it: it.say(thought + GOOD)) as server:
        reply, _ = ask(OpenAIModel(server.settings()))
    assert reply.text == "hello"


@pytest.mark.parametrize("content", [None, "", "<think>Hmm, hmm"])
def test_who_thinks_until_the_end_is_given_more_room(content: str | None) -> None:
    def behave(it: Exchange) -> None:
        thinks = it.request["max_tokens"] <= PROMPT.max_tokens
        it.say(content, "length") if thinks else it.say(GOOD)

    with serving(behave) as server:
        model = OpenAIModel(server.settings())
        ask(model)
        ask(model)
    assert len(server.requests) == 3
    assert wanted(server.requests[-1]) == "json_schema"


def test_a_tool_that_is_called_instead_is_no_answer() -> None:
    call = {"id": "t1", "type": "function", "function": {"name": "f", "arguments": GOOD}}
    body = completion(None, "tool_calls")
    body["choices"][0]["message"]["tool_calls"] = [call]
    with (
        serving(lambda it: it.send(200, json.dumps(body).encode())) as server,
        pytest.raises(ModelError) as told,
    ):
        ask(OpenAIModel(server.settings()), DEADLINE)
    assert told.value.reason == "empty"


@pytest.mark.parametrize("end", ["", "/"])
def test_an_address_may_end_with_a_slash(end: str) -> None:
    with serving(lambda it: it.say(GOOD)) as server:
        ask(OpenAIModel(ModelSettings(base_url=server.url + end)))
        assert server.paths == ["/v1/chat/completions"]


def test_a_bad_day_teaches_nothing() -> None:
    broken = threading.Event()
    broken.set()
    with serving(lambda it: it.say("prose" if broken.is_set() else GOOD)) as server:
        model = OpenAIModel(server.settings())
        with pytest.raises(ModelError):
            ask(model)
        broken.clear()
        ask(model)
    assert wanted(server.requests[-1]) == "json_schema"


def test_one_failure_is_tried_again_by_the_client() -> None:
    def behave(it: Exchange) -> None:
        it.fail(500) if len(server.requests) == 1 else it.say(GOOD)

    with serving(behave) as server:
        reply, _ = ask(OpenAIModel(server.settings()))
    assert reply.text == "hello"
    assert len(server.requests) == 2


@pytest.mark.parametrize("name", FAILURES)
def test_each_failure_is_a_model_error_in_time(name: str) -> None:
    with serving(FAILURES[name]) as server:
        model = OpenAIModel(server.settings())
        begun = time.monotonic()
        with pytest.raises(ModelError) as caught:
            ask(model, DEADLINE)
        took = time.monotonic() - begun
    assert took < DEADLINE + 1
    assert caught.value.reason == COUNTED_AS[name]
    assert "SECRETWORD" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert 1 <= len(server.requests) <= 8


def test_nothing_listens() -> None:
    with serving(lambda it: it.say(GOOD)) as server:
        model = OpenAIModel(server.settings())
    with pytest.raises(ModelError, match=r"model\.base_url") as caught:
        ask(model, DEADLINE)
    assert caught.value.reason == "unreachable"


def test_each_reason_is_known_and_has_its_failure() -> None:
    assert set(COUNTED_AS.values()) | {"ceiling"} == set(MODEL_FAILURES)


def test_threads_of_given_up_calls_end() -> None:
    before = threading.active_count()
    with serving(FAILURES["dripping head"]) as server:
        model = OpenAIModel(server.settings())
        for _ in range(3):
            with pytest.raises(ModelError):
                ask(model, 0.3)
    until = time.monotonic() + 5
    while time.monotonic() < until and threading.active_count() > before:
        time.sleep(0.05)
    left = [it.name for it in threading.enumerate() if it.name == "model-call"]
    assert left == []


def test_nothing_said_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(lambda it: it.say(GOOD)) as server:
        model = connect(server.settings())
        assert model is not None
        model.complete(PROMPT, Reply, deadline=5)
    assert "SECRETWORD" not in caplog.text
    assert "hello" not in caplog.text


def test_without_address_and_key_there_is_no_model() -> None:
    assert connect(ModelSettings()) is None
    named = connect(ModelSettings(api_key=SecretStr("k"), name="some-model"))
    assert named is not None
    assert named.name == "some-model"


def test_a_schema_is_what_strict_endpoints_take() -> None:
    with serving(lambda it: it.say(GOOD)) as server:
        ask(OpenAIModel(server.settings()))
    sent = json.dumps(server.requests[0]["response_format"])
    assert '"default"' not in sent
