"""The frozen columns and records that travel between the stages of the recommender.

Conventions, once for all of `recsys`:

- a moment is a float, seconds since the epoch, UTC; "never" is `inf`, "unknown" is `nan`;
- items stand in columns and are addressed by their row in the pool (int32, -1 for none);
- vectors are float32, unit length, shape ``(n, d)`` with ``d`` the encoder's width;
- everything a `MemberState` or `WorkspaceState` holds had happened before the query's moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from types import MappingProxyType
from typing import NewType

import numpy as np
from numpy.typing import NDArray

MemberId = NewType("MemberId", str)
ItemId = NewType("ItemId", str)
ChannelId = NewType("ChannelId", str)
Topic = NewType("Topic", str)
Version = NewType("Version", str)

Floats = NDArray[np.float32]
Moments = NDArray[np.float64]
Rows = NDArray[np.int32]
Flags = NDArray[np.bool_]


class SignalKind(IntEnum):
    """What a member did, in a place the bot may look at."""

    POSTED = 0
    REPLIED = 1
    REACTED = 2
    VISITED = 3


class OutcomeKind(IntEnum):
    """What became of an opener; the order is that of `recsys.labels.GRADES`."""

    OPEN = 0
    FOLLOWED_UP = 1
    REPLIED = 2
    ACCEPTED = 3
    SAVED = 4
    RESOLVED = 5
    DISMISSED = 6
    IGNORED = 7
    OPTED_OUT = 8
    HANDED_OFF = 9


@dataclass(frozen=True, slots=True)
class Audience:
    """Who may learn of an item: the workspace, readers of channels, or named members.

    `kind` is ``workspace``, ``channels``, ``members`` or ``unknown``; an unknown audience is
    offered to nobody.
    """

    kind: str
    ids: frozenset[str] = frozenset()


WHOLE_WORKSPACE = Audience("workspace")
UNKNOWN_AUDIENCE = Audience("unknown")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that may be talked about, as curators and importers give it."""

    id: ItemId
    kind: str
    title: str
    summary: str = ""
    text: str = ""
    topics: tuple[Topic, ...] = ()
    source: str = "pool"
    published: float = 0.0
    not_before: float = -np.inf
    expires: float = np.inf
    level: float = np.nan
    builds_on: tuple[ItemId, ...] = ()
    url: str | None = None
    author: MemberId | None = None
    channel: ChannelId | None = None
    audience: Audience = UNKNOWN_AUDIENCE
    addressed_to: MemberId | None = None
    mentions: tuple[MemberId, ...] = ()
    """whom its words name"""
    approved: bool = False


@dataclass(frozen=True)
class Pool:
    """Items as columns, n rows; built by `recsys.pool.build`, saved and mapped with a snapshot."""

    ids: tuple[ItemId, ...]
    row_of: Mapping[ItemId, int]
    vectors: Floats
    """(n, d), unit length"""
    published: Moments
    not_before: Moments
    expires: Moments
    level: Floats
    """(n,), nan where an item has none"""
    approved: Flags
    words: Floats
    """(n,), how many words an item says"""
    asks: Flags
    """(n,), whether it asks something"""
    terms: Rows
    """(n, `recsys.terms.TERMS`), its first words as numbers, 0 for none"""
    address: NDArray[np.int64]
    """(n,), equal where addresses are the same, 0 for none; see `recsys.sameness`"""
    heading: NDArray[np.int64]
    """(n,), equal where titles are the same, 0 for a short one"""
    kinds: tuple[str, ...]
    kind: NDArray[np.int16]
    """(n,), position in `kinds`"""
    topics: tuple[Topic, ...]
    topic: Flags
    """(n, number of topics)"""
    authors: tuple[MemberId, ...]
    author: Rows
    """(n,), position in `authors`, -1 for none"""
    channels: tuple[ChannelId, ...]
    channel: Rows
    sources: tuple[str, ...]
    source: NDArray[np.int16]
    audiences: tuple[Audience, ...]
    audience: Rows
    """(n,), position in `audiences`"""
    addressees: tuple[MemberId, ...]
    addressee: Rows
    mentions: tuple[tuple[MemberId, ...], ...]
    """those whom any one item names, together"""
    mention: Rows
    """(n,), position in `mentions`, -1 for none"""
    builds_on: tuple[tuple[int, ...], ...]
    """rows that an item builds on"""
    order: NDArray[np.int64]
    """(n,) distinct: where scores are equal, the smaller comes first. It follows the order in
    which the items were given, and not where they happen to stand"""
    counted: Flags | None = None
    """(n,), whether figures about the pool as a whole count it; None where they count all"""

    @cached_property
    def author_at(self) -> Mapping[MemberId, int]:
        """Where each author stands in `authors`."""
        return MappingProxyType({author: at for at, author in enumerate(self.authors)})

    @cached_property
    def addressee_at(self) -> Mapping[MemberId, int]:
        """Where each addressee stands in `addressees`."""
        return MappingProxyType({member: at for at, member in enumerate(self.addressees)})

    @cached_property
    def mentioned_at(self) -> Mapping[MemberId, Rows]:
        """Positions in `mentions` that name a member, for each who is named."""
        found: dict[MemberId, list[int]] = {}
        for position, named in enumerate(self.mentions):
            for member in named:
                found.setdefault(member, []).append(position)
        return {member: np.array(places, np.int32) for member, places in found.items()}

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Signals:
    """What one member did, ascending by time; m rows."""

    at: Moments
    kind: NDArray[np.int8]
    row: Rows
    """the item it touched, -1 for none"""
    channel: Rows
    """position in the pool's channels, -1 for none or another"""
    vectors: Floats
    """(m, d); a zero row where nothing was said"""

    def __len__(self) -> int:
        return int(self.at.size)


@dataclass(frozen=True)
class Exposures:
    """Openers that reached somebody, ascending by time; m rows.

    `outcome` is OPEN while nothing has happened yet, and `outcome_at` is then `inf`.
    """

    at: Moments
    row: Rows
    style: NDArray[np.int8]
    """position in the styles' list, -1 for none"""
    outcome: NDArray[np.int8]
    outcome_at: Moments
    member: Rows
    """position in the workspace's members; all equal within one member's state"""
    hour: NDArray[np.int8]
    """local hour of the member when it was shown, 0-23"""
    expected: Moments
    """P(engages) as it stood when that was decided, nan where nobody said"""

    def __len__(self) -> int:
        return int(self.at.size)


@dataclass(frozen=True)
class MemberState:
    """Who a member is, as of one moment."""

    member: MemberId
    zone: str
    signals: Signals
    exposures: Exposures
    follows: frozenset[Topic] = frozenset()
    mutes: frozenset[Topic] = frozenset()
    channels: frozenset[ChannelId] = frozenset()
    """channels the member can read now"""
    team: str = ""
    mates: frozenset[MemberId] = frozenset()
    """members of their team, themselves among them"""


@dataclass(frozen=True)
class WorkspaceState:
    """What all members together did, as of one moment."""

    members: tuple[MemberId, ...]
    exposures: Exposures
    touches_at: Moments
    """signals of all members that touched an item, ascending"""
    touches_row: Rows
    touches_member: Rows


SAME_STORY = 0.88
"""cosine from which two texts tell one story: rewordings of a news item have 0.89 and more under
the packaged encoder, two items about one subject 0.73 and less"""


@dataclass(frozen=True)
class Query:
    """One member, one moment: all that the pipeline may know."""

    member: MemberState
    workspace: WorkspaceState
    now: float
    seed: int = 0
    limit: int = 1000
    same_story: float = SAME_STORY
    """cosine from which two items are one story, told twice"""
    blocked: frozenset[ItemId] = frozenset()
    """items that the policy rules out for this member beyond the pool's own columns"""
    pinned: frozenset[ItemId] = frozenset()
    """items that are considered for everybody"""
    sensitive: frozenset[Topic] = frozenset()
    """topics, and kinds of items, that are brought only to those who chose them"""
    styles: tuple[str, ...] = ()
    suited: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """styles that suit items of a kind; any suits a kind that is not named"""


@dataclass(frozen=True)
class Found:
    """What one source proposes, best first."""

    source: str
    rows: Rows
    scores: Floats


@dataclass(frozen=True)
class SourceFailure:
    """A source that raised; it is skipped, and reported with the slate."""

    source: str
    error: str


@dataclass(frozen=True)
class Candidates:
    """Fused candidates as columns, best first; n rows."""

    rows: Rows
    fused: Floats
    sources: tuple[str, ...]
    ranks: NDArray[np.int32]
    """(n, number of sources), 1-based rank in each source, 0 where absent"""

    def __len__(self) -> int:
        return int(self.rows.size)

    def take(self, keep: NDArray[np.intp]) -> Candidates:
        """The candidates at positions `keep`, in that order."""
        return Candidates(self.rows[keep], self.fused[keep], self.sources, self.ranks[keep])


@dataclass(frozen=True)
class Dropped:
    """Candidates that a filter took out, with the filter's position in `filters`."""

    rows: Rows
    by: NDArray[np.int16]
    filters: tuple[str, ...]

    def counts(self) -> dict[str, int]:
        """How many each filter dropped; only filters that dropped any."""
        totals = np.bincount(self.by, minlength=len(self.filters))
        return {name: int(n) for name, n in zip(self.filters, totals, strict=True) if n}


@dataclass(frozen=True)
class Ranked:
    """Scored candidates, best first; n rows. See `recsys.ranker.rank` for what they stand by.

    `matrix` holds the features that were scored, ``(n, len(FEATURES))`` float32 in the same
    order, so that a decision can be explained and replayed.
    """

    rows: Rows
    engages: Floats
    dismisses: Floats
    opts_out: Floats
    utility: Floats
    matrix: Floats
    version: Version
    """the model's version, ``prior`` where none serves"""
    uncertainty: float = 0.0
    """half-width of P(engages) that the scorer admits, 0..1"""

    def __len__(self) -> int:
        return int(self.rows.size)


@dataclass(frozen=True)
class Pick:
    """The one candidate that was selected, and how likely that was."""

    row: int
    item: ItemId
    position: int
    """where it stood in the ranked slate, 0-based"""
    style: str
    engages: float
    dismisses: float
    opts_out: float
    utility: float
    item_propensity: float
    style_propensity: float
    explored: bool


@dataclass(frozen=True)
class Slate:
    """Everything one run of the pipeline saw; it explains itself."""

    query: Query
    retrieved: Candidates
    dropped: Dropped
    ranked: Ranked
    chosen: Pick | None
    failures: tuple[SourceFailure, ...] = field(default=())
