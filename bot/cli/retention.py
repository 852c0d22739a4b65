"""`overture retention`: what is too old to be kept, and let it go."""

from __future__ import annotations

from datetime import datetime

import click
from rich.table import Table

from bot.cli.context import MOMENT, Context
from bot.cli.printing import out, print_json


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@click.option("--now", type=MOMENT, help="As of this moment; by default now.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def retention(context: Context, dry_run: bool, now: datetime | None, as_json: bool) -> None:
    """Let go of what is older than its class of data is kept for; the night does it by itself."""
    from bot.keeping.retention import KEPT, Retention

    app = context.app
    moment = now or app.clock.now()
    keeper = Retention(app.store, app.workspace, app.settings.retention)
    counts = keeper.due(moment) if dry_run else keeper.run(moment)
    if as_json:
        told = {k.name: {"days": keeper.days(k), "rows": counts[k.name]} for k in KEPT}
        print_json({"dry_run": dry_run, "classes": told})
        return
    table = Table("class", "days", "would go" if dry_run else "gone", "what", box=None)
    for kept in KEPT:
        table.add_row(kept.name, str(keeper.days(kept)), f"{counts[kept.name]:,}", kept.what)
    out().print(table)
