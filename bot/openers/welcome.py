"""The one message to somebody who has not agreed to anything yet."""

from __future__ import annotations

from dataclasses import dataclass

from bot.openers.cleaning import speakable
from bot.openers.prompts import Library

PROMPT = "welcome/welcome"


@dataclass(frozen=True, slots=True)
class Welcome:
    """What is used and for what, and that yes, choose and no are all fine."""

    text: str
    prompt_ref: str


def welcome(library: Library, first_name: str = "") -> Welcome:
    """The welcome for one person; sent once, never as a reminder."""
    text = library.text(PROMPT, first_name=speakable(first_name, 60))
    return Welcome(text, library.ref(PROMPT))
