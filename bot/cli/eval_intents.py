"""`overture eval intents`: how well replies are understood, with and without a model."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from bot.cli.context import Context
from bot.cli.printing import out, print_json
from bot.ports import BadInput

FLOOR = 0.8
"""share of the reported utterances that the rules alone have to get right"""
SHOWN = 10


@click.command("intents")
@click.option(
    "--utterances",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Lines of intent, tab, text; by default those that no rule was written by.",
)
@click.option("--no-model", is_flag=True, help="By rules alone, though a model is configured.")
@click.option("--floor", type=click.FloatRange(0, 1), default=FLOOR, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def intents(
    context: Context, file: Path | None, no_model: bool, floor: float, as_json: bool
) -> None:
    """Understand labelled utterances and print the share of each intent that was got right.

    Ends with an error where fewer than the floor are right in all.
    """
    from bot.demo.stage import DATA
    from bot.llm import connect
    from bot.openers import bundled
    from bot.openers.intents import Intent
    from bot.openers.understanding import Understanding
    from bot.openers.utterances import measure, read_utterances

    model = None if no_model else connect(context.settings.model)
    deadline = context.settings.model.deadline
    understanding = Understanding(bundled.library(), model, deadline)
    utterances = read_utterances(file or DATA / "utterances" / "reported.tsv")
    if not utterances:
        raise BadInput(f"{file}: holds no utterance.")
    found = measure(utterances, lambda words: understanding.of(words).intent)
    asked = [intent for intent in Intent if found.asked[intent.value]]
    told = {
        "model": "rules" if model is None else model.name,
        "utterances": found.asked.total(),
        "right": round(found.share, 4),
        "of": {intent.value: round(found.of(intent), 4) for intent in asked},
    }
    if as_json:
        print_json(told)
    else:
        for intent in asked:
            count = found.asked[intent.value]
            out().print(f"{intent.value:12} {found.of(intent):6.1%} of {count}", markup=False)
        for text, is_, taken in found.wrong[:SHOWN]:
            out().print(f"  {is_} taken for {taken}: {text}", markup=False, highlight=False)
        out().print(f"{'all':12} {found.share:6.1%} of {found.asked.total()}", markup=False)
    if found.share < floor:
        click.echo(f"overture: {found.share:.1%} are right, fewer than {floor:.0%}", err=True)
        sys.exit(1)
