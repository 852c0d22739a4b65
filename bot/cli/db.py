"""`overture db`: the database's schema."""

from __future__ import annotations

import json
from typing import Protocol

import click

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
