"""What the guards have to know of a language before anybody is written to in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


def any_of(*phrases: str) -> re.Pattern[str]:
    """Any of the phrases, as whole words."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(phrases)})(?!\w)", re.IGNORECASE)


def those(words: str) -> tuple[str, ...]:
    """The words of a list that is written as prose."""
    return tuple(words.split())


@dataclass(frozen=True, eq=False)
class Language:
    """One language: its numbers, dates and capitals, and what pressure sounds like in it."""

    code: str
    """ISO 639-1"""
    name: str
    """in English, as a model is told it"""
    common: frozenset[str]
    """words that every text in it is full of"""
    starts: frozenset[str]
    """words that may begin a sentence with a capital and still be no name"""
    numbers: Mapping[str, float]
    scales: Mapping[str, int]
    free: frozenset[str]
    """number words that are seldom meant as a count: they alone claim nothing"""
    joint: str
    """the word within a number, such as "and\""""
    percent: str
    """a regular expression of what makes a number a share of a hundred"""
    days: tuple[str, ...]
    """Monday first, lower case"""
    months: tuple[str, ...]
    relative: Mapping[str, re.Pattern[str]]
    """what means another day as seen from this one, under names that all languages share"""
    offer: re.Pattern[str]
    demand: re.Pattern[str]
    tone: Mapping[str, re.Pattern[str]]
    """urgency, guilt, flattery and selling"""
    registers: Mapping[str, re.Pattern[str]]
    """what is too much for a tone that a workspace asks for, by that tone"""
    people: re.Pattern[str]
    """people who are meant without their names, in the place of a subject"""
    personal: re.Pattern[str]
    """what is said of somebody's mind, state, merit or will, right after who it is"""
    about_reader: re.Pattern[str]
    """the same, said of the reader"""
