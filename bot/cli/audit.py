"""`overture audit`: who did what, and whether the log still says so."""

from __future__ import annotations

import json
from datetime import datetime

import click
from rich.markup import escape
from rich.table import Table

from bot.cli.context import MOMENT, Context
from bot.cli.printing import err, out, print_json
from bot.store.audit import Audit


@click.group()
def audit() -> None:
    """List the audit log, or check that nobody changed it."""


@audit.command("list")
@click.option("--since", type=MOMENT, help="Only entries from this moment on.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def list_entries(context: Context, since: datetime | None, as_json: bool) -> None:
    """Entries in order, the oldest first."""
    app = context.app
    with app.store.reading(app.workspace) as unit:
        entries = Audit(unit).list(since)
    if as_json:
        names = ("number", "at", "who", "action", "subject", "details", "hash")
        print_json({"entries": [{n: getattr(one, n) for n in names} for one in entries]})
        return
    table = Table("", "at", "who", "action", "subject", "details", box=None)
    for one in entries:
        details = json.dumps(one.details, ensure_ascii=False) if one.details else ""
        table.add_row(str(one.number), f"{one.at:%Y-%m-%d %H:%M}", escape(one.who), one.action,
                      escape(one.subject), escape(details))  # fmt: skip
    out().print(table if entries else "Nothing is in the audit log.")


@audit.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def verify(context: Context, as_json: bool) -> int:
    """Walk the chain and hold its end against what was noted beside it. Exits 1 where it breaks."""
    app = context.app
    with app.store.reading(app.workspace) as unit:
        found = Audit(unit).verify()
    if as_json:
        print_json({"holds": not found.problem, "entries": found.entries, "problem": found.problem})
    elif found.problem:
        err().print(f"[red]The audit log is broken:[/] {escape(found.problem)}.")
        err().print(f"Entries up to {found.entries} hold. Compare with a backup.")
    else:
        out().print(f"The audit log holds: {found.entries} entries.")
    return int(bool(found.problem))
