"""The modals: what a member chooses, and what a reviewer says of an opener."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.ports import Asked
from bot.slack import blocks
from bot.slack.inputs import labelled, modal, option, some_of
from bot.slack.pool_modals import POOL_MODALS
from bot.slack.source_modals import SOURCE_MODALS
from bot.slack.wishes import rhythm_modal, topics_modal

Block = blocks.Block
MOST_PURPOSES = 10
MOST_TOPICS = 100
KEPT = "Kept for whoever mends the prompts; the member never sees it."
MOST_WORDS = 1000
"""characters of an edit or an answer; the guards of an opener allow far fewer"""


def choose_modal(choices: Mapping[str, Any], asked: Asked) -> Block:
    """A `views.open` view.

    `choices` holds ``purposes`` (each with ``purpose``, ``title``, ``sentence``, ``kept``,
    ``granted``) and ``topics``
    (each with ``slug``, ``title``, ``follow``). Ids longer than Slack takes are left out.
    """
    purposes = [p for p in choices.get("purposes") or () if len(str(p["purpose"])) <= 150]
    topics = [t for t in choices.get("topics") or () if len(str(t["slug"])) <= 150]
    drawn = [blocks.section("Nothing counts that you do not tick here.")]
    if purposes:
        drawn += _purposes(purposes[:MOST_PURPOSES])
    if topics:
        drawn.append(_topics(topics[:MOST_TOPICS]))
    return modal(asked.action, "What may I use?", "Save", drawn)


def review_modal(draft: Mapping[str, Any], asked: Asked) -> Block:
    """A `views.open` view in which a reviewer edits an opener, or answers back.

    `draft` holds the opener's ``text``, what it is ``about``, and the ``name`` of its member.
    """
    edits = asked.action == "review_edit"
    element: Block = {
        "type": "plain_text_input",
        "action_id": "words",
        "multiline": True,
        "max_length": MOST_WORDS,
    }
    if edits:
        element["initial_value"] = str(draft["text"])[:MOST_WORDS]
    label = "What it should say" if edits else "What is wrong with it"
    hint = "Nothing in it that the item does not say." if edits else KEPT
    drawn = [
        blocks.section(f"For {draft['name']}: {draft['text']}"),
        *([blocks.context(f"About “{draft['about']}”")] if draft.get("about") else []),
        labelled("words", label, element, hint, optional=False),
    ]
    title, submit = ("Edit", "Send this") if edits else ("Answer back", "Do not send it")
    carried = f"{asked.subject}|{asked.address}|{asked.message_ref}"
    return modal(asked.action, title, submit, drawn, private_metadata=carried)


def _purposes(purposes: Sequence[Mapping[str, Any]]) -> list[Block]:
    """What each is for stands above its box, which says for how long it is kept."""
    lines = [f"• {p['title']}: {p['sentence']}" for p in purposes]
    options = [option(str(p["title"]), str(p["purpose"]), str(p["kept"])) for p in purposes]
    ticked = [str(p["purpose"]) for p in purposes if p["granted"]]
    element = some_of("purposes", "checkboxes", options, ticked)
    return [blocks.section("\n".join(lines)), labelled("purposes", "You may use", element)]


def _topics(topics: Sequence[Mapping[str, Any]]) -> Block:
    options = [option(str(t["title"]), str(t["slug"])) for t in topics]
    followed = [str(t["slug"]) for t in topics if t["follow"]]
    element = some_of("topics", "multi_static_select", options, followed)
    element["placeholder"] = blocks.plain("Pick as many as you like", 150)
    return labelled("topics", "Topics you care about", element)


def place_of(view: Mapping[str, Any]) -> tuple[str, str, str]:
    """(subject, address, message ref) that a modal was opened with, as it carries them along."""
    subject, address, ref = (*str(view.get("private_metadata") or "").split("|"), "", "", "")[:3]
    return subject, address, ref


Draw = Callable[[Mapping[str, Any], Asked], Block]

MODALS: Mapping[str, Draw] = {
    "choose": choose_modal,
    "rhythm": rhythm_modal,
    "topics": topics_modal,
    "review_edit": review_modal,
    "review_note": review_modal,
    **POOL_MODALS,
    **SOURCE_MODALS,
}
"""What draws the modal that an action asks for; the action is its callback id, too."""

THINKING = frozenset({"pool_preview"})
"""modals that show something at once, and more when it has been thought about"""

BY_COMMAND: Mapping[str, tuple[str, str]] = {
    "pool": ("pool", ""),
    "pool queue": ("pool", "waiting;0;"),
    "pool missing": ("pool_wants", ""),
    "feeds": ("feeds", ""),
    "roles": ("roles", ""),
}
"""commands that open a modal: its action, and what it is about"""
