"""What follows from an installation by OAuth: tokens are kept, and workspaces come to be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from bot.store import tables
from bot.store.audit import Audit
from bot.store.database import Store, Unit
from bot.store.installations import Granted, Installations
from bot.store.outbox import OutboxRows
from bot.store.workspaces import Workspaces


def install(store: Store, granted: Granted, teams: Mapping[str, str], now: datetime) -> None:
    """Keep what was granted, for a workspace or for those of an organisation (names by id).

    Whoever installed it is the first on the pilot list, reviews, and takes hand-offs, unless that
    was settled before: a bot that is new somewhere knows nobody else there.
    """
    first = granted.installer
    own = {"policy.pilot": [first], "slack.curators": [first], "slack.person": first}
    with store.writing(granted.team) as unit:
        row = _come(unit, granted.team, granted.team_name, now)
        row.enterprise_id, row.is_org, row.org_id = granted.enterprise, granted.is_org, None
        if not granted.is_org and first and not row.settings:
            row.settings = dict(own)
        Installations(unit).save(granted, now, first).installed_at = now
        Audit(unit).append(now, first or "slack", "app.installed", granted.team)
        unit.commit()
    if granted.is_org:
        covers(store, granted.team, teams, now)


def covers(store: Store, org: str, teams: Mapping[str, str], now: datetime) -> None:
    """Let an organisation's tokens stand for these workspaces (names by id), and no others.

    `now` is when Slack was asked: what was taken out since stays so.
    """
    enter(store, org, teams, now)
    with store.reading(org) as unit:
        had = set(Workspaces(unit).of_org(org)) - {org}
    withdraw(store, org, had - set(teams), now)


def enter(store: Store, org: str, teams: Mapping[str, str], now: datetime) -> None:
    """Let an organisation's tokens stand for these workspaces (names by id) as well."""
    for team, name in sorted(teams.items()):
        with store.reading(team) as unit:
            if _is_settled(unit, org, name, now):
                continue
        with store.writing(team) as unit:
            if _is_settled(unit, org, name, now):
                continue
            lacks = _lacks(unit, org)
            row = _come(unit, team, name, now)
            row.name = row.name if name == team else name  # the id stands for one not known yet
            if lacks:
                row.enterprise_id, row.org_id = org, org
                Audit(unit).append(now, "slack", "app.installed", team, {"by": org})
            unit.commit()


def _is_settled(unit: Unit, org: str, name: str, now: datetime) -> bool:
    """Whether a workspace is served under this name already, or was taken out after `now`."""
    row = Workspaces(unit).get(unit.workspace)
    if row is None:
        return False
    if row.uninstalled_at is not None and row.uninstalled_at > now:
        return True
    return not _lacks(unit, org) and name in (row.name, unit.workspace)


def _lacks(unit: Unit, org: str) -> bool:
    """Whether a workspace is served by the organisation's tokens no more than by its own."""
    row = Workspaces(unit).get(unit.workspace)
    is_out = row is None or row.uninstalled_at is not None or row.org_id != org
    return is_out and Installations(unit).get() is None  # its own outweigh those


def withdraw(store: Store, org: str, teams: Iterable[str], now: datetime) -> None:
    """These workspaces are out of what an organisation's tokens stand for, with effect at once."""
    for team in sorted(teams):
        with store.writing(team) as unit:
            row = Workspaces(unit).get(team)
            if row is not None and row.org_id == org and row.uninstalled_at is None:
                _silence(unit, "team_access_revoked", now)
                unit.commit()


def leave(unit: Unit, why: str, at: datetime) -> None:
    """The app is out of a workspace: its tokens go, and with them all that waits to be said.

    Tokens of an organisation stand for all its workspaces: where they are gone, it is out of each.
    Slack tells of it twice, and what is told late says nothing about tokens that came since.
    """
    holder = Workspaces(unit).holder_of(unit.workspace) or unit.workspace
    installation = unit.session.get(tables.Installation, holder)
    if installation is not None and at < installation.installed_at:
        return
    for one in Workspaces(unit).of_org(holder):
        _silence(Unit(unit.session, one, unit.beside), why, at)


def _silence(unit: Unit, why: str, now: datetime) -> None:
    row = Workspaces(unit).lock(unit.workspace)
    row.uninstalled_at = row.uninstalled_at or now
    Installations(unit).remove()
    told = {"why": why, "withdrawn": OutboxRows(unit).withdraw("not_installed")}
    Audit(unit).append(now, "slack", "app.uninstalled", unit.workspace, told)


def _come(unit: Unit, team: str, name: str, now: datetime) -> tables.Workspace:
    row = Workspaces(unit).ensure(team, name=name or team, at=now)
    row.uninstalled_at = None
    return row
