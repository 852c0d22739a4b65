"""`overture kill-switch`: silence a whole workspace, and end that silence."""

from __future__ import annotations

import getpass

import click

from bot.cli.context import Context
from bot.cli.printing import out
from bot.deciding.brake import kill, revive
from bot.store.workspaces import Workspaces


@click.command("kill-switch")
@click.argument("state", type=click.Choice(["on", "off", "show"]), default="show")
@click.option("--by", default=getpass.getuser, help="Who did it; by default who is logged in.")
@click.pass_obj
def kill_switch(context: Context, state: str, by: str) -> None:
    """Turn the kill switch ON: nothing leaves any more, queued rows included. OFF ends that.

    What is queued is withdrawn, not kept for later: there is no burst afterwards.
    """
    app = context.app
    with app.store.writing(app.workspace) as unit:
        if state == "on":
            kill(unit, by=by, now=app.clock.now())
        elif state == "off":
            revive(unit, by=by, now=app.clock.now())
        row = Workspaces(unit).lock(app.workspace)
        told = "off: members may be written to"
        if row.killed_at is not None:
            told = f"ON since {row.killed_at:%Y-%m-%d %H:%M} UTC, by {row.killed_by}: nobody is"
            told += " written to"
        unit.commit()
    out().print(f"The kill switch of {app.workspace} is {told}.")
