"""What the tries of one call took: as a server tells it, else estimated by length."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import openai
from openai.types.chat import ChatCompletion

from bot.llm.lengths import estimated
from bot.ports import Usage


class Try:
    """One request and what it took."""

    def __init__(self, messages: Sequence[Mapping[str, str]]) -> None:
        self.usage = Usage(estimated(*(one["content"] for one in messages)), estimated=True)

    def answered(self, completion: ChatCompletion) -> None:
        """Take the server's word, or estimate where its word is missing or makes no sense."""
        if not self.told(getattr(completion, "usage", None)):
            self.usage += Usage(completion_tokens=estimated(_content(completion)), estimated=True)

    def told(self, usage: object) -> bool:
        """Take a server's word for what it took; False where that makes no sense."""
        counts = [getattr(usage, name, None) for name in ("prompt_tokens", "completion_tokens")]
        if not (all(isinstance(count, int) and count >= 0 for count in counts) and any(counts)):
            return False
        self.usage = Usage(*counts)  # type: ignore[arg-type]
        return True


class Bill:
    """All tries of one call together, one that is still under way included."""

    def __init__(self) -> None:
        self._tries: list[Try] = []

    @property
    def usage(self) -> Usage:
        return sum((one.usage for one in tuple(self._tries)), Usage())

    @contextmanager
    def asking(self, messages: Sequence[Mapping[str, str]]) -> Iterator[Try]:
        """One try. What a server turned down, or never got, costs nothing.

        Where nobody knows what became of it, what was asked is counted, for it may be charged.
        """
        one = Try(messages)
        self._tries.append(one)
        try:
            yield one
        except openai.APITimeoutError:
            raise
        except (openai.APIStatusError, openai.APIConnectionError):
            self._tries.remove(one)
            raise


def _content(completion: ChatCompletion) -> str:
    choices = getattr(completion, "choices", None)
    message = getattr(choices[0], "message", None) if isinstance(choices, list) and choices else ""
    content = getattr(message, "content", None)
    return content if isinstance(content, str) else ""
