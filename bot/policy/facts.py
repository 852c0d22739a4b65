"""What the rules may read: gathered beforehand, never fetched by a rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.experiments import Assigned
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
    cooldown_most_hours: float = 336
    """to which the cooldown grows, however many openers in a row were unwelcome"""
    fatigue: float = 6
    """weariness from which on we are silent"""


@dataclass(frozen=True, slots=True)
class WrittenRule:
    """A rule that an admin wrote and switched on: silence where its expression holds."""

    name: str
    version: int
    expression: str


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
    installed: bool = True
    """whether the app is in the workspace still"""
    team: str = ""
    country: str = ""
    """whose public holidays they keep; empty for none"""
    holiday: str = ""
    """the public holiday that today is where they are; empty on other days"""
    workspace_paused: bool = False
    """too many opted out, and nobody has ended the pause that followed"""
    unwelcome: int = 0
    """openers in a row, up to the last one, that were ignored or dismissed"""
    weariness: float = 0.0
    """of the last two weeks: two for each opener dismissed, one for each ignored, one less for
    each taken up"""
    dnd: bool = False
    """do-not-disturb is on, as far as the channel shows it"""
    away: bool | None = None
    """None where nobody asked"""
    unreadable: bool = False
    """the channel should say whether they may be disturbed, and did not"""
    rules: tuple[WrittenRule, ...] = ()
    """rules of admins that are on, by name"""

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
    arms: tuple[Assigned, ...] = ()
    """the member's arms in the experiments that run"""
