"""The source tree, for tests that read it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("bot", "recsys")


@cache
def sources(package: str) -> tuple[Path, ...]:
    """All Python files of a package."""
    return tuple(sorted((ROOT / package).rglob("*.py")))


def told(path: Path) -> str:
    """A file as it is called in the repository."""
    return path.relative_to(ROOT).as_posix()


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def names(tree: ast.AST) -> Iterator[str]:
    """Every dotted name that is read in a tree, imports resolved: ``datetime.now`` of
    ``from datetime import datetime`` is ``datetime.datetime.now``."""
    known = dict(_imported(tree))
    for node in ast.walk(tree):
        dotted = _dotted(node)
        if dotted is not None:
            first, _, rest = dotted.partition(".")
            whole = known.get(first, first)
            yield f"{whole}.{rest}" if rest else whole


def _imported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                yield (one.asname, one.name) if one.asname else (one.name.partition(".")[0],) * 2
        elif isinstance(node, ast.ImportFrom) and node.module:
            for one in node.names:
                yield one.asname or one.name, f"{node.module}.{one.name}"


def _dotted(node: ast.AST) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = _dotted(node.value)
        return None if inner is None else f"{inner}.{node.attr}"
    return None
