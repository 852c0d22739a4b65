"""`overture bench`: how fast the parts are, beside the bare calls that they stand on."""

from __future__ import annotations

import click

from bot.cli.bench_delivery import delivery
from bot.cli.bench_pipeline import pipeline
from bot.cli.bench_replies import replies

BENCHES: tuple[click.Command, ...] = (pipeline, delivery, replies)


@click.group()
def bench() -> None:
    """Measure speed and memory on this machine, as ratios taken in one run."""


for command in BENCHES:
    bench.add_command(command)
