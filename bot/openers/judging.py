"""Are openers true, short and varied? Counted on what a composer makes, by eyes of its own.

The guards decide what may leave. To count what left in spite of them, facts are looked for here
in another way: word by word, in the item's own letters.
"""

from __future__ import annotations

import calendar
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

import numpy as np

from bot.openers.brief import Brief, Composed, Withheld
from bot.openers.compose import Composer
from bot.ports import Progress, Usage, silent
from bot.text import word_count

NEARBY = 40
"""openers in a row among which no two should be nearly the same"""
SAME = 0.8
"""share of two openers' words, in order, from which on they are nearly the same"""

_TOKEN = re.compile(r"[^\W_]+(?:[.,:'’-][^\W_]+)*")
_LINK = re.compile(r"\S+://\S+|www\.\S+|\S+@\S+\.\w+")
_SPELLED = re.compile(
    r"(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty"
    r"|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?|billions?|dozens?|half"
    r"|twice|double|triple)(?:-\w+)?"
)
_DATES = frozenset(
    (
        *(name.casefold() for name in (*calendar.day_name, *calendar.month_name)),
        *("yesterday", "today", "tomorrow", "tonight"),
    )
) - {"", "may"}
_DIGITS = {"two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7",
           "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12", "half": "0.5",
           "twice": "2", "double": "2", "triple": "3", "dozen": "12", "twenty": "20",
           "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70",
           "eighty": "80", "ninety": "90", "hundred": "100", "thousand": "1000"}  # fmt: skip
_PLAIN = frozenset({"I", "I'm", "I'd", "I'll", "I've", "I’m", "I’d", "I’ll", "I’ve"})


def foreign_facts(text: str, source: str) -> tuple[str, ...]:
    """Numbers, names, dates and links of `text` that `source` does not contain."""
    known = source.casefold()
    words = {match[0] for match in _TOKEN.finditer(known)}
    pieces = words | {piece for word in words for piece in re.split(r"[.,:'’-]", word)}
    pieces |= {_DIGITS[piece] for piece in pieces & _DIGITS.keys()}
    found = [link for link in _LINK.findall(text) if link.casefold() not in known]
    for match in _TOKEN.finditer(text):
        word, low = match[0], match[0].casefold()
        if not _is_fact(word, low, text[: match.start()]):
            continue
        forms = {low, low.removesuffix("'s").removesuffix("’s"), _DIGITS.get(low, low)}
        if not forms & pieces and low not in known:
            found.append(word)
    return tuple(found)


def _is_fact(word: str, low: str, before: str) -> bool:
    if any(char.isdigit() for char in word) or low in _DATES or _SPELLED.fullmatch(low):
        return True
    begins = re.search(r"(?:^|[.!?…:]|[.!?…][”\"’)]|[“\"‘(])\s*$", before) is not None
    return any(char.isupper() for char in word) and not begins and word not in _PLAIN


def near_duplicates(texts: Sequence[str]) -> int:
    """Pairs among any `NEARBY` texts in a row whose words are nearly the same."""
    split = [text.casefold().split() for text in texts]
    count = 0
    for at, words in enumerate(split):
        matcher = SequenceMatcher(None, autojunk=False)
        matcher.set_seq2(words)
        for other in split[max(0, at - NEARBY + 1) : at]:
            matcher.set_seq1(other)
            if matcher.real_quick_ratio() > SAME and matcher.quick_ratio() > SAME:
                count += matcher.ratio() > SAME
    return count


@dataclass
class Judged:
    """What became of each brief, in order."""

    openers: list[Composed] = field(default_factory=list)
    withheld: list[Withheld] = field(default_factory=list)
    foreign: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    """openers that say what their item does not, with what that is"""

    def figures(self) -> dict[str, Any]:
        """The figures that `overture eval openers` prints."""
        words = [word_count(one.text) for one in self.openers] or [0]
        made = Counter(one.style for one in self.openers)
        fell = Counter(one.style for one in self.openers if one.fallback)
        return {
            "n": len(self.openers) + len(self.withheld),
            "ungrounded": len(self.foreign),
            "withheld": len(self.withheld),
            "repaired": sum(one.repaired for one in self.openers),
            "fallback": sum(fell.values()),
            "words": {"p50": float(np.median(words)), "max": max(words)},
            "near_duplicates": near_duplicates([one.text for one in self.openers]),
            "by_style": {
                style: {"n": count, "fallback": fell[style]}
                for style, count in sorted(made.items())
            },
            "reasons": dict(Counter(it for one in self.openers for it in one.violations)),
            "tokens": self.spent.tokens,
        }

    @property
    def spent(self) -> Usage:
        """What the language model took for all of them."""
        return sum((one.usage for one in self.all), Usage())

    @property
    def all(self) -> Iterator[Composed | Withheld]:
        yield from self.openers
        yield from self.withheld


def judge_openers(
    composer: Composer, briefs: Iterable[Brief], n: int, progress: Progress = silent
) -> Judged:
    """Compose an opener for each of `n` briefs and look at what came of it."""
    judged = Judged()
    for at, brief in enumerate(briefs, start=1):
        result = composer.compose(brief)
        progress("Composing", at, n)
        if isinstance(result, Withheld):
            judged.withheld.append(result)
            continue
        judged.openers.append(result)
        clean = brief.cleaned()
        item = clean.item
        known = (clean.member_first_name, item.channel_name, item.author_name, clean.why)
        if foreign := foreign_facts(result.text, "\n".join((item.words, *known))):
            judged.foreign.append((result.text, foreign))
    return judged
