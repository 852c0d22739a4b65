"""What is asked of the database here is simple; `test_both.py` asks it of both kinds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.store.database import Store, connect


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    opened = Store(connect(sqlite_url))
    yield opened
    opened.close()
