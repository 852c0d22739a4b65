"""`overture settings`: every setting, its value and what it means."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import click
from pydantic import BaseModel
from rich.markup import escape
from rich.table import Table

from bot.cli.context import Context
from bot.cli.printing import out


@click.command()
@click.pass_obj
def settings(context: Context) -> None:
    """List all settings with the variable that sets each; secrets are not shown."""
    table = Table("variable", "value", "meaning", box=None)
    for path, value, meaning in rows(context.settings):
        shown = _without_password(str(value)) if path == ("database_url",) else str(value)
        table.add_row("OVERTURE_" + "__".join(path).upper(), escape(shown), escape(meaning))
    out().print(table)


def _without_password(url: str) -> str:
    address = urlsplit(url)
    if address.password is None:
        return url
    return url.replace(f":{address.password}@", ":***@", 1)


def rows(
    model: BaseModel, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], object, str]]:
    """(path, value, meaning) of every setting, slices opened up."""
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from rows(value, (*path, name))
        else:
            yield (*path, name), value, field.description or ""
