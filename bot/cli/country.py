"""`overture country`: whose public holidays are kept."""

from __future__ import annotations

import getpass

import click

from bot.calendar import known_country
from bot.cli.context import Context
from bot.cli.printing import out
from bot.ports import Refused
from bot.store.audit import Audit
from bot.store.members import Members
from bot.store.workspaces import Workspaces


@click.command()
@click.argument("code", required=False)
@click.option("--member", "member_id", help="Only for this member; else for the workspace.")
@click.option("--by", default=getpass.getuser, help="Who sets it; by default who is logged in.")
@click.pass_obj
def country(context: Context, code: str | None, member_id: str | None, by: str) -> None:
    """Keep the public holidays of CODE (ISO 3166, such as PT or DE-BY; "" for none)."""
    app = context.app
    with app.store.writing(app.workspace) as unit:
        owner = (
            Workspaces(unit).lock(app.workspace)
            if member_id is None
            else Members(unit).get(member_id)
        )
        if owner is None:
            raise Refused(f"there is no member {member_id!r} in workspace {app.workspace}")
        if code is not None:
            owner.country = known_country(code)
            details = {"country": owner.country}
            Audit(unit).append(app.clock.now(), by, "country.set", owner.id, details)
            unit.commit()
        kept = owner.country
    if member_id is None:
        told = kept or app.settings.policy.country or "no country"
        out().print(f"Workspace {app.workspace} keeps the public holidays of {told}.")
    else:
        told = kept or "the workspace's country"
        out().print(f"Member {member_id} keeps the public holidays of {told}.")
