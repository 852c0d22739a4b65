"""What the invented members post in channels: a simulated topic becomes a sentence in a room."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from bot.demo.load import Bundle, Room
from bot.ports import BadInput
from recsys.simulation import Said

GENERAL = "general"
A_DAY = 86_400.0
REPLIES = 0.5
"""how often a message answers one of the last day about the same, where there is one"""


@dataclass(frozen=True, slots=True)
class Phrases:
    """What there is to say; `read_phrases` makes it."""

    rooms: Mapping[str, tuple[str, ...]]
    """the names of the rooms that a topic fits in"""
    phrases: Mapping[str, tuple[str, ...]]
    """sentences for each topic"""
    answers: tuple[str, ...]
    """what somebody says whom an opener made curious"""
    farewells: tuple[str, ...]
    """what somebody says who wants no more openers"""


@dataclass(frozen=True, slots=True)
class Post:
    """One message in a channel."""

    channel: str
    member: str
    at: float
    """epoch seconds"""
    text: str
    kind: Literal["posted", "replied"]


def read_phrases(file: Path) -> Phrases:
    """Read the phrase bank. Raises BadInput naming the file when it is not what it should be."""
    try:
        given = json.loads(file.read_text(encoding="utf-8"))
        return Phrases(
            rooms={topic: tuple(names) for topic, names in given["rooms"].items()},
            phrases={topic: tuple(lines) for topic, lines in given["phrases"].items()},
            answers=tuple(given["answers"]),
            farewells=tuple(given["farewells"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(
            f"{file}: cannot be read as the demo's phrases ({error!r})."
            " Restore it from the repository."
        ) from None


def put_into_words(
    bundle: Bundle, phrases: Phrases, said: Iterable[Said], seed: int
) -> tuple[Post, ...]:
    """A post for each message, in their order; only public rooms that the member is in.

    A room hears the sentence of a topic that it has not heard for longest.
    """
    dice = np.random.default_rng([seed, 7])
    rooms = {one.id: _rooms(bundle, one.id) for one in bundle.residents}
    unheard: dict[tuple[str, str], deque[str]] = {}
    last: dict[tuple[str, str], tuple[str, float]] = {}
    posts = []
    for one in said:
        topic = bundle.topics[one.topic].slug
        room = _room(rooms[one.member], phrases.rooms[topic], dice)
        queue = unheard.setdefault((room.id, topic), _shuffled(phrases.phrases[topic], dice))
        text = queue.popleft()
        queue.append(text)
        before, when = last.get((room.id, topic), ("", -np.inf))
        answers = before not in ("", one.member) and one.at - when < A_DAY
        replied = answers and dice.random() < REPLIES
        last[room.id, topic] = one.member, one.at
        posts.append(Post(room.id, one.member, one.at, text, "replied" if replied else "posted"))
    return tuple(posts)


def _rooms(bundle: Bundle, member: str) -> tuple[Room, ...]:
    return tuple(r for r in bundle.rooms if member in r.members and not r.is_private)


def _room(own: Sequence[Room], fitting: Sequence[str], dice: np.random.Generator) -> Room:
    fits = [room for room in own if room.name in fitting]
    where = fits or [room for room in own if room.name == GENERAL] or list(own)
    return where[int(dice.integers(len(where)))]


def _shuffled(lines: Sequence[str], dice: np.random.Generator) -> deque[str]:
    return deque(lines[int(position)] for position in dice.permutation(len(lines)))
