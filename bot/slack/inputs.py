"""Block Kit's parts of a form: options, labelled inputs, and the modal around them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from bot.slack import blocks

Block = blocks.Block


def option(label: str, value: str, detail: str = "") -> Block:
    """One choice; Slack shows 75 characters of the label and of the detail below it."""
    made: Block = {"text": blocks.plain(label), "value": value}
    return {**made, "description": blocks.plain(detail)} if detail else made


def labelled(
    block_id: str, label: str, element: Block, hint: str = "", *, optional: bool = True
) -> Block:
    """An input under its label."""
    made: Block = {
        "type": "input",
        "block_id": block_id,
        "optional": optional,
        "label": blocks.plain(label, 2000),
        "element": element,
    }
    return {**made, "hint": blocks.plain(hint, 2000)} if hint else made


def one_of(name: str, pairs: Iterable[tuple[str, str]], chosen: str) -> Block:
    """A menu of (value, label) pairs with one choice; at most a hundred."""
    options = [option(label, value) for value, label in list(pairs)[:100]]
    element: Block = {"type": "static_select", "action_id": name, "options": options}
    held = [one for one in options if one["value"] == chosen]
    return {**element, "initial_option": held[0]} if held else element


def some_of(name: str, kind: str, options: Sequence[Block], chosen: Iterable[str]) -> Block:
    """A `checkboxes` or `multi_static_select` with what is chosen now."""
    element: Block = {"type": kind, "action_id": name, "options": list(options)}
    wanted = set(chosen)
    held = [one for one in options if one["value"] in wanted]
    return {**element, "initial_options": held} if held else element


def time_of_day(name: str, value: str) -> Block:
    """A time picker that shows a time such as 09:30."""
    return {"type": "timepicker", "action_id": name, "initial_time": value}


def modal(callback: str, title: str, submit: str, drawn: Sequence[Block], **more: Any) -> Block:
    """A `views.open` view."""
    return {
        "type": "modal",
        "callback_id": callback,
        "title": blocks.plain(title, 24),
        "submit": blocks.plain(submit, 24),
        "close": blocks.plain("Cancel", 24),
        "blocks": list(drawn),
        **more,
    }


def reading(callback: str, title: str, drawn: Sequence[Block], **more: Any) -> Block:
    """A modal without a form; Slack wants a submit button where there is an input."""
    submit = more.pop("submit", None)
    made = modal(callback, title, submit or "Close", drawn, **more)
    made["close"] = blocks.plain("Close", 24)
    if submit is None:
        del made["submit"]
    return made
