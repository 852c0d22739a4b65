"""The view that serves, under another model: the same pool and past, other scores."""

from __future__ import annotations

from bot.deciding.recommender import View
from recsys.model import PRIOR_VERSION, LoadedModel
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
        return view if version == view.version else view.under(self.load(version))

    def load(self, version: str) -> LoadedModel | None:
        """A registered version, or None for `prior`. Raises as `view` does."""
        if version == PRIOR_VERSION:
            return None
        if version not in self._loaded:
            self._loaded[version] = self._registry.load(Version(version))
        return self._loaded[version]
