"""An export as the recommender sees a workspace: threads as items, messages as signals.

Nothing that Slack added to a root afterwards (who replied, how often, reactions) is read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from bot.pool.cleaning import from_slack, mentioned
from bot.pool.slack_export import Export
from bot.pool.slack_messages import Message, thread, thread_id
from bot.ports import Progress, silent
from recsys.encoder import Encoder
from recsys.evaluation.slack_export import Community
from recsys.evaluation.unusable import Unusable
from recsys.pool import build, clean_text, item_text
from recsys.state import empty_exposures
from recsys.types import (
    Audience,
    ChannelId,
    Floats,
    Item,
    ItemId,
    MemberId,
    MemberState,
    Pool,
    SignalKind,
    Signals,
    WorkspaceState,
)

ZONE = "UTC"
"""of a workspace whose export names none"""


def community(export: Export, encoder: Encoder, progress: Progress = silent) -> Community:
    """Every root becomes an item of a pool, every message a signal of its author.

    Raises Unusable for an export without any message.
    """
    if not export.messages:
        raise Unusable("nobody wrote anything in its public channels")
    names = export.names()
    items = [_item(one, names) for one in export.messages if one.root is None]

    def tell(what: str) -> Callable[[int, int], None]:
        return lambda done, total: progress(what, done, total)

    pool = build(items, encoder.encode([item_text(one) for one in items], tell("Reading threads")))
    said = [clean_text(from_slack(one.raw, names)) for one in export.messages]
    vectors = encoder.encode(said, tell("Reading messages"))
    zones = {one.id: one.zone or ZONE for one in export.people}
    states = _states(export.messages, vectors, pool, zones)
    return Community(pool, states, _workspace(states))


def _item(root: Message, names: dict[str, str]) -> Item:
    made = thread(root, names)
    if made is None:  # a picture or a mere link: nothing to offer, yet people join it
        made = Item(
            id=ItemId(thread_id(root)),
            kind="thread",
            title="",
            source=f"slack:#{root.channel.name}",
            published=root.at.timestamp(),
            author=MemberId(root.user),
            channel=ChannelId(root.channel.id),
            audience=Audience("channels", frozenset({root.channel.id})),
            mentions=tuple(MemberId(member) for member in mentioned(root.raw)),
        )
    return replace(made, published=root.at.timestamp())


def _states(
    messages: Sequence[Message], vectors: Floats, pool: Pool, zones: dict[str, str]
) -> tuple[MemberState, ...]:
    whose: dict[str, list[int]] = defaultdict(list)
    for position, one in enumerate(messages):
        whose[one.user].append(position)
    channels = {name: position for position, name in enumerate(pool.channels)}
    return tuple(
        MemberState(
            MemberId(member),
            zones.get(member, ZONE),
            _signals([messages[p] for p in whose[member]], vectors[whose[member]], pool, channels),
            empty_exposures(),
            channels=frozenset(pool.channels),
        )
        for member in sorted(whose)
    )


def _signals(
    said: Sequence[Message], vectors: Floats, pool: Pool, channels: dict[ChannelId, int]
) -> Signals:
    kinds = [SignalKind.POSTED if one.root is None else SignalKind.REPLIED for one in said]
    return Signals(
        at=np.array([one.at.timestamp() for one in said], np.float64),
        kind=np.array(kinds, np.int8),
        row=np.array([pool.row_of.get(ItemId(thread_id(one)), -1) for one in said], np.int32),
        channel=np.array([channels.get(ChannelId(one.channel.id), -1) for one in said], np.int32),
        vectors=vectors,
    )


def _workspace(states: tuple[MemberState, ...]) -> WorkspaceState:
    at = np.concatenate([state.signals.at for state in states])
    row = np.concatenate([state.signals.row for state in states])
    who = np.repeat(np.arange(len(states)), [len(state.signals) for state in states])
    touched = np.flatnonzero(row >= 0)
    order = touched[np.argsort(at[touched], kind="stable")]
    return WorkspaceState(
        members=tuple(state.member for state in states),
        exposures=empty_exposures(),
        touches_at=at[order],
        touches_row=row[order],
        touches_member=who[order].astype(np.int32),
    )
