"""Messages of a Slack export: which of them count, and what they become."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.pool.cleaning import from_slack, mentioned, title_of
from bot.pool.leftout import Flaw
from bot.pool.slack_people import an_id
from bot.store.channels import Place
from bot.store.signals import Happened
from recsys.types import Audience, ChannelId, Item, ItemId, MemberId

LIVES = timedelta(days=7)
"""a thread is worth joining for so long after its root"""
LONGEST = 100_000
"""characters of a message; Slack's own limit is 40,000"""
PURPOSE = "imported_history"
SPOKEN = frozenset({None, "thread_broadcast", "file_share", "me_message"})
"""the subtypes that somebody typed; all others (joins, topics, bots …) are no messages"""
_TS = re.compile(r"(\d{9,11})\.(\d{1,6})")
_EMOJI = re.compile(r"[^\s/]{1,100}")


@dataclass(frozen=True, slots=True)
class Message:
    """Something that somebody said in a public channel."""

    channel: Place
    ts: str
    at: datetime
    user: str
    raw: str
    root: str | None
    """the ts of its thread's root; None for a root"""
    reactions: tuple[tuple[str, str], ...] = ()
    """(emoji, user), as far as the export says who"""


def message(raw: Any, channel: Place, bots: frozenset[str]) -> Message | None:
    """One element of a day's file; None for what no person typed.

    Raises:
        Flaw: it is no message of Slack's; says which field is wrong.
    """
    if not isinstance(raw, dict):
        raise Flaw("should be an object with fields, {…}")
    if raw.get("type", "message") != "message":
        return None
    ts, at = _moment(raw.get("ts"), "ts")
    subtype = raw.get("subtype")
    if subtype is not None and not isinstance(subtype, str):
        raise Flaw(f"subtype should be text, but is {subtype!r:.80}")
    if subtype not in SPOKEN or raw.get("bot_id") or raw.get("hidden"):
        return None
    user = an_id(raw.get("user"), "user")
    if user in bots:
        return None
    text = raw.get("text") or ""
    if not isinstance(text, str):
        raise Flaw(f"text should be text, but is {text!r:.80}")
    if len(text) > LONGEST:
        raise Flaw(f"text has {len(text):,} characters; at most {LONGEST:,} are allowed")
    root = None
    if raw.get("thread_ts") is not None:
        thread = _moment(raw["thread_ts"], "thread_ts")[0]
        root = None if thread == ts else thread
    return Message(channel, ts, at, user, text, root, _reactions(raw.get("reactions"), bots))


def signal(said: Message, names: Mapping[str, str], threads: Mapping[str, ItemId]) -> Happened:
    """The signal of a message; it touches its thread's item, where there is one."""
    return Happened(
        key=f"{said.channel.id}/{said.ts}",
        member=said.user,
        purpose=PURPOSE,
        kind="posted" if said.root is None else "replied",
        at=said.at,
        item=threads.get(thread_id(said)),
        channel=said.channel.id,
        text=from_slack(said.raw, names),
    )


def reactions(said: Message, threads: Mapping[str, ItemId], end: datetime) -> list[Happened]:
    """The signals of those who reacted.

    An export does not say when they did, only that it was before its `end`: they are put there,
    so that no replay of an earlier moment can see them.
    """
    return [
        Happened(
            key=f"{said.channel.id}/{said.ts}/{emoji}/{user}",
            member=user,
            purpose=PURPOSE,
            kind="reacted",
            at=end,
            item=threads.get(thread_id(said)),
            channel=said.channel.id,
        )
        for emoji, user in said.reactions
    ]


def thread_id(said: Message) -> str:
    """The id of the item of a message's thread."""
    return f"thread-{said.channel.id}-{said.root or said.ts}"


def thread(root: Message, names: Mapping[str, str]) -> Item | None:
    """The item of a thread, of its root's own words alone; None where it has none."""
    text = from_slack(root.raw, names)
    title = title_of(text)
    if not title:
        return None
    return Item(
        id=ItemId(thread_id(root)),
        kind="thread",
        title=title,
        text=text,
        source=f"slack:#{root.channel.name}",
        published=root.at.timestamp(),
        expires=(root.at + LIVES).timestamp(),
        author=MemberId(root.user),
        channel=ChannelId(root.channel.id),
        audience=Audience("channels", frozenset({root.channel.id})),
        mentions=tuple(MemberId(member) for member in mentioned(root.raw)),
    )


def _moment(value: Any, name: str) -> tuple[str, datetime]:
    match = _TS.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Flaw(f"{name} should be a timestamp such as 1548733863.191600, but is {value!r:.80}")
    seconds, fraction = match.groups()
    # not through a float: two messages of one microsecond apart must stay apart
    at = datetime.fromtimestamp(int(seconds), UTC)
    return value, at + timedelta(microseconds=int(fraction.ljust(6, "0")))


def _reactions(value: Any, bots: frozenset[str]) -> tuple[tuple[str, str], ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise Flaw("reactions should be a list")
    found: dict[tuple[str, str], None] = {}
    for one in value:
        emoji = one.get("name") if isinstance(one, dict) else None
        if not isinstance(emoji, str) or not _EMOJI.fullmatch(emoji):
            raise Flaw("a reaction should be an object with a name")
        users = one.get("users") or []
        if not isinstance(users, list):
            raise Flaw("a reaction's users should be a list")
        for user in users:
            if an_id(user, "a reaction's user") not in bots:
                found[emoji, user] = None
    return tuple(found)
