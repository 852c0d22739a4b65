"""`overture train`: one training run."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click
from rich.markup import escape

from bot.cli.context import MOMENT, Context
from bot.cli.printing import out, print_json
from bot.cli.watching import watching
from bot.learning.night import Trained


@click.command()
@click.option("--now", type=MOMENT, help="Know nothing later than this moment.")
@click.option(
    "--from-history",
    is_flag=True,
    help="Learn from threads that members joined, instead of from what became of openers.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def train(context: Context, now: datetime | None, from_history: bool, as_json: bool) -> None:
    """Fit a model, judge it against the one that serves, and promote it if it may.

    With --from-history, threads that members joined within a day serve as weak labels. They say
    what people turn to by themselves, not what they are glad to be told; the model says so in its
    manifest, and the two kinds are never mixed. History is read whole, whoever agreed: it stays
    on this machine and nobody is written to because of it alone.
    """
    app = context.app
    moment = now or app.clock.now()
    with watching() as tell:
        app.refresh(moment, assume_consent=from_history, progress=tell)
        tell("Training", 0, 1)
        trained = app.train(moment, "history" if from_history else "outcome")
        tell("Training", 1, 1)
    if as_json:
        print_json(trained.summary())
    else:
        print_verdict(trained)


def print_verdict(trained: Trained) -> None:
    """The verdict in words, with the figures behind it."""
    console = out()
    result = trained.result
    verdict = "promoted" if result.promoted else "not promoted"
    console.print(f"[bold]{trained.version or 'no model'}: {verdict}[/]. {escape(result.reason)}")
    labels = ", ".join(f"{count} {name}" for name, count in result.counts.items())
    console.print(f"Learned from {result.origin}: {labels}.")
    for name, value in result.metrics.items():
        console.print(f"  {name:<16} {_shown(value)}")


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_shown(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return f"{len(value)} values" if len(value) > 4 else ", ".join(_shown(v) for v in value)
    return escape(str(value))
