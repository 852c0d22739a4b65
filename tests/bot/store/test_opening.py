"""Only the store opens databases: whoever else did would read and write words in the open."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.docs.pages import ROOT


def opens_plainly(source: str) -> bool:
    """Whether a module takes the plain `connect`, which seals nothing."""
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "bot.store.database"
        and any(alias.name == "connect" for alias in node.names)
        for node in ast.walk(ast.parse(source))
    )


def test_the_bot_opens_its_database_in_one_place() -> None:
    outside = [path for path in (ROOT / "bot").rglob("*.py") if not _is_store(path)]
    assert [str(path) for path in outside if opens_plainly(path.read_text("utf-8"))] == []


def test_a_second_place_would_be_noticed() -> None:
    assert opens_plainly("from bot.store.database import Store, connect")
    assert not opens_plainly("from bot.store.opening import open_store")


def _is_store(path: Path) -> bool:
    return (ROOT / "bot" / "store") in path.parents
