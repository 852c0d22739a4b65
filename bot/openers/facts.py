"""What a message may take its facts from, and which of its words are its own."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from bot.openers.brief import Brief
from bot.openers.dates import date_values
from bot.openers.grounding import folded, known_words, number_values
from bot.openers.languages import ENGLISH, Language, language_of, spoken

_QUOTED = re.compile(r"“([^“”]*)”|\"([^\"]*)\"|«([^«»]*)»")


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing a guard refuses."""

    guard: str
    reason: str
    found: str = ""
    """the words it is about, as written; untrusted, and never to be logged"""


@dataclass(frozen=True)
class OpenerFacts:
    """All that a message may take its facts from."""

    source: str
    """the item's own words"""
    known: tuple[str, ...] = ()
    """what the member may know we know: their first name, channel, author, the reason why"""
    url: str | None = None
    """the one address an answer may name"""
    reader: str = ""
    """the member's first name"""
    language: str = "en"
    """what the message was asked for in"""
    tone: str = "warm"
    """``plain``, ``warm`` or ``formal``"""
    _everything: str = field(init=False, default="")

    def __post_init__(self) -> None:
        object.__setattr__(self, "_everything", "\n".join((self.source, *self.known)))

    @classmethod
    def of(cls, brief: Brief, *said: str) -> OpenerFacts:
        """Facts of a cleaned brief, and of what was `said` in the conversation."""
        item = brief.item
        known = (brief.member_first_name, item.channel_name, item.author_name, brief.why, *said)
        return cls(
            item.words,
            tuple(part for part in known if part),
            item.url,
            brief.member_first_name,
            brief.language,
            brief.tone,
        )

    @cached_property
    def languages(self) -> tuple[Language, ...]:
        """What the message is held to: English, and the language that it was asked for in."""
        return spoken(self.language)

    @cached_property
    def _its_own(self) -> tuple[Language, ...]:
        """English, and the language that the item is in."""
        found = language_of(self.source)
        return spoken(found.code if found is not None else ENGLISH.code)

    @cached_property
    def numbers(self) -> frozenset[str]:
        return number_values(self._everything, self._its_own)

    @cached_property
    def dates(self) -> frozenset[str]:
        return date_values(self._everything, self._its_own)

    @cached_property
    def words(self) -> frozenset[str]:
        return known_words(self._everything)

    @cached_property
    def flat(self) -> str:
        return " ".join(folded(self._everything).split())


def own_words(text: str, facts: OpenerFacts) -> str:
    """`text` without what it quotes from the item word for word; invented quotations stay."""

    def judged(match: re.Match[str]) -> str:
        quoted = " ".join(folded(match[1] or match[2] or match[3] or "").split()).rstrip("…. ")
        return "“”" if quoted and quoted in facts.flat else match[0]

    return _QUOTED.sub(judged, text)
