"""`overture replay`: one decision made again from what is kept of it."""

from __future__ import annotations

from typing import Any

import click
from rich.markup import escape

from bot.cli.context import Context
from bot.cli.printing import out, print_json
from bot.deciding.replaying import DIFFERS, IMPOSSIBLE, SAME, Replay, Replayer, find

WORDS = {
    SAME: "[green]It comes out the same.[/]",
    DIFFERS: "[red]It comes out otherwise.[/]",
    IMPOSSIBLE: "[yellow]It cannot be made again.[/]",
}
LONGEST = 120
"""characters of a value that are shown"""


@click.command()
@click.argument("decision")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_context
def replay(ctx: click.Context, decision: str, as_json: bool) -> None:
    """Make DECISION (its id, or how it begins) again, and say whether it is the same.

    Retrieval, ranking, choice and rules run anew over what was known then, with the model that
    served then. Where something is not as it was (an item reworded, a consent withdrawn, a model
    gone), it says what. Ends with 0 when it is the same, else with 1.
    """
    context: Context = ctx.obj
    app = context.app
    found = find(app.store, app.workspace, decision)
    done = Replayer(app.store, app.workspace, app.recommender, app.registry).replay(found)
    if as_json:
        print_json(done.as_json())
    else:
        _print(done)
    if done.result != SAME:
        ctx.exit(1)


def _print(done: Replay) -> None:
    console = out()
    console.print(f"[bold]{done.decision}[/]: {WORDS[done.result]}")
    if done.changes:
        console.print("\n[bold]Not as it was then[/]")
        for change in done.changes:
            console.print(f"  {change.what:<10} {escape(change.detail)}")
    if done.differences:
        console.print("\n[bold]Came out otherwise[/]")
        for one in done.differences:
            console.print(f"  {one.what:<16} then {_shown(one.then)}")
            console.print(f"  {'':<16} now  {_shown(one.now)}")
    if done.compared:
        console.print(f"\n[dim]Compared: {', '.join(done.compared)}.[/]")


def _shown(value: Any) -> str:
    text = str(value)
    return escape(text if len(text) <= LONGEST else text[: LONGEST - 1] + "…")
