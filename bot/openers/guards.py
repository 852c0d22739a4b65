"""What no message may do, checked by code after a model or a template wrote it.

Each guard is a pure function of the text and of what may be known; it returns a machine-readable
reason for each thing it refuses. `GUARDS` holds those of an opener, `ANSWER_GUARDS` those of an
answer, in the order in which they are reported.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from bot.openers.addresses import addresses
from bot.openers.brief import Brief
from bot.openers.grounding import folded, known_words, number_values, numbers, words
from bot.openers.phrases import ALWAYS_CAPITAL, DEMAND, OFFER, SENTENCE_STARTS, TONE
from bot.text import has_invisible, sentences, word_count

FEWEST_WORDS, MOST_WORDS, MOST_CHARACTERS = 5, 45, 420
MOST_ANSWER_WORDS, MOST_ANSWER_CHARACTERS = 120, 1200

_MENTION = re.compile(r"<\s*[@!#]|@\s*(?:here|channel|everyone|group)\b|(?<!\w)@\w|\w@\w", re.I)
_ESCAPE = re.compile(
    r"<[^\s<>][^<>]*>|&(?:#\w+|[a-z]{2,8});|\]\s*\(|!\[|```|\*\*|__|\\[<>@\[\]*_`]|\n|\r", re.I
)
_QUOTED = re.compile(r"“([^“”]*)”|\"([^\"]*)\"")
_BEGINS = re.compile(r"(?:^|[.!?…:]|[.!?…][\"”’)\]])[\s\"“‘'(\[–—-]*$")


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
    _everything: str = field(init=False, default="")

    def __post_init__(self) -> None:
        object.__setattr__(self, "_everything", "\n".join((self.source, *self.known)))

    @classmethod
    def of(cls, brief: Brief, *said: str) -> OpenerFacts:
        """Facts of a cleaned brief, and of what was `said` in the conversation."""
        item = brief.item
        known = (brief.member_first_name, item.channel_name, item.author_name, brief.why, *said)
        return cls(item.words, tuple(part for part in known if part), item.url)

    @cached_property
    def numbers(self) -> frozenset[str]:
        return number_values(self._everything)

    @cached_property
    def words(self) -> frozenset[str]:
        return known_words(self._everything)

    @cached_property
    def flat(self) -> str:
        return " ".join(folded(self._everything).split())


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
    return "?" in sentence or "？" in sentence or OFFER.search(_straight(sentence)) is not None


def grounded_numbers(text: str, facts: OpenerFacts) -> Iterator[Violation]:
    """Every number, in digits or words, stands in the item or in what is known."""
    for written, forms in numbers(text):
        if not forms & facts.numbers:
            yield Violation("grounded_numbers", "number_not_in_item", written)


def grounded_names(text: str, facts: OpenerFacts) -> Iterator[Violation]:
    """Each word with a capital stands in the item or in what is known, plain beginnings aside."""
    for word, start in words(text):
        if not any(char.isupper() for char in word):
            continue
        key = folded(word)
        if key in facts.words or key in ALWAYS_CAPITAL:
            continue
        if all(folded(part) in facts.words for part in re.split(r"[-.'’]", word) if part):
            continue
        ordinary = not any(char.isupper() for char in word[1:])
        if ordinary and _BEGINS.search(text[:start]) and key in SENTENCE_STARTS:
            continue
        yield Violation("grounded_names", "name_not_in_item", word)


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
    for reason, pattern in TONE.items():
        if found := pattern.search(own):
            yield Violation("tone", reason, found[0])
    if own.count("!") > 1:
        yield Violation("tone", "shouting", "!")
    for word in re.findall(r"\b[A-Z]{5,}\b", own):
        if folded(word) not in facts.words:
            yield Violation("tone", "shouting", word)


def no_demands(text: str, facts: OpenerFacts) -> Iterator[Violation]:
    """Nobody is told to do a thing in our name; what an item tells its readers is quoted."""
    if found := DEMAND.search(_straight(own_words(text, facts))):
        yield Violation("no_demands", "demand", found[0].strip(" .,:;"))


GUARDS: tuple[Guard, ...] = (
    length,
    one_ask,
    grounded_numbers,
    grounded_names,
    no_mentions,
    no_links,
    no_escapes,
    no_demands,
    tone,
)

ANSWER_GUARDS: tuple[Guard, ...] = (
    answer_length,
    grounded_numbers,
    grounded_names,
    no_mentions,
    no_foreign_links,
    no_escapes,
    no_demands,
    tone,
)


def check(
    text: str, facts: OpenerFacts, guards: tuple[Guard, ...] = GUARDS
) -> tuple[Violation, ...]:
    """Everything that `guards` refuse about `text`, in their order; empty when it may go."""
    return tuple(violation for guard in guards for violation in guard(text, facts))


def own_words(text: str, facts: OpenerFacts) -> str:
    """`text` without what it quotes from the item word for word; invented quotations stay."""

    def judged(match: re.Match[str]) -> str:
        quoted = " ".join(folded(match[1] or match[2] or "").split()).rstrip("…. ")
        return "“”" if quoted and quoted in facts.flat else match[0]

    return _QUOTED.sub(judged, text)


def _unfolded(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _straight(text: str) -> str:
    return _unfolded(text).replace("’", "'")
