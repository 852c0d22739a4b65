"""What is asked of a language model, and what its calls take; to be imported from `bot.ports`."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from pydantic import BaseModel

Answer = TypeVar("Answer", bound=BaseModel)

MODEL_FAILURES = (
    "unreachable",
    "timeout",
    "rate_limited",
    "server_error",
    "refused_request",
    "unusable",
    "too_large",
    "wrong_shape",
    "empty",
    "refusal",
    "cut_off",
    "ceiling",
)
"""Why a model gave no answer. ``refused_request``: the server did not take what it was asked;
``refusal``: the model itself would not answer; ``ceiling``: the day's spending is used up."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One rendered prompt, ready for a model."""

    ref: str
    """prompt@version+hash; goes with every message"""
    messages: tuple[Mapping[str, str], ...]
    """role and content, in order"""
    max_tokens: int = 300
    temperature: float = 0.4


@dataclass(frozen=True, slots=True)
class Usage:
    """What calls of a model took."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    estimated: bool = False
    """some of the tokens were estimated by length, for a server did not tell them"""
    micros: int = 0
    """millionths of the currency that the settings name prices in; 0 where they name none"""

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    @property
    def cost(self) -> float:
        """In the currency of the prices."""
        return self.micros / 1_000_000

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.estimated or other.estimated,
            self.micros + other.micros,
        )


class LanguageModel(Protocol):
    """Turns a prompt into a validated structure, within a deadline."""

    @property
    def name(self) -> str: ...

    def complete(
        self, prompt: Prompt, answer: type[Answer], *, deadline: float
    ) -> tuple[Answer, Usage]:
        """Answer within `deadline` seconds, or raise `ModelError`."""
        ...

    def stream(self, prompt: Prompt, *, deadline: float) -> Generator[str, None, Usage]:
        """Answer in plain words, piece by piece as they come, all within `deadline` seconds.

        In one piece where the server cannot stream. Whoever has heard enough closes it. Raises
        `ModelError`, also after some pieces; returns what it took.
        """
        ...
