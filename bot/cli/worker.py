"""`overture worker`: a process that only sends, beside any number of others."""

from __future__ import annotations

import click

from bot.cli.context import Context
from bot.cli.running import run


@click.command()
@click.pass_obj
def worker(context: Context) -> None:
    """Send what is due, until told to stop. It loads no model and starts in a moment."""
    from bot.working import Working

    run(lambda: Working.of(context.settings), "The worker is up.", context.settings.log_level)
