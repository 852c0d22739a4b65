"""What may be changed of an item, checked as if it had come in a file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.pool.cleaning import from_html
from bot.pool.entries import LIMITS, topic_slug
from bot.ports import Refused
from bot.store import tables
from recsys.types import Audience

MOST_TOPICS = 50
_KIND = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_TOPIC = re.compile(r"[\w+#.-]{1,64}")
MOMENTS = ("approved_at", "rejected_at", "pinned_at", "expires_at", "not_before", "edited_at")

When = tuple[datetime | None]
"""a moment or none, where it was said at all"""


@dataclass(frozen=True)
class Changes:
    """What a curator wants an item to be; None leaves a field as it is."""

    title: str | None = None
    summary: str | None = None
    text: str | None = None
    topics: tuple[str, ...] | None = None
    kind: str | None = None
    not_before: When | None = None
    expires: When | None = None
    audience: Audience | None = None

    def values_for(self, row: tables.Item) -> dict[str, Any]:
        """The columns to set. Raises Refused: a field is too long or not what it should be."""
        found: dict[str, Any] = {}
        for name in ("title", "summary", "text"):
            given = getattr(self, name)
            if given is not None:
                found[name] = _words(name, given)
        if not found.get("title", row.title):
            raise Refused("it needs a title")
        if not (found.get("text", row.text) or found.get("summary", row.summary)):
            raise Refused("it needs a text or a summary")
        if self.topics is not None:
            found["topics"] = [_topic(one) for one in dict.fromkeys(self.topics)][:MOST_TOPICS]
        if self.kind is not None:
            found["kind"] = _kind(self.kind)
        if self.not_before is not None:
            found["not_before"] = self.not_before[0]
        if self.expires is not None:
            found["expires_at"] = self.expires[0]
        if self.audience is not None:
            found |= audience_columns(self.audience)
        return found


def audience_columns(audience: Audience) -> dict[str, Any]:
    return {"audience_kind": audience.kind, "audience_ids": sorted(audience.ids)}


def widens(row: tables.Item, given: Mapping[str, Any]) -> bool:
    """Whether somebody could be told of an item with these columns who could not before."""
    kind = given.get("audience_kind", row.audience_kind)
    ids = set(given.get("audience_ids", row.audience_ids))
    if (kind, ids) == (row.audience_kind, set(row.audience_ids)) or kind == "unknown":
        return False
    if row.audience_kind == "workspace":
        return False
    return kind != row.audience_kind or not ids <= set(row.audience_ids)


def kept(value: Any) -> Any:
    """A column's value as JSON."""
    return value.isoformat() if isinstance(value, datetime) else value


def value_of(name: str, told: Any) -> Any:
    """The value again."""
    return datetime.fromisoformat(told) if name in MOMENTS and told is not None else told


def _words(name: str, given: str) -> str:
    words = from_html(given)
    if name == "title":
        words = " ".join(words.split())
    if len(words) > LIMITS[name]:
        raise Refused(f"the {name} has {len(words):,} characters; at most {LIMITS[name]:,} fit")
    return words


def _topic(given: str) -> str:
    slug = topic_slug(given)
    if not _TOPIC.fullmatch(slug):
        raise Refused(f"a topic is a word of at most 64 letters, not “{given[:60]}”")
    return slug


def _kind(given: str) -> str:
    kind = given.strip().lower()
    if not _KIND.fullmatch(kind):
        raise Refused("a kind is a word in lower case, such as news or work")
    return kind
