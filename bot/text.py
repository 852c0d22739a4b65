"""Untrusted text made plain: one home for what may be shown, stored or compared.

`plain` is what every title, name, message and reply passes before anything else reads it. It
imports nothing of ours, so that any part of the bot may use it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_HAZARDS = frozenset("<>&@#|`[](){}*_~\\/:.")
"""ASCII that means something to Slack, to Markdown, or to a reader of addresses."""

_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Characters that draw nothing although Unicode calls them letters, marks or symbols."""

_ELLIPSES = frozenset("\u2024\u2025\u2026")

INNER_QUOTES = str.maketrans('“”"„«»', "‘’'‘‘’")
"""For `str.translate`: the quotation marks of a text that is quoted itself."""

_SPACES = re.compile(r"\s+")
_END = re.compile(r"(?<=[.!?…])[\"”’)\]]*\s+(?=[\"“‘(\[]?[A-Z0-9À-ÖØ-Þ])")
_ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Za-z]|e\.g|i\.e|cf|vs|etc|approx|Dr|Mr|Ms|Mrs|Prof|St))\.$", re.IGNORECASE
)


def is_invisible(char: str) -> bool:
    """Whether a character is drawn as nothing, or changes how others are drawn.

    Control, format (zero-width, bidirectional, tag), private, surrogate and unassigned
    characters, variation selectors and blank letters. White space is not among them.
    """
    if char in _FILLERS or "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef":
        return True
    if char.isspace():
        return char in "\x1c\x1d\x1e\x1f"
    return unicodedata.category(char)[0] == "C"


def has_invisible(text: str) -> bool:
    """Whether any character of `text` is invisible; see `is_invisible`."""
    return any(is_invisible(char) for char in text)


def plain(text: str, limit: int | None = None) -> str:
    """Visible text on one line: nothing hidden, nothing that a later step could unfold.

    Invisible characters go, white space collapses to single blanks, and look-alikes of the
    characters that Slack or Markdown read (such as the full-width ``＜＠``) become those
    characters, so that a check made here still holds after a compatibility normalisation
    elsewhere. Other letters, ligatures and signs stay as they were written.

    Args:
        limit: at most so many characters, cut at a word; None keeps all.
    """
    if not text.isascii():
        text = "".join(_folded(char) for char in unicodedata.normalize("NFC", text))
    else:
        text = text.translate(_ASCII_CONTROLS)
    text = _SPACES.sub(" ", text).strip()
    return text if limit is None else truncate(text, limit)


@lru_cache(maxsize=4096)
def _folded(char: str) -> str:
    if is_invisible(char):
        return ""
    if char.isspace():
        return " "
    if char.isascii() or char in _ELLIPSES:
        return char
    compatible = unicodedata.normalize("NFKC", char)
    return compatible if _HAZARDS.intersection(compatible) else char


_ASCII_CONTROLS = dict.fromkeys((*range(9), *range(14, 32), 127))


def truncate(text: str, limit: int) -> str:
    """At most `limit` characters, cut after a whole word and marked with an ellipsis."""
    if len(text) <= limit:
        return text
    if limit <= 1:
        return text[: max(limit, 0)]
    head = text[: limit - 1]
    cut = head.rfind(" ")
    # A "word" longer than half of the space is no word: cutting there would lose too much.
    if cut > limit // 2 and not text[limit - 1].isspace():
        head = head[:cut]
    return head.rstrip(" ,;:.-–—") + "…"


def truncate_words(text: str, limit: int) -> str:
    """At most `limit` words, marked with an ellipsis where some were left out."""
    words = text.split()
    if len(words) <= limit:
        return " ".join(words)
    return " ".join(words[: max(limit, 0)]).rstrip(" ,;:.-–—") + "…"


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of `text`, in order, each with its own end mark; common short forms hold."""
    found: list[str] = []
    start = 0
    for match in _END.finditer(text):
        piece = text[start : match.start()]
        if _ABBREVIATION.search(piece):
            continue
        found.append(text[start : match.end()].strip())
        start = match.end()
    rest = text[start:].strip()
    return (*found, rest) if rest else tuple(found)


def word_count(text: str) -> int:
    """How many words a reader would count."""
    return len(text.split())
