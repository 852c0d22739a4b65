"""Channels of the workspace, and who can read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import delete, select

from bot.store import tables
from bot.store.database import Unit
from bot.store.erasures import Erasures
from bot.store.upsert import Saved, upsert

ChannelKind = Literal["public", "private", "im", "mpim"]

KINDS = ("public", "private", "im", "mpim")


@dataclass(frozen=True, slots=True)
class Place:
    """A channel as a source describes it."""

    id: str
    name: str
    kind: ChannelKind


class Channels:
    """Reads and writes the channels of one workspace."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._session = unit.session
        self._workspace = unit.workspace

    def save(self, places: Sequence[Place]) -> Saved:
        """Add or update `places`, whose ids differ."""
        stored = {row.id: (row.name, row.kind) for row in self.list()}
        new = sum(place.id not in stored for place in places)
        same = sum(stored.get(place.id) == (place.name, place.kind) for place in places)
        rows = [
            {
                "workspace_id": self._workspace,
                "id": place.id,
                "name": place.name,
                "kind": place.kind,
            }
            for place in places
        ]
        upsert(
            self._session,
            tables.Channel,
            rows,
            key=("workspace_id", "id"),
            update=("name", "kind"),
        )
        return Saved(new, len(places) - new - same, same)

    def get(self, channel_id: str) -> tables.Channel | None:
        return self._session.get(tables.Channel, (self._workspace, channel_id))

    def list(self) -> Sequence[tables.Channel]:
        """All channels, by id."""
        return self._session.scalars(
            select(tables.Channel)
            .where(tables.Channel.workspace_id == self._workspace)
            .order_by(tables.Channel.id)
        ).all()

    def add_members(self, channel_id: str, member_ids: Iterable[str]) -> None:
        """Add stored members to a channel; those in it already stay, the erased are left out."""
        wanted = list(member_ids)
        erased = Erasures(self._unit).among(wanted)
        upsert(
            self._session,
            tables.ChannelMember,
            [self._membership(channel_id, one) for one in wanted if one not in erased],
            key=("workspace_id", "channel_id", "member_id"),
        )

    def set_members(self, channel_id: str, member_ids: Iterable[str]) -> None:
        """Make exactly these stored members the channel's."""
        self._session.execute(
            delete(tables.ChannelMember).where(
                tables.ChannelMember.workspace_id == self._workspace,
                tables.ChannelMember.channel_id == channel_id,
            )
        )
        self.add_members(channel_id, member_ids)

    def close_others(self, public: Iterable[str]) -> None:
        """No channel but these is public any more: nobody is known to read one that was.

        It was made private or deleted; an archived one is public yet.
        """
        listed = frozenset(public)
        for channel in self.list():
            if channel.kind == "public" and channel.id not in listed:
                channel.kind = "private"
                self.set_members(channel.id, ())

    def readable(self) -> dict[str, frozenset[str]]:
        """The channels that each member can read now, for all members at once.

        A public channel is open to every full member, joined or not. Guests and strangers read
        only where they were let in, bots and the deactivated nothing. A channel whose kind is
        none of ours is read by nobody.
        """
        kinds = {channel.id: channel.kind for channel in self.list()}
        public = frozenset(channel for channel, kind in kinds.items() if kind == "public")
        joined: dict[str, set[str]] = {}
        memberships = select(tables.ChannelMember.member_id, tables.ChannelMember.channel_id)
        for member, channel in self._session.execute(
            memberships.where(tables.ChannelMember.workspace_id == self._workspace)
        ):
            if kinds.get(channel) in KINDS:
                joined.setdefault(member, set()).add(channel)
        members = self._session.scalars(
            select(tables.Member).where(tables.Member.workspace_id == self._workspace)
        )
        return {
            member.id: _allowed(member, public, frozenset(joined.get(member.id, ())))
            for member in members
        }

    def readable_by(self, member: tables.Member) -> frozenset[str]:
        """The channels that one member can read now; the same rule as `readable`."""
        mine = select(tables.ChannelMember.channel_id).where(
            tables.ChannelMember.workspace_id == self._workspace,
            tables.ChannelMember.member_id == member.id,
        )
        known = select(tables.Channel.id).where(tables.Channel.workspace_id == self._workspace)
        joined = known.where(tables.Channel.id.in_(mine))
        public = known.where(tables.Channel.kind == "public")
        return _allowed(
            member,
            frozenset(self._session.scalars(public)),
            frozenset(self._session.scalars(joined.where(tables.Channel.kind.in_(KINDS)))),
        )

    def readers(self, channel_id: str) -> frozenset[str]:
        """The members who can read a channel now."""
        return frozenset(
            member for member, channels in self.readable().items() if channel_id in channels
        )

    def _membership(self, channel_id: str, member_id: str) -> dict[str, Any]:
        return {
            "workspace_id": self._workspace,
            "channel_id": channel_id,
            "member_id": member_id,
        }


def _allowed(
    member: tables.Member, public: frozenset[str], joined: frozenset[str]
) -> frozenset[str]:
    if member.is_bot or member.deactivated_at is not None:
        return frozenset()
    return joined if member.is_guest or member.is_stranger else joined | public
