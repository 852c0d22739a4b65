"""What a member wants changed, from their words (English): topics, days, hours, how often.

"More about SQL, nothing on Fridays, only mornings, at most two a week." Each part of a sentence is
read by itself; a part that says nothing of this kind is left alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from bot.text import plain

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_COUNTS = {"once": 1, "one": 1, "twice": 2, "two": 2, "three": 3, "four": 4, "five": 5, "a": 1}
_PARTS = {"morning": (None, 12 * 60), "afternoon": (12 * 60, None), "evening": (17 * 60, None)}
"""from when, until when; None where the day's own bounds stay"""

_DAY = rf"(?:{'|'.join(DAYS)}|weekday|weekend)s?"
_DAY_LIST = rf"(?P<days>{_DAY}(?:(?:,| and| or| &)+ {_DAY})*)"
_NOT = r"\b(?:not|nothing|never|no|none|don't|do not|without)\b"
_NOT_DAYS = re.compile(rf"{_NOT}(?:(?! only).){{0,40}}?\b{_DAY_LIST}")
_ONLY_DAYS = re.compile(
    rf"\bonly\b.{{0,40}}?\b{_DAY_LIST}|^(?:on )?{_DAY_LIST.replace('days', 'd2')} only$"
)
_PART = r"(?P<part>morning|afternoon|evening)s?\b"
_ONLY_PART = re.compile(
    rf"\b(?:only|prefer)\b.{{0,30}}?\b{_PART}|\b{_PART.replace('part', 'p2')} only\b"
)
_NOT_PART = re.compile(rf"{_NOT}.{{0,30}}?\b{_PART}")
_TIME = r"(\d{1,2})(?:[:.](\d{2}))? ?(am|pm|h|o'clock)?"
_BEFORE = re.compile(rf"{_NOT}.{{0,30}}?\bbefore {_TIME}\b|\bonly after {_TIME}\b")
_AFTER = re.compile(rf"{_NOT}.{{0,30}}?\bafter {_TIME}\b|\bonly (?:before|until) {_TIME}\b")
_BETWEEN = re.compile(rf"\bbetween {_TIME} and {_TIME}\b")
_RATE = re.compile(
    r"\b(once|twice|one|two|three|four|five|\d)(?: times| messages?)? (?:a|per|every|each)"
    r" (day|week)\b"
)
_LESS = re.compile(
    r"\b(?:write|send|talk)(?: to)?(?: me)? (?:far |way )?too much\b|\bless (?:often"
    r"|frequently)\b|\bfewer (?:messages|openers|of these)\b|\btoo (?:often|many)\b"
    r"|\bnot (?:so|that|this|quite so) (?:often|many|much)\b"
)
_MORE = re.compile(r"\bmore often\b|\bmore frequently\b|(?<!no )\bmore (?:messages|openers)\b")

_SPEAK = r"(?:writ|send|messag|talk|tell|bother|ping)\w*"
_TOPIC = r"(?P<topic>[\w+#.'/ -]{2,40}?)"
_END = r"(?: (?:stuff|things|items|topics|content|news))?(?: (?:for me|please|then|too|now|though"
_END += r"|would be (?:good|nice|great)))*$"
_WANTS = re.compile(
    rf"^(?:.*\b(?:like|want|love|send me|show me|see|get|hear|write|and|but) )?more"
    rf"(?: things| stuff| items)? (?:about|on|of) {_TOPIC}{_END}"
    rf"|^(?:(?:i'd like|i want|give me|send me|show me) )?more"
    rf" {_TOPIC.replace('topic', 't2')}{_END}"
    rf"|\b(?:rather|prefer to) (?:hear|read|know) (?:more )?about"
    rf" {_TOPIC.replace('topic', 't4')}{_END}"
    rf"|\bmore interested in {_TOPIC.replace('topic', 't5')}{_END}"
    rf"|^(?:please )?follow {_TOPIC.replace('topic', 't3')}{_END}"
)
_WANTS_NOT = re.compile(
    rf"\b(?:less|fewer|nothing|no more|not(?:hing)? more)(?: things| stuff| items| messages)?"
    rf" (?:about|on|of) {_TOPIC}{_END}"
    rf"|^(?:no more|less|fewer) {_TOPIC.replace('topic', 't2')}{_END}"
    rf"|^(?:please )?(?:mute|unfollow) {_TOPIC.replace('topic', 't3')}{_END}"
    rf"|\b(?:don't|do not|stop|never) {_SPEAK}(?: to)?(?: me)?(?: (?:anything|things|stuff))?"
    rf" (?:about|on) {_TOPIC.replace('topic', 't4')}{_END}"
    rf"|\b(?:not|no longer|never) interested in {_TOPIC.replace('topic', 't5')}{_END}"
    rf"|\b(?:don't|do not|never) (?:want|need|wish|like) to (?:hear|read|know|see) (?:anything "
    rf"|things )?"
    rf"(?:about|on) {_TOPIC.replace('topic', 't6')}{_END}"
    rf"|^(?:please )?(?:skip|leave out|avoid) (?:anything|everything|things) (?:about|on)"
    rf" {_TOPIC.replace('topic', 't7')}{_END}"
)
_NO_TOPIC = re.compile(
    r"^(?:it|this|that|these|those|them|me|us|you|him|her|what|which|how|why|messages?|openers?"
    r"|questions?|details?|info(?:rmation)?|often|much|time|yourself|myself|everything|anything"
    r"|all|than|the (?:same|rest|item|story|part)|your|my|of|about|on|need(?:ed)?)\b"
    rf"|^{_DAY}$|\b(?:week|today|day)$"
)
_CLAUSES = re.compile(
    rf"\s*(?:[;.!]+|,(?! ?{_DAY}\b)|\bbut\b"
    r"|\band (?=no|not|only|more|less|fewer|at most|i ))\s*"
)


@dataclass(frozen=True, slots=True)
class Steering:
    """Changes that were asked for; empty where nothing was."""

    more: tuple[str, ...] = ()
    """topics in the member's words"""
    less: tuple[str, ...] = ()
    only_days: frozenset[int] | None = None
    """0 is Monday"""
    not_days: frozenset[int] = field(default_factory=frozenset)
    starts: int | None = None
    """minutes after midnight"""
    ends: int | None = None
    daily: int | None = None
    weekly: int | None = None
    rather: int = 0
    """-1 less often, 1 more often, by no figure"""

    def __bool__(self) -> bool:
        return self != Steering()


def read_steering(words: str) -> Steering:
    """What the words ask to be changed."""
    found = Steering()
    text = re.sub(r"\bplease\b,?", " ", plain(words, 600).casefold().replace("’", "'"))
    for clause in _CLAUSES.split(" ".join(text.split())):
        clause = clause.strip(" .!?,")
        found = _read_times(clause, _read_days(clause, _read_rate(clause, found)))
        found = _read_topics(clause, found)
    return found


def _read_rate(clause: str, found: Steering) -> Steering:
    if rate := _RATE.search(clause):
        count = _COUNTS.get(rate[1]) or int(rate[1])
        if rate[2] == "day":
            return replace(found, daily=count)
        return replace(found, weekly=count)
    if _LESS.search(clause):
        return replace(found, rather=-1)
    return replace(found, rather=1) if _MORE.search(clause) else found


def _read_days(clause: str, found: Steering) -> Steering:
    if match := _ONLY_DAYS.search(clause):
        return replace(found, only_days=_days(match["days"] or match["d2"]))
    if match := _NOT_DAYS.search(clause):
        return replace(found, not_days=found.not_days | _days(match["days"]))
    return found


def _days(words: str) -> frozenset[int]:
    named = {number for number, day in enumerate(DAYS) if day in words}
    named |= set(range(5)) if "weekday" in words else set()
    return frozenset(named | ({5, 6} if "weekend" in words else set()))


def _read_times(clause: str, found: Steering) -> Steering:
    if match := _BETWEEN.search(clause):
        first, last = _minutes(match.groups()[:3]), _minutes(match.groups()[3:])
        if last <= first and last + 12 * 60 <= 24 * 60:
            last += 12 * 60
        return replace(found, starts=first, ends=last)
    if match := _ONLY_PART.search(clause):
        starts, ends = _PARTS[match["part"] or match["p2"]]
        return replace(found, starts=starts or found.starts, ends=ends or found.ends)
    if match := _NOT_PART.search(clause):
        starts, ends = _PARTS[match["part"]]
        return replace(found, starts=ends or found.starts, ends=starts or found.ends)
    if match := _BEFORE.search(clause):
        found = replace(found, starts=_minutes(_told(match.groups())))
    if match := _AFTER.search(clause):
        found = replace(found, ends=_minutes(_told(match.groups()), late=True))
    return found


def _told(groups: tuple[str | None, ...]) -> tuple[str | None, ...]:
    return groups[:3] if groups[0] is not None else groups[3:]


def _minutes(time: tuple[str | None, ...], late: bool = False) -> int:
    """Minutes after midnight; "after 4" means the afternoon."""
    hour, minute, half = time
    hours = int(hour or 0) % 24
    if (half == "pm" and hours < 12) or (half is None and late and 1 <= hours <= 7):
        hours += 12
    if half == "am" and hours == 12:
        hours = 0
    return min(hours * 60 + int(minute or 0), 24 * 60)


def _read_topics(clause: str, found: Steering) -> Steering:
    if match := _WANTS_NOT.search(clause):
        named = _topics(match)
        return replace(found, less=(*found.less, *named)) if named else found
    if match := _WANTS.search(clause):
        named = _topics(match)
        return replace(found, more=(*found.more, *named)) if named else found
    return found


def _topics(match: re.Match[str]) -> tuple[str, ...]:
    words = next((part for part in match.groupdict().values() if part), "")
    each = re.split(r"\s*(?:,|\band\b|\bor\b|&)\s*", words.strip())
    return tuple(topic for topic in each if topic and not _NO_TOPIC.search(topic))
