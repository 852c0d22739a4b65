"""The curators' desk as modals: the pool, one item, its forms, and how it would open.

What comes from items goes into `plain_text` alone. The state of a list travels in the modal:
``shelf;page;words``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from bot.ports import Asked
from bot.slack import blocks
from bot.slack.inputs import labelled, modal, one_of, option, reading, some_of

Block = blocks.Block
Content = Mapping[str, Any]
Draw = Callable[[Content, Asked], Block]
PAGE = 10
"""items of a page: as many as Slack has boxes for in one group"""
LONGEST_INPUT = 3000
"""characters that Slack takes in one input"""
MOST_CHOICES = 100
SHOWN = 1200
"""characters of an item's text that are shown before it is opened for editing"""


def carried(asked: Asked, subject: str, state: str = "") -> dict[str, str]:
    """What a modal carries along, see `bot.slack.modals.place_of`."""
    of_message = asked.address if asked.message_ref else ""
    parts = (subject, state or of_message, asked.message_ref)
    return {"private_metadata": "|".join(part.replace("|", " ") for part in parts)[:3000]}


def notice_modal(content: Content, asked: Asked) -> Block:
    """A few words, such as why something is not for whoever asked. `content`: title, text."""
    return reading("notice", str(content["title"]), [blocks.section(str(content["text"]))])


def pool_modal(content: Content, asked: Asked) -> Block:
    """A page of the pool, with boxes to decide on several at once.

    `content`: shelf, shelves (pairs), page, pages, count, words, rows (id, title, detail), acts
    (pairs), summary, note.
    """
    shelf, words = str(content["shelf"]), str(content["words"])
    search = {
        "type": "plain_text_input",
        "action_id": "pool",
        "placeholder": blocks.plain("Words, then Enter", 150),
        "max_length": 100,
    }
    if words:
        search["initial_value"] = words
    drawn: list[Block] = [
        {**labelled(f"search:{shelf}", "Search", search), "dispatch_action": True},
        # what a menu shows is kept as long as its block's id: another list is another block
        {"type": "actions", "block_id": f"look:{shelf}:{words}", "elements": _navigation(content)},
        blocks.context(str(content["summary"])),
    ]
    if content.get("note"):
        drawn.insert(0, blocks.section(str(content["note"])))
    rows: Sequence[Content] = content["rows"]
    state = f"{shelf};{content['page']};{words}"
    # another id with each page and each deed: what was ticked or said before counts no more
    here = f"{content['page']}:{content['count']}"
    if not rows:
        return reading("pool", "The pool", drawn, submit="Search", **carried(asked, state))
    boxes = [option(str(r["title"]), str(r["id"]), str(r["detail"])) for r in rows]
    drawn += [
        labelled(f"items:{here}", "Tick what you decide on", some_of(
            "items", "checkboxes", boxes, ())),
        labelled(f"act:{here}", "And then", _radio("act", content["acts"])),
        labelled(
            f"why:{here}",
            "Why",
            {"type": "plain_text_input", "action_id": "why", "max_length": 200},
            "Needed to reject. Other curators see it, members never do.",
        ),
    ]  # fmt: skip
    closes = blocks.plain("Close", 24)
    return modal("pool", "The pool", "Do it", drawn, close=closes, **carried(asked, state))


def item_modal(content: Content, asked: Asked) -> Block:
    """One item. `content`: id, state, title, facts, flags, text, figures, acts, note."""
    item = str(content["id"])
    drawn: list[Block] = [blocks.section(str(content["note"]))] if content.get("note") else []
    drawn += [{"type": "header", "text": blocks.plain(str(content["title"]), 150)}]
    facts = [str(fact) for fact in content["facts"] if fact]
    drawn.append(blocks.context("\n".join(facts) or "–"))
    drawn += [blocks.section(f"Note: {flag}") for flag in content["flags"]]
    if content["text"]:
        drawn.append(blocks.section(blocks.shorten(str(content["text"]), SHOWN)))
    drawn += [{"type": "divider"}, blocks.section(str(content["figures"]))]
    styles = {"pool_approve": "primary"}
    buttons = [
        blocks.button(action, label, item, styles.get(action)) for action, label in content["acts"]
    ]
    drawn += [{"type": "actions", "elements": buttons[at : at + 5]}
              for at in range(0, len(buttons), 5)]  # fmt: skip
    state = str(content.get("state") or "")
    return reading("pool_item", "An item", drawn, **carried(asked, item, state))


def edit_modal(content: Content, asked: Asked) -> Block:
    """An item as a form. `content`: as `_form` takes it, with its id."""
    drawn = _form(content)
    return modal("pool_edit", "Edit", "Save", drawn, **carried(asked, str(content["id"])))


def add_modal(content: Content, asked: Asked) -> Block:
    """A message as an item. `content`: as `_form` takes it, with the subject to carry along."""
    ticks = [option("It may be offered at once", "approve", "Else it waits in the queue.")]
    at_once = some_of("approve", "checkboxes", ticks, ["approve"] if content["approve"] else [])
    drawn = [*_form(content), labelled("approve", "Approval", at_once)]
    return modal("pool_add", "Add to the pool", "Add", drawn, **carried(asked, content["subject"]))


def reject_modal(content: Content, asked: Asked) -> Block:
    """Why an item is rejected. `content`: id, title."""
    why = {"type": "plain_text_input", "action_id": "why", "max_length": 200}
    asks = labelled("why", "Why", why, "Other curators see it, members never do.")
    drawn = [blocks.section(str(content["title"])), {**asks, "optional": False}]
    return modal("pool_reject", "Reject", "Reject", drawn, **carried(asked, str(content["id"])))


def preview_modal(content: Content, asked: Asked) -> Block:
    """How an item would open. `content`: id, title, style, styles (pairs), opener, notes."""
    item, style = str(content["id"]), str(content["style"])
    choices = [(blocks.value("pool_preview", "", name), label) for name, label in content["styles"]]
    chosen = blocks.value("pool_preview", "", style)
    drawn: list[Block] = [
        {"type": "header", "text": blocks.plain(str(content["title"]), 150)},
        {"type": "actions", "elements": [one_of("pool_preview", choices, chosen)]},
        blocks.section(str(content["opener"])),
        *([blocks.context("\n".join(content["notes"]))] if content["notes"] else []),
    ]
    return reading("pool_preview", "How would this open?", drawn, **carried(asked, item))


def wants_modal(content: Content, asked: Asked) -> Block:
    """What members asked for and the pool lacks. `content`: lines."""
    drawn = [blocks.section(str(line)) for line in content["lines"]]
    return reading("pool_wants", "What is missing", drawn)


def _navigation(content: Content) -> list[Block]:
    """The shelf, one item of the page, and the pages before and after."""
    words, page, pages = str(content["words"]), int(content["page"]), int(content["pages"])
    shelf = str(content["shelf"])
    shelves = [(_to(name, 0, words), label) for name, label in content["shelves"]]
    elements = [_menu("pool:shelf", shelves, _to(shelf, 0, words), "Show")]
    rows = [(f"pool_item|{row['id']}"[:150], str(row["title"])) for row in content["rows"]]
    if rows:
        elements.append(_menu("pool_item", rows, "", "Look at one"))
    for label, to in (("Previous", page - 1), ("Next", page + 1)):
        if 0 <= to < pages:
            made = blocks.button("pool", label)
            turn = {"action_id": f"pool:{label.lower()}", "value": _to(shelf, to, words)}
            elements.append({**made, **turn})
    return elements


def _to(shelf: str, page: int, words: str) -> str:
    """The value of a press that shows a page; an option's may have 150 characters."""
    return f"pool||{shelf};{page};{words.replace('|', ' ')}"[:150]


def _menu(name: str, pairs: Sequence[tuple[str, str]], chosen: str, told: str) -> Block:
    return {**one_of(name, pairs, chosen), "placeholder": blocks.plain(told, 150)}


def _radio(name: str, pairs: Sequence[tuple[str, str]]) -> Block:
    options = [option(label, value) for value, label in pairs]
    return {"type": "radio_buttons", "action_id": name, "options": options}


def _form(content: Content) -> list[Block]:
    """`content`: title, text (None where it is too long for an input), topics (pairs), chosen,
    kinds, kind, not_before, expires, audiences (pairs), audience, channels (pairs), among,
    about, widening (what has to be confirmed)."""
    drawn = [blocks.context(str(content["about"]))] if content.get("about") else []
    drawn.append({**labelled("title", "Title", _typed("title", content["title"], 300)),
                  "optional": False})  # fmt: skip
    if content["text"] is None:
        drawn.append(blocks.context("Its text is too long to be edited in Slack; it stays."))
    else:
        drawn.append(labelled("text", "Text", {
            **_typed("text", content["text"], LONGEST_INPUT), "multiline": True}))  # fmt: skip
    topics = offered(content["topics"], content["chosen"])
    if topics:
        picked = some_of("topics", "multi_static_select", topics, content["chosen"])
        rest = more_than(content["topics"], "`/overture pool edit ID topics a, b`")
        drawn.append(labelled("topics", "Topics", picked, rest))
    kinds = [(kind, kind) for kind in content["kinds"]]
    drawn.append(labelled("kind", "Kind", one_of("kind", kinds, str(content["kind"]))))
    drawn.append(labelled("not_before", "Not before", _date("not_before", content["not_before"])))
    drawn.append(labelled("expires", "Expires", _date("expires", content["expires"])))
    audience = _radio("audience", content["audiences"])
    held = [o for o in audience["options"] if o["value"] == content["audience"]]
    audience |= {"initial_option": held[0]} if held else {}
    drawn.append(labelled("audience", "Who may hear of it", audience))
    channels = offered(content["channels"], content["among"])
    if channels:
        among = some_of("channels", "multi_static_select", channels, content["among"])
        hint = "Where you chose readers of channels above."
        rest = more_than(content["channels"], "`/overture pool audience ID #channel`")
        drawn.append(labelled("channels", "Those who can read", among, f"{hint} {rest}".rstrip()))
    if content.get("widening"):
        sure = [option("Yes, I mean that", "widen")]
        asks = labelled("widen", str(content["widening"]), some_of("widen", "checkboxes", sure, ()))
        drawn.insert(0, {**asks, "optional": False})
    return drawn


def offered(pairs: Sequence[tuple[str, str]], chosen: Collection[str] = ()) -> list[Block]:
    """As many options as Slack takes: what is chosen is among them, or saving would drop it."""
    held = [pair for pair in pairs if pair[0] in chosen]
    rest = [pair for pair in pairs if pair[0] not in chosen]
    shown = {value for value, _ in [*held, *rest][:MOST_CHOICES]}
    return [option(label, value) for value, label in pairs if value in shown]


def more_than(pairs: Sequence[tuple[str, str]], words: str) -> str:
    """How to choose what no menu has room for; empty where it has."""
    return "" if len(pairs) <= MOST_CHOICES else f"There are more than fit here: {words} takes any."


def _typed(name: str, value: Any, limit: int) -> Block:
    element: Block = {"type": "plain_text_input", "action_id": name, "max_length": limit}
    return {**element, "initial_value": str(value)[:limit]} if value else element


def _date(name: str, value: Any) -> Block:
    element: Block = {"type": "datepicker", "action_id": name}
    return {**element, "initial_date": str(value)} if value else element


POOL_MODALS: Mapping[str, Draw] = {
    "notice": notice_modal,
    "pool": pool_modal,
    "pool_item": item_modal,
    "pool_edit": edit_modal,
    "pool_add": add_modal,
    "pool_reject": reject_modal,
    "pool_preview": preview_modal,
    "pool_wants": wants_modal,
}
