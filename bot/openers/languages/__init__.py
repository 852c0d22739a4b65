"""The languages that openers may be written in: those whose words the guards know.

Numbers, names, dates, links and mentions are checked alike in all of them. What counts as pressure,
as an order or as hearsay is a list of words in each, so no language is here without such lists.
German, for one, is not: it writes every noun with a capital, and names could not be told apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from bot.openers.languages.english import ENGLISH as ENGLISH
from bot.openers.languages.french import FRENCH
from bot.openers.languages.language import Language as Language
from bot.openers.languages.portuguese import PORTUGUESE
from bot.openers.languages.spanish import SPANISH

LANGUAGES: Mapping[str, Language] = MappingProxyType(
    {language.code: language for language in (ENGLISH, SPANISH, FRENCH, PORTUGUESE)}
)
"""By code; English first."""

_WORD = re.compile(r"[^\W\d_]+")


def spoken(code: str) -> tuple[Language, ...]:
    """English, and the language of `code`: what a text is held to that was asked for in it."""
    return tuple(dict.fromkeys((ENGLISH, LANGUAGES.get(code, ENGLISH))))


@lru_cache(maxsize=256)
def language_of(text: str) -> Language | None:
    """The language whose common words fill most of the text; None where that is unclear."""
    words = [word.casefold() for word in _WORD.findall(text)]
    shares = {
        language: sum(word in language.common for word in words) / max(len(words), 1)
        for language in LANGUAGES.values()
    }
    best = max(shares, key=lambda language: shares[language])
    return best if shares[best] >= _FEWEST_COMMON else None


_FEWEST_COMMON = 0.2
"""share of words that are common ones, from which on a text is taken to be in a language; prose of
all of these has twice as many"""
