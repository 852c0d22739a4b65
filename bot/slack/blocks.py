"""Block Kit for messages: neutral content in, blocks within Slack's limits out.

What members or items wrote goes into `plain_text`, which Slack shows as it is. Only answers are
Markdown, escaped by `markdown`. Every button and option carries ``action|opener|value``, taken
apart again by `bot.slack.arrivals.presses`.

Source of the limits: docs.slack.dev/reference/block-kit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

Block = dict[str, Any]

SECTION = 3000
CONTEXT = 2000
LABEL = 75
URL = 3000
MARKDOWN = 12_000
FALLBACK = 3000
"""the message's `text`, read out in notifications; Slack itself cuts far above"""

MENU = (
    ("not_now", "Not now"),
    ("why", "Why this?"),
    ("person", "Talk to a person"),
    ("pause", "Pause for a week"),
)
WELCOME = (
    ("consent_yes", "Yes, please"),
    ("choose", "Let me choose"),
    ("consent_no", "No, thanks"),
)


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, cut at the end with an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def escape(text: str) -> str:
    """The three characters that Slack reads as markup in `text` and in Markdown."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _escaped(text: str, limit: int) -> str:
    """Escaped and within `limit`, without cutting an escape in two."""
    whole = escape(text)
    if len(whole) <= limit:
        return whole
    room, kept = limit - 1, []
    for character in text:
        written = escape(character)
        room -= len(written)
        if room < 0:
            break
        kept.append(written)
    return "".join(kept) + "…"


def fallback(text: str) -> str:
    """`text` for notifications: no mention, link or channel can come out of it."""
    return _escaped(text, FALLBACK)


def markdown(text: str) -> Block:
    """An answer's text. Brackets are escaped too: no words may hide where a link leads."""
    plain = text.replace("[", "\\[").replace("]", "\\]")
    return {"type": "markdown", "text": _escaped(plain, MARKDOWN)}


def plain(text: str, limit: int = LABEL) -> Block:
    return {"type": "plain_text", "text": shorten(text, limit) or "–", "emoji": False}


def section(text: str) -> Block:
    return {"type": "section", "text": plain(text, SECTION)}


def context(text: str) -> Block:
    return {"type": "context", "elements": [plain(text, CONTEXT)]}


def value(action: str, opener: str = "", extra: str = "") -> str:
    """What a button or option carries: ``action|opener|extra``, without empty ends."""
    return f"{action}|{opener}|{extra}".rstrip("|")


def button(
    action: str, label: str, opener: str = "", style: str | None = None, of: str = ""
) -> Block:
    """A button; `action` may itself carry a value, as in ``reason|topic``.

    Whoever has it read out hears what it is `of`, where several have the same label.
    """
    name, _, extra = action.partition("|")
    element: Block = {
        "type": "button",
        "action_id": f"{name}:{extra}" if extra else name,
        "text": plain(label),
        "value": value(name, opener, extra),
    }
    if of:
        element["accessibility_label"] = shorten(f"{label}: {of}", LABEL)
    return element if style is None else {**element, "style": style}


def buttons(pairs: Iterable[Sequence[str]], opener: str = "", of: str = "") -> Block:
    """A row of buttons from (action, label) pairs; at most 25."""
    elements = [button(action, label, opener, of=of) for action, label in list(pairs)[:25]]
    return {"type": "actions", "elements": elements}


def _link(content: Mapping[str, Any]) -> list[Block]:
    """The button that leads to the item, where its address is one that a browser should open."""
    url = str(content.get("url") or "")
    if len(url) > URL or urlsplit(url).scheme not in ("http", "https"):
        return []
    label = plain(str(content.get("url_title") or "Open it"))
    return [{"type": "button", "action_id": "open", "text": label, "url": url}]


def spoken(content: Mapping[str, Any]) -> str:
    """What is read out of a message in a notification, the line that has to stand under it too."""
    return "\n".join(str(content[name]) for name in ("text", "notice") if content.get(name))


def _opening(content: Mapping[str, Any]) -> list[Block]:
    about, notice = (str(content.get(name) or "") for name in ("about", "notice"))
    text = str(content["text"])
    named = f"About {about}" if about and f"“{about}”" not in text else ""  # once is enough
    return [section(text), *(context(line) for line in (named, notice) if line)]


def opener(content: Mapping[str, Any]) -> list[Block]:
    """An opener: its text, what it is about, and what a member may do with it."""
    return [*_opening(content), _choices(content)]


def _choices(content: Mapping[str, Any]) -> Block:
    name = str(content.get("opener") or "")
    options = [{"text": plain(label), "value": value(action, name)} for action, label in MENU]
    return {
        "type": "actions",
        "elements": [
            button("more", "Tell me more", name),
            button("not_for_me", "Not for me", name),
            *_link(content),
            {"type": "overflow", "action_id": "menu", "options": options},
        ],
    }


def outcome(content: Mapping[str, Any], note: str, undo: bool) -> list[Block]:
    """The opener again, saying what happened to it.

    `content` is the opener's, with ``outcome`` (the kind that Undo takes back) and optionally
    ``buttons``, such as ``[["reason|topic", "Not my topic"]]``; ``again`` offers everything anew.
    """
    if content.get("again"):
        return [*_opening(content), context(note), _choices(content)]
    name = str(content.get("opener") or "")
    row = [button(action, label, name) for action, label in content.get("buttons") or ()]
    if undo:
        kind = str(content.get("outcome") or "")
        row.append(button(f"undo|{kind}" if kind else "undo", "Undo", name))
    row += _link(content)
    blocks = [*_opening(content), context(note)]
    return [*blocks, {"type": "actions", "elements": row[:25]}] if row else blocks


def welcome(content: Mapping[str, Any]) -> list[Block]:
    """The one welcome message: what would be used, for what, and three answers."""
    uses = [f"• {sentence}" for _, sentence in content.get("purposes") or ()]
    blocks = [section(str(content["text"]))]
    if uses:
        blocks.append(section("\n".join(uses)))
    return [*blocks, buttons(WELCOME)]


def answer(content: Mapping[str, Any]) -> list[Block]:
    """An answer in a conversation."""
    return [markdown(str(content["text"]) or "–"), *below_answer(content)]


def below_answer(content: Mapping[str, Any]) -> list[Block]:
    """What stands under an answer's words: its source, what to do next, and how it was.

    `content` may name the ``source`` and its ``url``, ``buttons``, whether it ``rates``, and a
    ``note`` on what was pressed: it may ask what the buttons answer, so it stands above them.
    """
    name = str(content.get("opener") or "")
    drawn = [context(f"From “{content['source']}”")] if content.get("source") else []
    drawn += [context(str(content["note"]))] if content.get("note") else []
    row = [button(action, label, name) for action, label in content.get("buttons") or ()]
    row += _link(content)
    if row:
        drawn.append({"type": "actions", "elements": row[:25]})
    if content.get("rates"):
        drawn.append(_rating(name))
    return drawn


def _rating(opener: str) -> Block:
    """Slack's own buttons for an answer of an agent; they say in words what they mean."""
    element: Block = {"type": "feedback_buttons", "action_id": "rate"}
    sides = (("positive", "Good answer", "good"), ("negative", "Not a good answer", "bad"))
    for side, label, rating in sides:
        element[f"{side}_button"] = {
            "text": plain(label),
            "value": value("rate", opener, rating),
            "accessibility_label": label,
        }
    return {"type": "context_actions", "elements": [element]}
