"""An answer in plain words as a model writes it: piece by piece, ending in time, closed orderly."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from typing import Any

import openai
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from bot.llm.abilities import Abilities
from bot.llm.billing import Bill, Try
from bot.llm.bounded import Ending
from bot.llm.lengths import estimated
from bot.llm.thinking import Aloud, OnlyThoughtError, said_in
from bot.ports import ModelError, Prompt, Usage

Put = Callable[[str], None]
_MOST_TRIES = 6


def flowing(
    seconds: float, call: Callable[[Ending, Put], None], stop: Callable[[], None]
) -> Generator[str]:
    """What `call` puts, as it comes, for at most `seconds`; `stop` takes its connection away.

    It runs in a thread of its own, for a server can hold a client where no check is reached.
    Whoever stops listening closes the generator, and the call ends with it.

    Raises:
        ModelError: the time is over.
        Exception: whatever `call` raised, after all that it had put.
    """
    line: SimpleQueue[str | BaseException | None] = SimpleQueue()
    ending = Ending(seconds)

    def run() -> None:
        try:
            call(ending, line.put)
        except BaseException as error:
            line.put(error)
        else:
            line.put(None)

    threading.Thread(target=run, name="model-stream", daemon=True).start()
    try:
        while True:
            try:
                piece = line.get(timeout=ending.left())
            except Empty:
                raise ModelError(
                    f"the model server was not done within {seconds:g} s", "timeout"
                ) from None
            if piece is None:
                return
            if isinstance(piece, BaseException):
                raise piece
            yield piece
    finally:
        stop()


@dataclass(frozen=True, slots=True)
class Talk:
    """One prompt to one model, to be answered in plain words."""

    model: str
    prompt: Prompt
    bill: Bill
    put: Put

    def converse(self, client: openai.OpenAI, abilities: Abilities) -> Abilities:
        """Put the answer as it comes; returns the way of asking that the endpoint took.

        An endpoint that does not stream, or refuses to, is asked for the whole answer at once.

        Raises:
            ModelError: the model refused, was cut off, or said nothing.
            openai.OpenAIError: whatever the client raises.
        """
        problem: Exception = ModelError("the model gave no answer", "empty")
        for _ in range(_MOST_TRIES):
            try:
                if self._ask(client, abilities):
                    return abilities
                problem = ModelError("the model answered with nothing", "empty")
                another = replace(abilities, streams=False) if abilities.streams else None
            except OnlyThoughtError as error:
                problem, another = error, abilities.after_thinking()
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                problem, another = error, abilities.after_refused_stream(error.param)
            if another is None:
                break
            abilities = another
        raise problem

    def _ask(self, client: openai.OpenAI, abilities: Abilities) -> bool:
        """Whether anything was said."""
        options: dict[str, Any] = {
            "model": self.model,
            "messages": [dict(message) for message in self.prompt.messages],
            **abilities.plain_options(self.prompt.max_tokens, self.prompt.temperature),
        }
        with self.bill.asking(options["messages"]) as asked:
            if not abilities.streams:
                return self._whole(client.chat.completions.create(**options), asked)
            if abilities.tells_usage:
                options["stream_options"] = {"include_usage": True}
            chunks = client.chat.completions.create(stream=True, **options)
            return self._pieces(chunks, asked)

    def _whole(self, completion: object, asked: Try) -> bool:
        if not isinstance(completion, ChatCompletion):
            raise ModelError("the model server answered with something that is no completion")
        asked.answered(completion)
        choice = _first(completion)
        content = getattr(getattr(choice, "message", None), "content", None)
        text = said_in(content).strip() if isinstance(content, str) else ""
        if text:
            self.put(text)
        _check_end(choice, getattr(choice, "message", None), bool(text))
        return bool(text)

    def _pieces(self, chunks: Iterable[object], asked: Try) -> bool:
        came, said, asking, aloud = 0, False, asked.usage, Aloud()
        for chunk in chunks:
            if not isinstance(chunk, ChatCompletionChunk):
                continue
            told = getattr(chunk, "usage", None)
            if told is not None:
                asked.told(told)
            choice = _first(chunk)
            delta = getattr(choice, "delta", None)
            text = getattr(delta, "content", None)
            if isinstance(text, str) and text:
                came += len(text.encode())
                if told is None:
                    asked.usage = asking + Usage(completion_tokens=estimated(" " * came))
                said |= self._put(aloud.said(text))
            _check_end(choice, delta, said)
        return self._put(aloud.rest()) or said

    def _put(self, text: str) -> bool:
        """Whether there was anything to say."""
        if text:
            self.put(text)
        return bool(text.strip())


def _first(completion: object) -> object:
    choices: Sequence[object] | None = getattr(completion, "choices", None)
    return choices[0] if isinstance(choices, list) and choices else None


def _check_end(choice: object, part: object, said: bool) -> None:
    ended = getattr(choice, "finish_reason", None)
    if getattr(part, "refusal", None) or ended == "content_filter":
        raise ModelError("the model refused to answer", "refusal")
    if ended == "length" and not said:
        raise OnlyThoughtError
    if ended == "length":
        raise ModelError("the model's answer was cut off", "cut_off")
