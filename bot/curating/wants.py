"""What members asked for and the pool lacks: words that several of them used, never what one said.

Asked is what no item answered. A word counts once a member, names of members do not count, and
what fewer than `FEW` members used is not told at all.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from bot.curating.counting import FEW, people
from bot.deciding.asked import ASKED
from bot.openers.phrases import SENTENCE_STARTS
from bot.policy.purposes import OPENERS
from bot.store import tables
from bot.store.consents import Consents
from bot.store.database import Unit
from bot.store.desk import SHELVES
from bot.store.members import Members
from bot.store.topics import Topics

BACK = timedelta(days=60)
UNANSWERED = "responses/unknown"
"""how the name of the prompt begins that says that an item does not say"""
MOST = 12
SCARCE = 3
"""items on offer about a topic, below which it lacks some"""
_WORD = re.compile(r"[^\W\d_][\w-]{3,30}")


@dataclass(frozen=True, slots=True)
class Want:
    """A word or a topic, and how many members it is of."""

    what: str
    members: str


@dataclass(frozen=True, slots=True)
class Wants:
    """Three lists, the most wanted first."""

    asked: tuple[Want, ...]
    """words of questions that nothing answered"""
    followed: tuple[Want, ...]
    """topics that members follow and the pool has next to nothing about"""
    unserved: tuple[Want, ...] = ()
    """topics of those who asked what there is for them now, and got nothing"""


def wants(unit: Unit, now: datetime) -> Wants:
    """What is missing, as of `now`."""
    members = _counted(unit)
    since = now - BACK
    return Wants(
        _asked(unit, members, since),
        _followed(unit, members, now),
        _unserved(unit, members, since),
    )


def _counted(unit: Unit) -> frozenset[str]:
    """Members who agree to be written to, and did not leave."""
    granted = Consents(unit).all_granted()
    stay = (m for m in Members(unit).list() if m.left_at is None and m.deactivated_at is None)
    return frozenset(m.id for m in stay if OPENERS in granted.get(m.id, frozenset()))


def _asked(unit: Unit, members: frozenset[str], since: datetime) -> tuple[Want, ...]:
    names = {word for m in Members(unit).list() for word in _words(m.name)}
    who: dict[str, set[str]] = defaultdict(set)
    for member, text in _questions(unit, since):
        if member in members:
            for word in _words(text) - names:
                who[word].add(member)
    return _told({word: len(of) for word, of in who.items()})


def _questions(unit: Unit, since: datetime) -> Iterator[tuple[str, str]]:
    """(member, words) of each turn that was answered with not knowing."""
    turn, conversation = tables.Turn, tables.Conversation
    rows = unit.session.execute(
        select(turn.conversation_id, conversation.member_id, turn.author, turn.text, turn.prompt)
        .join(conversation, conversation.id == turn.conversation_id)
        .where(turn.workspace_id == unit.workspace, turn.at >= since)
        .order_by(turn.conversation_id, turn.at, turn.id)
    )
    before: tuple[str, str] | None = None
    for of, member, author, text, prompt in rows:
        if author == "member":
            before = (of, text)
        elif prompt.startswith(UNANSWERED) and before is not None and before[0] == of:
            yield member, before[1]
            before = None


def _followed(unit: Unit, members: frozenset[str], now: datetime) -> tuple[Want, ...]:
    followers: dict[str, int] = defaultdict(int)
    for member, choices in Topics(unit).all_choices().items():
        for topic in choices.follows if member in members else ():
            followers[topic] += 1
    on_offer: dict[str, int] = defaultdict(int)
    rows = unit.session.scalars(
        select(tables.Item.topics).where(
            tables.Item.workspace_id == unit.workspace,
            tables.Item.withdrawn_at.is_(None),
            tables.Item.addressed_to.is_(None),
            SHELVES["offered"](now),
        )
    )
    for topics in rows:
        for topic in topics:
            on_offer[topic] += 1
    titles = Topics(unit).titles()
    scarce = {titles.get(t, t): n for t, n in followers.items() if on_offer[t] < SCARCE}
    return _told(scarce)


def _unserved(unit: Unit, members: frozenset[str], since: datetime) -> tuple[Want, ...]:
    decision = tables.Decision
    rows = unit.session.scalars(
        select(decision.member_id)
        .where(
            decision.workspace_id == unit.workspace,
            decision.kind == ASKED,
            decision.verdict == "silent",
            decision.at >= since,
        )
        .distinct()
    )
    choices, followers = Topics(unit).all_choices(), defaultdict[str, int](int)
    for member in members.intersection(rows):
        for topic in choices[member].follows if member in choices else ():
            followers[topic] += 1
    titles = Topics(unit).titles()
    return _told({titles.get(topic, topic): count for topic, count in followers.items()})


def _words(text: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(text)} - SENTENCE_STARTS


def _told(counts: dict[str, int]) -> tuple[Want, ...]:
    enough = [(what, count) for what, count in counts.items() if count >= FEW]
    ordered = sorted(enough, key=lambda pair: (-pair[1], pair[0]))[:MOST]
    return tuple(Want(what, people(count)) for what, count in ordered)
