"""`overture db`: the database's schema."""

from __future__ import annotations

import getpass
import json
from dataclasses import asdict
from typing import Protocol

import click

from bot.cli.context import Context
from bot.settings import Settings
from bot.store import schema


class _Given(Protocol):
    @property
    def settings(self) -> Settings: ...


@click.group("db")
def db() -> None:
    """Create the database, or bring it up to date."""


@db.command("upgrade")
@click.pass_obj
def upgrade(obj: _Given) -> None:
    """Create the database, or bring it up to the revision of this code."""
    before, after = schema.upgrade(obj.settings.database_url)
    if before == after:
        click.echo(f"The database is up to date ({after}).")
    else:
        click.echo(f"The database went from {before or 'empty'} to {after}.")


@db.command("restored")
@click.option("--by", default=getpass.getuser, help="Who did it; by default who is logged in.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def restored(context: Context, by: str, as_json: bool) -> int:
    """After a backup was put back, before anything runs: make good what happened since.

    Consents that members took back are taken back again, and messages that look unsent are looked
    for before they are sent. Exits 1 where the journal of withdrawals is damaged.
    """
    from bot.keeping.restoring import Restoring
    from bot.store.withdrawals import Withdrawals

    app = context.app
    journal = Withdrawals(app.settings.home)
    pilot = frozenset(app.settings.policy.pilot)
    work = Restoring(app.store, app.workspace, app.channel, journal, app.zone.key, pilot)
    done = work.run(app.clock.now(), by)
    app.erase(app.clock.now())  # whoever had their data deleted after the backup
    if as_json:
        click.echo(json.dumps(asdict(done), default=str))
        return int(done.unreadable > 0)
    click.echo(f"The copy knows of nothing after {done.since:%Y-%m-%d %H:%M} UTC.")
    click.echo(f"Taken back again: {done.consents} consents; {done.left} members left,"
               f" {done.erased} were erased.")  # fmt: skip
    click.echo(f"{done.looked_for} unsent messages are looked for before anything leaves;"
               f" {done.welcomed} members had been welcomed.")  # fmt: skip
    click.echo(f"{done.held} openers that waited for a person are withdrawn;"
               f" {done.arrived} arrivals that waited are set aside, once what they took back was"
               " taken back.")  # fmt: skip
    click.echo(f"{done.sent_since} openers had left since, and count for every cap.")
    click.echo(f"{done.slots} members hear nothing first for the rest of today.")
    if done.unreadable:
        click.echo(f"{done.unreadable} lines of {journal.file} cannot be read: whoever they are"
                   " about may be written to again. Compare it with a copy.", err=True)  # fmt: skip
    return int(done.unreadable > 0)


@db.command("current")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def current(obj: _Given, as_json: bool) -> None:
    """Say which revision the database is at, and which one this code is written for."""
    found, wanted = schema.current(obj.settings.database_url), schema.newest()
    if as_json:
        click.echo(json.dumps({"current": found, "newest": wanted, "up_to_date": found == wanted}))
    elif found == wanted:
        click.echo(f"{found} (up to date)")
    elif schema.is_known(found):
        click.echo(f"{found or 'empty'}; this code needs {wanted}. Run: overture db upgrade")
    else:
        click.echo(f"{found}; this code knows only {wanted}. Update the code, not the database.")
