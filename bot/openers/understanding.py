"""What a reply wants: by rules, and by a model only where the rules see nothing in it.

A model's word changes nothing by itself: what it restates is read by the rules again, and whatever
follows is confirmed by the member first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, Field

from bot.openers.cleaning import speakable
from bot.openers.intents import Intent, intent_of
from bot.openers.prompts import Library
from bot.ports import LanguageModel, ModelError

PATIENCE = 6.0
"""seconds for a model to say what somebody means: the answer itself comes after it"""
_READ_AGAIN = frozenset({Intent.STEER, Intent.REMIND, Intent.GOAL})
_SILENCE = frozenset({Intent.STOP, Intent.PAUSE})
"""never a model's choice: such a reply is answered, and stop said plainly is understood anyway"""


class Meant(BaseModel):
    """What a model takes a reply for."""

    intent: Literal[
        "yes", "no", "later", "stop", "pause", "person", "why", "thanks", "frustrated", "steer",
        "remind", "goal", "save", "question", "other",
    ]  # fmt: skip
    restated: str = Field("", description="what they want in plain words, or empty")


@dataclass(frozen=True, slots=True)
class Understood:
    """An intent, and the words that say it plainest."""

    intent: Intent
    words: str


@dataclass(frozen=True)
class Understanding:
    """Finds the intent of replies."""

    library: Library
    model: LanguageModel | None
    deadline: float

    def of(self, words: str) -> Understood:
        """The intent of a reply; with no model, or one that fails, what the rules say."""
        intent = intent_of(words)
        if intent is not Intent.OTHER or self.model is None or not words.strip():
            return Understood(intent, words)
        prompt = self.library.render("responses/understand", words=speakable(words, 600))
        try:
            deadline = min(self.deadline, PATIENCE)
            meant, _ = self.model.complete(prompt, Meant, deadline=deadline)
        except ModelError:
            return Understood(intent, words)
        return _checked(meant, words)


def _checked(meant: Meant, words: str) -> Understood:
    intent = Intent(meant.intent)
    if intent in _SILENCE:
        return Understood(Intent.OTHER, words)
    if intent not in _READ_AGAIN:
        return Understood(intent, words)
    restated = speakable(meant.restated, 300)
    if intent_of(restated) is intent:
        return Understood(intent, restated)
    return Understood(Intent.OTHER, words)
