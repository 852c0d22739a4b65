"""THE list of what is wired: sources, fusion, filters, scorer, selector."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from recsys.explore import Selector
from recsys.filters import FILTERS
from recsys.indexes import Indexes
from recsys.pipeline import Pipeline, Scorer, Source
from recsys.sources.addressed import Addressed
from recsys.sources.dense import Dense
from recsys.sources.fuse import fuse
from recsys.sources.keyword import Keyword
from recsys.sources.pinned import Pinned
from recsys.sources.popular import Popular
from recsys.sources.recent import Recent
from recsys.types import Pool

SOURCES: tuple[Callable[[Pool, Indexes], Source], ...] = (
    Addressed,
    Dense,
    Keyword,
    Pinned,
    Popular,
    Recent,
)


def assemble(pool: Pool, index: Indexes, scorer: Scorer, *, epsilon: float = 0.1) -> Pipeline:
    """A pipeline over one pool snapshot; `epsilon` is the share of picks that explore."""
    return Pipeline(
        pool=pool,
        sources=tuple(source(pool, index) for source in SOURCES),
        fuse=partial(fuse, order=pool.order),
        filters=FILTERS,
        scorer=scorer,
        selector=Selector(pool, epsilon),
    )
