"""`overture lift`: what being told changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click

from bot.cli.context import MOMENT, Context
from bot.cli.printing import out, print_json

DAYS = 90


@click.command()
@click.option("--since", type=MOMENT, help=f"First moment; by default {DAYS} days before the last.")
@click.option("--until", type=MOMENT, help="Last moment; by default now.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the interval.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def lift(
    context: Context, since: datetime | None, until: datetime | None, seed: int, as_json: bool
) -> None:
    """Compare members who were told of an item with those from whom it was withheld at random.

    Whoever wrote in it, reacted to it or visited it within a day went there. Below 20 decisions a
    side nothing is claimed.
    """
    from bot.learning.lift import measure, read

    app = context.app
    last = until or app.clock.now().astimezone(UTC)
    first = since or last - timedelta(days=DAYS)
    with app.store.reading(app.workspace) as unit:
        found = measure(read(unit, first, last), seed=seed)
    if as_json:
        span = {"since": first.isoformat(), "until": last.isoformat()}
        print_json({**span, **found.as_json()})
        return
    console = out()
    console.print(
        f"told      {found.told:>5}, of whom {_share(found.told_went)} went there in a day"
    )
    console.print(f"withheld  {found.withheld:>5}, of whom {_share(found.withheld_went)}")
    if found.difference is None or found.low is None or found.high is None:
        console.print(f"[yellow]{found.reason}.[/]")
    else:
        console.print(
            f"[bold]lift {found.difference:+.1%}[/] ({found.low:+.1%} to {found.high:+.1%})"
        )


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"
