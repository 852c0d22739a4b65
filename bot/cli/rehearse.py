"""`overture rehearse`: days of a real workspace, lived through again without a word being sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.markup import escape
from rich.table import Table

from bot.cli.context import Context
from bot.cli.printing import err, out, print_json
from bot.cli.watching import watching
from bot.policy.words import in_words

if TYPE_CHECKING:
    from bot.rehearsal_findings import Choice, Findings

ASSUMED = (
    "Consent is assumed: everybody is treated as if they had agreed, and had been let in. Nothing"
    " is sent, and nothing is kept but vectors of texts in the cache."
)
FIRST_WORDS = 8
_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("file", metavar="ZIP", type=click.Path(path_type=Path))
@click.option("--from", "first", type=_DAY, required=True, help="First day, such as 2019-05-20.")
@click.option("--to", "last", type=_DAY, required=True, help="Last day.")
@click.option("--zone", metavar="ZONE", help="The workspace's time zone; UTC by default.")
@click.option("--skip-bad", is_flag=True, help="Leave bad entries of the export out.")
@click.option("--plot", type=click.Path(path_type=Path, dir_okay=False), help="Draw a picture.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def rehearse(
    context: Context,
    file: Path,
    first: datetime,
    last: datetime,
    zone: str | None,
    skip_bad: bool,
    plot: Path | None,
    as_json: bool,
) -> None:
    """What would have been said to whom, had Overture been in this workspace on these days?

    The settings, the policy, the ranker and the nights are the real ones; nothing is known of a
    later moment than each decision's. A model learns each night from the threads that members
    joined. Whoever joins a thread within a day went there by themselves, for nobody told them.
    """
    from bot.cli.imports import check_zone
    from bot.rehearsal import Rehearsal
    from recsys.encoder import Encoder

    check_zone(zone)
    if plot is not None:
        from bot.cli.plots import check_picture

        check_picture(plot)
    settings = context.settings
    encoder = Encoder(settings.recommender.encoder, settings.home / "embeddings")
    days = first.date(), last.date()
    err().print(f"[bold yellow]{ASSUMED}[/]")
    with watching() as tell:
        found = Rehearsal(file, *days, settings, encoder, zone, skip_bad).run(tell)
    if plot is not None:
        from bot.cli.plots import rehearsal

        rehearsal(found, plot)
    seed = settings.recommender.seed
    if as_json:
        asked = {"file": file.name, "from": str(days[0]), "to": str(days[1]), "consent": "assumed"}
        print_json({**asked, **found.as_json(seed)})
    else:
        _print(found, seed)


def _print(found: Findings, seed: int) -> None:
    console = out()
    daily = Table("day", "openers", "silences", "model", "the night before", box=None)
    for day in found.days:
        silences = sum(day.silences.values())
        daily.add_row(str(day.day), str(day.openers), str(silences), day.model, escape(day.learned))
    console.print(daily)
    console.print(f"\n[bold]What would have been said[/]: {len(found.openers)} openers")
    if found.openers:
        console.print(_table(found.openers))
    console.print("\n[bold]Silent[/]")
    for reason, count in found.silences.items():
        console.print(f"  {count:>6,}  {in_words(reason)}")
    console.print("\n[bold]Who went there within a day, by themselves[/]")
    told = found.as_json(seed)["went_by_themselves"]
    for kind, one in told.items():
        console.print(f"  {kind.replace('_', ' '):<20} {_share(one)}")
    console.print(
        f"  of {found.within_reach:,} joins within a day of a decision about what was out by then"
    )
    for title, went in (("The surest who went", True), ("The surest who did not", False)):
        console.print(f"\n[bold]{title}[/]")
        console.print(_table(found.extremes(went)))
    console.print(f"\n[dim]{ASSUMED}[/]")


def _table(chosen: Sequence[Choice]) -> Table:
    table = Table("when (UTC)", "who", "sure to", "arm", "first words", "about", "went", box=None)
    for one in chosen:
        went = {True: "yes", False: "no", None: "?"}[one.went]
        table.add_row(
            f"{one.at:%m-%d %H:%M}", escape(one.name), f"{one.engages:.0%}", one.arm,
            escape(_shortened(one.text)), escape(_shortened(one.title)), went,
        )  # fmt: skip
    return table


def _shortened(text: str) -> str:
    words = text.split()
    return " ".join(words[:FIRST_WORDS]) + (" …" if len(words) > FIRST_WORDS else "")


def _share(one: dict[str, Any]) -> str:
    known, share = one["decisions"] - one["unknown"], one["share"]
    if not known:
        return f"{one['decisions']} decisions, none of whose day is over"
    open_ones = f"; of {one['unknown']} more the export does not tell" if one["unknown"] else ""
    return (
        f"{one['went']} of {known}, {share['value']:.1%}"
        f" ({share['low']:.1%} to {share['high']:.1%}){open_ones}"
    )
