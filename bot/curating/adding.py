"""A message put into the pool: its channel stays its audience, unless somebody widens it knowingly.

What was said where not everybody can read is offered to nobody until then.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.curating.changes import Changes, kept
from bot.curating.roles import CURATOR, Actor
from bot.ids import digest
from bot.pool.cleaning import from_slack, mentioned, title_of
from bot.ports import Refused
from bot.store import tables
from bot.store.audit import Audit
from bot.store.channels import Channels
from bot.store.curations import Curations
from bot.store.database import Unit
from bot.store.items import Items
from bot.store.members import Members
from recsys.types import UNKNOWN_AUDIENCE, Audience, ChannelId, Item, ItemId, MemberId, Topic


@dataclass(frozen=True, slots=True)
class Said:
    """A message that somebody wants in the pool."""

    channel: str
    ref: str
    """Slack's timestamp of it"""
    author: str
    """external id; empty where no person wrote it"""


def words_of(unit: Unit, text: str) -> tuple[str, str]:
    """(title, text) of a message as Slack keeps it: names for mentions, nothing hidden."""
    named = {}
    for external in mentioned(text):
        member = Members(unit).get(external)
        named[external] = member.name if member is not None else "somebody"
    words = from_slack(text, named)
    return title_of(words), words


def home_audience(unit: Unit, channel: str) -> Audience:
    """Who may hear of what was said in a channel: its readers, where everybody can be one."""
    place = Channels(unit).get(channel)
    if place is not None and place.kind == "public":
        return Audience("channels", frozenset({channel}))
    return UNKNOWN_AUDIENCE


def is_wider(home: Audience, wanted: Audience, knowingly: bool) -> bool:
    """Whether an audience goes beyond a message's own. Raises Refused unless it is meant."""
    same = wanted == home or wanted.kind == "unknown"
    if not same and not knowingly:
        raise Refused(
            "more people than can read that message would hear of it; say that you mean it"
        )
    return not same


def add_message(
    unit: Unit,
    actor: Actor,
    said: Said,
    changes: Changes,
    *,
    approve: bool,
    knowingly: bool,
    now: datetime,
) -> tables.Item:
    """Make an item of a message.

    Raises Refused: it is in the pool already, or something about it is wrong.
    """
    if not actor.may(CURATOR):
        raise Refused("only curators may do that")
    home = home_audience(unit, said.channel)
    wanted = changes.audience or home
    wider = is_wider(home, wanted, knowingly)
    item = _item(unit, said, changes, wanted)
    known = Items(unit).by_message(said.channel, said.ref) or Items(unit).get(item.id)
    if known is not None:
        where = "was taken out of the pool" if known.withdrawn_at else "is in the pool already"
        raise Refused(f"that message {where}")
    by = actor.name if approve else None
    Items(unit).save([item], at=now, approved_by=by, message_refs={item.id: said.ref})
    row = Items(unit).get(item.id)
    assert row is not None
    row.edited_at = now  # an import of the same message must not write over these words
    batch = "cu_" + digest(unit.workspace, actor.name, now, "added", item.id)
    here = {"rejected_at": None, "rejected_why": "", "approved_at": kept(row.approved_at),
            "approved_by": row.approved_by}  # fmt: skip
    gone = {"rejected_at": kept(now), "rejected_why": "taken back", "approved_at": None,
            "approved_by": None}  # fmt: skip
    Curations(unit).add(batch, row.id, "added", gone, here, at=now, who=actor.name)
    told = {"channel": said.channel, "approved": approve, "widened": wider,
            "to": wanted.kind}  # fmt: skip
    Audit(unit).append(now, actor.name, "item.added", row.id, told)
    return row


def _item(unit: Unit, said: Said, changes: Changes, audience: Audience) -> Item:
    author = Members(unit).get(said.author) if said.author else None
    place = Channels(unit).get(said.channel)
    blank = tables.Item(title="", summary="", text="")
    values: Mapping[str, Any] = changes.values_for(blank)
    at = datetime.fromtimestamp(float(said.ref), UTC)
    public = place is not None and place.kind == "public"
    expires = changes.expires[0] if changes.expires else None
    starts = changes.not_before[0] if changes.not_before else None
    return Item(
        id=ItemId(f"thread-{said.channel}-{said.ref}"),
        kind=str(values.get("kind") or "thread"),
        title=str(values["title"]),
        text=str(values.get("text") or ""),
        topics=tuple(Topic(one) for one in values.get("topics") or ()),
        source=f"slack:#{place.name}" if public and place is not None else "slack",
        published=at.timestamp(),
        author=MemberId(author.id) if author is not None else None,
        channel=ChannelId(said.channel),
        audience=audience,
        not_before=starts.timestamp() if starts else -math.inf,
        expires=expires.timestamp() if expires else math.inf,
    )
