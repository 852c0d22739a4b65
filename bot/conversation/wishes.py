"""What a member's words would change or keep, as data and in the words of a question."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo

from bot.openers.brief import About
from bot.openers.cleaning import speakable
from bot.openers.steering import Steering, read_steering
from bot.openers.when import WHEN, read_when
from bot.policy.facts import Limits
from bot.policy.rhythm import DAYS, clock
from bot.store import tables

MOST_WEEKLY, MOST_DAILY = 10, 3
MOST_NAMED = 20
"""topics that are named to whoever asks for one that there is not"""
LASTS = timedelta(days=7)
"""how long a reminder is worth anything after its time"""
GOAL_LASTS = timedelta(days=90)
_TO_DO = re.compile(
    rf"\bremind me,? (?:{WHEN},? |please,? )*(?:to|that|about|of) (?!(?:this|it|that)\b)"
    r"(?P<what>.+)",
    re.IGNORECASE,
)
_WHEN_AT_END = re.compile(rf"(?:[\s,]+(?:{WHEN}|please))+[.!?]*$", re.IGNORECASE)
_THIS = re.compile(r"(?:\w+ ){0,3}(?:this|it|that)", re.IGNORECASE)
"""what stands before us, whatever is to be done with it"""
_GOAL = re.compile(
    r"^.*?\b(?:want to|like to|love to|trying to|hoping to|hope to|plan to|planning to|aim to|is to"
    r"|help me(?: to)?|need to|have to)\s+(.+)$|^.*?\bwish i (?:was|were)\s+(.+)$",
    re.IGNORECASE,
)
_YOURS = {"i": "you", "me": "you", "my": "your", "mine": "yours", "myself": "yourself",
          "i'm": "you're", "i've": "you've", "am": "are"}  # fmt: skip
_MINE = re.compile(rf"\b(?:{'|'.join(sorted(_YOURS, key=len, reverse=True))})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wish:
    """One change, or one thing to come back to; `asks` is the question that confirms it."""

    kind: str
    """setting, reminder or goal"""
    payload: dict[str, Any]
    asks: str
    done: str


def setting(words: str, topics: Sequence[tables.Topic], limits: Limits) -> Wish | str:
    """What is to be changed of topics, days, hours and how often; or why that cannot be."""
    wanted = read_steering(words)
    follow, unknown = _known(wanted.more, topics)
    mute, missing = _known(wanted.less, topics)
    payload: dict[str, Any] = {"follow": sorted(follow), "mute": sorted(mute - follow)}
    payload |= _days(wanted, limits) | _hours(wanted, limits) | _rates(wanted, limits)
    told = _told(payload, {topic.slug: topic.title for topic in topics})
    nobody_s = _no_such((*unknown, *missing), topics)
    if not told:
        return nobody_s or "I did not see what to change. You can say so on my home tab, too."
    change = _listed(told)
    asks = f"{nobody_s} Shall I {change}?".lstrip()
    return Wish("setting", payload, asks, f"Done: I {change} from now on.")


def _no_such(named: Sequence[str], topics: Sequence[tables.Topic]) -> str:
    """What is said of topics that there are not; empty where all are known."""
    if not named:
        return ""
    titles = sorted(topic.title for topic in topics)
    more = ", and more; `/overture topics` lists them" if len(titles) > MOST_NAMED else ""
    there = (", ".join(titles[:MOST_NAMED]) or "none yet") + more
    said = _listed([f"“{speakable(one, 60)}”" for one in named])
    return f"I know no topic that is called {said}. The topics here are: {there}."


def _known(
    wanted: Sequence[str], topics: Sequence[tables.Topic]
) -> tuple[set[str], tuple[str, ...]]:
    """Slugs of the topics that the words mean, and the words that mean none."""
    names = {topic.title.casefold(): topic.slug for topic in topics}
    names |= {topic.slug.casefold().replace("-", " "): topic.slug for topic in topics}
    found, unknown = set(), []
    for words in wanted:
        near = get_close_matches(words.casefold(), names, 1, 0.8)
        if near:
            found.add(names[near[0]])
        else:
            unknown.append(words)
    return found, tuple(unknown)


def _days(wanted: Steering, limits: Limits) -> dict[str, Any]:
    if wanted.only_days is None and not wanted.not_days:
        return {}
    days = (limits.weekdays if wanted.only_days is None else wanted.only_days) - wanted.not_days
    if not days or days == limits.weekdays:
        return {}
    return {"weekdays": "".join(map(str, sorted(days)))}


def _hours(wanted: Steering, limits: Limits) -> dict[str, Any]:
    if wanted.starts is None and wanted.ends is None:
        return {}
    starts = limits.day_starts if wanted.starts is None else wanted.starts
    ends = limits.day_ends if wanted.ends is None else wanted.ends
    if starts >= ends:  # what was there leaves no room for what is wanted
        starts, ends = (wanted.starts or 0, 24 * 60) if wanted.ends is None else (0, ends)
    return {"starts": starts, "ends": ends} if starts < ends else {}


def _rates(wanted: Steering, limits: Limits) -> dict[str, Any]:
    daily, weekly = wanted.daily, wanted.weekly
    found = {}
    if daily is not None:
        found["daily"] = max(1, min(daily, MOST_DAILY))
    if weekly is not None:
        found["weekly"] = max(1, min(weekly, MOST_WEEKLY))
    elif wanted.rather and daily is None:
        now = max(limits.weekly_cap, 1)
        more = max(now, min(MOST_WEEKLY, now + 2))
        found["weekly"] = more if wanted.rather > 0 else max(1, now // 2)
    same = {"daily": limits.daily_cap, "weekly": limits.weekly_cap}
    return {name: count for name, count in found.items() if count != same[name]}


def _told(payload: dict[str, Any], titles: dict[str, str]) -> list[str]:
    """The changes in words, each as what we do."""
    told = []
    for name, verb in (("follow", "follow"), ("mute", "leave out")):
        if payload[name]:
            told.append(f"{verb} {_listed([titles[slug] for slug in payload[name]])}")
    if "weekdays" in payload:
        days = _listed([DAYS[int(day)] for day in payload["weekdays"]])
        told.append(f"write on {days} only")
    if "starts" in payload:
        told.append(f"write between {clock(payload['starts'])} and {clock(payload['ends'])}")
    for name in ("daily", "weekly"):
        if name in payload:
            times = {1: "once", 2: "twice"}.get(payload[name], f"{payload[name]} times")
            told.append(f"write at most {times} a {'day' if name == 'daily' else 'week'}")
    return told


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def reminder(words: str, about: About | None, now: datetime, zone: ZoneInfo) -> Wish | str:
    """What to come back to, and when; or why that cannot be."""
    when = read_when(words, now, zone)
    if when is None:
        return "I did not see when. You can say “remind me on Friday”, for example."
    what = _TO_DO.search(words)
    thing = "" if what is None else _WHEN_AT_END.sub("", speakable(what["what"], 120)).strip(" .!?")
    if _THIS.fullmatch(thing):
        thing = ""
    title = thing[:1].upper() + thing[1:] or (about.title if about is not None else "")
    if not title:
        return "I did not see of what. You can say so under the message that it is about."
    here = when.astimezone(zone)
    day = f"{here:%A}, {here.day} {here:%B}, at {here:%H:%M} or soon after"
    payload = {"title": title, "at": when.isoformat(), "own": bool(thing)}
    asks = f"Shall I come back to “{title}” on {day}?"
    return Wish("reminder", payload, asks, f"Done: I come back to it on {day}.")


def goal(words: str) -> Wish | str:
    """What a member wants to become better at; or why that cannot be kept."""
    found = _GOAL.search(speakable(words, 200))
    said = (found[1] or f"be {found[2]}").strip(" .!?") if found is not None else ""
    if not said:
        return "I did not see what you want. You can say “I want to read more”, for example."
    aim = _MINE.sub(lambda word: _YOURS[word[0].lower()], said)
    asks = f"Shall I keep in mind that you want to {aim}, and come back to it once?"
    done = "Done: I come back to it once within three months. Nobody else sees it."
    return Wish("goal", {"title": aim[:1].upper() + aim[1:]}, asks, done)
