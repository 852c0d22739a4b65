"""Features: what the ranker sees of a member, an item and a moment, and nothing later."""

from recsys.features.catalog import FEATURES, SCHEMA_HASH, Feature, column, matrix

__all__ = ["FEATURES", "SCHEMA_HASH", "Feature", "column", "matrix"]
