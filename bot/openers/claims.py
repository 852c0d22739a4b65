"""What is said about people: colleagues who cannot hear it, and the reader themselves.

A claim may stand where the item makes it in the same words, and inside a quotation from the item.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.openers.grounding import folded, known_words, words
from bot.openers.languages import Language
from bot.openers.phrases import ALWAYS_CAPITAL
from bot.text import sentences

_PRONOUN = re.compile(r"(?<!\w)(?:he|she|él|ella|il|elle|ele|ela)(?=(?:'s)?\s)", re.IGNORECASE)
_SOMEBODY = re.compile(
    r"(?<!\w)(?:someone|somebody|people|everyone|everybody|others|they|alguien|la gente|quelqu'un"
    r"|les gens|alguém|as pessoas)\s+(?:(?:here|there|really|also|all)\s+)?(?:told|tells?|said that"
    r"|says? that|thinks?|thought|complain\w*|notic\w+|worr\w+|believes?|wonders?|dice que|piensa"
    r"|cree|dit que|pense|pensent|diz que|acha|acham)(?!\w)",
    re.IGNORECASE,
)
_MAYBE_NAMES = re.compile(
    r"(?:(?<=^)|(?<=[.!?…] ))(?P<name>Will|May|Mark|Grace|Hope|Rose|Bill|Pat|Frank|Faith|Joy|Drew)"
    r"\s+(?!i\b|you\b|we\b|they\b|it\b|he\b|she\b|this\b|that\b|there\b|the\b|a\b|an\b|my\b|your\b)"
    r"(?P<verb>\w+(?:ed|s)|is|was|has|had|said|thought|wrote|told)(?!\w)"
)
"""A sentence that begins with a word that is a name as well, as in "Will thinks"."""


def about_others(
    text: str, source: str, languages: Sequence[Language], reader: str
) -> Iterator[str]:
    """Claims of `text` about third persons that `source` does not make.

    Args:
        text: without what it quotes from the item.
        reader: the first name of whoever reads it.
    """
    flat = " ".join(folded(source).split())
    subjects = (*_names(text, reader, languages), *_pronouns(text))
    for language in languages:
        for match in language.people.finditer(text):
            if not match["open"].strip() and folded(match["claim"]) not in flat:
                yield match["claim"]
        for name, start in subjects:
            said = language.personal.match(text, start + len(name))
            if said is not None and not _is_made(name, said, source):
                yield (name + said[0]).strip()
    for match in _SOMEBODY.finditer(text):
        if folded(match[0]) not in flat:
            yield match[0]
    for match in _MAYBE_NAMES.finditer(text):
        if folded(match[0]) not in flat:
            yield match[0]


def about_the_reader(text: str, known: str, languages: Sequence[Language]) -> Iterator[str]:
    """Claims of `text` about how its reader is or feels; `known` is what they may know we know."""
    flat = " ".join(folded(known).split())
    for language in languages:
        for match in language.about_reader.finditer(text):
            if not (match["open"] or "").strip() and folded(match["claim"]) not in flat:
                yield match["claim"]


def _names(text: str, reader: str, languages: Sequence[Language]) -> Iterator[tuple[str, int]]:
    """Words with a capital that are no plain beginning of a sentence, nor the reader's name."""
    nobody = known_words(reader) | ALWAYS_CAPITAL
    for word, start in words(text):
        key = folded(word)
        plain = key in nobody or any(key in language.starts for language in languages)
        if word[:1].isupper() and not plain:
            yield word, start


def _pronouns(text: str) -> Iterator[tuple[str, int]]:
    for match in _PRONOUN.finditer(text):
        yield match[0], match.start()


def _is_made(name: str, match: re.Match[str], source: str) -> bool:
    """Whether a sentence of the source says this of this person."""
    said = folded(match["said"] or match[0].split()[-1])
    stem = said.split()[0][:5]
    return any(
        stem in folded(sentence) and folded(name) in folded(sentence)
        for sentence in sentences(source)
    )
