"""`overture eval openers`: whether what is said is true, short and varied."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import get_args

import click

from bot.cli.context import Context
from bot.cli.costs import record
from bot.cli.printing import err, out, print_json
from bot.cli.watching import watching
from bot.ids import draw
from bot.openers.brief import About, Brief
from bot.openers.styles import STYLES
from bot.ports import BadInput
from bot.wording import CHECKED, Tone
from recsys.types import Item

NAMES = ("Ana", "Bo", "Chidi", "Dewi", "Elif", "Farid", "Greta", "Hiro", "Ines", "Jomo")
SHOWN = 5


@click.command("openers")
@click.option("--n", "count", type=click.IntRange(1), default=500, show_default=True)
@click.option(
    "--pool",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A pool file to open about; by default the pool of the demo.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the order and the names.")
@click.option("--tone", type=click.Choice(get_args(Tone)), help="Instead of the one that is set.")
@click.option("--language", type=click.Choice(("en", *CHECKED)), default="en", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def openers(
    context: Context,
    count: int,
    file: Path | None,
    seed: int,
    tone: str | None,
    language: str,
    as_json: bool,
) -> None:
    """Compose openers by the configured model, or by templates, and count what is wrong with them.

    Counted: facts that are not in the item, what was withheld, repaired or fell back to a
    template, words, and pairs among any forty in a row that are nearly the same; what it cost.
    Nothing is sent. Entries of FILE that are none are left out, and listed.
    """
    from bot.llm import connect
    from bot.llm.paying import priced
    from bot.openers import bundled
    from bot.openers.compose import Composer
    from bot.openers.judging import judge_openers

    model = connect(context.settings.model)
    composer = Composer(
        bundled.library(), bundled.templates(), model, context.settings.model.deadline
    )
    items = _items(file)
    with watching() as tell:
        briefs = _briefs(items, count, seed, tone or context.settings.openers.tone, language)
        judged = judge_openers(composer, briefs, count, tell)
    told = {
        **judged.figures(),
        **record(priced(judged.spent, context.settings.model)),
        "model": model.name if model is not None else "template",
    }
    if as_json:
        print_json(told)
    else:
        for name, value in told.items():
            out().print(f"{name:16} {value}", markup=False)
    for text, facts in judged.foreign[:SHOWN]:
        err().print(f"not in the item: {', '.join(facts)}: {text}", markup=False)


def _items(file: Path | None) -> tuple[Item, ...]:
    from bot.demo.stage import DATA
    from bot.pool.files import read
    from bot.pool.leftout import Sieve

    files = [file] if file is not None else sorted((DATA / "pool").glob("*.jsonl"))
    sieve = Sieve(skip_bad=True)
    items = tuple(item for one in files for item in read(one, sieve).items)
    if sieve.left_out:
        err().print(f"left out: {len(sieve.left_out)}")
    for one in sieve.left_out[:SHOWN]:
        err().print(str(one), markup=False)
    if not items:
        raise BadInput(f"{file}: holds nothing to open about. Give another file.")
    return items


def _briefs(
    items: tuple[Item, ...], count: int, seed: int, tone: str, language: str
) -> Iterator[Brief]:
    """Items in a drawn order, again and again, each time in the next style."""
    ordered = sorted(items, key=lambda item: draw(seed, str(item.id)))
    for at, item in enumerate(islice(cycle(ordered), count)):
        about = About(
            kind=item.kind,
            title=item.title,
            summary=item.summary,
            text=item.text,
            url=item.url,
            topics=tuple(item.topics),
        )
        style = STYLES[(at + at // len(ordered)) % len(STYLES)]
        why = f"you follow {item.topics[0]}" if item.topics else ""
        name = NAMES[at % len(NAMES)]
        yield Brief(name, about, style, why, f"{seed}:{at}", tone=tone, language=language)
