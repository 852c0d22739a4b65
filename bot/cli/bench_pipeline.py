"""`overture bench pipeline`: how fast a pick is, and what a pool of any size takes."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from bot.cli.printing import out, print_json
from bot.cli.watching import watching


@click.command()
@click.option("--items", default=10_000, show_default=True, type=click.IntRange(1_000, 10_000_000))
@click.option("--members", default=1_000, show_default=True, type=click.IntRange(50, 1_000_000))
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0))
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.option(
    "--plot",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Draw the ratio by size into this file, over a tenth and a hundredth of the items too.",
)
def pipeline(items: int, members: int, seed: int, as_json: bool, plot: Path | None) -> None:
    """Run the pipeline for invented members beside the bare loop of the same library calls.

    A ratio of 1 says that nothing is lost between the calls. Pool and members follow from the
    seed. Everything is built in a temporary folder, which takes about 3 KB an item.
    """
    from bot.benching.pipeline_bench import run
    from bot.cli.plots import check_picture

    if plot is not None:
        check_picture(plot)
    sizes = {items} if plot is None else {max(1_000, items // part) for part in (1, 10, 100)}
    told = []
    with watching() as progress:
        for size in sorted(sizes):
            with tempfile.TemporaryDirectory(prefix="overture-bench-") as folder:
                told.append(run(size, members, seed, Path(folder), progress))
    if plot is not None:
        from bot.cli.plot_bench import ratio_by_size

        ratio_by_size(told, plot)
    if as_json:
        print_json(told[-1])
    else:
        _print(told)


def _print(told: Sequence[Mapping[str, Any]]) -> None:
    from rich.table import Table

    cores = told[-1]["cores"]
    table = Table(title=f"The pipeline beside its bare library calls, {cores} cores")
    columns = (
        "items", "members", "measured", "pipeline /s", "bare /s", "ratio", "p50", "p99",
        "recall", "peak", "of its files", "build",
    )  # fmt: skip
    for heading in columns:
        table.add_column(heading, justify="right")
    for one in told:
        table.add_row(
            f"{one['items']:,}",
            f"{one['members']:,}",
            f"{one['measured_members']:,}",
            f"{one['pipeline_members_per_s']:.1f}",
            f"{one['bare_members_per_s']:.1f}",
            f"{one['ratio']:.2f}",
            f"{one['pick_ms']['p50']:.1f} ms",
            f"{one['pick_ms']['p99']:.1f} ms",
            f"{one['recall@1000']:.3f}",
            f"{one['peak_bytes'] / 1e6:,.0f} MB",
            f"{one['peak_ratio']:.2f}",
            f"{one['build']['seconds']:.0f} s",
        )
    out().print(table)
