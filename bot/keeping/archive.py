"""Everything about one member as a file for them: data for machines, a page for people.

What others said is not in it: of a conversation the member's own turns and ours, of an item its
title alone.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any

from sqlalchemy import select

from bot.policy.purposes import BY_NAME
from bot.policy.words import OUTCOMES, in_words
from bot.store import tables
from bot.store.database import Unit
from bot.store.proposals import Proposals

VERSION = 1
"""of the layout of data.json"""
DATA, PAGE = "data.json", "your-data.html"
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}"
    "td,th{border-bottom:1px solid #ccc;padding:.3rem .6rem .3rem 0;text-align:left;"
    "vertical-align:top;overflow-wrap:anywhere}"
)

Rows = Sequence[Mapping[str, Any]]


def archive(unit: Unit, member: tables.Member, now: datetime) -> bytes:
    """A zip with `data.json` and `your-data.html`; the same data in both."""
    told = collect(unit, member, now)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(DATA, json.dumps(told, indent=1, ensure_ascii=False))
        file.writestr(PAGE, page(told))
    return made.getvalue()


def collect(unit: Unit, member: tables.Member, now: datetime) -> dict[str, Any]:
    """Everything about a member as JSON, by kind, in order of time."""
    return {
        "version": VERSION,
        "made_at": now.isoformat(),
        "member": _plain(member, leaving_out=("workspace_id",)),
        "consents": _rows(unit, tables.Consent, member, "granted_at"),
        "topics": _rows(unit, tables.TopicChoice, member, "topic"),
        "signals": _rows(unit, tables.Signal, member, "at"),
        "messages_to_you": _openers(unit, member),
        "conversations": _talks(unit, member),
        "quiet_shelf": _titled(unit, _rows(unit, tables.Shelved, member, "put_at")),
        "hand_offs": _rows(unit, tables.Handoff, member, "asked_at"),
        "proposals": _rows(unit, tables.Proposal, member, "asked_at"),
        "kept_for_you": [
            {"title": item.title, "from": _json(item.not_before), "until": _json(item.expires_at)}
            for item in Proposals(unit).kept(member.id, now)
        ],
        "decisions": _decisions(unit, member),
        "channels": sorted(one["channel_id"] for one in _rows(unit, tables.ChannelMember, member)),
        "roles": _rows(unit, tables.Role, member),
    }


def _openers(unit: Unit, member: tables.Member) -> list[dict[str, Any]]:
    outcomes = _rows(unit, tables.Outcome, member, "at")
    plain = ("text", "why", "state", "style", "language_model", "item_id", "created_at", "sent_at",
             "satisfaction")  # fmt: skip
    return [
        {
            **{name: _json(one[name]) for name in plain},
            "outcomes": [
                {"kind": o["kind"], "reason": o["reason"], "at": o["at"], "undone": o["undone_at"]}
                for o in outcomes
                if o["opener_id"] == one["id"]
            ],
        }
        for one in _titled(unit, _rows(unit, tables.Opener, member, "created_at"))
    ]


def _talks(unit: Unit, member: tables.Member) -> list[dict[str, Any]]:
    turns = (
        select(tables.Turn, tables.Conversation.thread_ref)
        .join(tables.Conversation, tables.Conversation.id == tables.Turn.conversation_id)
        .where(
            tables.Conversation.workspace_id == unit.workspace,
            tables.Conversation.member_id == member.id,
        )
        .order_by(tables.Turn.at, tables.Turn.id)
    )
    return [
        {"thread": thread, "at": _json(turn.at), "who": turn.author, "text": turn.text,
         "your_rating": turn.rating}
        for turn, thread in unit.session.execute(turns)
    ]  # fmt: skip


def _decisions(unit: Unit, member: tables.Member) -> list[dict[str, Any]]:
    names = (
        "at", "kind", "verdict", "reason", "item_id", "why", "engages", "arm", "model_version",
    )  # fmt: skip
    rows = _rows(unit, tables.Decision, member, "at")
    return [
        {**{n: one[n] for n in names}, "reason_in_words": in_words(str(one["reason"]))}
        for one in rows
    ]


def _titled(unit: Unit, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows with the title of their item."""
    found = []
    for row in rows:
        item = unit.session.get(tables.Item, (unit.workspace, row["item_id"]))
        found.append({**row, "about": item.title if item is not None else ""})
    return found


def _rows(unit: Unit, table: Any, member: tables.Member, order: str = "") -> list[dict[str, Any]]:
    mine = select(table).where(table.workspace_id == unit.workspace, table.member_id == member.id)
    if order:
        mine = mine.order_by(getattr(table, order))
    return [_plain(row) for row in unit.session.scalars(mine)]


def _plain(row: Any, leaving_out: Sequence[str] = ("workspace_id", "member_id")) -> dict[str, Any]:
    columns = (one.key for one in row.__table__.columns)
    return {name: _json(getattr(row, name)) for name in columns if name not in leaving_out}


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def page(told: Mapping[str, Any]) -> str:
    """The same for people: one page that needs nothing beside itself."""
    member = told["member"]
    parts = [
        _section("You", [{"what": name, "value": value} for name, value in member.items() if value],
                 ("what", "value")),
        _section("What you agreed to", told["consents"],
                 ("purpose", "granted_at", "withdrawn_at", "origin"), BY_NAME),
        _section("Topics", told["topics"], ("topic", "stance", "at")),
        _section("What I took note of", told["signals"],
                 ("at", "kind", "purpose", "channel_id", "text")),
        _section("What I wrote to you first", _outcomes(told["messages_to_you"]),
                 ("sent_at", "text", "why", "outcome", "satisfaction")),
        _section("Our conversations", told["conversations"],
                 ("at", "who", "text", "your_rating")),
        _section("The quiet shelf", told["quiet_shelf"], ("put_at", "about", "why")),
        _section("When you asked for a person", told["hand_offs"], ("asked_at", "taken_at")),
        _section("What I offered to change or keep", told["proposals"],
                 ("asked_at", "kind", "payload", "agreed")),
        _section("What I keep in mind for you", told["kept_for_you"], ("title", "from", "until")),
        _section("Channels that I know you can read", [{"channel": c} for c in told["channels"]],
                 ("channel",)),
        _section("Your roles", told["roles"], ("role", "at")),
        _section("When I decided to speak or to be silent", told["decisions"],
                 ("at", "verdict", "reason_in_words")),
    ]  # fmt: skip
    name, made = escape(str(member["name"])), escape(str(told["made_at"]))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>What Overture knows about {name}</title><style>{_STYLE}</style></head><body>"
        f"<h1>What Overture knows about {name}</h1><p>As of {made}. All of it is in {DATA}, too."
        f" Nothing that others said is in it.</p>{''.join(parts)}</body></html>"
    )


def _outcomes(openers: Rows) -> list[dict[str, Any]]:
    return [
        {**one, "outcome": ", ".join(OUTCOMES.get(o["kind"], o["kind"]) for o in one["outcomes"])}
        for one in openers
    ]


def _section(
    title: str, rows: Rows, columns: Sequence[str], words: Mapping[str, Any] | None = None
) -> str:
    if not rows:
        return f"<h2>{title}</h2><p>Nothing.</p>"
    head = "".join(f'<th scope="col">{escape(name.replace("_", " "))}</th>' for name in columns)
    body = "".join(
        f"<tr>{''.join(f'<td>{_cell(row.get(name), words)}</td>' for name in columns)}</tr>"
        for row in rows
    )
    return f"<h2>{title}</h2><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: Any, words: Mapping[str, Any] | None) -> str:
    known = words.get(value) if words is not None and isinstance(value, str) else None
    if known is not None:
        value = f"{known.title}: {known.sentence}"
    if isinstance(value, dict):
        value = json.dumps(value, ensure_ascii=False)
    return escape("" if value is None else str(value)).replace("\n", "<br>")
