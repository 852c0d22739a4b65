"""`overture costs`: what the language model took, by day, and how much of today is left."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

import click
from rich.table import Table

from bot.cli.context import Context
from bot.cli.printing import out, print_json
from bot.ports import Usage
from bot.settings import ModelSettings
from bot.store.spending import Spendings


@click.command()
@click.option("--days", type=click.IntRange(1), default=30, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def costs(context: Context, days: int, as_json: bool) -> None:
    """Tokens and price by UTC day and by what was asked for, and today's ceiling."""
    app, settings = context.app, context.settings.model
    today = app.clock.now().astimezone(UTC).date()
    with app.store.reading(app.workspace) as unit:
        rows = Spendings(unit).since((today - timedelta(days=days - 1)).isoformat())
        spent = Spendings(unit).of(today.isoformat())
    names = ("day", "purpose", "calls", "estimated", "prompt_tokens", "completion_tokens")
    listed = [
        {**{name: getattr(row, name) for name in names}, "cost": row.micros / 1e6} for row in rows
    ]
    if as_json:
        print_json({"days": listed, "today": record(spent), "ceiling": _ceiling(settings)})
        return
    table = Table("day", "for", "calls", "estimated", "read", "written", "cost", box=None)
    for one in listed:
        table.add_row(*(f"{value:g}" if name == "cost" else str(value)
                        for name, value in one.items()))  # fmt: skip
    out().print(table if listed else "The language model has cost nothing yet.")
    most = f"{settings.daily_tokens} tokens"
    if settings.daily_cost is not None:
        most += f" and {settings.daily_cost:g} in money"
    out().print(f"Today: {in_words(spent)}, of at most {most}.")


def record(usage: Usage) -> dict[str, Any]:
    """What calls took, as JSON."""
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "estimated": usage.estimated,
        "cost": usage.cost,
    }


def in_words(usage: Usage) -> str:
    """What calls took, as a clause."""
    told = f"{usage.tokens} tokens"
    if usage.cost:
        told += f" for {usage.cost:g}"
    return f"{told} (some estimated by length)" if usage.estimated else told


def _ceiling(settings: ModelSettings) -> dict[str, float | None]:
    return {"tokens": settings.daily_tokens, "cost": settings.daily_cost}
