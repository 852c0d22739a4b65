"""A language model that says what a test wrote for it."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from bot.ports import Answer, ModelError, Prompt, Usage


class ScriptedModel:
    """Answers in turn; raises `ModelError` for None; keeps its prompts and deadlines."""

    name = "scripted"

    def __init__(self, answers: Sequence[dict[str, Any] | None]) -> None:
        self._answers = list(answers)
        self.prompts: list[Prompt] = []
        self.deadlines: list[float] = []

    def complete(
        self, prompt: Prompt, answer: type[Answer], *, deadline: float
    ) -> tuple[Answer, Usage]:
        self.prompts.append(prompt)
        self.deadlines.append(deadline)
        given = self._answers.pop(0)
        if given is None:
            raise ModelError("no answer")
        return answer.model_validate(given), Usage(10, 5)

    def stream(self, prompt: Prompt, *, deadline: float) -> Generator[str, None, Usage]:
        """The same text in pieces; what is not known is said in the word that stands for it."""
        self.prompts.append(prompt)
        self.deadlines.append(deadline)
        given = self._answers.pop(0)
        if given is None:
            raise ModelError("no answer")
        text = str(given["text"]) if given.get("known", True) else "UNKNOWN"
        yield from (text[place : place + 7] for place in range(0, len(text), 7))
        if given.get("breaks"):
            raise ModelError("the stream was cut", "unreachable")
        return Usage(10, 5)
