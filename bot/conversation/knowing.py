"""What we know about a member, in words for them: from what they did, and from nobody else.

It is drawn from the same rows that a pick is made from, under the purposes they agree to now: what
is not said here is not used.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.openers.passages import STOP_WORDS
from bot.policy.purposes import OPENERS
from bot.store import tables
from bot.store.channels import Channels
from bot.store.consents import Consents
from bot.store.database import Unit
from bot.store.items import Items
from bot.store.signals import Happened, Signals
from bot.store.topics import Topics

LATELY = timedelta(days=90)
MOST_READ = 500
"""signals that words are looked for in: the newest say what somebody cares about"""
LEAST_WORDS, MOST_WORDS = 2, 8
"""times a word is said before it counts, and how many are shown"""
_WORD = re.compile(r"[^\W\d_]{5,}")
_OF_NOTHING = """
    about above after again almost already although always another anybody anyone anything around
    because before being below between cannot could doing during either every everybody everyone
    everything first found going great having hello itself least little maybe might morning myself
    never nobody nothing often other others ourselves people perhaps please quite rather really
    right shall should since somebody someone something sometimes still sure thank thanks their
    there these thing things think those though through today together tomorrow under until usually
    instead wants where whether which while whole whose within without would write wrote yours
"""
_PLAIN = STOP_WORDS | frozenset(_OF_NOTHING.split())
"""words that say nothing of what somebody cares about"""


def known(unit: Unit, member: tables.Member, now: datetime, zone: ZoneInfo) -> list[str]:
    """Sentences, the plainest first; one that says so where nothing is known."""
    granted = Consents(unit).granted(member.id)
    # a copy of an import may be dated before the copy itself: what they said, not when it came
    done = Signals(unit).list(since=now - LATELY, members=[member.id], purposes=granted)
    told = [*_who(member), *_chosen(unit, member)]
    if granted - {OPENERS} or done:
        told += [*_did(unit, done), *_said(done), *_cared(unit, done), *_hours(done, zone)]
    return told if done else [*told, "Of what you do I know nothing so far."]


def _who(member: tables.Member) -> list[str]:
    facts = [("your name", member.name), ("your title", member.title), ("your team", member.team)]
    given = [f"{what}, {value}" for what, value in facts if value]
    return [f"From the workspace's directory: {'; '.join(given)}."] if given else []


def _chosen(unit: Unit, member: tables.Member) -> list[str]:
    choices = Topics(unit).choices(member.id)
    titles = Topics(unit).titles()
    told = []
    for words, slugs in (("you follow", choices.follows), ("you muted", choices.mutes)):
        if slugs:
            names = ", ".join(titles.get(slug, slug) for slug in sorted(slugs))
            told.append(f"You told me what {words}: {names}.")
    return told


def _did(unit: Unit, done: Sequence[Happened]) -> list[str]:
    kinds = Counter(one.kind for one in done)
    parts = [
        _counted(kinds[kind], one, many)
        for kind, one, many in (
            ("posted", "message", "messages"),
            ("reacted", "reaction", "reactions"),
            ("visited", "item that you opened", "items that you opened"),
        )
        if kinds[kind]
    ]
    if not parts:
        return []
    names = {channel.id: channel.name for channel in Channels(unit).list()}
    places = Counter(names[one.channel] for one in done if one.channel in names)
    where = listed([f"#{name}" for name, _ in places.most_common(3)])
    days = LATELY.days
    most = f", {'most of them ' if len(done) > 1 else ''}in {where}" if where else ""
    return [f"In the last {days} days I took note of {listed(parts)}{most}."]


def _said(done: Sequence[Happened]) -> list[str]:
    counted: Counter[str] = Counter()
    for one in done[-MOST_READ:]:
        words = {word for word in _WORD.findall(one.text.lower()) if word not in _PLAIN}
        counted.update(sorted(words))  # once a message: who repeats a word says it once
    often = [word for word, times in counted.most_common(MOST_WORDS) if times >= LEAST_WORDS]
    return [f"Words that you use often: {', '.join(often)}."] if often else []


def _cared(unit: Unit, done: Sequence[Happened]) -> list[str]:
    """Topics of the items that they touched."""
    titles = Topics(unit).titles()
    topics: Counter[str] = Counter()
    for item_id in sorted({one.item for one in done[-MOST_READ:] if one.item}):
        item = Items(unit).get(item_id)
        topics.update(titles.get(slug, slug) for slug in (item.topics if item else ()))
    most = [name for name, _ in topics.most_common(5)]
    return [f"What you took part in was about {listed(most)}."] if most else []


def _hours(done: Sequence[Happened], zone: ZoneInfo) -> list[str]:
    """The shortest stretch of hours that holds half of what they did."""
    hours = Counter(one.at.astimezone(zone).hour for one in done)
    total = sum(hours.values())
    if total < 5:
        return []
    for length in range(1, 25):
        held = {h: sum(hours[(h + n) % 24] for n in range(length)) for h in range(24)}
        start = max(held, key=lambda h: (held[h], -h))
        if held[start] * 2 >= total:
            end = (start + length) % 24
            return [f"You are here mostly between {start:02d}:00 and {end:02d}:00."]
    return []


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def listed(words: Sequence[str]) -> str:
    """One, two and three."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
