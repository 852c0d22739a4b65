"""`overture bench delivery`: how fast openers leave, beside what the model's latency allows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from bot.cli.printing import out, print_json
from bot.cli.watching import watching


@click.command()
@click.option("--openers", default=1_000, show_default=True, type=click.IntRange(1, 100_000))
@click.option(
    "--latency",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0.001, 60),
    help="Seconds that the language model takes for each answer.",
)
@click.option("--rate-tiers", is_flag=True, help="Slack keeps its limits of calls a minute.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.option(
    "--plot",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Draw openers a second by calls in flight into this file.",
)
def delivery(
    openers: int, latency: float, rate_tiers: bool, as_json: bool, plot: Path | None
) -> None:
    """Compose, queue and send openers with 1, 8 and 64 in flight.

    Slack is the emulator and the model a server of fixed latency, both on this machine and in
    processes of their own. Each is measured twice: with all calls answered, and with one in
    twenty failing on both sides. One measurement takes half a minute at most, so with few in
    flight fewer openers leave.
    """
    from bot.benching.delivery_bench import Plan, run
    from bot.cli.plots import check_picture

    if plot is not None:
        check_picture(plot)
    with watching() as progress:
        told = run(Plan(openers, latency, rate_tiers), progress)
    if plot is not None:
        from bot.cli.plot_bench import rate_by_flight

        rate_by_flight(told, plot)
    if as_json:
        print_json(told)
    else:
        _print(told)


def _print(told: Mapping[str, Any]) -> None:
    from rich.table import Table

    tiers = "on" if told["rate_tiers"] else "off"
    table = Table(
        title=f"Openers leaving: a model of {told['model_latency_s']:g} s,"
        f" Slack's rate tiers {tiers}, {told['cores']} cores"
    )
    for name in ("in flight", "failing", "openers", "a second", "allowed", "ratio", "own ms"):
        table.add_column(name, justify="right")
    for kind, failing in (("in_flight", 0), ("failing", told["failing_percent"])):
        for number, one in told[kind].items():
            table.add_row(
                number,
                f"{failing} %",
                f"{one['openers']:,}",
                f"{one['per_s']:.1f}",
                f"{one['allowed_per_s']:.1f}",
                f"{one['ratio']:.2f}",
                f"{one['own_ms']:.1f}",
            )
    out().print(table)
