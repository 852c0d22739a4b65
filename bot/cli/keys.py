"""`overture keys`: what seals words and tokens in the database."""

from __future__ import annotations

import getpass
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime

import click

from bot.cli.context import Context
from bot.cli.printing import err, out, print_json
from bot.cli.watching import watching
from bot.ports import Refused
from bot.store.audit import Audit
from bot.store.beside import replace_file
from bot.store.database import Store
from bot.store.opening import KEY_FILE, open_store, sealing_keys
from bot.store.rotating import rotate as rotate_all
from bot.store.sealing import make_key_file, name_of, new_key, read_keys
from bot.store.workspaces import Workspaces


@click.group()
def keys() -> None:
    """Make keys, and seal everything anew with the newest."""


@keys.command()
@click.option("--save", is_flag=True, help="Put it first into the file of keys in OVERTURE_HOME.")
@click.pass_obj
def new(context: Context, save: bool) -> None:
    """Print a new key, for the first place of OVERTURE_KEYS; or save it."""
    if not save:
        click.echo(new_key())
        return
    settings = context.settings
    if settings.keys:
        raise Refused("OVERTURE_KEYS is set, so the file is not read. Put the new key in there.")
    file = settings.home / KEY_FILE
    make_key_file(file)
    key = new_key()
    replace_file(file, "\n".join(["# newest first", key, *read_keys(file)]) + "\n")
    out().print(f"Key {name_of(key)} is the first in {file}; every process takes it up at once.")
    out().print("Next: `overture keys rotate`.")


@keys.command()
@click.option("--by", default=getpass.getuser, help="Who did it; by default who is logged in.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def rotate(context: Context, by: str, as_json: bool) -> None:
    """Seal everything with the newest key, while the bot runs; begun again, it goes on."""
    store = open_store(context.settings)
    try:
        with watching() as progress:
            done = rotate_all(store, progress)
        _note(store, by, done.key, done.changed)
        used = Counter(name or "not sealed" for name in sealing_keys(store.engine))
    finally:
        store.close()
    if as_json:
        print_json({**asdict(done), "in_use": sorted(used)})
        return
    out().print(f"{done.changed:,} values sealed anew with {done.key}, {done.same:,} were so.")
    others = sorted(set(used) - {done.key})
    if others:
        err().print(f"Still in use: {', '.join(others)}. A process wrote meanwhile; rotate again.")
    else:
        out().print("No other key is in use: former ones may go from OVERTURE_KEYS or the file.")


def _note(store: Store, by: str, key: str, changed: int) -> None:
    """One entry in the audit log of each workspace: keys belong to all of them."""
    with store.reading("") as unit:
        ids = Workspaces(unit).ids()
    for workspace in ids:
        with store.writing(workspace) as unit:
            Audit(unit).append(datetime.now(UTC), by, "keys.rotated", key, {"values": changed})
            unit.commit()
