"""The simulated world over the bundled pool and workspace, and what can be known of it.

The world knows what members like; `Similarity` knows only what they follow and have said, and
serves the policies that stand beside the product: that of the simulated past, and always-send.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from bot.demo.load import HISTORY_BEGINS, Bundle
from bot.openers.styles import STYLES
from recsys.simulation import Offer, Said
from recsys.types import Item, ItemId, MemberId
from recsys.world import DefaultWorld

Array = NDArray[np.float64]

BASE = -3.2
"""the demo's people agreed to be written to: a little readier than the default world's -3.6"""
MAIN, SECOND = 0.7, 0.3
"""an item's first topic, and its second where it has one"""
REMEMBERED = 14 * 86_400.0
"""seconds for which what somebody said counts"""


def world_of(bundle: Bundle, seed: int) -> DefaultWorld:
    """The world of the demo: everybody, guests too, with the interests of their profile."""
    return DefaultWorld.over(
        [_offer(bundle, item) for item in bundle.items],
        {MemberId(one.id): _shares(bundle, one.interests) for one in bundle.residents},
        [one.zone for one in bundle.residents],
        seed,
        start=HISTORY_BEGINS,
        styles=STYLES,
        base=BASE,
    )


class Similarity:
    """How close items are to what a member follows and said lately, 0..1, by topics alone."""

    def __init__(self, bundle: Bundle, said: Iterable[Said]) -> None:
        self._items = bundle.items
        self._row = {item.id: row for row, item in enumerate(bundle.items)}
        self._published = np.array([item.published for item in bundle.items])
        self._expires = np.array([item.expires for item in bundle.items])
        mixtures = np.array([_mixture(bundle, item) for item in bundle.items])
        self._units = mixtures / np.linalg.norm(mixtures, axis=1, keepdims=True)
        self._topics = len(bundle.topics)
        self._follows: dict[MemberId, Array] = {}
        self._barred: dict[MemberId, NDArray[np.bool_]] = {}
        for one in bundle.residents:
            member = MemberId(one.id)
            self._follows[member] = _unit(_shares(bundle, dict.fromkeys(one.follows, 1.0)))
            barred = {topic.slug for topic in bundle.topics if topic.sensitive} - set(
                one.follows
            ) | set(one.mutes)
            self._barred[member] = np.array(
                [not barred.isdisjoint(item.topics) for item in bundle.items]
            )
        self._said = _by_member(said)

    def open_to(self, member: MemberId, at: float) -> NDArray[np.bool_]:
        """(n,) which items are out by `at` and touch no topic that the member muted.

        Sensitive topics are only for those who follow them.
        """
        out = (self._published <= at) & (at < self._expires)
        return np.asarray(out & ~self._barred[member])

    def scores(self, member: MemberId, at: float) -> Array:
        """(n,) similarity of every item of the bundle, from what was known before `at`."""
        moments, topics = self._said.get(member, (np.zeros(0), np.zeros(0, np.int64)))
        first, last = np.searchsorted(moments, (at - REMEMBERED, at))
        counts = np.bincount(topics[first:last], minlength=self._topics).astype(np.float64)
        return np.asarray(self._units @ _unit(self._follows[member] + _unit(counts)))

    def ranking(self, member: MemberId, offers: Sequence[Offer], at: float) -> list[ItemId]:
        """As `recsys.simulation.Ranking`: what is open to the member, most similar first."""
        scores, is_open = self.scores(member, at), self.open_to(member, at)
        rows = [row for row in (self._row[offer.id] for offer in offers) if is_open[row]]
        return [self._items[row].id for row in sorted(rows, key=lambda row: (-scores[row], row))]


def days(first: date, count: int) -> tuple[date, ...]:
    return tuple(first + timedelta(days=past) for past in range(count))


def _offer(bundle: Bundle, item: Item) -> Offer:
    expires = _utc_day(item.expires) + timedelta(days=1) if np.isfinite(item.expires) else None
    return Offer(item.id, _mixture(bundle, item), _utc_day(item.published), expires)


def _utc_day(moment: float) -> date:
    return datetime.fromtimestamp(moment, UTC).date()


def _mixture(bundle: Bundle, item: Item) -> Array:
    if len(item.topics) < 2:
        return _shares(bundle, dict.fromkeys(item.topics, 1.0))
    return _shares(bundle, {item.topics[0]: MAIN, item.topics[1]: SECOND})


def _shares(bundle: Bundle, of: Mapping[str, float]) -> Array:
    return np.array([of.get(topic.slug, 0.0) for topic in bundle.topics])


def _unit(vector: Array) -> Array:
    length = float(np.linalg.norm(vector))
    return vector / length if length else vector


def _by_member(said: Iterable[Said]) -> dict[MemberId, tuple[Array, NDArray[np.int64]]]:
    lists: dict[MemberId, list[Said]] = {}
    for one in said:
        lists.setdefault(one.member, []).append(one)
    for own in lists.values():
        own.sort(key=lambda one: one.at)
    return {
        member: (np.array([o.at for o in own]), np.array([o.topic for o in own], np.int64))
        for member, own in lists.items()
    }
