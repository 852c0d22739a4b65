"""`overture pause`: whether the workspace paused itself, and the end of that."""

from __future__ import annotations

import getpass

import click

from bot.cli.context import Context
from bot.cli.printing import out
from bot.deciding.brake import resume
from bot.store.workspaces import Workspaces


@click.command()
@click.option("--resume", "ends", is_flag=True, help="End the pause.")
@click.option("--by", default=getpass.getuser, help="Who ends it; by default who is logged in.")
@click.pass_obj
def pause(context: Context, ends: bool, by: str) -> None:
    """Say whether the workspace paused itself because too many opted out, and since when.

    With --resume members may be written to again, from their next slot on; who opted out before
    counts no more.
    """
    app = context.app
    if ends:
        with app.store.writing(app.workspace) as unit:
            resume(unit, by=by, now=app.clock.now())
            unit.commit()
    with app.store.reading(app.workspace) as unit:
        row = Workspaces(unit).get(app.workspace)
    if row is None or row.paused_at is None:
        out().print(f"Workspace {app.workspace} is not paused.")
        return
    since = f"{row.paused_at:%Y-%m-%d %H:%M} UTC"
    out().print(
        f"Workspace {app.workspace} is paused since {since}: {row.pause_reason}."
        " `overture pause --resume` ends that."
    )
