"""`overture eval`: how good the recommender is, on data that anyone can bring."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from bot.cli import plot_eval, plots
from bot.cli.context import Context
from bot.cli.eval_intents import intents
from bot.cli.eval_openers import openers
from bot.cli.off_policy import policy
from bot.cli.printing import err, out, print_json
from bot.cli.watching import watching
from bot.ports import BadInput
from bot.settings import Settings
from recsys.encoder import Encoder
from recsys.evaluation.ranking import METRICS
from recsys.evaluation.unusable import Unusable

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_SEED = click.option("--seed", type=int, default=0, show_default=True, help="Of all dice.")
_PLOT = click.option(
    "--plot", type=click.Path(dir_okay=False, path_type=Path), help="Also draw it: PNG, SVG or PDF."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")


@click.group("eval")
def evaluate() -> None:
    """Judge the recommender on data it has not seen, beside baselines of the same run."""


evaluate.add_command(policy)
evaluate.add_command(intents)
evaluate.add_command(openers)


@evaluate.command("slack-export")
@click.argument("file", metavar="ZIP", type=_FILE)
@_SEED
@_PLOT
@_JSON
@click.pass_obj
def slack_export(context: Context, file: Path, seed: int, plot: Path | None, as_json: bool) -> None:
    """Which of a day's threads will each member join, and on which days is it worth saying?

    Trains on the first seven tenths of the days with a new thread, judges the rest. Nothing of a
    day is known of anybody before it began. The file is only read; nothing is stored but vectors
    of its texts, in the cache below the setting `home`.
    """
    from bot.pool.community import community
    from bot.pool.leftout import Sieve
    from bot.pool.slack_export import read
    from recsys.evaluation import slack_export as protocol

    if plot is not None:
        plots.check_picture(plot)
    sieve = Sieve(skip_bad=True)
    with watching() as tell:
        export = read(file, sieve, tell)
        try:
            found = protocol.evaluate(
                community(export, _encoder(context.settings), tell), seed=seed, progress=tell
            )
        except Unusable as unusable:
            raise BadInput(f"{file}: {unusable}.") from None
    found["excluded"] |= {**export.left_out, **_reasons(sieve.left_out)}
    if plot is not None:
        plot_eval.slack_export(found, plot)
    _tell(found, as_json)


@evaluate.command("mind")
@click.option("--train", "folders", type=_FOLDER, multiple=True, required=True,
              help="A folder to learn from; may be given several times.")  # fmt: skip
@click.option("--test", type=_FOLDER, required=True, help="The folder to judge by.")
@_SEED
@_PLOT
@_JSON
@click.pass_obj
def mind(
    context: Context,
    folders: tuple[Path, ...],
    test: Path,
    seed: int,
    plot: Path | None,
    as_json: bool,
) -> None:
    """Which of the news that a reader is shown will they open? For data in MIND's layout.

    A folder holds behaviors.tsv and news.tsv. Nothing of the test folder is read before it is
    scored but the history and the candidates of the impression itself.
    """
    from bot.pool.mind import read
    from recsys.evaluation import mind as protocol

    if plot is not None:
        plots.check_picture(plot)
    with watching() as tell:
        try:
            found = protocol.evaluate(
                [read(folder) for folder in folders],
                read(test),
                lambda texts: _encoder(context.settings).encode(
                    texts, lambda done, total: tell("Reading news", done, total)
                ),
                seed=seed,
                progress=tell,
            )
        except Unusable as unusable:
            raise BadInput(f"{', '.join(map(str, (*folders, test)))}: {unusable}.") from None
    if plot is not None:
        plot_eval.mind(found, plot)
    _tell(found, as_json)


def _reasons(left_out: list[Any]) -> dict[str, int]:
    return dict(Counter(f"unreadable: {one.reason}" for one in left_out))


def _encoder(settings: Settings) -> Encoder:
    return Encoder(settings.recommender.encoder, settings.home / "embeddings")


def _tell(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    out().print(f"[bold]{found['n']} decisions[/], seed {found['seed']}")
    table = Table("", *METRICS, *(f"gain {name}" for name in METRICS), box=None)
    table.add_row("overture", *(_shown(found["metrics"][name]) for name in METRICS))
    for name, figures in found["baselines"].items():
        gains = found["gains"][name]
        table.add_row(
            name,
            *(_shown(figures[metric]) for metric in METRICS),
            *(_shown(gains[metric], "+") for metric in METRICS),
        )
    out().print(table)
    if "speak" in found:
        _tell_speaking(found["speak"])
    told = ", ".join(f"{name} {value}" for name, value in found["model"].items())
    out().print(f"\nmodel: {told}")
    for reason, count in found["excluded"].items():
        err().print(f"left out: {count} {reason}", markup=False)


def _tell_speaking(speak: dict[str, Any]) -> None:
    out().print(f"\n[bold]Speak, or stay silent?[/] {speak['n']} member-days")
    shares = [name for name in speak if name.startswith("precision@")]
    reached = next(name for name in speak if name.startswith("members_reached"))
    table = Table("", *shares, reached, "aurc", box=None)
    for name, figures in (("overture", speak), *speak["baselines"].items()):
        table.add_row(
            name,
            *(_shown(figures[share]) for share in shares),
            str(figures[reached]),
            f"{figures['aurc']:.4f}",
        )
    out().print(table)
    ratio = speak["ratio@2%"]
    if ratio is not None:
        told = f"{ratio['value']:.2f} ({ratio['low']:.2f} to {ratio['high']:.2f})"
        out().print(f"at 2 %, {told} times {speak['best_baseline']}; ece {speak['ece']:.4f}")


def _shown(figure: dict[str, float | None], sign: str = "") -> str:
    if figure["value"] is None:
        return "–"
    low, high = figure["low"] or 0.0, figure["high"] or 0.0
    return f"{figure['value'] * 100:{sign}.1f} ({low * 100:{sign}.1f} to {high * 100:{sign}.1f})"
