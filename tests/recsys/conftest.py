"""What all tests of recsys share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from recsys import fitting


@pytest.fixture(scope="package", autouse=True)
def trees_at_once() -> Iterator[None]:
    """Trees from the first label on, so that a handful of lessons makes a model with all parts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "TREES_FROM", 0)
        yield
