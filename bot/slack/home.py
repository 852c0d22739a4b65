"""The home tab: what a member agreed to, what they may change, and what they were told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.policy.pauses import PAUSES
from bot.slack import blocks

Block = blocks.Block
MOST_RECENT = 10
MOST_BLOCKS = 100
DIVIDER: Block = {"type": "divider"}


def home_view(home: Mapping[str, Any]) -> Block:
    """A `views.publish` view.

    `home` holds ``name``, ``agreed``, ``paused_until`` (words or None), ``silenced`` (words or
    empty), ``purposes`` (each with ``purpose``, ``title``, ``sentence``, ``kept``, ``granted``),
    ``limits`` (words), ``topics`` (``follows``, ``mutes``), ``known`` (sentences), ``recent``
    openers, what was ``saved`` (each with ``opener``, ``title``, ``when``), what is ``kept`` for
    them (``item``, ``title``, ``when``) and the ``shelf`` (each with ``item``, ``title``,
    ``why``). With ``erased`` nothing else is known of whoever looks.
    """
    if home.get("erased"):
        return {"type": "home", "blocks": _erased()}
    drawn = [_header(f"Hello {home['name']}"), *_standing(home), DIVIDER]
    drawn += [
        *_shelf(home),
        *_saved(home),
        *_kept(home),
        *_recent(home),
        *_uses(home),
        *_topics(home),
    ]
    drawn += [*_known(home), *_own(home)]
    return {"type": "home", "blocks": drawn[:MOST_BLOCKS]}


def _header(text: str) -> Block:
    return {"type": "header", "text": blocks.plain(text, 150)}


def _erased() -> list[Block]:
    return [
        _header("Your data is deleted"),
        blocks.section(
            "I know nothing about you any more. A keyed hash of your id alone is left, so that"
            " no import and no welcome brings you back. Messages in Slack itself are not mine to"
            " delete."
        ),
        blocks.buttons((("start_over", "Begin anew"),)),
    ]


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
    may = str(home.get("silenced") or "I may open conversations with you.")
    words = f"I am silent until {paused}." if paused else may
    pauses = [(f"pause|{name}", label) for name, label, _ in PAUSES]
    change = [("rhythm", "When and how often"), ("topics", "Topics")]
    return [
        blocks.section(words),
        blocks.context(str(home.get("limits") or "–")),
        blocks.buttons([("resume", "Resume now"), *change] if paused else [*change, *pauses]),
    ]


def _shelf(home: Mapping[str, Any]) -> list[Block]:
    """What waits without having been said; whoever never opens the tab never hears of it."""
    shelf = list(home.get("shelf") or ())
    drawn = [_header("What I would have said, had I been sure")] if shelf else []
    for one in shelf:
        drawn.append(blocks.section(str(one["title"])))
        if one.get("why"):
            drawn.append(blocks.context(str(one["why"])))
        item = str(one["item"])
        pairs = ((f"shelf_open|{item}", "Ask about it"), (f"shelf_no|{item}", "Not for me"))
        drawn.append(blocks.buttons(pairs, of=str(one["title"])))
    return drawn


def _saved(home: Mapping[str, Any]) -> list[Block]:
    saved = list(home.get("saved") or ())
    drawn = [_header("Saved for later")] if saved else []
    for one in saved:
        drawn += [blocks.section(str(one["title"])), blocks.context(str(one["when"]))]
        pairs = ((f"saved_open|{one['opener']}", "Tell me again"),
                 (f"saved_done|{one['opener']}", "Take it off the list"))  # fmt: skip
        drawn.append(blocks.buttons(pairs, of=str(one["title"])))
    return drawn


def _uses(home: Mapping[str, Any]) -> list[Block]:
    """A line for each purpose; its button gives the consent as easily as it takes it back."""
    uses = list(home.get("purposes") or ())
    drawn = [_header("What I may use")] if uses else []
    for one in uses:
        name, granted = str(one["purpose"]), bool(one["granted"])
        section = blocks.section(
            f"{one['title']}: {'yes' if granted else 'no'}. {one['sentence']} {one['kept']}"
        )
        if home["agreed"]:
            action, label = ("disallow", "Take it back") if granted else ("allow", "Allow it")
            section["accessory"] = blocks.button(f"{action}|{name}", label, of=str(one["title"]))
        drawn.append(section)
    if drawn and home["agreed"]:
        drawn.append(blocks.buttons((("choose", "Choose what counts"),)))
    return drawn


def _topics(home: Mapping[str, Any]) -> list[Block]:
    topics = home.get("topics") or {}
    lines = [
        f"{label}: {', '.join(str(t) for t in topics[key])}"
        for key, label in (("follows", "You follow"), ("mutes", "You muted"))
        if topics.get(key)
    ]
    return [_header("Topics"), blocks.section("\n".join(lines))] if lines else []


def _known(home: Mapping[str, Any]) -> list[Block]:
    lines = [f"• {sentence}" for sentence in home.get("known") or ()]
    if not lines:
        return []
    source = "All of it comes from you and from the directory, and nothing from what others say."
    return [
        _header("What I know about you"),
        blocks.section("\n".join(lines)),
        blocks.context(source),
    ]


def _kept(home: Mapping[str, Any]) -> list[Block]:
    """What they asked to be reminded of, and what they want to become better at."""
    kept = list(home.get("kept") or ())
    drawn = [_header("What I keep in mind for you")] if kept else []
    for one in kept:
        drawn += [blocks.section(str(one["title"])), blocks.context(str(one["when"]) or "–")]
        pairs = ((f"forget|{one['item']}", "Forget it"),)
        drawn.append(blocks.buttons(pairs, of=str(one["title"])))
    return drawn


def _recent(home: Mapping[str, Any]) -> list[Block]:
    recent = list(home.get("recent") or ())[:MOST_RECENT]
    drawn = [_header("What I told you lately")] if recent else []
    for told in recent:
        drawn.append(blocks.section(str(told["text"] or "(its words are no longer kept)")))
        facts = (told.get("when"), told.get("outcome"), told.get("why"))
        drawn.append(blocks.context(" · ".join(str(fact) for fact in facts if fact) or "–"))
    return drawn


def _own(home: Mapping[str, Any]) -> list[Block]:
    """Taking everything along, having it deleted, and leaving."""
    delete = confirmed(
        blocks.button("erase", "Delete my data", style="danger"),
        "Delete all of it?",
        "Everything I know about you, and what we said, is deleted within a minute, for good."
        " Export it first if you want it. Messages in Slack itself stay.",
        ("Delete it", "Keep it"),
    )
    leave = confirmed(
        blocks.button("withdraw", "Stop for good"),
        "Stop for good?",
        "I will not write to you again, and use nothing about you.",
        ("Stop", "Go on"),
    )
    row = [blocks.button("export", "Export my data"), delete]
    return [
        _header("Your data"),
        blocks.section(
            "Take it along as a file, have it deleted, or leave: I then write to you no more."
        ),
        {"type": "actions", "elements": [*row, leave] if home["agreed"] else row},
    ]


def confirmed(button: Block, title: str, text: str, answers: Iterable[str]) -> Block:
    """A button that asks once more; `answers` are the words for yes and for no."""
    yes, no = answers
    return {
        **button,
        "confirm": {
            "title": blocks.plain(title, 100),
            "text": blocks.plain(text, 300),
            "confirm": blocks.plain(yes, 30),
            "deny": blocks.plain(no, 30),
            "style": "danger",
        },
    }
