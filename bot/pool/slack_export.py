"""A Slack export, read from its zip: people, public channels, and what was said there.

Private channels and direct messages (`groups.json`, `dms.json`, `mpims.json`) are counted and
never opened; a folder that no list calls public is treated like them.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.pool.archive import Archive, Limits
from bot.pool.json_text import array, decode
from bot.pool.leftout import Flaw, Sieve, Unreadable
from bot.pool.slack_messages import Message, message
from bot.pool.slack_people import PublicChannel, channel, hidden_folders, person, team_of
from bot.ports import BadInput, Progress, silent
from bot.store.members import Person

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\.json")
_HIDDEN = (
    ("groups.json", "private channels"),
    ("dms.json", "direct messages"),
    ("mpims.json", "group messages"),
)


@dataclass(frozen=True)
class Export:
    """What an export holds that may be used."""

    people: tuple[Person, ...]
    channels: tuple[PublicChannel, ...]
    messages: tuple[Message, ...]
    """of public channels, by people, ascending by time"""
    team: str
    """the workspace's id as the export gives it, else one that depends on its channels alone"""
    left_out: dict[str, int] = field(default_factory=dict)
    """how many were left out by design, by what they are"""

    def names(self) -> dict[str, str]:
        """The name of each id, as far as it is known."""
        return {one.id: one.name for one in self.people if one.name}

    def strangers(self) -> tuple[str, ...]:
        """Ids that channels, messages and reactions name, and `users.json` does not."""
        known = {one.id for one in self.people}
        named = {user for one in self.channels for user in one.members}
        named |= {said.user for said in self.messages}
        named |= {user for said in self.messages for _, user in said.reactions}
        return tuple(sorted(named - known))


def read(
    path: Path, sieve: Sieve, progress: Progress = silent, limits: Limits | None = None
) -> Export:
    """Read an export; what is bad in it goes to `sieve`.

    Raises:
        BadInput: it is no zip, no export of Slack's, or larger than `limits`; or something in it
            is bad and `sieve` skips nothing. Names the file in the zip and the line.
    """
    with Archive(path, sieve, limits) as archive:
        prefix = _prefix(archive)
        users = _list(archive, f"{prefix}users.json")
        people = _each(archive.file, f"{prefix}users.json", users, person, sieve)
        _refuse_twins(people)
        hidden, left_out = _hidden(archive, prefix, sieve)
        listed = _list(archive, f"{prefix}channels.json")
        found = _each(archive.file, f"{prefix}channels.json", listed, channel, sieve)
        public = [
            one for one in found if one is not None and not {one.folder, one.place.id} & hidden
        ]
        left_out["private channels"] += len(found) - len(public)
        messages = _messages(archive, prefix, public, people, sieve, progress, left_out)
        return Export(
            tuple(people),
            tuple(public),
            tuple(messages),
            team_of(one for _, one in users) or _stable_id([one.place.id for one in public]),
            {what: count for what, count in left_out.items() if count},
        )


def _prefix(archive: Archive) -> str:
    """The folder that holds the export: some are zipped with one around them."""
    names = set(archive.names)
    roots = [name.removesuffix("users.json") for name in names if name.endswith("users.json")]
    whole = [root for root in roots if f"{root}channels.json" in names and root[-1:] in ("", "/")]
    if not whole:
        raise BadInput(
            f"{archive.file}: is no Slack export: users.json and channels.json are not both in it"
        )
    return min(whole, key=len)


def _list(archive: Archive, name: str) -> list[tuple[int, Any]]:
    """A list that nothing works without: bad, it ends the import whatever is skipped."""
    shown = f"{archive.file}: {name}"
    try:
        return array(decode(archive.read(name), shown), shown)
    except Flaw as flaw:
        raise BadInput(f"{shown}: {flaw}") from None


def _each(
    file: str, name: str, listed: Sequence[tuple[int, Any]], make: Any, sieve: Sieve
) -> list[Any]:
    made = []
    for line, raw in listed:
        try:
            made.append(make(raw))
        except Flaw as flaw:
            sieve.refuse(f"{file}: {name}", line, str(flaw))
    return made


def _refuse_twins(people: Sequence[Person]) -> None:
    twins = [user for user, times in Counter(one.id for one in people).items() if times > 1]
    if twins:
        raise BadInput(f"users.json: lists {', '.join(twins[:5])} more than once")


def _hidden(archive: Archive, prefix: str, sieve: Sieve) -> tuple[set[str], Counter[str]]:
    folders: set[str] = set()
    counts: Counter[str] = Counter()
    for name, what in _HIDDEN:
        if f"{prefix}{name}" in archive.names:
            listed = [one for _, one in _list(archive, f"{prefix}{name}")]
            folders |= hidden_folders(listed)
            counts[what] += len(listed)
    return folders, counts


def _messages(
    archive: Archive,
    prefix: str,
    public: Sequence[PublicChannel],
    people: Sequence[Person],
    sieve: Sieve,
    progress: Progress,
    left_out: Counter[str],
) -> list[Message]:
    places = {one.folder: one.place for one in public}
    bots = frozenset((*(one.id for one in people if one.is_bot), "USLACKBOT"))
    days = [name for name in archive.names if name.startswith(prefix) and _is_day(name, prefix)]
    said: dict[tuple[str, str], Message] = {}
    for done, name in enumerate(days, 1):
        folder = name[len(prefix) :].partition("/")[0]
        progress("Reading messages", done, len(days))
        if folder not in places:
            left_out["days of conversations that are not public"] += 1
            continue
        for line, raw in _day(archive, name, sieve):
            try:
                found = message(raw, places[folder], bots)
            except Flaw as flaw:
                sieve.refuse(f"{archive.file}: {name}", line, str(flaw))
                continue
            if found is None:
                left_out["notices and messages of bots"] += 1
            else:
                said.setdefault((found.channel.id, found.ts), found)
    return sorted(said.values(), key=lambda one: (one.at, one.channel.id))


def _day(archive: Archive, name: str, sieve: Sieve) -> list[tuple[int, Any]]:
    shown = f"{archive.file}: {name}"
    try:
        return array(decode(archive.read(name), shown), shown)
    except Flaw as flaw:
        sieve.refuse(shown, None, str(flaw))
    except Unreadable as bad:
        sieve.refuse(bad.file, bad.line, bad.reason)
    return []


def _is_day(name: str, prefix: str) -> bool:
    folder, _, day = name[len(prefix) :].partition("/")
    return bool(folder) and _DAY.fullmatch(day) is not None


def _stable_id(channel_ids: Sequence[str]) -> str:
    digest = hashlib.blake2b("|".join(sorted(channel_ids)).encode(), digest_size=5).hexdigest()
    return f"T{digest.upper()}"
