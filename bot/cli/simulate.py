"""`overture simulate`: does it learn to be welcome, among members who answer?"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from bot.cli.printing import err, out, print_json
from bot.cli.watching import watching


@click.command()
@click.option("--members", default=200, show_default=True, type=click.IntRange(1, 5000))
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 365))
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0))
@click.option(
    "--world",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A Python file with a world of your own; recsys.simulation.World says what it gives.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 16),
    help="Lives at a time, each in a process of its own; by default one for each core. The figures"
    " stay the same.",
)
@click.option(
    "--plot",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Draw the days, and how the others fared, into this file (.png, .svg or .pdf).",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def simulate(
    members: int,
    days: int,
    seed: int,
    world: Path | None,
    jobs: int | None,
    plot: Path | None,
    as_json: bool,
) -> None:
    """Live in a simulated world, and stand beside others who lived there.

    The production decisions (pipeline, policy, training) over a database of their own, with a
    simulated clock. Members, messages and reactions are the world's; it runs in a process of its
    own, and nothing is known of it but what it shows. The same seed gives the same figures.
    """
    from bot.cli import plots
    from bot.simulating.comparing import LIVES, Simulation

    if plot is not None:
        plots.check_picture(plot)
    simulation = Simulation(members, days, seed, None if world is None else str(world))
    with watching() as progress:
        told = simulation.run(progress, jobs=jobs or min(os.cpu_count() or 1, len(LIVES)))
    if plot is not None:
        plots.simulation(told, plot)
    if as_json:
        print_json(told)
    else:
        _print(told)


def _print(told: Mapping[str, Any]) -> None:
    from rich.table import Table

    daily = Table(title=f"World {told['world']}, {told['members']} members, seed {told['seed']}")
    for heading in ("day", "sent", "engaged", "dismissed", "opted out", "precision"):
        daily.add_column(heading, justify="right")
    for day in told["days"]:
        if day["sent"]:
            shown = (day["day"], day["sent"], day["engaged"], day["dismissed"], day["opted_out"])
            daily.add_row(*map(str, shown), _share(day["precision"]))
    final = Table(title="Precision and utility of the last 14 days, opt-outs of all days")
    final.add_column("policy")
    for heading in ("precision", "opt-outs", "utility", "of the oracle's"):
        final.add_column(heading, justify="right")
    for name, one in {"Overture": told["final"], **told["baselines"]}.items():
        final.add_row(
            name.replace("_", " "),
            _share(one["precision"]),
            _share(one["opt_out_rate"]),
            f"{one['utility']:.1f}",
            _share(one["share_of_oracle"]),
        )
    console = out()
    console.print(daily)
    console.print(final)
    if "oracle" not in told["baselines"]:
        err().print("This world tells nobody its chances, so there is no oracle to compare with.")


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"
