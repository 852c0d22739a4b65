"""The modals: what a member chooses, and what a reviewer says of an opener."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.ports import Asked
from bot.slack import blocks

Block = blocks.Block
MOST_PURPOSES = 10
MOST_TOPICS = 100
MOST_WORDS = 1000
"""characters of an edit or an answer; the guards of an opener allow far fewer"""
MOST_DETAIL = 75
"""characters that Slack shows beside a box"""


def choose_modal(choices: Mapping[str, Any], asked: Asked) -> Block:
    """A `views.open` view.

    `choices` holds ``purposes`` (each with ``purpose``, ``sentence``, ``granted``) and ``topics``
    (each with ``slug``, ``title``, ``follow``). Ids longer than Slack takes are left out.
    """
    purposes = [p for p in choices.get("purposes") or () if len(str(p["purpose"])) <= 150]
    topics = [t for t in choices.get("topics") or () if len(str(t["slug"])) <= 150]
    drawn = [blocks.section("Nothing counts that you do not tick here.")]
    if purposes:
        drawn += _purposes(purposes[:MOST_PURPOSES])
    if topics:
        drawn.append(_topics(topics[:MOST_TOPICS]))
    return {
        "type": "modal",
        "callback_id": asked.action,
        "title": blocks.plain("What may I use?", 24),
        "submit": blocks.plain("Save", 24),
        "close": blocks.plain("Cancel", 24),
        "blocks": drawn,
    }


def review_modal(draft: Mapping[str, Any], asked: Asked) -> Block:
    """A `views.open` view in which a reviewer edits an opener, or answers back.

    `draft` holds the opener's ``text`` and the ``name`` of its member.
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
    label = "What it should say" if edits else "What was wrong with it"
    return {
        "type": "modal",
        "callback_id": asked.action,
        "private_metadata": f"{asked.subject}|{asked.address}|{asked.message_ref}",
        "title": blocks.plain("Edit" if edits else "Answer back", 24),
        "submit": blocks.plain("Send it so" if edits else "Do not send it", 24),
        "close": blocks.plain("Cancel", 24),
        "blocks": [
            blocks.section(f"For {draft['name']}: {draft['text']}"),
            {**_input("words", label, element), "optional": False},
        ],
    }


def _purposes(purposes: Sequence[Mapping[str, Any]]) -> list[Block]:
    """A box for each, with its sentence; those that are too long for a box stand above them."""
    long = [p for p in purposes if len(str(p["sentence"])) > MOST_DETAIL]
    options = [
        _option(title_of(str(p["purpose"])), str(p["purpose"]))
        | ({} if p in long else {"description": blocks.plain(str(p["sentence"]), MOST_DETAIL)})
        for p in purposes
    ]
    ticked = [o for o, p in zip(options, purposes, strict=True) if p["granted"]]
    element: Block = {"type": "checkboxes", "action_id": "purposes", "options": options}
    if ticked:
        element["initial_options"] = ticked
    above = [blocks.section("\n".join(f"• {p['sentence']}" for p in long))] if long else []
    return [*above, _input("purposes", "You may use", element)]


def _topics(topics: Sequence[Mapping[str, Any]]) -> Block:
    options = [_option(str(t["title"]), str(t["slug"])) for t in topics]
    chosen = [o for o, t in zip(options, topics, strict=True) if t["follow"]]
    element: Block = {
        "type": "multi_static_select",
        "action_id": "topics",
        "placeholder": blocks.plain("Pick as many as you like", 150),
        "options": options,
    }
    if chosen:
        element["initial_options"] = chosen
    return _input("topics", "Topics you care about", element)


def title_of(purpose: str) -> str:
    """``channel_messages`` as a label: Channel messages."""
    return purpose.replace("_", " ").capitalize()


def _option(label: str, value: str) -> Block:
    return {"text": blocks.plain(label), "value": value}


def _input(block_id: str, label: str, element: Block) -> Block:
    return {
        "type": "input",
        "block_id": block_id,
        "optional": True,
        "label": blocks.plain(label, 2000),
        "element": element,
    }


def place_of(view: Mapping[str, Any]) -> tuple[str, str, str]:
    """(subject, address, message ref) that a modal was opened with, as it carries them along."""
    subject, address, ref = (*str(view.get("private_metadata") or "").split("|"), "", "", "")[:3]
    return subject, address, ref


Draw = Callable[[Mapping[str, Any], Asked], Block]

MODALS: Mapping[str, Draw] = {
    "choose": choose_modal,
    "review_edit": review_modal,
    "review_note": review_modal,
}
"""What draws the modal that an action asks for; the action is its callback id, too."""
