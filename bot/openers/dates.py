"""Days, months and dates in a text, in one form for all languages to compare texts by."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from bot.openers.grounding import IN_ENGLISH, Found
from bot.openers.languages import ENGLISH, Language

_ISO = re.compile(r"(?<!\d)\d{4}-(?P<month>\d{2})-(?P<day>\d{2})(?!\d)")


def dates(text: str, languages: Sequence[Language] = IN_ENGLISH) -> Iterator[Found]:
    """Each day, month, date or word such as "yesterday", as written, with what it stands for.

    A month with a day beside it is a date: "June 12" is not said by who says "June" and "12".
    """
    for match in _ISO.finditer(text):
        yield match[0], frozenset({f"{int(match['month'])}-{int(match['day'])}"})
    for language in languages:
        for match in _months(language).finditer(text):
            yield _of_month(match, language)
        for match in _days(language).finditer(text):
            place = language.days.index(match[0].casefold())
            yield match[0], frozenset({f"day {place}"})
        for name, pattern in language.relative.items():
            if found := pattern.search(text):
                yield found[0], frozenset({name})


def date_values(text: str, languages: Sequence[Language] = IN_ENGLISH) -> frozenset[str]:
    """Everything that `dates` of `text` stand for, the months of dates included."""
    values: set[str] = set()
    for _, forms in dates(text, languages):
        values |= forms
        values |= {f"month {form.partition('-')[0]}" for form in forms if "-" in form}
    return frozenset(values)


def _of_month(match: re.Match[str], language: Language) -> Found:
    name = next(match[part] for part in ("month", "may") if match[part])
    month = language.months.index(name.casefold()) + 1
    day = match["before"] or match["after"]
    value = f"{month}-{int(day)}" if day else f"month {month}"
    return match[0], frozenset({value})


@lru_cache(maxsize=16)
def _months(language: Language) -> re.Pattern[str]:
    """Months with a day of theirs; "may" and "march" are verbs as well, where English."""
    verbs = ("march", "may") if language is ENGLISH else ("mars",)
    plain = "|".join(one for one in language.months if one not in verbs)
    unsure = "|".join(one for one in language.months if one in verbs) or "(?!)"
    of = r"(?:\s+(?:of|de))?"
    return re.compile(
        rf"(?<![\w.,])(?:(?P<before>\d{{1,2}})(?:st|nd|rd|th|º|er)?{of}\s+)?"
        rf"(?:(?P<month>{plain})|(?P<may>(?:(?<=\d )|(?<=\bin )|(?<=\bof )|(?<=\bde )|(?<=\ben )"
        rf"|(?<=\bst )|(?<=\bnd )|(?<=\brd )|(?<=\bth )|(?<=\bby )|(?<=since )|(?<=until )"
        rf"|(?<=last )|(?<=next )|(?<=early )|(?<=late ))(?:{unsure})"
        rf"|(?:{unsure})(?=\s+\d)))"
        rf"(?:\s+(?P<after>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:.]\d|\d))?(?!\w)",
        re.IGNORECASE,
    )


@lru_cache(maxsize=16)
def _days(language: Language) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(language.days)})(?=s?(?!\w))", re.IGNORECASE)
