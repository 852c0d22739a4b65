"""What whoever runs the emulator adds to its page: files of its own, and questions it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Json = dict[str, Any]
MOST_BYTES = 512 * 1024 * 1024
"""of one file that the page hands over"""


@dataclass(frozen=True)
class Given:
    """What the page sends with a question: who sits there, values, and perhaps a file."""

    user: str
    values: Mapping[str, Any]
    file: bytes = b""
    file_name: str = ""


Answer = Callable[[Given], Mapping[str, Any]]


class AskError(ValueError):
    """A question that cannot be answered, in a sentence for the person who asked."""


@dataclass(frozen=True)
class Extension:
    """`main.js` of `folder` is loaded by the page as a module; it may ask `answers` by name."""

    folder: Path
    answers: Mapping[str, Answer]

    def answer(self, name: str, given: Given) -> Json:
        """Raises AskError for what cannot be answered, KeyError for what nobody answers."""
        return dict(self.answers[name](given))
