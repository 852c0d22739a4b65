"""Numbers and names in a text, in one form each, so that two texts can be compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_TO_NINETEEN = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TO_NINETY = "twenty thirty forty fifty sixty seventy eighty ninety"
_UNITS = {word: value for value, word in enumerate(_TO_NINETEEN.split())}
_TENS = {word: 10 * value for value, word in enumerate(_TO_NINETY.split(), start=2)}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}
_OTHERS = {
    "half": 0.5, "halves": 0.5, "twice": 2, "double": 2, "doubled": 2, "triple": 3, "dozen": 12,
    "dozens": 12, "hundreds": 100, "thousands": 1000, "millions": 10**6, "second": 2, "third": 3,
    "thirds": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10, "eleventh": 11, "twelfth": 12, "twentieth": 20, "thirtieth": 30,
    "hundredth": 100,
}  # fmt: skip
_FREE = frozenset({"one", "zero"})
"""Words that are seldom meant as a count ("this one"): they alone claim nothing."""

_JOINTS = frozenset({" ", "-", "\u2010", "\u2011"})
_DIGITS = re.compile(r"\d+(?:[.,:]\d+)*")
_WORD = re.compile(r"[^\W\d_]+")
_NAME = re.compile(r"[^\W_](?:[\w]|['’.-](?=\w))*")


_QUOTES = dict.fromkeys(map(ord, '“”„‟"‘’‚‛«»‹›`´'), "'")


def folded(text: str) -> str:
    """Compatibility forms, kinds of quotation marks and case out of the way."""
    return unicodedata.normalize("NFKC", text).translate(_QUOTES).casefold()


def numbers(text: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Each number of `text`, as written, with the canonical values it may stand for.

    Digits stand for themselves (``1,200`` and ``1200`` are one); words such as "forty-two" or
    "two hundred" for their value, and for the values of their parts.
    """
    text = unicodedata.normalize("NFKC", text)
    for match in _DIGITS.finditer(text):
        yield match[0], _digit_forms(match[0])
    run: list[str] = []
    end = 0
    for match in _WORD.finditer(text):
        word = match[0].casefold()
        gap = text[end : match.start()]
        if word == "and" and run and run[-1] in _SCALES and gap == " ":
            continue
        joined = gap in _JOINTS or (gap == " and " and run[-1:] and run[-1] in _SCALES)
        if run and not (joined and _is_number(word)):
            yield from _of_run(run)
            run = []
        if _is_number(word):
            run.append(word)
            end = match.end()
    if run:
        yield from _of_run(run)


def _is_number(word: str) -> bool:
    return word in _UNITS or word in _TENS or word in _SCALES or word in _OTHERS


def _digit_forms(written: str) -> frozenset[str]:
    digits = "".join(str(unicodedata.digit(char)) if char.isdigit() else char for char in written)
    forms = {digits}
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", digits):
        forms.add(digits.replace(",", ""))
    if re.fullmatch(r"\d+", digits):
        forms.add(digits.lstrip("0") or "0")
    if re.fullmatch(r"\d+\.\d+", digits):
        forms.add(digits.rstrip("0").rstrip("."))
    return frozenset(forms)


def _of_run(run: list[str]) -> Iterator[tuple[str, frozenset[str]]]:
    if all(word in _FREE for word in run):
        return
    yield " ".join(run), frozenset({_shown(_value(run))})


def _value(run: list[str]) -> float:
    total, current = 0.0, 0.0
    for word in run:
        if word in _SCALES:
            scale = _SCALES[word]
            current = max(current, 1) * scale
            if scale > 100:
                total, current = total + current, 0.0
        else:
            current += _UNITS.get(word, _TENS.get(word, _OTHERS.get(word, 0)))
    return total + current


def _shown(value: float) -> str:
    return str(int(value)) if value == int(value) else str(value)


def number_values(text: str) -> frozenset[str]:
    """Every value that a number of `text` may stand for, parts of spelled-out ones included."""
    values: set[str] = set()
    for written, forms in numbers(text):
        values |= forms
        for word in written.split():
            if word in _FREE or _is_number(word):
                values.add(_shown(_value([word])))
    # "1" and "0" are also what the free words say.
    for match in _WORD.finditer(unicodedata.normalize("NFKC", text)):
        if match[0].casefold() in _FREE:
            values.add(_shown(_value([match[0].casefold()])))
    return frozenset(values)


def words(text: str) -> Iterator[tuple[str, int]]:
    """Each word of `text` with where it begins; a possessive ending is not part of it."""
    for match in _NAME.finditer(text):
        word = re.sub(r"['’]s?$", "", re.sub(r"['’]s$", "", match[0]))
        if word:
            yield word, match.start()


def known_words(text: str) -> frozenset[str]:
    """Words of `text` in folded form, and the parts of those joined by hyphens or dots."""
    found: set[str] = set()
    for word, _ in words(text):
        found.add(folded(word))
        found |= {folded(part) for part in re.split(r"[-.'’]", word) if part}
    return frozenset(found)
