"""What a curator may see of the pool: nothing that they could not see for themselves.

An item made from a message shows on the desk of those who can read its channel, one that nobody
may be told of yet on that of whoever put it there, and one that is addressed to a member nowhere.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.curating.roles import Actor
from bot.store.channels import Channels
from bot.store.curations import Curations
from bot.store.database import Unit
from bot.store.desk import DeskItems, Outline
from bot.store.members import Members


@dataclass(frozen=True)
class Sight:
    """The eyes of one who acts."""

    member: str | None
    """None sees all that anybody's desk may show"""
    channels: frozenset[str] = frozenset()
    added: frozenset[str] = frozenset()

    @classmethod
    def of(cls, unit: Unit, actor: Actor) -> Sight:
        member = Members(unit).get(actor.member) if actor.member is not None else None
        if member is None:
            return cls(None)
        channels = Channels(unit).readable_by(member)
        return cls(member.id, channels, Curations(unit).added_by(actor.name))

    def sees(self, item: Outline) -> bool:
        if self.member is None or item.audience_kind == "workspace" or item.id in self.added:
            return True
        if item.audience_kind == "channels":
            return not self.channels.isdisjoint(item.audience_ids)
        if item.audience_kind == "members":
            return self.member in item.audience_ids
        return item.channel_id is None or item.channel_id in self.channels


@dataclass(frozen=True, slots=True)
class Listed:
    """A list as one curator may see it."""

    ids: tuple[str, ...]
    hidden: int
    """how many others only readers of their channels see"""


def listed(unit: Unit, actor: Actor, shelf: str, words: str, now: datetime) -> Listed:
    """What stands on a shelf of the desk; see `bot.store.desk.SHELVES`."""
    sight, found = Sight.of(unit, actor), DeskItems(unit).outlines(shelf, words, now)
    seen = tuple(one.id for one in found if sight.sees(one))
    return Listed(seen, len(found) - len(seen))


def visible(unit: Unit, actor: Actor, ids: Collection[str]) -> Sequence[str]:
    """Those of these items that whoever acts may see, in the order given."""
    sight = Sight.of(unit, actor)
    seen = {one.id for one in DeskItems(unit).outlines_of(ids) if sight.sees(one)}
    return [item for item in ids if item in seen]
