"""Takes a Slack workspace into the database: its people, channels and who reads what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from threading import Event

from bot.ports import Clock
from bot.settings import Settings, SlackSettings
from bot.slack import directory
from bot.slack.directory import Directory
from bot.slack.identity import identify
from bot.slack.tokens import token_for
from bot.slack.transport import TokenSource
from bot.store.audit import Audit
from bot.store.channels import Channels, Place
from bot.store.database import Store
from bot.store.members import Members, Person
from bot.store.opening import open_store
from bot.store.roles import Roles
from bot.store.workspaces import Workspaces

SLACK = "slack"


def join(settings: Settings, clock: Clock) -> str:
    """Bring the workspace of the settings' token up to date; returns its id. See `take_in`."""
    store = open_store(settings)
    try:
        token = token_for(store, settings.workspace, settings.slack, clock)
        return take_in(store, settings.slack, token, clock)
    finally:
        store.close()


def take_in(
    store: Store,
    slack: SlackSettings,
    token: TokenSource | None,
    clock: Clock,
    stopping: Event | None = None,
) -> str:
    """Bring people and channels of the token's workspace up to date; returns its id.

    Nobody is written to and nothing of what anybody said is read. Once we are `stopping`, it ends
    with an error, and nothing is changed.

    Raises:
        OvertureError: the token is refused, Slack cannot be reached, or the database does not fit.
    """
    known = identify(slack, token)
    stops = stopping if stopping is not None else Event()
    snapshot = Directory(slack, stops.wait, token, lambda: not stops.is_set()).read()
    now = clock.now()
    with store.writing(known.us.team) as unit:
        members = Members(unit)
        is_new = not members.list()
        zone = _zone([person.zone for person in snapshot.people]) if is_new else None
        row = Workspaces(unit).ensure(known.us.team, name=known.team_name, at=now, zone=zone)
        # its tokens may have gone while all this was read
        still = token is None or Workspaces(unit).holder_of(row.id) is not None
        if still and row.uninstalled_at is not None:
            row.uninstalled_at = None
            Audit(unit).append(now, "slack", "app.installed", row.id)
        members.save([_person(person) for person in snapshot.people], at=now)
        members.reachable_by(SLACK, [(person.id, person.id) for person in snapshot.people])
        people = {person.id for person in snapshot.people}
        administer = [person.id for person in snapshot.people if person.is_admin]
        Roles(unit).administer(administer, at=now, of=sorted(people))
        live = [channel for channel in snapshot.channels if not channel.is_archived]
        Channels(unit).save([Place(channel.id, channel.name, "public") for channel in live])
        Channels(unit).close_others(channel.id for channel in snapshot.channels)
        for channel in live:
            Channels(unit).set_members(channel.id, people & set(channel.members))
        unit.commit()
    return known.us.team


def _person(found: directory.Person) -> Person:
    return Person(
        id=found.id,
        name=found.name,
        title=found.title,
        zone=found.zone or None,
        locale=found.locale or None,
        is_bot=found.is_bot,
        is_guest=found.is_guest,
        is_stranger=found.is_stranger,
        deactivated=found.deleted,
    )


def _zone(zones: Sequence[str]) -> str:
    """The zone that most people are in: Slack knows none for a workspace."""
    known = Counter(zone for zone in zones if zone)
    return known.most_common(1)[0][0] if known else "UTC"
