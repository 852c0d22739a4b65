"""The home tab: what a member agreed to, what they may change, and what they were told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.slack import blocks

Block = blocks.Block
MOST_RECENT = 10


def home_view(home: Mapping[str, Any]) -> Block:
    """A `views.publish` view.

    `home` holds ``name``, ``agreed``, ``paused_until`` (words or None), ``purposes``, ``limits``
    (words), ``topics`` (``follows``, ``mutes``), ``recent`` openers and the ``shelf`` (each with
    ``item``, ``title``, ``why``).
    """
    drawn = [_header(f"Hello {home['name']}"), *_standing(home), {"type": "divider"}]
    drawn += [*_shelf(home), *_uses(home), *_topics(home), *_recent(home)]
    return {"type": "home", "blocks": drawn[:100]}


def _header(text: str) -> Block:
    return {"type": "header", "text": blocks.plain(text, 150)}


def _standing(home: Mapping[str, Any]) -> list[Block]:
    """Whether the bot may write to them, and the buttons that change it."""
    if not home["agreed"]:
        words = (
            "I write to nobody who has not agreed, and I use nothing about you until you do."
            " If you agree, I open a conversation when one thing is worth your attention."
        )
        return [
            blocks.section(words),
            blocks.buttons((("consent_yes", "Yes, please"), ("choose", "Let me choose"))),
        ]
    paused = home.get("paused_until")
    words = f"I am silent until {paused}." if paused else "I may open conversations with you."
    pause = ("resume", "Resume now") if paused else ("pause", "Pause for a week")
    row = blocks.buttons((pause, ("choose", "Choose what counts")))
    stop = blocks.button("withdraw", "Stop for good", style="danger")
    stop["confirm"] = {
        "title": blocks.plain("Stop for good?", 100),
        "text": blocks.plain("I will not write to you again, and use nothing about you.", 300),
        "confirm": blocks.plain("Stop", 30),
        "deny": blocks.plain("Go on", 30),
    }
    row["elements"].append(stop)
    return [blocks.section(words), blocks.context(str(home.get("limits") or "–")), row]


def _shelf(home: Mapping[str, Any]) -> list[Block]:
    """What waits without having been said; whoever never opens the tab never hears of it."""
    shelf = list(home.get("shelf") or ())
    drawn: list[Block] = [_header("Waiting quietly")] if shelf else []
    for one in shelf:
        drawn.append(blocks.section(str(one["title"])))
        if one.get("why"):
            drawn.append(blocks.context(str(one["why"])))
        item = str(one["item"])
        pairs = ((f"shelf_open|{item}", "Ask about it"), (f"shelf_no|{item}", "Not for me"))
        drawn.append(blocks.buttons(pairs))
    return drawn


def _uses(home: Mapping[str, Any]) -> list[Block]:
    marks = {True: "Yes", False: "No"}
    lines = [f"{marks[bool(p['granted'])]} · {p['sentence']}" for p in home.get("purposes") or ()]
    return [_header("What I may use"), blocks.section("\n".join(lines))] if lines else []


def _topics(home: Mapping[str, Any]) -> list[Block]:
    topics = home.get("topics") or {}
    lines = [
        f"{label}: {', '.join(str(t) for t in topics[key])}"
        for key, label in (("follows", "You follow"), ("mutes", "You muted"))
        if topics.get(key)
    ]
    return [_header("Topics"), blocks.section("\n".join(lines))] if lines else []


def _recent(home: Mapping[str, Any]) -> list[Block]:
    recent = list(home.get("recent") or ())[:MOST_RECENT]
    drawn: list[Block] = [_header("What I told you lately")] if recent else []
    for told in recent:
        drawn.append(blocks.section(str(told["text"])))
        facts = (told.get("when"), told.get("outcome"), told.get("why"))
        drawn.append(blocks.context(" · ".join(str(fact) for fact in facts if fact) or "–"))
    return drawn
