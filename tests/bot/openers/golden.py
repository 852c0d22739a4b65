"""Items and briefs that tests render everything against."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.openers.brief import About, Brief

ROOT = Path(__file__).parents[3]
POOL = ROOT / "data" / "pool"

ITEM = About(
    kind="learning",
    title="What an index can speed up",
    summary="A database index helps when the question starts with its first column. "
    "It slows down every write a little.",
    text="An index is sorted, like that of a book. Mara Lindt measured 40 queries in June. "
    "Writes became twelve per cent slower. Drop an index that nobody uses. "
    "The planner decides which index it takes.",
    topics=("databases",),
    url="https://example.org/index",
)
THREAD = About(
    kind="thread",
    title="Does anyone know how to profile a slow query in staging?",
    text="Does anyone know how to profile a slow query in staging? I tried the log.",
    channel_name="databases",
    author_name="Ines Duarte",
)
BRIEF = Brief("Ana", ITEM, "offer", "because you asked about databases", "member|decision")


def about_kind(kind: str) -> About:
    """The golden item of a kind."""
    return THREAD if kind == "thread" else replace(ITEM, kind=kind)


def pool() -> list[About]:
    """The bundled pool; raises where its files are missing."""
    files = sorted(POOL.glob("*.jsonl"))
    if not files:
        raise FileNotFoundError(f"{POOL}: no pool files")
    return [_about(json.loads(line)) for file in files for line in file.open(encoding="utf-8")]


def _about(given: dict[str, Any]) -> About:
    return About(
        kind=given["kind"],
        title=given["title"],
        summary=given["summary"],
        text=given["text"],
        topics=tuple(given["topics"]),
        url=given.get("url"),
    )
