"""`overture eval policy`: what another threshold, style or model would have come to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from bot.cli.context import MOMENT, Context
from bot.cli.printing import out, print_json
from bot.cli.watching import watching
from bot.openers.styles import STYLES

DAYS = 56
ESTIMATES = {
    "logged": "as it was", "snips": "SNIPS", "doubly_robust": "doubly robust", "gain": "gain",
}  # fmt: skip


@click.command("policy")
@click.option("--threshold", type=click.FloatRange(0, 1), help="Speak from this P(engages) on.")
@click.option("--style", type=click.Choice(STYLES), help="Speak in this style where it suits.")
@click.option("--model", help="Rank and gate with this version; `prior` is the formula.")
@click.option("--since", type=MOMENT, help=f"First moment; by default {DAYS} days before the last.")
@click.option("--until", type=MOMENT, help="Last moment; by default now.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the intervals.")
@click.option(
    "--plot", type=click.Path(dir_okay=False, path_type=Path), help="Also draw it: PNG, SVG or PDF."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def policy(
    context: Context,
    threshold: float | None,
    style: str | None,
    model: str | None,
    since: datetime | None,
    until: datetime | None,
    seed: int,
    plot: Path | None,
    as_json: bool,
) -> None:
    """Estimate another policy from the decisions that were logged, without trying it on anybody.

    Rewards are 1 for an opener that was taken up, -0.5 for one that was refused, -20 for a lost
    member. There is no verdict where the log holds too few effective openers (50), or where more
    than 5 % of what the policy would do was never possible in it.
    """
    if threshold is None and style is None and model is None:
        raise click.UsageError("say what is to be otherwise: --threshold, --style or --model")
    from bot.cli import plot_eval, plots
    from bot.learning.off_policy import Target, read
    from recsys.evaluation.off_policy import estimate
    from recsys.model import PRIOR_VERSION, Model
    from recsys.types import Version

    if plot is not None:
        plots.check_picture(plot)
    app = context.app
    asked = None
    if model is not None:
        prior = model == PRIOR_VERSION
        asked = Model() if prior else app.registry.load(Version(model)).model
    last = until or app.clock.now().astimezone(UTC)
    first = since or last - timedelta(days=DAYS)
    with app.store.reading(app.workspace) as unit, watching() as tell:
        log = read(unit, Target(threshold, style, asked), first, last, tell)
    found = estimate(log.columns(), seed=seed)
    told = {
        "asked": {"threshold": threshold, "style": style, "model": model},
        "since": first.isoformat(),
        "until": last.isoformat(),
        **found.as_json(),
        "left_out": dict(sorted(log.left_out.items())),
    }
    if plot is not None:
        plot_eval.off_policy(told, plot)
    if as_json:
        print_json(told)
    else:
        _print(told)


def _print(told: dict[str, Any]) -> None:
    console = out()
    console.print(f"[bold]Verdict: {told['verdict']}[/]. {escape(told['reason'])}.")
    console.print(f"{told['decisions']} decisions with a pick, {told['openers']} of them spoke.")
    table = Table("", "a decision", "95 %", box=None)
    for name, words in ESTIMATES.items():
        table.add_row(words, *_interval(told[name]))
    console.print(table)
    then, now = told["speaks"]
    console.print(f"speaks in {then:.1%} then, {now:.1%} under it")
    console.print(
        f"effective openers {told['effective']:.1f}, unsupported {told['unsupported']:.1%}"
    )
    for reason, count in told["left_out"].items():
        console.print(f"[dim]left out: {count} {reason}[/]")


def _interval(one: dict[str, float | None]) -> tuple[str, str]:
    if one["value"] is None or one["low"] is None or one["high"] is None:
        return "–", ""
    return f"{one['value']:+.4f}", f"{one['low']:+.4f} to {one['high']:+.4f}"
