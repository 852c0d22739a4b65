"""Every file in prompts/ is one that is loaded."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.openers.bundled import PROMPTS
from bot.openers.prompts import Library
from bot.openers.styles import STYLES
from bot.openers.templates import Templates
from tests.architecture.tree import parsed, sources


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> set[Path]:
    """The files whose text is read meanwhile."""
    seen: set[Path] = set()
    read_text, read_bytes = Path.read_text, Path.read_bytes

    def text(self: Path, *args: Any, **more: Any) -> str:
        seen.add(self.resolve())
        return read_text(self, *args, **more)

    def content(self: Path) -> bytes:
        seen.add(self.resolve())
        return read_bytes(self)

    monkeypatch.setattr(Path, "read_text", text)
    monkeypatch.setattr(Path, "read_bytes", content)
    return seen


def test_every_prompt_is_loaded(opened: set[Path]) -> None:
    Library.load(PROMPTS)
    Templates.load(PROMPTS / "templates")
    there = {Path(folder, file) for folder, _, files in os.walk(PROMPTS) for file in files}
    assert there
    assert there - opened == set()


def test_every_prompt_is_one_that_somebody_asks_for() -> None:
    library = Library.load(PROMPTS)
    openers = {f"opener/{style}" for style in STYLES}
    unasked = set(library.ids()) - openers - comes_before() - set(said_in("bot"))
    assert {one for one in unasked if not one.startswith("responses/")} == set()
    answers = {one.partition("/")[2] for one in unasked}
    assert answers <= set(said_in("bot"))  # these are asked for by what a member wants


def comes_before() -> set[str]:
    """Prompts that others name as the one they come after."""
    lines = [line for file in PROMPTS.rglob("*.md") for line in file.read_text("utf-8").split("\n")]
    return {line.removeprefix("after: ").strip() for line in lines if line.startswith("after: ")}


def said_in(package: str) -> Iterator[str]:
    """Every string of the source."""
    for path in sources(package):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
