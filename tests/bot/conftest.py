"""Scenes for tests of the bot's own parts."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.store.database import Store
from tests.bot.scene import Scene, policy, populate


@pytest.fixture
def populated(store: Store, tmp_path: Path) -> Scene:
    """Three members and a dozen items, on SQLite and on PostgreSQL."""
    populate(store)
    return Scene(store, tmp_path, policy())
