"""`overture dataset`: what was decided and what became of it, for a notebook."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from bot.cli.context import MOMENT, Context
from bot.cli.printing import out, print_json


@click.group()
def dataset() -> None:
    """Decisions as Parquet."""


@dataset.command()
@click.option("--to", "folder", required=True, help="The folder to write into.",
              type=click.Path(path_type=Path, file_okay=False))  # fmt: skip
@click.option("--since", type=MOMENT, help="First moment; by default all there is.")
@click.option("--until", type=MOMENT, help="Up to this moment, which is not in it.")
@click.option("--with-ids", is_flag=True, help="Members by their ids instead of pseudonyms.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def export(
    context: Context,
    folder: Path,
    since: datetime | None,
    until: datetime | None,
    with_ids: bool,
    as_json: bool,
) -> None:
    """Write decisions with features, labels and propensities; docs/notebook.md says what is what.

    Nothing that anybody wrote is in it. Files of a former export in the same folder are replaced.
    """
    from bot.learning.dataset import CANDIDATES, DECISIONS, key_at, pseudonyms
    from bot.learning.dataset import export as write
    from bot.store.exports import Exports

    app = context.app
    name_of = str if with_ids else pseudonyms(key_at(app.settings.home))
    with app.store.reading(app.workspace) as unit:
        done = write(unit, folder, since, until, name_of)
    with app.store.writing(app.workspace) as unit:  # an erasure cleans these files, too
        Exports(unit).note(folder.resolve(), app.clock.now())
        unit.commit()
    if as_json:
        print_json({"folder": str(folder), "with_ids": with_ids, **asdict(done)})
        return
    console = out()
    console.print(f"{done.decisions:,} decisions in {folder / DECISIONS}")
    console.print(f"{done.candidates:,} candidates in {folder / CANDIDATES}")
    if done.left_out:
        console.print(f"left out: {done.left_out:,} of members who do not agree to openers")
    if done.other_features:
        console.print(f"without features: {done.other_features:,} made with others than today's")
