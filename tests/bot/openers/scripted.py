"""A language model that says what a test wrote for it."""

from __future__ import annotations

from collections.abc import Sequence
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
