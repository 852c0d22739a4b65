"""`overture models`: what was trained, and what serves."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from bot.cli.context import Context
from bot.cli.printing import err, out, print_json
from recsys.registry import RegistryError
from recsys.types import Version


@click.group()
def models() -> None:
    """List, show, promote and roll back models."""


@models.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def list_models(context: Context, as_json: bool) -> None:
    """All versions, oldest first; the one that serves is marked."""
    registry = context.app.registry
    serving = registry.load_serving()
    found: list[dict[str, Any]] = []
    for version in registry.versions():
        try:
            found.append(_row(asdict(registry.manifest(version)), serving.version))
        except RegistryError as error:
            found.append({"version": version, "problem": str(error), "serves": False})
    if as_json:
        print_json({"serving": serving.version, "models": found})
        return
    if not found:
        out().print("No model yet: the prior serves. `overture train` makes one.")
    table = Table("", "version", "made", "origin", "labels", "verdict", box=None)
    for row in found:
        mark = "serves" if row["serves"] else ""
        if "problem" in row:
            table.add_row(mark, row["version"], "", "", "", escape(row["problem"]))
        else:
            table.add_row(mark, row["version"], row["created"], row["origin"],
                          str(row["labels"]), escape(row["reason"]))  # fmt: skip
    if found:
        out().print(table)
    for problem in serving.problems:
        err().print(f"[yellow]{escape(problem)}[/]")


def _row(manifest: dict[str, Any], serving: Version) -> dict[str, Any]:
    return {
        "version": manifest["version"],
        "serves": manifest["version"] == serving,
        "created": datetime.fromtimestamp(manifest["created"], UTC).isoformat(timespec="minutes"),
        "origin": manifest["origin"],
        "labels": manifest["counts"].get("rows", sum(manifest["counts"].values())),
        "verdict": manifest["verdict"],
        "reason": manifest["reason"],
    }


@models.command()
@click.argument("version")
@click.pass_obj
def show(context: Context, version: str) -> None:
    """The manifest of a version: data, recipe, metrics, verdict, checksums."""
    print_json(asdict(context.app.registry.manifest(Version(version))))


@models.command()
@click.argument("version")
@click.pass_obj
def promote(context: Context, version: str) -> None:
    """Let a version serve, whatever its verdict was."""
    context.app.registry.promote(Version(version))
    out().print(f"{version} serves from the next pass on. `overture models rollback` undoes it.")


@models.command()
@click.pass_obj
def rollback(context: Context) -> None:
    """Let the version before serve again."""
    now_serving = context.app.registry.rollback()
    out().print(f"{now_serving} serves from the next pass on.")
