"""What one endpoint can do, found out by asking and remembered."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from pydantic import BaseModel

FORMATS = ("json_schema", "json_object", "text")
"""Ways to ask for a structure, best first."""

WORDINGS = (
    ("json_schema", "max_tokens", True),
    ("json_object", "max_tokens", True),
    ("text", "max_tokens", True),
    ("json_schema", "max_completion_tokens", True),
    ("json_schema", "max_completion_tokens", False),
    ("text", "max_completion_tokens", False),
    ("text", "max_tokens", False),
)
"""(format, tokens, temperature) in the order of trying, where a refusal names nothing"""

THINKING_TOKENS = 2000
"""Room beside the answer where an endpoint counts a model's thinking with it."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """How to word a request so that this endpoint takes it."""

    format: str = FORMATS[0]
    tokens: str = "max_tokens"
    """the name of the limit; newer models want ``max_completion_tokens``"""
    temperature: bool = True
    thinks: bool = False
    """uses up the room of an answer by thinking"""
    streams: bool = True
    tells_usage: bool = True
    """takes ``stream_options``, to tell at a stream's end what it took"""

    def after_refusal(self, parameter: str | None) -> Abilities | None:
        """What to try when the endpoint refused a request, and perhaps named what it minds.

        Args:
            parameter: the `param` of the error object, if it has one.

        Returns:
            None when nothing is left to try.
        """
        if parameter == "max_tokens" and self.tokens == "max_tokens":
            return replace(self, tokens="max_completion_tokens")
        if parameter == "temperature" and self.temperature:
            return replace(self, temperature=False)
        tried = self.format, self.tokens, self.temperature
        if not parameter and tried in WORDINGS:
            left = WORDINGS[WORDINGS.index(tried) + 1 :]
            return self._worded(*left[0]) if left else None
        return self.plainer()

    def _worded(self, name: str, tokens: str, temperature: bool) -> Abilities:
        return replace(self, format=name, tokens=tokens, temperature=temperature)

    def after_thinking(self) -> Abilities | None:
        """What to try when an answer's room was used up by thinking; None where it had more."""
        return None if self._has_room else replace(self, thinks=True)

    @property
    def _has_room(self) -> bool:
        return self.thinks or self.tokens == "max_completion_tokens"

    def after_refused_stream(self, parameter: str | None) -> Abilities | None:
        """The same for a request in plain words, which is answered piece by piece."""
        if parameter in ("max_tokens", "temperature"):
            return self.after_refusal(parameter)
        if self.streams and self.tells_usage:
            return replace(self, tells_usage=False)
        if not parameter and self.tokens == "max_tokens":
            return replace(self, tokens="max_completion_tokens")
        if not self.streams:
            return None
        if not parameter and self.temperature:
            return replace(self, temperature=False)
        plainest = replace(self, streams=False)
        return plainest if parameter else replace(plainest, tokens="max_tokens", temperature=True)

    def plainer(self) -> Abilities | None:
        """The next simpler way to ask for a structure, or None."""
        rest = FORMATS[FORMATS.index(self.format) + 1 :]
        return replace(self, format=rest[0]) if rest else None

    def options(
        self, answer: type[BaseModel], max_tokens: int, temperature: float
    ) -> dict[str, Any]:
        """Arguments of `chat.completions.create` beside model and messages."""
        options = self.plain_options(max_tokens, temperature)
        if self.format == "json_schema":
            options["response_format"] = {
                "type": "json_schema",
                "json_schema": {
                    "name": answer.__name__,
                    "schema": strict_schema(answer),
                    "strict": True,
                },
            }
        elif self.format == "json_object":
            options["response_format"] = {"type": "json_object"}
        return options

    def plain_options(self, max_tokens: int, temperature: float) -> dict[str, Any]:
        """The same for an answer in plain words."""
        more = THINKING_TOKENS if self._has_room else 0
        options: dict[str, Any] = {self.tokens: max_tokens + more}
        if self.temperature:
            options["temperature"] = temperature
        return options

    def messages(
        self, messages: tuple[Mapping[str, str], ...], answer: type[BaseModel]
    ) -> list[dict[str, str]]:
        """The prompt's messages; with the schema in words where the format does not carry it."""
        copied = [dict(message) for message in messages]
        if self.format != "json_schema":
            shape = json.dumps(strict_schema(answer), sort_keys=True)
            wish = f"Answer with one JSON object and nothing else. Its schema: {shape}"
            if copied and copied[0]["role"] == "system":
                copied[0]["content"] += f"\n\n{wish}"
            else:
                copied.insert(0, {"role": "system", "content": wish})
        return copied


@cache
def strict_schema(answer: type[BaseModel]) -> Mapping[str, Any]:
    """The schema of a flat answer, in the form that strict endpoints take; made once a type.

    They want every property required, none beside them, and no defaults.
    """
    schema = answer.model_json_schema()
    properties = {
        name: {key: value for key, value in part.items() if key not in ("default", "title")}
        for name, part in schema["properties"].items()
    }
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def objects_in(text: str) -> Iterator[str]:
    """Each JSON object that stands in `text` with something around it, first one first."""
    decoder = json.JSONDecoder()
    place = text.find("{")
    tries = 0
    while place >= 0 and tries < 20:
        tries += 1
        try:
            _, end = decoder.raw_decode(text, place)
        except (json.JSONDecodeError, RecursionError):
            place = text.find("{", place + 1)
            continue
        yield text[place:end]
        place = text.find("{", end)
