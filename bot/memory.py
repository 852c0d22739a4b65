"""The workspace's past as columns: what the recommender may know, laid out once for many queries.

Only what a member agreed to is in it, and only while they agree. `recsys.state.as_of` cuts it at
a moment, so a live pass, a night's training and a replay all read the same columns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple, TypedDict

import numpy as np
from sqlalchemy import select

from bot.openers.styles import STYLES
from bot.policy.purposes import OPENERS
from bot.store import tables
from bot.store.channels import Channels
from bot.store.consents import Consents
from bot.store.database import Unit
from bot.store.topics import Choices, Topics
from recsys.encoder import Encoder
from recsys.pool import clean_text
from recsys.state import as_of, empty_exposures, empty_signals, local_hour
from recsys.types import (
    ChannelId,
    Exposures,
    Floats,
    ItemId,
    MemberId,
    MemberState,
    OutcomeKind,
    Pool,
    Rows,
    SignalKind,
    Signals,
    Topic,
    WorkspaceState,
)

_KINDS = {kind.name.lower(): int(kind) for kind in SignalKind}
_OUTCOMES = {kind.name.lower(): int(kind) for kind in OutcomeKind}


@dataclass(frozen=True, eq=False)
class Memory:
    """Every member's past over the rows of one pool, up to the moment it was loaded."""

    states: Mapping[MemberId, MemberState]
    """with choices, channels and teams as they were when it was loaded"""
    workspace: WorkspaceState
    width: int
    granted: Mapping[str, frozenset[str]] | None
    """the purposes that each member agreed to when it was loaded; None where all were assumed"""

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
        return _workspace_at(self, moment)

    def _agreed(self, member: MemberId) -> frozenset[str]:
        return frozenset() if self.granted is None else self.granted.get(member, frozenset())


@lru_cache(maxsize=4)
def _workspace_at(memory: Memory, moment: float) -> WorkspaceState:
    return as_of(memory.workspace, moment)


class _Said(NamedTuple):
    member: str
    kind: str
    at: datetime
    item: str | None
    channel: str | None
    text: str


class _Shown(NamedTuple):
    opener: str
    member: MemberId
    item: ItemId
    style: str
    at: datetime


def load(unit: Unit, pool: Pool, encoder: Encoder, *, assume_consent: bool = False) -> Memory:
    """Read the past of all members that agreed to its use.

    `assume_consent` reads everybody's: for rehearsals that send nothing.
    """
    people = unit.session.execute(
        select(tables.Member.id, tables.Member.zone, tables.Workspace.zone, tables.Member.team)
        .join(tables.Workspace, tables.Workspace.id == tables.Member.workspace_id)
        .where(tables.Member.workspace_id == unit.workspace)
        .order_by(tables.Member.id)
    ).all()
    zones = {MemberId(row[0]): row[1] or row[2] for row in people}
    teams = {MemberId(row[0]): row[3] for row in people}
    granted = None if assume_consent else Consents(unit).all_granted()
    choices, readable = Topics(unit).all_choices(), Channels(unit).readable()
    signals = _signals(unit, pool, encoder, granted)
    exposures = _exposures(unit, pool, zones, granted)
    states = {
        member: MemberState(
            member,
            zone,
            signals.get(member) or empty_signals(encoder.width),
            exposures.of(position),
            **chosen(choices.get(member, Choices()), readable.get(member, frozenset())),
            team=teams[member],
        )
        for position, (member, zone) in enumerate(zones.items())
    }
    members = tuple(zones)
    return Memory(states, _workspace(members, states, exposures.all), encoder.width, granted)


def _signals(
    unit: Unit,
    pool: Pool,
    encoder: Encoder,
    granted: Mapping[str, frozenset[str]] | None,
) -> dict[MemberId, Signals]:
    rows = unit.session.execute(
        select(
            tables.Signal.member_id,
            tables.Signal.kind,
            tables.Signal.at,
            tables.Signal.item_id,
            tables.Signal.channel_id,
            tables.Signal.text,
            tables.Signal.purpose,
        )
        .where(tables.Signal.workspace_id == unit.workspace)
        .order_by(tables.Signal.member_id, tables.Signal.at, tables.Signal.id)
    )
    said = [_Said(*row[:6]) for row in rows if granted is None or row[6] in granted.get(row[0], ())]
    if not said:
        return {}
    items = np.array(
        [pool.row_of.get(ItemId(one.item), -1) if one.item else -1 for one in said], np.int32
    )
    vectors = _vectors(said, items, pool, encoder)
    channels = {name: position for position, name in enumerate(pool.channels)}
    columns = Signals(
        at=np.array([one.at.timestamp() for one in said]),
        kind=np.array([_KINDS[one.kind] for one in said], np.int8),
        row=items,
        channel=np.array(
            [channels.get(ChannelId(one.channel or ""), -1) for one in said],
            np.int32,
        ),
        vectors=vectors,
    )
    starts = [i for i, one in enumerate(said) if i == 0 or said[i - 1].member != one.member]
    return {
        MemberId(said[first].member): Signals(
            columns.at[first:end],
            columns.kind[first:end],
            columns.row[first:end],
            columns.channel[first:end],
            columns.vectors[first:end],
        )
        for first, end in pairwise([*starts, len(said)])
    }


def _vectors(said: Sequence[_Said], items: Rows, pool: Pool, encoder: Encoder) -> Floats:
    """An item's vector where a signal touched one, else that of the words."""
    vectors = np.zeros((len(said), encoder.width), np.float32)
    touched = items >= 0
    vectors[touched] = pool.vectors[items[touched]]
    own = np.flatnonzero(~touched)
    texts = [clean_text(said[int(i)].text) for i in own]
    if any(texts):
        vectors[own] = encoder.encode(texts)
    return vectors


@dataclass(frozen=True)
class _Exposed:
    all: Exposures

    def of(self, position: int) -> Exposures:
        mine = np.flatnonzero(self.all.member == position)
        return _take(self.all, mine)


def _take(
    exposures: Exposures, keep: Rows | np.ndarray[tuple[int], np.dtype[np.intp]]
) -> Exposures:
    return Exposures(
        exposures.at[keep],
        exposures.row[keep],
        exposures.style[keep],
        exposures.outcome[keep],
        exposures.outcome_at[keep],
        exposures.member[keep],
        exposures.hour[keep],
    )


def _exposures(
    unit: Unit,
    pool: Pool,
    zones: Mapping[MemberId, str],
    granted: Mapping[str, frozenset[str]] | None,
) -> _Exposed:
    rows = unit.session.execute(
        select(
            tables.Opener.id,
            tables.Opener.member_id,
            tables.Opener.item_id,
            tables.Opener.style,
            tables.Opener.sent_at,
        )
        .where(
            tables.Opener.workspace_id == unit.workspace,
            tables.Opener.state.in_(("sent", "closed")),
            tables.Opener.sent_at.is_not(None),
        )
        .order_by(tables.Opener.sent_at, tables.Opener.id)
    ).all()
    shown = [
        _Shown(row[0], MemberId(row[1]), ItemId(row[2]), row[3], row[4])
        for row in rows
        if row[4] is not None and (granted is None or OPENERS in granted.get(row[1], ()))
    ]
    if not shown:
        return _Exposed(empty_exposures())
    outcomes = _outcomes(unit)
    positions = {member: position for position, member in enumerate(zones)}
    fates = [outcomes.get(one.opener, (int(OutcomeKind.OPEN), np.inf)) for one in shown]
    at = np.array([one.at.timestamp() for one in shown])
    member = np.array([positions[one.member] for one in shown], np.int32)
    hour = np.zeros(len(shown), np.int8)
    for position, zone in enumerate(zones.values()):
        mine = member == position
        if mine.any():
            hour[mine] = local_hour(at[mine], zone)
    styles = {style: position for position, style in enumerate(STYLES)}
    return _Exposed(
        Exposures(
            at=at,
            row=np.array([pool.row_of.get(one.item, -1) for one in shown], np.int32),
            style=np.array([styles.get(one.style, -1) for one in shown], np.int8),
            outcome=np.array([fate[0] for fate in fates], np.int8),
            outcome_at=np.array([fate[1] for fate in fates]),
            member=member,
            hour=hour,
        )
    )


def _outcomes(unit: Unit) -> dict[str, tuple[int, float]]:
    """What became of each opener: the last outcome counts, but nothing yields to silence."""
    rows = unit.session.execute(
        select(tables.Outcome.opener_id, tables.Outcome.kind, tables.Outcome.at)
        .where(
            tables.Outcome.workspace_id == unit.workspace,
            tables.Outcome.undone_at.is_(None),
        )
        .order_by(tables.Outcome.at, tables.Outcome.id)
    )
    told: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
    for opener, kind, at in rows:
        told[opener].append((_OUTCOMES[kind], at.timestamp()))
    final = {}
    for opener, fates in told.items():
        spoken = [fate for fate in fates if fate[0] != OutcomeKind.IGNORED]
        final[opener] = (spoken or fates)[-1]
    return final


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
