"""`overture workspaces`: which are served, and what each has set for itself alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import click
from rich.markup import escape

from bot.cli.context import Context
from bot.cli.printing import out, print_json
from bot.own_settings import IDS, OWN, for_workspace
from bot.ports import Refused
from bot.settings import Settings
from bot.store import tables
from bot.store.audit import Audit
from bot.store.database import Store
from bot.store.members import Members
from bot.store.opening import open_store
from bot.store.workspaces import Workspaces


@click.group()
def workspaces() -> None:
    """List workspaces, and set for one alone what the settings say for all."""


@workspaces.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def list_(context: Context, as_json: bool) -> None:
    """All workspaces of the database: how each was installed, and how many people it has."""
    with opened(context.settings) as store:
        with store.reading("") as unit:
            ids = Workspaces(unit).ids()
        told = [_told(store, one) for one in ids]
    if as_json:
        print_json({"workspaces": told})
        return
    for one in told:
        out().print(
            f"[bold]{one['id']:<14}[/] {escape(one['name'])}: {one['people']} people,"
            f" {one['state']}"
        )
    if not told:
        out().print("None yet: docs/slack-setup.md says how the first one comes in.")


@workspaces.command("set")
@click.argument("workspace")
@click.argument("changes", nargs=-1, metavar="NAME=VALUE…")
@click.option("--by", default="cli", show_default=True, help="Who does it, for the audit log.")
@click.pass_obj
def set_(context: Context, workspace: str, changes: tuple[str, ...], by: str) -> None:
    """Set things for one workspace, such as policy.pilot=U1,U2; an empty value unsets.

    Without any it prints what is set. A running bot takes it up within seconds.
    """
    with opened(context.settings) as store, store.writing(workspace) as unit:
        row = _row(Workspaces(unit), workspace)
        own = dict(row.settings)
        for change in changes:
            name, _, value = change.partition("=")
            if name not in OWN:
                raise Refused(f"{name} cannot be set for one workspace; {', '.join(OWN)} can")
            own.pop(name, None)
            if value:
                own[name] = _read(value)
        checked = for_workspace(context.settings, own, by_oauth=True)
        if own != row.settings:
            row.settings = {name: _kept(checked, name) for name in own}
            names = {"names": ",".join(sorted(one.partition("=")[0] for one in changes))}
            Audit(unit).append(datetime.now(UTC), by, "workspace.set", workspace, names)
            unit.commit()
        shown = dict(row.settings)
    for name in sorted(shown):
        out().print(f"{name} = {escape(json.dumps(shown[name], ensure_ascii=False))}")
    if not shown:
        out().print(f"{workspace} has nothing of its own. It may have: {', '.join(IDS)} and more.")


@contextmanager
def opened(settings: Settings) -> Iterator[Store]:
    store = open_store(settings)
    try:
        yield store
    finally:
        store.close()


def _row(known: Workspaces, workspace: str) -> tables.Workspace:
    row = known.get(workspace)
    if row is None or row.is_org:
        raise Refused(
            f"workspace {workspace!r} is not in the database (there: {', '.join(known.ids())})."
        )
    return known.lock(workspace)


def _read(value: str) -> Any:
    """JSON where it is some, else the words as they are; lists may be separated by commas."""
    try:
        return json.loads(value)
    except ValueError:
        return value


def _kept(settings: Settings, name: str) -> Any:
    """A value as it was understood, in JSON's types."""
    part, _, field = name.partition(".")
    return json.loads(getattr(settings, part).model_dump_json())[field]


def _told(store: Store, workspace: str) -> dict[str, Any]:
    with store.reading(workspace) as unit:
        known = Workspaces(unit)
        row = known.get(workspace)
        assert row is not None
        state = "not installed by OAuth"
        if known.is_by_oauth(workspace):
            state = f"installed through {row.org_id}" if row.org_id else "installed"
        if row.uninstalled_at is not None:
            state = f"uninstalled on {row.uninstalled_at:%Y-%m-%d}"
        return {
            "id": workspace,
            "name": row.name,
            "enterprise": row.enterprise_id,
            "people": len(Members(unit).list()),
            "state": state,
            "settings": dict(row.settings),
        }
