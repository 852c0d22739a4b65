"""`overture serve`: the bot, its scheduler and a health endpoint, until it is told to stop."""

from __future__ import annotations

import logging
import signal
import threading

import click
from rich.logging import RichHandler

from bot.cli.context import Context
from bot.cli.printing import err


@click.command()
@click.pass_obj
def serve(context: Context) -> None:
    """Listen to Slack, plan every quarter of an hour, send, answer, and learn at night."""
    from bot.serving import Serving

    logging.basicConfig(
        level=logging.INFO, format="%(message)s", handlers=[RichHandler(console=err())]
    )
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    serving = Serving.of(context.settings)
    stopped = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopped.set())
    serving.start()
    err().print(f"Overture is up. Health: {serving.health_url}. Ctrl-C stops it.")
    stopped.wait()
    err().print("Stopping: finishing what is in flight…")
    serving.stop()
