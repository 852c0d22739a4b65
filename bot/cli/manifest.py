"""`overture manifest`: the app's manifest, as Slack's page for new apps takes it."""

from __future__ import annotations

import json

import click

from bot.ports import BadInput
from bot.remote import open_web
from bot.slack import manifest as asked


@click.command()
@click.option(
    "--url", help="https://your.host, to be sent requests there and to be installed by OAuth."
)
def manifest(url: str | None) -> None:
    """Print what the app asks of Slack; without --url it is for Socket Mode."""
    if url is not None and (problem := open_web(url)) is not None:
        raise BadInput(f"--url: {problem}")
    whole = asked.load() if url is None else asked.for_requests(url)
    click.echo(json.dumps(whole, indent=2, ensure_ascii=False))
