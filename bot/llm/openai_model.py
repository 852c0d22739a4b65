"""A language model behind any endpoint that speaks OpenAI's Chat Completions.

Endpoints differ in what they take. The best way of asking for a structure comes first; what an
endpoint refuses or silently ignores is not tried again on it, and every answer is validated.
Nothing that was said, in either direction, is logged or put into an error.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import cache

import httpx2
import openai
from openai.types.chat import ChatCompletion
from pydantic import ValidationError

from bot.llm.abilities import Abilities, objects_in
from bot.llm.billing import Bill
from bot.llm.bounded import Ending, Unbounded, bounded_client, within
from bot.llm.streaming import Put, Talk, flowing
from bot.llm.thinking import OnlyThoughtError, said_in
from bot.ports import Answer, ModelError, Prompt, Usage
from bot.settings import ModelSettings

DEFAULT_URL = "https://api.openai.com/v1"
RETRIES = 1
"""How often the client may try again by itself, after 408, 409, 429, 5xx or a lost connection."""

_MOST_TRIES = 8
"""Requests of different wording for one answer, at most."""


class _NoAnswer(ModelError):
    """The endpoint answered, but not with what was asked for; a plainer question may help."""

    def __init__(self, message: str, reason: str = "empty") -> None:
        super().__init__(message, reason)


@cache
def _trust() -> ssl.SSLContext:
    """What is trusted, read once: that takes longer than a call."""
    return httpx2.create_ssl_context()


class OpenAIModel:
    """One model at one endpoint; implements `bot.ports.LanguageModel`.

    Safe to use from several threads.
    """

    def __init__(self, settings: ModelSettings) -> None:
        self._name = settings.name
        self._url = settings.base_url or DEFAULT_URL
        key = settings.api_key.get_secret_value() if settings.api_key else ""
        # The client insists on a key, also where the server wants none.
        self._key = key or "none"
        self._trust = _trust()
        self._abilities = Abilities()

    @property
    def name(self) -> str:
        """The model's name at its endpoint."""
        return self._name

    def complete(
        self, prompt: Prompt, answer: type[Answer], *, deadline: float
    ) -> tuple[Answer, Usage]:
        """A validated answer and what it cost, retries and plainer questions included.

        Args:
            deadline: seconds for everything.

        Raises:
            ModelError: no usable answer in time, whatever the reason.
        """
        clients: list[openai.OpenAI] = []
        bill = Bill()

        def call(ending: Ending) -> tuple[Answer, Usage]:
            client = self._client(ending, deadline)
            clients.append(client)
            with client:
                return self._converse(client, prompt, answer, bill), bill.usage

        def stop() -> None:
            for client in clients:
                client.close()

        with _as_model_error(bill):
            return within(deadline, call, stop)

    def stream(self, prompt: Prompt, *, deadline: float) -> Generator[str, None, Usage]:
        """The answer in plain words, piece by piece; in one where the endpoint cannot stream."""
        clients: list[openai.OpenAI] = []
        bill = Bill()

        def call(ending: Ending, put: Put) -> None:
            client = self._client(ending, deadline)
            clients.append(client)
            with client:
                talk = Talk(self._name, prompt, bill, put)
                self._abilities = talk.converse(client, self._abilities)

        def stop() -> None:
            for client in clients:
                client.close()

        with _as_model_error(bill):
            yield from flowing(deadline, call, stop)
        return bill.usage

    def _client(self, ending: Ending, deadline: float) -> openai.OpenAI:
        return openai.OpenAI(
            api_key=self._key,
            base_url=self._url,
            max_retries=RETRIES,
            timeout=deadline,
            http_client=bounded_client(ending, self._trust),
        )

    def _converse(
        self, client: openai.OpenAI, prompt: Prompt, answer: type[Answer], bill: Bill
    ) -> Answer:
        """Ask, and ask more plainly while the endpoint refuses or ignores the way of asking."""
        abilities: Abilities | None = self._abilities
        problem: Exception = _NoAnswer("the model gave no answer")
        for _ in range(_MOST_TRIES):
            if abilities is None:
                break
            try:
                found = _parsed(self._ask(client, abilities, prompt, answer, bill), answer)
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                problem, abilities = error, abilities.after_refusal(error.param)
            except OnlyThoughtError as error:
                problem, abilities = error, abilities.after_thinking()
            except _NoAnswer as error:
                problem, abilities = error, abilities.plainer()
            else:
                # Only what led to an answer is remembered: a bad day teaches nothing.
                self._abilities = abilities
                return found
        raise problem

    def _ask(
        self,
        client: openai.OpenAI,
        abilities: Abilities,
        prompt: Prompt,
        answer: type[Answer],
        bill: Bill,
    ) -> ChatCompletion:
        messages = abilities.messages(prompt.messages, answer)
        with bill.asking(messages) as asked:
            completion = client.chat.completions.create(
                model=self._name,
                messages=messages,  # type: ignore[arg-type]
                **abilities.options(answer, prompt.max_tokens, prompt.temperature),
            )
            # The client does not validate: a server may answer 200 with anything at all.
            if not isinstance(completion, ChatCompletion):
                raise ModelError("the model server answered with something that is no completion")
            asked.answered(completion)
        return completion


def _parsed(completion: ChatCompletion, answer: type[Answer]) -> Answer:
    """The answer in a completion, by schema alone or found in the text around it.

    Raises:
        ModelError: the model refused, or was cut off.
        OnlyThoughtError: it was cut off before it said anything.
        _NoAnswer: there is no text, or nothing in it has the right shape.
    """
    # The client builds its objects from whatever came: any field may be missing or odd.
    choices = getattr(completion, "choices", None)
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = getattr(choice, "message", None)
    ended = getattr(choice, "finish_reason", None)
    if getattr(message, "refusal", None) or ended == "content_filter":
        raise ModelError("the model refused to answer", "refusal")
    content = getattr(message, "content", None)
    content = said_in(content) if isinstance(content, str) else ""
    if ended == "length":
        if not content.strip():
            raise OnlyThoughtError
        raise ModelError("the model's answer was cut off", "cut_off")
    if not content.strip():
        raise _NoAnswer("the model answered with nothing")
    for candidate in (content, *objects_in(content)):
        try:
            return answer.model_validate_json(candidate)
        except ValidationError:
            continue
    raise _NoAnswer("the model's answer does not have the shape asked for", "wrong_shape")


@contextmanager
def _as_model_error(bill: Bill) -> Iterator[None]:
    """No error of the vendor's library leaves; its text may hold what was said, so it stays."""
    try:
        yield
    except ModelError as error:
        error.usage = bill.usage
        raise
    except (openai.OpenAIError, ValidationError, ValueError, RecursionError) as error:
        raise ModelError(*_told(error), bill.usage) from None


def _told(error: Exception) -> tuple[str, str]:
    """A message of our own for an error of somebody else's, and its reason."""
    if isinstance(error, openai.APIStatusError):
        told = (
            f"the model server answered with status {error.status_code}. "
            "Check model.base_url, model.api_key and model.name."
        )
        return told, _reason_of(error.status_code)
    if isinstance(error, openai.APITimeoutError):
        return "the model server gave no answer in time", "timeout"
    if isinstance(error, openai.APIConnectionError):
        told = "the model server could not be reached, or ended the connection"
        return f"{told}. Check model.base_url.", "unreachable"
    if isinstance(error, Unbounded):
        return str(error), error.reason
    if isinstance(error, RecursionError):
        return "the model server's answer is nested too deeply", "unusable"
    return f"the model server's answer is unusable ({type(error).__name__})", "unusable"


def _reason_of(status: int) -> str:
    if status == 429:
        return "rate_limited"
    return "server_error" if status >= 500 else "refused_request"


def quiet() -> None:
    """Keep the client's own logs from holding anything of a call; versions differ in how much."""
    for name in ("openai", "httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.WARNING)
