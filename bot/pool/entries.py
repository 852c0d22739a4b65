"""One entry of a pool file, checked field by field and cleaned into an item."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from bot.pool.cleaning import from_html
from bot.pool.leftout import Flaw
from bot.text import plain
from recsys.types import WHOLE_WORKSPACE, Audience, Item, ItemId, MemberId, Topic

FIELDS = (
    "id", "title", "summary", "text", "url", "topics", "kind", "level", "builds_on", "published",
    "not_before", "expires", "audience", "addressed_to", "author",
)  # fmt: skip
LIMITS: Mapping[str, int] = {"title": 300, "summary": 2_000, "text": 20_000, "url": 2_000}
"""characters"""
MOST = 50
"""topics, or items to build on"""
MOST_IDS = 5_000
"""ids in an audience"""
LEVELS = range(1, 6)
RESERVED = "thread-"
"""ids of items that are made from messages; a file must not take one over"""

_ID = re.compile(r"[\w.:/#@+=-]{1,128}", re.ASCII)
_KIND = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_TOPIC = re.compile(r"[\w+#.-]{1,64}")
_PERSON = re.compile(r"[\w.-]{1,64}", re.ASCII)


def item_of(raw: Mapping[str, Any], source: str) -> Item:
    """The item that an entry describes; fields that are None count as missing.

    Its `published` is nan where the entry does not say; its id, where none is given, depends on
    the source and the url (or the title) alone, so that the same entry is the same item again.

    Raises:
        Flaw: a field is missing, unknown, too long or of the wrong type; names it and the limit.
    """
    given = {name: value for name, value in raw.items() if value is not None}
    unknown = sorted(str(name) for name in given if name not in FIELDS)
    if unknown:
        raise Flaw(f"has an unknown field {unknown[0][:80]!r}; known are {', '.join(FIELDS)}")
    title = " ".join(_words(given, "title").split())
    summary, text = _words(given, "summary"), _words(given, "text")
    if not title:
        raise Flaw("has no title")
    if not (summary or text):
        raise Flaw("has neither text nor summary")
    url = _url(given)
    addressed = _match(given, "addressed_to", _PERSON, "a member's id")
    author = _match(given, "author", _PERSON, "a member's id")
    not_before, expires = _moment(given, "not_before"), _moment(given, "expires")
    if not_before is not None and expires is not None and expires <= not_before:
        raise Flaw("expires before it may be spoken of (expires, not_before)")
    return Item(
        id=_id(given) or _derived(source, url or title),
        kind=_match(given, "kind", _KIND, "lower-case letters, digits, - and _") or "news",
        title=title,
        summary=summary,
        text=text,
        topics=tuple(dict.fromkeys(_topic(one) for one in _list(given, "topics", MOST))),
        source=source,
        published=_seconds(_moment(given, "published"), math.nan),
        not_before=_seconds(not_before, -math.inf),
        expires=_seconds(expires, math.inf),
        level=_level(given),
        builds_on=tuple(
            ItemId(_an_id("builds_on", one)) for one in _list(given, "builds_on", MOST)
        ),
        url=url,
        author=MemberId(author) if author else None,
        audience=_audience(given, addressed),
        addressed_to=MemberId(addressed) if addressed else None,
    )


def topic_slug(name: str) -> str:
    """A topic's name as its slug: lower case, hyphens between words."""
    return re.sub(r"\s+", "-", plain(name).casefold())


def _words(given: Mapping[str, Any], name: str) -> str:
    value, limit = _string(given, name), LIMITS[name]
    if value is None:
        return ""
    # markup does not count, but nobody needs ten times as much of it as of words
    words = from_html(value) if len(value) <= 10 * limit else value
    if len(words) > limit:
        raise Flaw(f"{name} has {len(words):,} characters; at most {limit:,} are allowed")
    return words


def _string(given: Mapping[str, Any], name: str) -> str | None:
    value = given.get(name)
    if value is None or isinstance(value, str):
        return value
    raise Flaw(f"{name} should be text, not {_kind_of(value)}")


def _match(given: Mapping[str, Any], name: str, pattern: re.Pattern[str], what: str) -> str | None:
    value = _string(given, name)
    if value is None:
        return None
    if not pattern.fullmatch(value):
        raise Flaw(f"{name} should be {what}, but is {value[:80]!r}")
    return value


def _id(given: Mapping[str, Any]) -> ItemId | None:
    value = _string(given, "id")
    if value is None:
        return None
    if value.startswith(RESERVED):
        raise Flaw(f"id {value[:80]!r} begins with {RESERVED!r}, which is kept for messages")
    return ItemId(_an_id("id", value))


def _an_id(name: str, value: Any) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise Flaw(
            f"{name} should be an id of at most 128 letters, digits and . : / # @ + = -,"
            f" but is {str(value)[:80]!r}"
        )
    return value


def _derived(source: str, rest: str) -> ItemId:
    digest = hashlib.blake2b(f"{source}\x1f{rest}".encode(), digest_size=8).hexdigest()
    return ItemId(f"pool-{digest}")


def _url(given: Mapping[str, Any]) -> str | None:
    value = _string(given, "url")
    if value is None:
        return None
    value = value.strip()
    if len(value) > LIMITS["url"]:
        raise Flaw(f"url has {len(value):,} characters; at most {LIMITS['url']:,} are allowed")
    try:
        parts = urlsplit(value)
        fine = (
            parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
        )
    except ValueError:
        fine = False
    if not fine or plain(value) != value or re.search(r"[\s<>\"|\\]", value):
        raise Flaw(f"url should be an http or https address, but is {value[:80]!r}")
    return value


def _list(given: Mapping[str, Any], name: str, most: int) -> list[Any]:
    value = given.get(name, [])
    if not isinstance(value, list):
        raise Flaw(f"{name} should be a list, not {_kind_of(value)}")
    if len(value) > most:
        raise Flaw(f"{name} has {len(value):,} entries; at most {most:,} are allowed")
    return value


def _topic(value: Any) -> Topic:
    slug = topic_slug(value) if isinstance(value, str) else ""
    if not _TOPIC.fullmatch(slug):
        raise Flaw(f"topics should be words of at most 64 characters, but one is {value!r:.80}")
    return Topic(slug)


def _level(given: Mapping[str, Any]) -> float:
    value = given.get("level")
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, int) or value not in LEVELS:
        raise Flaw(f"level should be a whole number from 1 to {LEVELS[-1]}, but is {value!r:.80}")
    return float(value)


def _moment(given: Mapping[str, Any], name: str) -> datetime | None:
    value = _string(given, name)
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        moment = None
    if moment is None or not 1970 <= moment.year <= 2200:
        raise Flaw(
            f"{name} should be a date or time such as 2026-03-02T09:00Z, but is {value[:80]!r}"
        )
    return moment


def _seconds(moment: datetime | None, otherwise: float) -> float:
    return otherwise if moment is None else moment.timestamp()


def _audience(given: Mapping[str, Any], addressed: str | None) -> Audience:
    value = given.get("audience")
    if value is None:
        # what is meant for one member is nobody else's business unless the file says so
        return Audience("members", frozenset({addressed})) if addressed else WHOLE_WORKSPACE
    if value == "workspace":
        return WHOLE_WORKSPACE
    if isinstance(value, dict) and len(value) == 1:
        kind, ids = next(iter(value.items()))
        wrong = not isinstance(ids, list) or not 1 <= len(ids) <= MOST_IDS
        if kind in ("channels", "members") and not wrong:
            return Audience(kind, frozenset(_reader(one) for one in ids))
    raise Flaw(
        'audience should be "workspace", {"channels": [ids]} or {"members": [ids]},'
        f" but is {value!r:.80}"
    )


def _reader(value: Any) -> str:
    if not isinstance(value, str) or not _PERSON.fullmatch(value):
        raise Flaw(f"audience should name ids of channels or members, but one is {value!r:.80}")
    return value


def _kind_of(value: Any) -> str:
    kinds = {bool: "true or false", int: "a number", float: "a number", list: "a list"}
    return "a group of fields" if isinstance(value, dict) else kinds.get(type(value), "that")
