"""The setting of a simulated world: who is there, and what there is to talk about.

Drawn whole from a seed, or over items and interests that are given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from recsys.habits import Array, Dice, die
from recsys.simulation import Offer
from recsys.types import ItemId, MemberId

TOPICS = 24
STYLES = ("a", "b", "c", "d")
BASE = -3.6
"""mean of b, how readily members engage"""
NEW_A_DAY = 10
LIFETIME = 21
"""days that a drawn item lives"""
MONDAY = date(2026, 1, 5)


@dataclass(frozen=True, eq=False)
class Setting:
    """Everything about a world that its policies cannot change.

    M members, n items, T topics; `mixtures` (n, T) and `interests` (M, T) are not negative,
    `quality` is (n,). With `drift`, each day and member, the largest interest swaps with a
    random one.
    """

    seed: int
    start: date
    members: tuple[MemberId, ...]
    zones: tuple[str, ...]
    interests: Array
    offers: tuple[Offer, ...]
    mixtures: Array
    quality: Array
    styles: tuple[str, ...]
    drift: float = 0.02
    base: float = BASE


def drawn(
    members: int,
    items: int,
    seed: int,
    *,
    days: int = 30,
    start: date = MONDAY,
    styles: tuple[str, ...] = STYLES,
) -> Setting:
    """Everything drawn: `items` of age 0 to 20 days at the start, ten new ones each day."""
    ages = [die(seed, Dice.ITEM, row).integers(0, 21) for row in range(items)]
    published = [start - timedelta(days=int(age)) for age in ages]
    published += [start + timedelta(days=row // NEW_A_DAY) for row in range(NEW_A_DAY * days)]
    mixtures = np.array(
        [
            die(seed, Dice.ITEM, row, 1).dirichlet(np.full(TOPICS, 0.1))
            for row in range(len(published))
        ]
    ).reshape(-1, TOPICS)
    interests = np.array(
        [
            die(seed, Dice.MEMBER, number, 1).dirichlet(np.full(TOPICS, 0.15))
            for number in range(members)
        ]
    ).reshape(-1, TOPICS)
    offers = tuple(
        Offer(ItemId(f"item-{row}"), mixtures[row], day, day + timedelta(days=LIFETIME))
        for row, day in enumerate(published)
    )
    ids = tuple(MemberId(f"member-{number}") for number in range(members))
    return over(
        offers,
        dict(zip(ids, interests, strict=True)),
        ("UTC",) * members,
        seed,
        start=start,
        styles=styles,
        drift=0.02,
    )


def over(
    item_topics: Sequence[Offer],
    member_interests: dict[MemberId, Array],
    zones: Sequence[str],
    seed: int,
    *,
    start: date,
    styles: tuple[str, ...] = STYLES,
    drift: float = 0.0,
    base: float = BASE,
) -> Setting:
    """A setting over items and interests that are given; everything else is drawn.

    By default interests do not drift: what members say of themselves stays true.
    Raises ValueError unless there is one zone a member.
    """
    if len(zones) != len(member_interests):
        raise ValueError(
            f"a world needs one zone a member, got {len(zones)} zones for"
            f" {len(member_interests)} members"
        )
    interests = np.array([w / w.sum() for w in member_interests.values()])
    mixtures = np.array([offer.mixture for offer in item_topics])
    quality = [die(seed, Dice.ITEM, row, 2).normal() for row in range(len(item_topics))]
    return Setting(
        seed=seed,
        start=start,
        members=tuple(member_interests),
        zones=tuple(zones),
        interests=interests,
        offers=tuple(item_topics),
        mixtures=mixtures.reshape(-1, interests.shape[1]),
        quality=np.array(quality),
        styles=styles,
        drift=drift,
        base=base,
    )
