"""What every scenario needs."""

from __future__ import annotations

import pytest

from tests.chaos.figures import Figures


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Figures:
    """Notes what a scenario came to; printed at the end of the run."""
    callspec = getattr(request.node, "callspec", None)
    database = callspec.params.get("database_url", "") if callspec is not None else ""
    return Figures(request.node.user_properties, database)
