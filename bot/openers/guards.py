"""What no message may do, checked by code after a model or a template wrote it.

Each guard is a pure function of the text and of what may be known; it returns a machine-readable
reason for each thing it refuses. `GUARDS` holds those of an opener, `ANSWER_GUARDS` those of an
answer, in the order in which they are reported.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache

from bot.openers import claims
from bot.openers.addresses import addresses
from bot.openers.dates import dates
from bot.openers.facts import OpenerFacts as OpenerFacts
from bot.openers.facts import Violation as Violation
from bot.openers.facts import own_words as own_words
from bot.openers.grounding import folded, numbers, words
from bot.openers.languages import LANGUAGES, language_of
from bot.openers.phrases import ALWAYS_CAPITAL, BRANDS
from bot.text import has_invisible, sentences, word_count

FEWEST_WORDS, MOST_WORDS, MOST_CHARACTERS = 5, 45, 420
MOST_ANSWER_WORDS, MOST_ANSWER_CHARACTERS = 120, 1200

_MENTION = re.compile(r"<\s*[@!#]|@\s*(?:here|channel|everyone|group)\b|(?<!\w)@\w|\w@\w", re.I)
_ESCAPE = re.compile(
    r"<[^\s<>][^<>]*>|&(?:#\w+|[a-z]{2,8});|\]\s*\(|!\[|```|\*\*|__|\\[<>@\[\]*_`]|\n|\r", re.I
)
_BEGINS = re.compile(r"(?:^|[.!?…:]|[.!?…][\"”’)\]])[\s\"“‘'(\[¿¡«–—-]*$")
_ASKS = frozenset("?？؟⁇⁈⁉՞፧;")
"""What ends a question, in any script; the last but one is the Greek one"""
_PARTS = re.compile(r"[-.'’]")


Guard = Callable[[str, OpenerFacts], Iterator[Violation]]


def length(text: str, facts: OpenerFacts) -> Iterator[Violation]:
    """5 to 45 words, and no more characters than those take."""
    count = word_count(text)
    if count < FEWEST_WORDS:
        yield Violation("length", "too_short", str(count))
    if count > MOST_WORDS or len(text) > MOST_CHARACTERS:
        yield Violation("length", "too_long", str(count))


def answer_length(text: str, facts: OpenerFacts) -> Iterator[Violation]:
    """1 to 120 words, and no more characters than those take."""
    count = word_count(text)
    if not count:
        yield Violation("length", "too_short", "0")
    if count > MOST_ANSWER_WORDS or len(text) > MOST_ANSWER_CHARACTERS:
        yield Violation("length", "too_long", str(count))


def one_ask(text: str, facts: OpenerFacts) -> Iterator[Violation]:
    """Exactly one sentence asks or offers something; what is quoted from the item asks nobody."""
    asks = [piece for piece in sentences(own_words(text, facts)) if is_ask(piece)]
    if not asks:
        yield Violation("one_ask", "no_question_or_offer")
    elif len(asks) > 1:
        yield Violation("one_ask", "more_than_one_question_or_offer", asks[1])


def is_ask(sentence: str) -> bool:
    """Whether a sentence wants something of its reader, or offers something."""
    plain = _straight(sentence)
    return not _ASKS.isdisjoint(sentence) or any(
        language.offer.search(plain) is not None for language in LANGUAGES.values()
    )


def grounded_numbers(text: str, facts: OpenerFacts) -> Iterator[Violation]:
    """Every number, in digits or words, stands in the item or in what is known."""
    for written, forms in numbers(text, facts.languages):
        if not forms & facts.numbers:
            yield Violation("grounded_numbers", "number_not_in_item", written)


def grounded_dates(text: str, facts: OpenerFacts) -> Iterator[Violation]:
    """Every day, month, date, or word such as "yesterday" stands there too, in any language."""
    for written, forms in dates(text, facts.languages):
        if not forms & facts.dates:
            yield Violation("grounded_dates", "date_not_in_item", written)


def grounded_names(text: str, facts: OpenerFacts) -> Iterator[Violation]:
    """Each word with a capital stands in the item or in what is known, plain beginnings aside.

    So does what everybody knows as the name of a product or company, also without its capital.
    """
    for word, start in words(text):
        key = folded(word)
        if key in facts.words or key in ALWAYS_CAPITAL:
            continue
        begins = _BEGINS.search(text[max(start - 12, 0) : start]) is not None
        named = key in BRANDS or any(_is_name(part, begins, facts) for part in _PARTS.split(word))
        if named and not _is_told(key, facts):
            yield Violation("grounded_names", "name_not_in_item", word)


def _is_name(part: str, begins: bool, facts: OpenerFacts) -> bool:
    """Whether a word, or what is joined in one, has a capital that nothing accounts for."""
    if not any(char.isupper() for char in part) or folded(part) in facts.words:
        return False
    ordinary = begins and not any(char.isupper() for char in part[1:])
    return not (ordinary and any(folded(part) in one.starts for one in facts.languages))


def _is_told(word: str, facts: OpenerFacts) -> bool:
    """Whether it is a month or day that the item names in another way."""
    return any(forms & facts.dates for _, forms in dates(f"in {word}", facts.languages))


def no_mentions(text: str, facts: OpenerFacts) -> Iterator[Violation]:
    """Nobody is called upon: no member, group or channel, in any of their spellings."""
    if found := _MENTION.search(_unfolded(text)):
        yield Violation("no_mentions", "mention", found[0])


def no_links(text: str, facts: OpenerFacts) -> Iterator[Violation]:
    """No address of any kind; the item's own goes onto a button."""
    for found in addresses(_unfolded(text)):
        yield Violation("no_links", "link", found)


def no_foreign_links(text: str, facts: OpenerFacts) -> Iterator[Violation]:
    """No address but the item's own."""
    rest = _unfolded(text)
    if facts.url:
        rest = re.sub(re.escape(facts.url) + r"(?![\w/?#&=%-])", " ", rest)
    for found in addresses(rest):
        yield Violation("no_foreign_links", "link", found)


def no_escapes(text: str, facts: OpenerFacts) -> Iterator[Violation]:
    """Nothing that a client could read as formatting, and nothing that cannot be seen."""
    if has_invisible(text.replace("\n", " ")):
        yield Violation("no_escapes", "invisible_character")
    if found := _ESCAPE.search(_unfolded(text)):
        yield Violation("no_escapes", "formatting", found[0])


def tone(text: str, facts: OpenerFacts) -> Iterator[Violation]:
    """No urgency, guilt, flattery or selling in our own words."""
    own = _straight(own_words(text, facts))
    for language in LANGUAGES.values():
        for reason, pattern in language.tone.items():
            if found := pattern.search(own):
                yield Violation("tone", reason, found[0])
    if own.count("!") > 1:
        yield Violation("tone", "shouting", "!")
    for word in re.findall(r"\b[A-Z]{5,}\b", own):
        if folded(word) not in facts.words:
            yield Violation("tone", "shouting", word)


def register(text: str, facts: OpenerFacts) -> Iterator[Violation]:
    """The tone that the workspace asks for; the item's own words may sound as they do."""
    own = _straight(own_words(text, facts))
    for language in facts.languages:
        pattern = language.registers.get(facts.tone)
        for found in pattern.finditer(own) if pattern is not None else ():
            if folded(found[0]) not in facts.flat:
                yield Violation("register", f"not_{facts.tone}", found[0])


def no_demands(text: str, facts: OpenerFacts) -> Iterator[Violation]:
    """Nobody is told to do a thing in our name; what an item tells its readers is quoted."""
    own = _straight(own_words(text, facts))
    for language in LANGUAGES.values():
        if found := language.demand.search(own):
            yield Violation("no_demands", "demand", found[0].strip(" .,:;"))


def no_hearsay(text: str, facts: OpenerFacts) -> Iterator[Violation]:
    """Nothing is claimed of a third person that the item does not say of them."""
    own = _straight(own_words(text, facts))
    for found in claims.about_others(own, facts.source, tuple(LANGUAGES.values()), facts.reader):
        yield Violation("no_hearsay", "claim_about_others", found)


def no_guesses(text: str, facts: OpenerFacts) -> Iterator[Violation]:
    """Nothing is claimed of how the reader is or feels."""
    own = _straight(own_words(text, facts))
    for found in claims.about_the_reader(own, "\n".join(facts.known), tuple(LANGUAGES.values())):
        yield Violation("no_guesses", "claim_about_reader", found)


def in_its_language(text: str, facts: OpenerFacts) -> Iterator[Violation]:
    """It is in the language that it was asked for: in another one nobody knows what it says."""
    found = language_of(own_words(text, facts))
    if found is None or found.code != facts.languages[-1].code:
        yield Violation("in_its_language", "other_language")


GUARDS: tuple[Guard, ...] = (
    length,
    one_ask,
    grounded_numbers,
    grounded_dates,
    grounded_names,
    no_mentions,
    no_links,
    no_escapes,
    no_demands,
    no_hearsay,
    no_guesses,
    tone,
    register,
)

MODEL_GUARDS: tuple[Guard, ...] = (*GUARDS, in_its_language)
"""What a model's text is held to beside: a template may frame an item of any language."""

ANSWER_GUARDS: tuple[Guard, ...] = (
    answer_length,
    grounded_numbers,
    grounded_dates,
    grounded_names,
    no_mentions,
    no_foreign_links,
    no_escapes,
    no_demands,
    no_hearsay,
    tone,
)


def check(
    text: str, facts: OpenerFacts, guards: tuple[Guard, ...] = GUARDS
) -> tuple[Violation, ...]:
    """Everything that `guards` refuse about `text`, in their order; empty when it may go."""
    return tuple(violation for guard in guards for violation in guard(text, facts))


def passes(text: str, facts: OpenerFacts, guards: tuple[Guard, ...] = GUARDS) -> bool:
    """Whether no guard refuses anything; none is asked after one that does."""
    return not any(True for guard in guards for _ in guard(text, facts))


@lru_cache(maxsize=256)
def _unfolded(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _straight(text: str) -> str:
    return _unfolded(text).replace("’", "'")
