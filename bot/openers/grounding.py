"""Numbers, dates and names in a text, in one form each, so that two texts can be compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from bot.openers.languages import ENGLISH, Language

Found = tuple[str, frozenset[str]]
"""something as it was written, with the forms that it may stand for"""

IN_ENGLISH = (ENGLISH,)

_JOINTS = frozenset({" ", "-", "\u2010", "\u2011"})
_DIGITS = re.compile(
    r"(?P<number>\d++(?:[.,:]\d++)*+)(?P<times>(?:k|K|M|bn|B)(?![^\W_]))?(?P<share>\s?%)?"
)
_TIMES = {"k": 1e3, "K": 1e3, "M": 1e6, "bn": 1e9, "B": 1e9}
_WORD = re.compile(r"[^\W\d_]+")
_POSSESSIVE = re.compile(r"['’]s?$")
_PARTS = re.compile(r"[-.'’]")
_NAME = re.compile(r"[^\W_](?:[\w]|['’.-](?=\w))*")
_QUOTES = dict.fromkeys(map(ord, '“”„‟"‘’‚‛«»‹›`´'), "'")
_SHARES = {0.5: "50%", 0.25: "25%"}


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """Compatibility forms, kinds of quotation marks and case out of the way."""
    return unicodedata.normalize("NFKC", text).translate(_QUOTES).casefold()


def numbers(text: str, languages: Sequence[Language] = IN_ENGLISH) -> Iterator[Found]:
    """Each number of `text`, as written, with the canonical values it may stand for.

    Digits stand for themselves (``1,200`` and ``1200`` are one, ``40k`` is 40000); words such as
    "forty-two" or "two hundred" for their value. A share of a hundred is another number.
    """
    text = unicodedata.normalize("NFKC", text)
    for match in _DIGITS.finditer(text):
        yield _of_digits(text, match, languages)
    for language in languages:
        yield from _in_words(text, language)


def _of_digits(text: str, match: re.Match[str], languages: Sequence[Language]) -> Found:
    written = match["number"]
    forms = _digit_forms(written)
    if match["times"] and (value := _plain(written)) is not None:
        return match[0], frozenset({_shown(value * _TIMES[match["times"]])})
    if match["share"] or _is_share(text, match.end(), languages):
        return match[0], frozenset({form + "%" for form in forms})
    gap = text[match.end() : match.end() + 1]
    after = _WORD.match(text, match.end() + 1) if gap == " " else None
    for language in languages:
        scale = language.scales.get(after[0].casefold()) if after is not None else None
        if after is not None and scale is not None and (value := _plain(written)) is not None:
            return f"{written} {after[0]}", frozenset({_shown(value * scale)})
    return match[0], forms


def _plain(written: str) -> float | None:
    try:
        return float(written.replace(",", "") if "." in written else written.replace(",", "."))
    except ValueError:
        return None


def _is_share(text: str, end: int, languages: Sequence[Language]) -> bool:
    return any(
        re.compile(rf"\s?(?:%|(?:{one.percent})\b)", re.I).match(text, end) for one in languages
    )


def _digit_forms(written: str) -> frozenset[str]:
    digits = "".join(str(unicodedata.digit(char)) if char.isdigit() else char for char in written)
    forms = {digits}
    if re.fullmatch(r"\d{1,3}([.,]\d{3})+", digits):
        forms.add(re.sub(r"[.,]", "", digits))
    if re.fullmatch(r"\d{1,3}(,\d{3})+\.\d+", digits):
        forms.add(digits.replace(",", ""))
    if re.fullmatch(r"\d+", digits):
        forms.add(digits.lstrip("0") or "0")
    if re.fullmatch(r"\d+\.\d+", digits) or (
        re.fullmatch(r"\d+,\d+", digits) and not re.fullmatch(r"\d{1,3},\d{3}", digits)
    ):
        forms.add(digits.replace(",", ".").rstrip("0").rstrip("."))
    return frozenset(forms)


def _in_words(text: str, language: Language) -> Iterator[Found]:
    """Runs of number words that stand together, such as "three thousand and five"."""
    run: list[str] = []
    end = 0
    shares = [match.span() for match in re.finditer(language.percent, text, re.I)]
    for match in _WORD.finditer(text):
        if any(start <= match.start() < until for start, until in shares):
            continue
        word, gap = match[0].casefold(), text[end : match.start()]
        if word == language.joint and run and gap == " ":
            continue
        joined = gap in _JOINTS or gap == f" {language.joint} "
        if run and not (joined and _goes_on(run, gap, language) and _is_number(word, language)):
            yield from _of_run(run, _is_share(text, end, (language,)), language)
            run = []
        if _is_number(word, language) and not _follows_digits(text, match.start(), word, language):
            run.append(word)
            end = match.end()
    if run:
        yield from _of_run(run, _is_share(text, end, (language,)), language)


def _goes_on(run: list[str], gap: str, language: Language) -> bool:
    """In English "and" joins only after a hundred or more: "two and three" are two numbers."""
    return gap in _JOINTS or language is not ENGLISH or run[-1] in language.scales


def _follows_digits(text: str, start: int, word: str, language: Language) -> bool:
    """Whether it belongs to digits before it, as in "2 million"."""
    return word in language.scales and text[max(start - 2, 0) : start - 1].isdigit()


def _is_number(word: str, language: Language) -> bool:
    return word in language.numbers or word in language.scales


def _of_run(run: list[str], share: bool, language: Language) -> Iterator[Found]:
    if all(word in language.free for word in run) and not share:
        return
    if run[0] in language.free and len(run) > 1 and run[1] not in language.scales:
        run = run[1:]  # "a dozen" is "une douzaine"
    value = _shown(_value(run, language))
    yield " ".join(run), frozenset({value + "%" if share else value})


def _value(run: Sequence[str], language: Language) -> float:
    total, current = 0.0, 0.0
    for word in run:
        if word in language.scales:
            scale = language.scales[word]
            current = max(current, 1) * scale
            if scale > 100:
                total, current = total + current, 0.0
        elif word.startswith("vingt") and current % 100 == 4:
            current += 76  # the French count in twenties
        else:
            current += language.numbers[word]
    return total + current


def _shown(value: float) -> str:
    return str(int(value)) if value == int(value) else str(value)


def number_values(text: str, languages: Sequence[Language] = IN_ENGLISH) -> frozenset[str]:
    """Every value that a number of `text` may stand for, parts of spelled-out ones included."""
    values: set[str] = set()
    for written, forms in numbers(text, languages):
        values |= forms | {form.removesuffix("%") for form in forms}
        for language in languages:
            parts = [word for word in written.split() if _is_number(word, language)]
            values |= {_shown(_value([word], language)) for word in parts}
    for language in languages:
        # "1" and "0" are also what the free words say
        free = {match[0].casefold() for match in _WORD.finditer(text)} & language.free
        values |= {_shown(_value([word], language)) for word in free}
    values |= {share for part, share in _SHARES.items() if _shown(part) in values}
    values |= {_shown(part) for part, share in _SHARES.items() if share in values}
    return frozenset(values)


def words(text: str) -> Iterator[tuple[str, int]]:
    """Each word of `text` with where it begins; a possessive ending is not part of it."""
    for match in _NAME.finditer(text):
        word = match[0]
        if "'" in word or "’" in word:
            word = _POSSESSIVE.sub("", word)
        if word:
            yield word, match.start()


def known_words(text: str) -> frozenset[str]:
    """Words of `text` in folded form, and the parts of those joined by hyphens or dots."""
    found: set[str] = set()
    for word, _ in words(folded(text)):
        found.add(word)
        if not word.isalnum():
            found.update(part for part in _PARTS.split(word) if part)
    return frozenset(found)
