"""Which item will this reader open? Slates of news with what was clicked, in MIND's sense.

The readers of the train folders are the past of a test impression: what they were shown and
clicked is the workspace's exposures. A train impression knows the same of all readers but those
of its own fifth (by a checksum of the reader), so that no label is its own feature.

What the data lack is missing: nothing says when an article came out or when it was clicked. Of a
history only the order is known; its clicks stand a second apart, the last one just before.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from recsys import dataset, ordering
from recsys.evaluation import baselines, report
from recsys.evaluation.keywords import Keywords
from recsys.evaluation.unusable import Unusable
from recsys.features import matrix
from recsys.labels import OUTCOME, Lesson
from recsys.pool import build, item_text
from recsys.state import empty_exposures
from recsys.types import (
    Exposures,
    Floats,
    Item,
    ItemId,
    MemberId,
    MemberState,
    OutcomeKind,
    Pool,
    Query,
    Rows,
    SignalKind,
    Signals,
    WorkspaceState,
)

FOLDS = 5
LEAST = 2
"""impressions to learn from: the earlier fit what the later judge"""
LONGEST = 200
"""clicks of a history that are read, the last ones"""
Progress = Callable[[str, int, int], None]
Encode = Callable[[Sequence[str]], Floats]


@dataclass(frozen=True, slots=True)
class Impression:
    """What one reader was shown at once, and clicked."""

    id: str
    user: str
    at: float
    history: tuple[str, ...]
    shown: tuple[str, ...]
    clicked: tuple[bool, ...]
    where: str = ""


@dataclass(frozen=True)
class Folder:
    """One folder of the data."""

    items: Mapping[str, Item]
    impressions: tuple[Impression, ...]


@dataclass(frozen=True, eq=False)
class Slate:
    """One impression over the pool's rows."""

    user: str
    at: float
    history: Rows
    rows: Rows
    clicked: np.ndarray[tuple[int], np.dtype[np.float32]]


def evaluate(
    train: Sequence[Folder], test: Folder, encode: Encode, *, seed: int, progress: Progress
) -> dict[str, Any]:
    """Train on the train folders, judge every test impression; the figures of BENCHMARKS.md.

    Raises Unusable where there is nothing to learn from or to judge by.
    """
    items = {news: item for folder in (test, *train) for news, item in folder.items.items()}
    listed = list(items.values())
    pool = build(listed, encode([item_text(item) for item in listed]))
    known = {item.id for folder in train for item in folder.items.values()}
    pool = replace(pool, counted=np.array([item in known for item in pool.ids], np.bool_))
    left_out: Counter[str] = Counter()
    past = [slate for folder in train for slate in _slates(folder, pool, left_out, known=True)]
    asked = list(_slates(test, pool, left_out, known=False))
    for what, slates, least in (("train", past, LEAST), ("test", asked, 1)):
        if len(slates) < least:
            raise Unusable(
                f"{len(slates) or 'no'} {what} impression shows news of which some was clicked and"
                f" some was not; at least {least} are needed (left out: {dict(left_out) or 'none'})"
            )
    end = max(slate.at for slate in past) + 1.0
    data = dataset.build(_lessons(past, pool, end, progress), pool, origin=OUTCOME, now=end + 1)
    progress("Training", 0, 1)
    learned = ordering.learn(data, seed=seed)
    progress("Training", 1, 1)
    words = Keywords.of([item for folder in train for item in folder.items.values()])
    everybody = _workspace(past, end)
    order = learned.model.order.logits
    scores, others = [], _Baselines.empty()
    dice = np.random.default_rng(seed)
    for done, slate in enumerate(asked, 1):
        progress("Judging impressions", done, len(asked))
        query = _query(slate, everybody, pool, max(slate.at, end))
        scores.append(order(matrix(query, pool, slate.rows)))
        others.add(slate, query, pool, words, listed, dice)
    return {
        "n": len(asked),
        "seed": seed,
        **report.ranked(
            [slate.clicked.astype(np.float64) for slate in asked],
            scores,
            others.by_name,
            [slate.user for slate in asked],
            seed=seed,
        ),
        "model": report.model(learned, data.lessons),
        "excluded": dict(left_out),
    }


def _slates(folder: Folder, pool: Pool, left_out: Counter[str], *, known: bool) -> Iterator[Slate]:
    """The impressions that can be used; why others cannot is counted.

    With `known`, candidates of which no folder tells anything are taken out one by one: to learn
    from the others is still right. A test impression without one of them would be another one.
    """
    side = "train" if known else "test"
    for one in folder.impressions:
        rows = np.array([pool.row_of.get(ItemId(name), -1) for name in one.shown], np.int32)
        history = np.array([pool.row_of.get(ItemId(name), -1) for name in one.history], np.int32)
        strange = int((history < 0).sum())
        if strange:
            left_out[f"{side} clicks of histories on unknown news"] += strange
        clicked = np.array(one.clicked, np.float32)
        if (rows < 0).any():
            if not known:
                left_out["test impressions with a candidate that is unknown news"] += 1
                continue
            left_out["train candidates that are unknown news"] += int((rows < 0).sum())
            rows, clicked = rows[rows >= 0], clicked[rows >= 0]
        if not clicked.any() or clicked.all():
            which = "nothing" if not clicked.any() else "everything"
            left_out[f"{side} impressions in which {which} was clicked"] += 1
            continue
        yield Slate(one.user, one.at, history[history >= 0][-LONGEST:], rows, clicked)


def fold(user: str) -> int:
    """Which fifth of the readers somebody is in."""
    return zlib.crc32(user.encode()) % FOLDS


def _lessons(past: Sequence[Slate], pool: Pool, end: float, progress: Progress) -> Iterator[Lesson]:
    others = [_workspace([s for s in past if fold(s.user) != part], end) for part in range(FOLDS)]
    order = sorted(past, key=lambda slate: zlib.crc32(f"{slate.user} order".encode()))
    for done, slate in enumerate(order, 1):
        progress("Learning from impressions", done, len(past))
        unknown = np.full(slate.rows.size, np.nan, np.float32)
        yield Lesson(
            query=_query(slate, others[fold(slate.user)], pool, end),
            rows=slate.rows,
            engaged=slate.clicked,
            dismissed=unknown,
            opted_out=unknown,
            weight=np.ones(slate.rows.size, np.float32),
            origin=OUTCOME,
            at=end,
        )


def _query(slate: Slate, workspace: WorkspaceState, pool: Pool, now: float) -> Query:
    size = slate.history.size
    signals = Signals(
        at=now - np.arange(size, 0, -1, dtype=np.float64),
        kind=np.full(size, int(SignalKind.VISITED), np.int8),
        row=slate.history,
        channel=np.full(size, -1, np.int32),
        vectors=np.asarray(pool.vectors[slate.history], np.float32),
    )
    return Query(
        MemberState(MemberId(slate.user), "UTC", signals, empty_exposures()), workspace, now
    )


def _workspace(slates: Sequence[Slate], end: float) -> WorkspaceState:
    """All that readers were shown and clicked, known before `end`."""
    ordered = sorted(slates, key=lambda slate: slate.at)
    sizes = [slate.rows.size for slate in ordered]
    users = {user: n for n, user in enumerate(dict.fromkeys(s.user for s in ordered))}
    at = np.repeat([slate.at for slate in ordered], sizes).astype(np.float64)
    row = np.concatenate([np.zeros(0, np.int32), *(slate.rows for slate in ordered)])
    who = np.repeat([users[slate.user] for slate in ordered], sizes).astype(np.int32)
    clicked = np.concatenate([np.zeros(0, np.float32), *(s.clicked for s in ordered)]) > 0
    outcome = np.where(clicked, int(OutcomeKind.ACCEPTED), int(OutcomeKind.IGNORED))
    return WorkspaceState(
        members=tuple(MemberId(user) for user in users),
        exposures=Exposures(
            at=at,
            row=row,
            style=np.full(row.size, -1, np.int8),
            outcome=outcome.astype(np.int8),
            outcome_at=at,
            member=who,
            hour=np.zeros(row.size, np.int8),
            expected=np.full(row.size, np.nan),
        ),
        touches_at=at[clicked],
        touches_row=row[clicked],
        touches_member=who[clicked],
    )


@dataclass(frozen=True)
class _Baselines:
    """Scores of each baseline, slate by slate."""

    by_name: dict[str, list[baselines.Values]]

    @classmethod
    def empty(cls) -> _Baselines:
        names = ("random", "popularity", "category_share", "embedding", "keyword")
        return cls({name: [] for name in names})

    def add(
        self,
        slate: Slate,
        query: Query,
        pool: Pool,
        words: Keywords,
        items: Sequence[Item],
        dice: np.random.Generator,
    ) -> None:
        told = {
            "random": dice.random(slate.rows.size),
            "popularity": baselines.clicks(query, pool, slate.rows),
            "category_share": baselines.topic_share(query, pool, slate.rows),
            "embedding": baselines.past_likeness(query, pool, slate.rows),
            "keyword": words.likeness(
                [items[row] for row in slate.history], [items[row] for row in slate.rows]
            ),
        }
        for name, scores in told.items():
            self.by_name[name].append(scores)
