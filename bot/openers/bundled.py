"""The prompts and templates that come with the product: read once by a process."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from bot.openers.prompts import Library
from bot.openers.templates import Templates

PROMPTS = Path(__file__).resolve().parents[2] / "prompts"


@cache
def library() -> Library:
    """Raises BadInput as `Library.load` does."""
    return Library.load(PROMPTS)


@cache
def templates() -> Templates:
    """Raises BadInput as `Templates.load` does."""
    return Templates.load(PROMPTS / "templates")
