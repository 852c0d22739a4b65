"""`overture bench replies`: how soon many members who reply at once see that they were heard."""

from __future__ import annotations

import click

from bot.cli.printing import out, print_json
from bot.cli.watching import watching


@click.command()
@click.option("--members", default=500, show_default=True, type=click.IntRange(5, 5_000))
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def replies(members: int, as_json: bool) -> None:
    """Let members reply within one minute, and say what was acknowledged, answered and shown when.

    The bot is `overture serve` in a process of its own. Slack is the emulator, and the model a
    server that streams token by token, both on this machine.
    """
    from bot.benching.replies_bench import run

    with watching() as progress:
        told = run(members, progress)
    if as_json:
        print_json(told)
        return
    for name, value in told.items():
        shown = (
            ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
        )
        out().print(f"{name:26} {shown}", markup=False, highlight=False)
