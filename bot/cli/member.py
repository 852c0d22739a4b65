"""`overture member`: one member's data, taken along or deleted, where they ask an operator."""

from __future__ import annotations

from getpass import getuser
from pathlib import Path

import click

from bot.cli.context import Context
from bot.cli.printing import out, print_json
from bot.ports import Refused


@click.group()
def member() -> None:
    """One member's data."""


@member.command()
@click.argument("member_id", metavar="ID")
@click.option("--to", "file", type=click.Path(path_type=Path, dir_okay=False),
              help="The zip to write; by default overture-ID.zip here.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def export(context: Context, member_id: str, file: Path | None, as_json: bool) -> None:
    """Write everything about a member into a zip: data.json, and a page for people."""
    from bot.keeping.archive import archive

    app = context.app
    with app.store.reading(app.workspace) as unit:
        made = archive(unit, app.own_data.find(unit, member_id), app.clock.now())
    path = file or Path(f"overture-{member_id}.zip")
    try:
        path.write_bytes(made)
    except OSError as error:
        problem = f"{path} cannot be written: {error.strerror}. Name another with --to."
        raise Refused(problem) from None
    if as_json:
        print_json({"member": member_id, "file": str(path), "bytes": len(made)})
        return
    out().print(f"{path}: {len(made):,} bytes; open your-data.html in it")


@member.command()
@click.argument("member_id", metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask once more.")
@click.option("--by", default=getuser, help="Who does it; by default who is logged in.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def erase(context: Context, member_id: str, yes: bool, by: str, as_json: bool) -> None:
    """Delete everything about a member, for good; a keyed hash alone is kept."""
    from bot.store.audit import Audit

    app = context.app
    if not yes:
        click.confirm(f"Delete everything about {member_id}, for good?", abort=True, err=True)
    now = app.clock.now()
    with app.store.writing(app.workspace) as unit:
        app.own_data.ask(unit, app.own_data.find(unit, member_id), now)
        Audit(unit).append(now, by, "member.erased")
        unit.commit()
    done = app.erase(now)
    if as_json:
        print_json({"member": member_id, "done": bool(done)})
        return
    out().print("deleted" if done else "asked for; a running bot does it within a minute")
