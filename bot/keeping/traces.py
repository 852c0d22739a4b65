"""What speaks of a member in rows that are not theirs: items of their messages, and who did what.

An item that was made of somebody's message is their words. It goes, and with it what openers,
answers, reviews and lists of others said of it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Text, and_, cast, delete, or_, select, update

from bot.store import tables
from bot.store.database import Unit
from bot.store.types import raw
from bot.store.upsert import chunks

NO_WORDS = {"content": {"text": ""}}
"""a message that may still be on its way: its item is gone, so it is not sent"""
ERASED = "erased"
"""what stands where somebody was named who did something"""

AT_ONCE = 50
"""items in one statement, each with a condition of its own"""

NAMED = (
    tables.Item.approved_by,
    tables.Review.decided_by,
    tables.AdminRule.saved_by,
    tables.Handoff.taken_by,
    tables.Outbox.settled_by,
    tables.ArmStop.stopped_by,
    tables.Workspace.killed_by,
    tables.Feed.added_by,
    tables.Role.granted_by,
    tables.Curation.who,
    tables.Installation.installed_by,
)
"""columns that say who did something"""


def items_of(unit: Unit, ids: Collection[str]) -> Sequence[tables.Item]:
    """Items that were made of their messages, or addressed to them alone."""
    item = tables.Item
    made = and_(
        item.author_id.in_(ids), or_(item.channel_id.is_not(None), item.message_ref.is_not(None))
    )
    theirs = or_(made, item.addressed_to.in_(ids))
    return unit.session.scalars(
        select(item).where(item.workspace_id == unit.workspace, theirs)
    ).all()


def remove_items(unit: Unit, ids: Collection[str]) -> int:
    """Delete those items, and what was said of them to others; how many items there were."""
    items = [item.id for item in items_of(unit, ids)]
    for some in chunks(items, AT_ONCE):
        _unsay(unit, some)
        for column in (tables.Shelved.item_id, tables.Curation.item_id, tables.Item.id):
            table = column.class_
            unit.session.execute(
                delete(table).where(table.workspace_id == unit.workspace, column.in_(some))
            )
    for item in items:
        _untitle(unit, item)
    return len(items)


def unname(unit: Unit, ids: Collection[str]) -> None:
    """Take their ids from what others' rows say of them."""
    session, item = unit.session, tables.Item
    mine = item.workspace_id == unit.workspace
    session.execute(update(item).where(mine, item.author_id.in_(ids)).values(author_id=None))
    for one in ids:
        named = or_(
            cast(item.mentions, Text).contains(f'"{one}"', autoescape=True),
            cast(item.audience_ids, Text).contains(f'"{one}"', autoescape=True),
        )
        for row in session.scalars(select(item).where(mine, named)):
            row.mentions = [other for other in row.mentions if other != one]
            row.audience_ids = [other for other in row.audience_ids if other != one]
    for column in NAMED:
        table = column.class_
        here = table.id if table is tables.Workspace else table.workspace_id
        session.execute(
            update(table)
            .where(here == unit.workspace, column.in_(ids))
            .values({column.key: ERASED})
            .execution_options(synchronize_session=False)
        )


def remove_messages(unit: Unit, parts: Collection[str]) -> None:
    """Delete messages to others that are about them: their keys name whom or what."""
    outbox = tables.Outbox
    for one in parts:
        about = or_(  # the whole id: it may be the beginning of another one's
            outbox.dedupe_key.contains(f":{one}:", autoescape=True),
            outbox.dedupe_key.endswith(f":{one}", autoescape=True),
        )
        unit.session.execute(
            delete(outbox).where(
                outbox.workspace_id == unit.workspace, about, outbox.opener_id.is_(None)
            )
        )


def remove_arrivals(unit: Unit, ids: Collection[str], places: Collection[str]) -> None:
    """Delete what arrived from them: by where it came from, and by who a payload says it was."""
    inbox = tables.Inbox
    mine = inbox.workspace_id == unit.workspace
    homes = [f"{kind}:{one}" for one in ids for kind in ("home", "user")]
    unit.session.execute(delete(inbox).where(mine, inbox.conversation.in_([*places, *homes])))
    held = select(inbox).where(mine, raw(inbox.payload) != "{}")
    for row in unit.session.scalars(held.execution_options(yield_per=500)):
        if row.payload.get("member") in ids or row.payload.get("address") in places:
            unit.session.delete(row)


def _unsay(unit: Unit, items: Sequence[str]) -> None:
    """Openers about these keep their figures, and lose their words; so do conversations."""
    session, opener = unit.session, tables.Opener
    about = select(opener.id).where(
        opener.workspace_id == unit.workspace, opener.item_id.in_(items)
    )
    talks = select(tables.Conversation.id).where(tables.Conversation.opener_id.in_(about))
    said = select(tables.Turn.key).where(
        tables.Turn.workspace_id == unit.workspace, tables.Turn.conversation_id.in_(talks)
    )
    outbox = tables.Outbox
    told = or_(
        outbox.opener_id.in_(about),
        outbox.dedupe_key.in_(said),
        *(outbox.dedupe_key.endswith(f":{item}", autoescape=True) for item in items),
    )
    empty: tuple[tuple[Any, Any, dict[str, Any]], ...] = (
        (outbox, and_(outbox.workspace_id == unit.workspace, told), {"payload": NO_WORDS}),
        (tables.Turn, tables.Turn.conversation_id.in_(talks), {"text": ""}),
        (tables.Review, tables.Review.opener_id.in_(about),
         {"original": "", "edited": None, "note": ""}),
        (opener, opener.id.in_(about), {"text": "", "why": ""}),
    )  # fmt: skip
    for table, where, values in empty:
        session.execute(
            update(table).where(where).values(values).execution_options(synchronize_session=False)
        )


def _untitle(unit: Unit, item: str) -> None:
    """Slates keep an item's id and figures, and lose its title."""
    decision = tables.Decision
    named = cast(decision.slate, Text).contains(f'"{item}"', autoescape=True)
    rows = select(decision).where(decision.workspace_id == unit.workspace, named)
    for row in unit.session.scalars(rows):
        slate = dict(row.slate or {})
        top = slate.get("top", [])
        slate["top"] = [{**one, "title": ""} if one.get("item") == item else one for one in top]
        row.slate = slate
