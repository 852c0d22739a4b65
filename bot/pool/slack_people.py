"""Members and channels of a Slack export."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.pool.leftout import Flaw
from bot.store.channels import Place
from bot.store.members import Person
from bot.text import plain

NAME_LENGTH = 80
_ID = re.compile(r"[A-Za-z0-9]{1,40}")
_FOLDER = re.compile(r"[^/\\\x00-\x1f]{1,100}")


@dataclass(frozen=True, slots=True)
class PublicChannel:
    """A channel that everybody can read, the folder of its messages, and who is in it."""

    place: Place
    folder: str
    members: tuple[str, ...]


def person(raw: Any) -> Person:
    """Somebody of `users.json`; a field that is missing there is None. Raises Flaw."""
    fields = _object(raw)
    profile = _object(fields.get("profile") or {}, "profile")
    names = (
        _text(profile, "display_name"),
        _text(profile, "real_name"),
        _text(fields, "real_name"),
        _text(fields, "name"),
    )
    user = an_id(fields.get("id"), "id")
    restricted = _flag(fields, "is_restricted"), _flag(fields, "is_ultra_restricted")
    return Person(
        id=user,
        name=next((name for name in names if name), None),
        title=_text(profile, "title"),
        zone=_zone(_text(fields, "tz")),
        is_bot=True if user == "USLACKBOT" else _flag(fields, "is_bot"),
        is_guest=None if restricted == (None, None) else any(restricted),
        is_stranger=_flag(fields, "is_stranger"),
        deactivated=_flag(fields, "deleted"),
    )


def team_of(users: Iterable[Any]) -> str | None:
    """The id of the workspace that most of the users are from, where they say it."""
    teams = Counter(
        one["team_id"]
        for one in users
        if isinstance(one, dict)
        and isinstance(one.get("team_id"), str)
        and _ID.fullmatch(one["team_id"])
    )
    return teams.most_common(1)[0][0] if teams else None


def channel(raw: Any) -> PublicChannel | None:
    """A channel of `channels.json`; None for one that says itself that it is private.

    Raises Flaw.
    """
    fields = _object(raw)
    identity = an_id(fields.get("id"), "id")
    folder = fields.get("name")
    if not isinstance(folder, str) or not _FOLDER.fullmatch(folder) or folder in (".", ".."):
        raise Flaw(f"name should be a channel's name, but is {folder!r:.80}")
    members = fields.get("members", [])
    if not isinstance(members, list):
        raise Flaw("members should be a list of members' ids")
    ids = tuple(dict.fromkeys(an_id(one, "members") for one in members))
    if any(_flag(fields, name) for name in ("is_private", "is_im", "is_mpim")):
        return None
    return PublicChannel(Place(identity, plain(folder, NAME_LENGTH), "public"), folder, ids)


def hidden_folders(listed: Sequence[Any]) -> set[str]:
    """Folders of private channels or direct messages, under whichever of their names."""
    names = (one.get(key) for one in listed if isinstance(one, dict) for key in ("id", "name"))
    return {name for name in names if isinstance(name, str)}


def an_id(value: Any, name: str) -> str:
    """An id of Slack's. Raises Flaw."""
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise Flaw(f"{name} should be an id such as U0123ABCD, but is {value!r:.80}")
    return value


def _object(raw: Any, name: str = "this") -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise Flaw(f"{name} should be an object with fields, {{…}}")
    return raw


def _text(fields: dict[str, Any], name: str) -> str | None:
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise Flaw(f"{name} should be text, but is {value!r:.80}")
    return plain(value, NAME_LENGTH) or None


def _flag(fields: dict[str, Any], name: str) -> bool | None:
    value = fields.get(name)
    if value is None or isinstance(value, bool):
        return value
    raise Flaw(f"{name} should be true or false, but is {value!r:.80}")


def _zone(name: str | None) -> str | None:
    """The zone, if this machine knows it: one that it does not know cannot be used."""
    try:
        return ZoneInfo(name).key if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
