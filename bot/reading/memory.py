"""The workspace's past as columns: what the recommender may know, laid out once for many queries.

Only what a member agreed to is in it, and only while they agree. `recsys.state.as_of` cuts it at
a moment, so a live pass, a night's training and a replay all read the same columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import blake2b
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from bot.policy.purposes import OPENERS
from bot.reading import heard, told
from bot.reading.heard import NOTHING, Heard, Words
from bot.store import marks, tables
from bot.store.channels import Channels
from bot.store.consents import Consents
from bot.store.database import Unit
from bot.store.marks import Marks
from bot.store.topics import Choices, Topics
from recsys.encoder import Encoder
from recsys.state import as_of, empty_exposures, empty_signals
from recsys.types import (
    ChannelId,
    Exposures,
    MemberId,
    MemberState,
    Pool,
    Topic,
    WorkspaceState,
)

CUTS_KEPT = 4
"""moments whose cut of the workspace is kept: a pass uses one, a replay beside it another"""


@dataclass(frozen=True, eq=False)
class Memory:
    """Every member's past over the rows of one pool, up to the moment it was loaded."""

    states: Mapping[MemberId, MemberState]
    """with choices, channels and teams as they were when it was loaded"""
    workspace: WorkspaceState
    width: int
    granted: Mapping[str, frozenset[str]] | None
    """the purposes that each member agreed to when it was loaded; None where all were assumed"""
    heard: Heard = NOTHING
    """what was said, as it was read: it spares most of the next reading"""
    marks: Marks = field(default_factory=Marks)
    """how far the reading went"""
    _cuts: dict[float, WorkspaceState] = field(default_factory=dict, init=False, repr=False)
    """kept here and not beside it: nothing of a former reading outlives the next one"""

    @property
    def words(self) -> Words:
        """The words that are known."""
        return self.heard.words

    @cached_property
    def numbers(self) -> NDArray[np.uint64]:
        """(members,) a number for each member's id: positions move as members join."""
        digests = (blake2b(one.encode(), digest_size=8).digest() for one in self.workspace.members)
        return np.frombuffer(b"".join(digests), np.uint64)

    def state(self, member: MemberId, zone: str, purposes: frozenset[str]) -> MemberState:
        """A member's whole past, as far as they still agree to its use.

        It is empty for somebody of whom nothing is known. Who withdrew a purpose since it was read
        is known by none of their signals until it is read again.
        """
        nobody = MemberState(member, zone, empty_signals(self.width), empty_exposures())
        known = self.states.get(member, nobody)
        withdrawn = self._agreed(member) - purposes
        if withdrawn - {OPENERS}:
            known = replace(known, signals=nobody.signals)
        if OPENERS in withdrawn:
            known = replace(known, exposures=nobody.exposures)
        return known

    def workspace_at(self, moment: float) -> WorkspaceState:
        """The workspace's past before `moment`; the same object for the same moment."""
        if moment not in self._cuts:
            if len(self._cuts) >= CUTS_KEPT:
                self._cuts.clear()
            self._cuts[moment] = as_of(self.workspace, moment)
        return self._cuts[moment]

    def _agreed(self, member: MemberId) -> frozenset[str]:
        return frozenset() if self.granted is None else self.granted.get(member, frozenset())


def load(
    unit: Unit,
    pool: Pool,
    encoder: Encoder,
    *,
    assume_consent: bool = False,
    known: Heard = NOTHING,
    upto: Marks | None = None,
) -> Memory:
    """Read the past of all members that agreed to its use.

    `assume_consent` reads everybody's: for rehearsals that send nothing. `known` is what a former
    reading heard: what did not change is not read again, nor encoded. With `upto`, only what was
    known at these marks is read, and of it only what each member agreed to then and still does.
    """
    read = marks.read(unit) if upto is None else upto
    people = unit.session.execute(
        select(tables.Member.id, tables.Member.zone, tables.Workspace.zone, tables.Member.team)
        .join(tables.Workspace, tables.Workspace.id == tables.Member.workspace_id)
        .where(tables.Member.workspace_id == unit.workspace)
        .order_by(tables.Member.id)
    ).all()
    zones = {MemberId(row[0]): row[1] or row[2] for row in people}
    teams = {MemberId(row[0]): row[3] for row in people}
    mates = _by_team(teams)
    granted = None if assume_consent else _granted(unit, upto)
    choices, readable = Topics(unit).all_choices(), Channels(unit).readable()
    spoken = heard.read(unit, pool, encoder, granted, known, upto)
    exposures = told.read(unit, pool, zones, granted, upto)
    states = {
        member: MemberState(
            member,
            zone,
            spoken.signals.get(member) or empty_signals(encoder.width),
            told.of(exposures, position),
            **chosen(choices.get(member, Choices()), readable.get(member, frozenset())),
            team=teams[member],
            mates=mates.get(teams[member], frozenset()),
        )
        for position, (member, zone) in enumerate(zones.items())
    }
    members = tuple(zones)
    workspace = _workspace(members, states, exposures)
    return Memory(states, workspace, encoder.width, granted, spoken, read)


def _by_team(teams: Mapping[MemberId, str]) -> dict[str, frozenset[MemberId]]:
    """The members of each team; nobody's team is none."""
    named = {team for team in teams.values() if team}
    return {team: frozenset(m for m, of in teams.items() if of == team) for team in named}


def _granted(unit: Unit, upto: Marks | None) -> dict[str, frozenset[str]]:
    now = Consents(unit).all_granted()
    if upto is None:
        return now
    then = Consents(unit).granted_at(upto)
    return {member: purposes & then.get(member, frozenset()) for member, purposes in now.items()}


def _workspace(
    members: tuple[MemberId, ...], states: Mapping[MemberId, MemberState], exposures: Exposures
) -> WorkspaceState:
    at, row, who = [], [], []
    for position, member in enumerate(members):
        signals = states[member].signals
        touched = signals.row >= 0
        at.append(signals.at[touched])
        row.append(signals.row[touched])
        who.append(np.full(int(touched.sum()), position, np.int32))
    moments = np.concatenate(at) if at else np.zeros(0)
    order = np.argsort(moments, kind="stable")
    return WorkspaceState(
        members=members,
        exposures=exposures,
        touches_at=moments[order],
        touches_row=(np.concatenate(row) if row else np.zeros(0, np.int32))[order],
        touches_member=(np.concatenate(who) if who else np.zeros(0, np.int32))[order],
    )


class Chosen(TypedDict):
    """What a member chose and can read; it has no history, so it is that of today."""

    follows: frozenset[Topic]
    mutes: frozenset[Topic]
    channels: frozenset[ChannelId]


def chosen(choices: Choices, channels: frozenset[str]) -> Chosen:
    """The fields of a `MemberState` that have no history."""
    return Chosen(
        follows=frozenset(Topic(topic) for topic in choices.follows),
        mutes=frozenset(Topic(topic) for topic in choices.mutes),
        channels=frozenset(ChannelId(channel) for channel in channels),
    )
