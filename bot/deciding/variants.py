"""The view that serves, under another model: the same pool and past, other scores."""

from __future__ import annotations

from dataclasses import replace

from bot.deciding.recommender import View
from recsys.model import PRIOR_VERSION, LoadedModel
from recsys.ranker import scorer_for
from recsys.registry import Registry
from recsys.types import Version


class Variants:
    """Loads each version once; a registered version never changes."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._loaded: dict[str, LoadedModel] = {}

    def view(self, view: View, version: str) -> View:
        """`view` with this version, or with the formula for `prior`.

        Raises RegistryError for a version that is unknown, damaged or of other features.
        """
        if version == view.version:
            return view
        scorer = scorer_for(self.load(version), view.pipeline.pool)
        pipeline = replace(view.pipeline, scorer=scorer)
        return replace(view, pipeline=pipeline, scorer=scorer, version=Version(version))

    def load(self, version: str) -> LoadedModel | None:
        """A registered version, or None for `prior`. Raises as `view` does."""
        if version == PRIOR_VERSION:
            return None
        if version not in self._loaded:
            self._loaded[version] = self._registry.load(Version(version))
        return self._loaded[version]
