"""What the rules may read: gathered beforehand, never fetched by a rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from recsys.types import Query


@dataclass(frozen=True, slots=True)
class Limits:
    """A member's limits: their own wishes where they have any, else the workspace's."""

    daily_cap: int
    weekly_cap: int
    day_starts: int
    """minutes after local midnight"""
    day_ends: int
    weekdays: frozenset[int]
    """0 is Monday"""
    cooldown_hours: float
    slot_hours: int = 4
    """hours from the start of the day in which a slot may open: what is said late leaves little
    of the day to act on it"""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one member stands at one moment; `local` is `now` in the member's zone.

    It is all that the reach rules read, so they can run again where no recommender is at hand.
    """

    workspace: str
    member: str
    first_name: str
    now: datetime
    local: datetime
    killed: bool
    is_person: bool
    """no bot, guest or stranger of a shared channel"""
    deactivated: bool
    left: bool
    paused_until: datetime | None
    purposes: frozenset[str]
    invited: bool
    """on the pilot list, came by themselves, or the workspace is open to all"""
    limits: Limits
    sent_today: int
    """openers sent or on their way on this local day"""
    sent_week: int
    """the same in the last seven days"""
    last_sent_at: datetime | None
    busy: bool = False
    """their status says that they are not to be disturbed now"""

    @property
    def slot(self) -> str:
        """The slot's name: the local date."""
        return self.local.date().isoformat()


@dataclass(frozen=True, slots=True)
class Facts:
    """A member's standing, and what the recommender may know of them."""

    standing: Standing
    explored_today: int
    """openers of the whole workspace below the threshold on this UTC day"""
    seed: int
    """every draw for this member's slot comes from it"""
    query: Query
