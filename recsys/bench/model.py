"""A ranker of the size that serves: as many trees and leaves, grown on made-up labels."""

from __future__ import annotations

from collections.abc import Iterable

import lightgbm
import numpy as np

from recsys import prior
from recsys.assembly import assemble
from recsys.features import FEATURES
from recsys.indexes import Indexes
from recsys.model import Head, Model
from recsys.ranker import PriorScorer
from recsys.types import Pool, Query

TREES, LEAVES = 200, 31


def grown(
    pool: Pool, indexes: Indexes, queries: Iterable[Query], seed: int, trees: int = TREES
) -> lightgbm.Booster:
    """Trees over the matrices of these queries; raises ValueError if they stay smaller."""
    pipeline = assemble(pool, indexes, PriorScorer(pool))
    rows = np.concatenate([pipeline.run(query).ranked.matrix for query in queries])
    dice = np.random.default_rng([seed, len(FEATURES)])
    spread = (rows - rows.mean(axis=0)) / (rows.std(axis=0) + 1e-6)
    worth = spread @ dice.normal(0, 0.3, len(FEATURES)) + dice.normal(size=len(rows))
    parameters = {
        "objective": "binary",
        "num_leaves": LEAVES,
        "learning_rate": 0.05,
        "min_data_in_leaf": 5,
        "feature_fraction": 0.5,
        "deterministic": True,
        "force_row_wise": True,
        "seed": seed,
        "verbosity": -1,
    }
    booster = lightgbm.train(parameters, lightgbm.Dataset(rows, worth > 0), trees)
    if booster.num_trees() < trees:
        raise ValueError(f"the made-up labels grew {booster.num_trees()} trees, not {trees}")
    return booster


def of(text: str) -> Model:
    """The model of a booster's text: both heads have its trees."""
    booster = lightgbm.Booster(model_str=text)
    return Model(Head(prior.ENGAGES, booster), Head(prior.DISMISSES, booster))
