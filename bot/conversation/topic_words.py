"""`/overture topics …`: following, muting and listing topics by their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches

from bot.store import tables
from bot.store.database import Unit
from bot.store.topics import Stance, Topics

MOST_LISTED = 40
STANCES: Mapping[str, Stance | None] = {
    "follow": "follow",
    "mute": "mute",
    "drop": None,
    "unfollow": None,
    "unmute": None,
}
DONE: Mapping[Stance | None, str] = {
    "follow": "You follow {title} now.",
    "mute": "{title} is muted: I will not bring it up.",
    None: "{title} is neither followed nor muted any more.",
}
USAGE = (
    "Type `/overture topics`, `/overture topics follow X`, `/overture topics mute X` or"
    " `/overture topics drop X`."
)


def obey_topics(unit: Unit, member: tables.Member, rest: str, at: datetime) -> str:
    """What was done, or what is there; a name that is not quite one gets the nearest."""
    verb, _, name = rest.partition(" ")
    verb, name = verb.lower(), name.strip().strip("\"'“”").strip()
    topics = Topics(unit).list()
    if verb in ("", "list"):
        return _listed(unit, member, topics)
    if verb not in STANCES:
        near = get_close_matches(verb, [*STANCES, "list"], n=1)
        meant = f" Did you mean `/overture topics {near[0]} …`?" if near else f" {USAGE}"
        return f"I do not know what to do with topics by “{verb[:40]}”.{meant}"
    if not name:
        return f"Which topic? {USAGE}"
    found = _named(topics, name)
    if found is None:
        return _unknown(topics, name, verb)
    Topics(unit).choose(member.id, found.slug, STANCES[verb], at=at)
    return DONE[STANCES[verb]].format(title=found.title)


def _listed(unit: Unit, member: tables.Member, topics: Sequence[tables.Topic]) -> str:
    chosen = Topics(unit).choices(member.id)
    titles = {topic.slug: topic.title for topic in topics}
    lines = []
    for label, slugs in (("You follow", chosen.follows), ("You muted", chosen.mutes)):
        names = ", ".join(titles.get(slug, slug) for slug in sorted(slugs)) or "nothing"
        lines.append(f"{label}: {names}.")
    rest = [t.title for t in topics if t.slug not in chosen.follows | chosen.mutes]
    if rest:
        more = " and more" if len(rest) > MOST_LISTED else ""
        lines.append(f"There is also: {', '.join(rest[:MOST_LISTED])}{more}.")
    return "\n".join([*lines, USAGE])


def _named(topics: Sequence[tables.Topic], name: str) -> tables.Topic | None:
    wanted = name.casefold()
    names = ((t, {t.slug.casefold(), t.title.casefold()}) for t in topics)
    return next((topic for topic, known in names if wanted in known), None)


def _unknown(topics: Sequence[tables.Topic], name: str, verb: str) -> str:
    titles = {t.title.casefold(): t.title for t in topics}
    titles |= {t.slug.casefold(): t.title for t in topics}
    near = get_close_matches(name.casefold(), list(titles), n=1, cutoff=0.6)
    said = f"There is no topic “{name[:40]}” here."
    if near:
        return f"{said} Did you mean `/overture topics {verb} {titles[near[0]]}`?"
    return f"{said} `/overture topics` lists them."
