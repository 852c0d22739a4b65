"""The bundled pool and workspace: read from `data/`, and put into the store as an import would.

The people, what they like and all they do are invented; items and consents say so by their
source and origin.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from bot.policy.purposes import OPENERS
from bot.ports import BadInput
from bot.store import tables
from bot.store.channels import Channels, Place
from bot.store.consents import Consents
from bot.store.database import Store, Unit
from bot.store.items import Items
from bot.store.members import Members, Person
from bot.store.topics import Subject, Topics
from recsys.types import WHOLE_WORKSPACE, Item, ItemId, Topic

HISTORY_BEGINS = date(2026, 7, 13)
"""a Monday; eight weeks of simulated life begin"""
AGREED_AT = datetime(2026, 7, 12, 12, 0, tzinfo=UTC)
"""members agreed, and chose their topics, before anything simulated was sent to them"""
DEMO_BEGINS = datetime(2026, 9, 7, 4, 0, tzinfo=UTC)
"""a Monday, before anybody's morning but the easternmost: where the demo's clock starts"""

SOURCE = "bundled"
ORIGIN = "demo"
AGREED = (OPENERS, "channel_messages", "reactions")
SLACK = "slack"


@dataclass(frozen=True, slots=True)
class Resident:
    """One invented member."""

    id: str
    handle: str
    name: str
    title: str
    team: str
    zone: str
    interests: Mapping[str, float]
    follows: tuple[str, ...]
    mutes: tuple[str, ...]
    is_guest: bool
    agreed: bool


@dataclass(frozen=True, slots=True)
class Room:
    """One invented channel."""

    id: str
    name: str
    topic: str
    is_private: bool
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bundle:
    """Everything the demo starts from."""

    id: str
    name: str
    domain: str
    zone: str
    topics: tuple[Subject, ...]
    rooms: tuple[Room, ...]
    residents: tuple[Resident, ...]
    items: tuple[Item, ...]

    @property
    def agreed(self) -> tuple[Resident, ...]:
        """Full members who agreed to be written to."""
        return tuple(one for one in self.residents if one.agreed and not one.is_guest)


def read(workspace_file: Path, pool_folder: Path) -> Bundle:
    """Read the bundle.

    Raises:
        BadInput: a file is missing or is not what it should be; names the file and line.
    """
    files = sorted(pool_folder.glob("*.jsonl"))
    if not files:
        raise BadInput(f"{pool_folder}: no .jsonl file found. Check out the whole repository.")
    try:
        given = json.loads(workspace_file.read_text(encoding="utf-8"))
        residents = tuple(_resident(row) for row in given["members"])
        rooms = tuple(_room(row) for row in given["channels"])
        topics = tuple(Subject(**row) for row in given["topics"])
        head = {name: str(given[name]) for name in ("id", "name", "domain", "zone")}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(
            f"{workspace_file}: cannot be read as the demo's workspace ({error!r})."
            " Restore it from the repository."
        ) from None
    items = tuple(item for file in files for item in _items(file))
    return Bundle(**head, topics=topics, rooms=rooms, residents=residents, items=items)


def load(store: Store, workspace_file: Path, pool_folder: Path, now: datetime) -> Bundle:
    """Put the bundle into the store as of `now`; doing it again changes nothing.

    All full members are on the pilot list; those who agreed consent to `AGREED`, the others
    have said nothing yet.

    Raises:
        BadInput: a file is missing or is not what it should be.
    """
    bundle = read(workspace_file, pool_folder)
    with store.writing(bundle.id) as unit:
        if unit.session.get(tables.Workspace, bundle.id) is None:
            unit.session.add(
                tables.Workspace(id=bundle.id, name=bundle.name, zone=bundle.zone, created_at=now)
            )
            unit.session.flush()
        Topics(unit).save(bundle.topics)
        _save_people(unit, bundle, now)
        _save_rooms(unit, bundle)
        Items(unit).save(bundle.items, at=now, approved_by=ORIGIN)
        unit.commit()
    return bundle


def _save_people(unit: Unit, bundle: Bundle, now: datetime) -> None:
    members = Members(unit)
    members.save([_person(resident) for resident in bundle.residents], at=now)
    members.reachable_by(SLACK, [(resident.id, resident.id) for resident in bundle.residents])
    topics, consents = Topics(unit), Consents(unit)
    for resident in bundle.residents:
        stored = members.get(resident.id)
        if stored is not None and not resident.is_guest:
            stored.pilot = True
        for topic in resident.follows:
            topics.choose(resident.id, topic, "follow", at=AGREED_AT)
        for topic in resident.mutes:
            topics.choose(resident.id, topic, "mute", at=AGREED_AT)
        if resident.agreed and not consents.record(resident.id):
            consents.grant(resident.id, AGREED, at=AGREED_AT, origin=ORIGIN)


def _save_rooms(unit: Unit, bundle: Bundle) -> None:
    channels = Channels(unit)
    channels.save(
        [
            Place(room.id, room.name, "private" if room.is_private else "public")
            for room in bundle.rooms
        ]
    )
    for room in bundle.rooms:
        channels.set_members(room.id, room.members)


def _person(resident: Resident) -> Person:
    return Person(
        resident.id,
        name=resident.name,
        title=resident.title,
        team=resident.team,
        zone=resident.zone,
        is_bot=False,
        is_guest=resident.is_guest,
        is_stranger=False,
        deactivated=False,
    )


def _resident(row: Mapping[str, Any]) -> Resident:
    return Resident(
        id=row["id"],
        handle=row["name"],
        name=row["real_name"],
        title=row["title"],
        team=row["team"],
        zone=row["zone"],
        interests={topic: float(share) for topic, share in row["interests"].items()},
        follows=tuple(row["follows"]),
        mutes=tuple(row["mutes"]),
        is_guest=bool(row["is_guest"]),
        agreed=bool(row["agreed"]),
    )


def _room(row: Mapping[str, Any]) -> Room:
    return Room(
        row["id"], row["name"], row["topic"], bool(row["is_private"]), tuple(row["members"])
    )


def _items(file: Path) -> list[Item]:
    items = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            items.append(_item(json.loads(line)))
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput(
                f"{file}, line {number}: is no item of the pool ({error!r})."
                " Restore it from the repository."
            ) from None
    return items


def _item(row: Mapping[str, Any]) -> Item:
    level, expires = row.get("level"), row.get("expires")
    return Item(
        id=ItemId(row["id"]),
        kind=row["kind"],
        title=row["title"],
        summary=row["summary"],
        text=row["text"],
        topics=tuple(Topic(topic) for topic in row["topics"]),
        source=SOURCE,
        published=_moment(row["published"]),
        expires=math.inf if expires is None else _moment(expires),
        level=math.nan if level is None else float(level),
        builds_on=tuple(ItemId(one) for one in row.get("builds_on", ())),
        url=row.get("url"),
        audience=WHOLE_WORKSPACE,
        approved=True,
    )


def _moment(text: str) -> float:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return moment.timestamp()
