"""The sentences of one item that best answer a question: overlap of words, weighed by rarity."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass

from bot.openers.grounding import folded
from bot.text import sentences, word_count

_STOP_WORDS = """
a about after all also am an and any are as at be because been being but by can could did do does
doing don for from get give had has have having he her here him his how i if in into is it its just
know like may me mean means might more most much my no not of on one or other our out own please
said same say says she should so some such tell than that the their them then there these they
thing things this those to too up use us very was we were what when where which who whom why will
with would you your explain describe work works
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
ENOUGH = 0.4
"""Share of the question's weight that a sentence must cover to be an answer."""

_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


@dataclass(frozen=True, slots=True)
class Passage:
    """What the item says to a question; `coverage` is the share of the question it covers."""

    text: str
    coverage: float


def tokens(text: str) -> frozenset[str]:
    """Words that carry meaning, without their commonest endings."""
    return frozenset(_stem(word) for word in _TOKEN.findall(folded(text)) if word not in STOP_WORDS)


def _stem(word: str) -> str:
    word = word.removesuffix("'s")
    for ending, least in (("ings", 4), ("ing", 4), ("ies", 3), ("ied", 3), ("es", 4), ("ed", 4),
                          ("ly", 4), ("s", 3)):  # fmt: skip
        if word.endswith(ending) and len(word) - len(ending) >= least and not word.endswith("ss"):
            stem = word[: -len(ending)]
            return stem + "y" if ending in ("ies", "ied") else stem.rstrip("e")
    return word.rstrip("e") if len(word) > 4 else word


def best_passage(text: str, question: str, most_words: int) -> Passage | None:
    """The sentence that covers most of the question, with its neighbours while they fit.

    Deterministic. A word of the question that the item never says counts in full against every
    sentence, so that a question about something else finds nothing.

    Returns:
        None when no sentence covers `ENOUGH` of the question, or it has no meaningful word.
    """
    asked = tokens(question)
    pieces = sentences(text)
    if not asked or not pieces:
        return None
    held = [tokens(piece) for piece in pieces]
    spread = Counter(token for found in held for token in found & asked)
    weight = {token: math.log(1 + len(pieces) / max(spread[token], 1)) for token in asked}
    total = sum(weight.values())
    # Sorted, because the order of a set's sum depends on the process.
    scores = [sum(weight[token] for token in sorted(found & asked)) / total for found in held]
    best = max(range(len(pieces)), key=lambda place: (scores[place], -place))
    if scores[best] < ENOUGH:
        return None
    first = last = best
    while True:
        # What follows explains more often than what comes before.
        if last + 1 < len(pieces) and _fits(pieces, first, last + 1, most_words):
            last += 1
        elif first and scores[first - 1] > 0 and _fits(pieces, first - 1, last, most_words):
            first -= 1
        else:
            break
    return Passage(" ".join(pieces[first : last + 1]), scores[best])


def _fits(pieces: tuple[str, ...], first: int, last: int, most_words: int) -> bool:
    return word_count(" ".join(pieces[first : last + 1])) <= most_words


def opening(summary: str, text: str, most_words: int) -> str:
    """The summary and as many whole sentences of the text as fit, without saying one twice."""
    said: list[str] = []
    for piece in (*sentences(summary), *sentences(text)):
        if piece in said:
            continue
        if word_count(" ".join((*said, piece))) > most_words:
            break
        said.append(piece)
    return " ".join(said)
