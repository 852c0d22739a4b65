"""Feeds and roles as modals: a list, with a form to add to it below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.ports import Asked
from bot.slack import blocks
from bot.slack.inputs import labelled, modal, one_of, option, some_of
from bot.slack.pool_modals import Content, Draw, more_than, offered

Block = blocks.Block
MOST_FEEDS = 30
"""of a list; more are listed by `/overture feeds list`"""
MOST_PEOPLE = 50


def feeds_modal(content: Content, asked: Asked) -> Block:
    """All feeds, and a form for another one.

    `content`: rows (id, title, detail, acts), topics (pairs), channels (pairs), note.
    """
    drawn: list[Block] = [blocks.section(str(content["note"]))] if content.get("note") else []
    for row in content["rows"][:MOST_FEEDS]:
        said = blocks.section(str(row["title"]))
        drawn += [{**said, "accessory": _acts(row)}, blocks.context(str(row["detail"]))]
    if len(content["rows"]) > MOST_FEEDS:
        drawn.append(blocks.context("More are listed by `/overture feeds list`."))
    if not content["rows"]:
        drawn.append(blocks.section("No feed yet. Add one, and its news arrives by itself."))
    url = {"type": "plain_text_input", "action_id": "url", "max_length": 2000,
           "placeholder": blocks.plain("https://…", 150)}  # fmt: skip
    drawn += [
        {"type": "divider"},
        labelled("url", "Add a feed", url, "The address of RSS or Atom."),
        *_defaults(content),
    ]
    return modal("feeds", "Feeds", "Add", drawn, close=blocks.plain("Close", 24))


def _acts(row: Mapping[str, Any]) -> Block:
    options = [option(label, f"{action}|{row['id']}") for action, label in row["acts"]]
    return {"type": "overflow", "action_id": f"feed:{row['id']}", "options": options}


def _defaults(content: Content) -> list[Block]:
    """What the items of a new feed are about, whom they are for, and who looks at them."""
    drawn = []
    topics = offered(content["topics"])
    if topics:
        picked = some_of("topics", "multi_static_select", topics, ())
        drawn.append(labelled("topics", "Its items are about", picked))
    channels = offered(content["channels"])
    if channels:
        among = some_of("channels", "multi_static_select", channels, ())
        rest = more_than(content["channels"], "`/overture feeds add https://… for #channel`")
        hint = f"Leave it empty for everybody here. {rest}".rstrip()
        drawn.append(labelled("channels", "Only for those who can read", among, hint))
    waits = [
        option("Each waits for a curator", "queue"),
        option("They may be offered at once", "auto"),
    ]
    radio = {"type": "radio_buttons", "action_id": "approval", "options": waits,
             "initial_option": waits[0]}  # fmt: skip
    return [*drawn, labelled("approval", "What arrives", radio)]


def roles_modal(content: Content, asked: Asked) -> Block:
    """Who holds a role, and a form to change that. `content`: rows (name, role), note."""
    drawn: list[Block] = [blocks.section(str(content["note"]))] if content.get("note") else []
    lines = [f"• {row['name']}: {row['role']}" for row in content["rows"][:MOST_PEOPLE]]
    drawn.append(blocks.section("\n".join(lines) or "Nobody holds a role yet."))
    person = {"type": "users_select", "action_id": "person",
              "placeholder": blocks.plain("Choose somebody", 150)}  # fmt: skip
    roles = (("curator", "curator"), ("admin", "admin"), ("member", "none any more"))
    drawn += [
        {"type": "divider"},
        {**labelled("person", "Who", person), "optional": False},
        {**labelled("role", "Is from now on", one_of("role", roles, "curator")), "optional": False},
    ]
    return modal("roles", "Roles", "Save", drawn, close=blocks.plain("Close", 24))


SOURCE_MODALS: Mapping[str, Draw] = {"feeds": feeds_modal, "roles": roles_modal}
