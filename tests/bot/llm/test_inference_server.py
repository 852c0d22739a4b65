"""A real inference server whose model knows nothing: templates speak, and streams end in order."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.llm.openai_model import OpenAIModel
from bot.openers.brief import Composed
from bot.openers.bundled import library, templates
from bot.openers.compose import Composer
from bot.ports import ModelError, Prompt
from bot.settings import ModelSettings
from bot.telemetry.metrics import MeteredModel, Metrics
from tests.bot.llm.inference_server import inferring, make_model
from tests.bot.openers.golden import BRIEF

DEADLINE = 20.0
PROMPT = Prompt("responses/answer@1+0", ({"role": "user", "content": "Hello."},), max_tokens=40)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelSettings]:
    folder = tmp_path_factory.mktemp("tiny")
    make_model(folder)
    with inferring(folder) as found:
        yield found


def streaming() -> int:
    return sum(it.name == "model-stream" for it in threading.enumerate())


def test_gibberish_ends_in_a_template_and_is_counted(settings: ModelSettings) -> None:
    metrics = Metrics()
    model = MeteredModel(OpenAIModel(settings), metrics)
    composer = Composer(library(), templates(), model, DEADLINE)
    made = composer.compose(BRIEF)
    assert isinstance(made, Composed)
    assert (made.language_model, made.fallback) == ("template", "model_failed")
    assert made.usage.prompt_tokens > 1000  # the server told what it read
    assert not made.usage.estimated
    metrics.planned({}, [made])
    told = metrics.read().decode()
    assert 'overture_openers_total{fallback="model_failed",made_by="template"} 1.0' in told
    assert "overture_model_failures_total" in told


def test_a_stream_ends_in_order(settings: ModelSettings) -> None:
    pieces: list[str] = []
    with pytest.raises(ModelError) as ended:
        pieces.extend(OpenAIModel(settings).stream(PROMPT, deadline=DEADLINE))
    assert ended.value.reason == "cut_off"  # it never learnt to stop
    assert ended.value.usage.completion_tokens > 0
    assert "".join(pieces)
    assert streaming() == 0


def test_a_stream_that_nobody_hears_to_its_end_is_closed(settings: ModelSettings) -> None:
    model = OpenAIModel(settings)
    stream = model.stream(replace(PROMPT, max_tokens=2000), deadline=DEADLINE)
    assert next(stream)
    stream.close()
    until = time.monotonic() + 5
    while streaming() and time.monotonic() < until:
        time.sleep(0.02)
    assert streaming() == 0
    assert next(model.stream(PROMPT, deadline=DEADLINE))  # the server goes on serving others


def test_the_server_is_the_one_of_the_folder(settings: ModelSettings) -> None:
    """The negative control: with another model's name nothing comes, so it was this one."""
    other = settings.model_copy(update={"name": str(Path(settings.name) / "none")})
    with pytest.raises(ModelError) as caught:
        next(OpenAIModel(other).stream(PROMPT, deadline=DEADLINE))
    assert caught.value.reason in ("refused_request", "server_error")
