"""`overture serve`: the bot, its scheduler and a health endpoint, until it is told to stop."""

from __future__ import annotations

import click

from bot.cli.context import Context
from bot.cli.running import run


@click.command()
@click.pass_obj
def serve(context: Context) -> None:
    """Listen to Slack, plan every quarter of an hour, send, answer, and learn at night."""
    from bot.serving import Serving

    run(lambda: Serving.of(context.settings), "Overture is up.", context.settings.log_level)
