"""What is wrong for somebody who is frustrated, and what is left to tell them."""

from __future__ import annotations

import re
from enum import StrEnum

from bot.openers.brief import About, Turns
from bot.openers.grounding import folded
from bot.openers.passages import STOP_WORDS, tokens
from bot.text import sentences

MOST_STEPS = 4
_WAITING = re.compile(
    r"\bwaiting\b|\bhow (?:often|many times)\b|\b(?:nobody|no one|anybody|anyone)\b"
)
_REPEATED = re.compile(
    r"\b(?:already|before|twice|again and again|repeat\w*|three times|told|said)\b"
)
_WRONG = re.compile(
    r"\bwrong\b|\bnot (?:what|right|true|correct|an answer)\b|\bunderstand\b|\bno sense\b"
    r"|\bno help\b"
    r"|\bhelping\b|\buseless\b|\bannoying\b"
)


class Upset(StrEnum):
    """Why somebody is frustrated."""

    WAITING = "waiting"
    REPEATED = "repeated"
    WRONG = "wrong"
    FAILING = "failing"


def upset_of(words: str) -> Upset:
    """Why, from their words; that it does not work is the plainest reason."""
    text = words.casefold()
    if _WAITING.search(text):
        return Upset.WAITING
    if _REPEATED.search(text) and "tried" not in text:
        return Upset.REPEATED
    return Upset.WRONG if _WRONG.search(text) else Upset.FAILING


def asked_before(history: Turns) -> str:
    """What the member asked last; empty where they asked nothing."""
    asked = (said for author, said in reversed(history) if author == "member" and tokens(said))
    return next(asked, "")


def unsaid_steps(item: About, history: Turns, question: str) -> tuple[str, ...]:
    """Sentences of the item that were not said yet, those nearest to the question, in its order."""
    ours = folded(" ".join(said for author, said in history if author != "member"))
    left = [one for one in sentences(item.text or item.summary) if folded(one) not in ours]
    asked = tokens(question) - STOP_WORDS
    best = sorted(range(len(left)), key=lambda place: -len(tokens(left[place]) & asked))
    return tuple(left[place] for place in sorted(best[:MOST_STEPS]))
