"""`overture models`: what was trained, and what serves."""

from __future__ import annotations

import getpass
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from bot.cli.context import MOMENT, Context
from bot.cli.printing import err, out, print_json
from bot.cli.watching import watching
from bot.store.audit import Audit
from recsys.card import card
from recsys.registry import RegistryError
from recsys.types import Version

_BY = click.option("--by", default=getpass.getuser, help="Who did it; by default who is logged in.")


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
        "labels": manifest["counts"]["labels"],
        "verdict": manifest["verdict"],
        "reason": manifest["reason"],
    }


@models.command()
@click.argument("version")
@click.option("--json", "as_json", is_flag=True, help="The manifest as one JSON object.")
@click.pass_obj
def show(context: Context, version: str, as_json: bool) -> None:
    """The model card of a version: data, recipe, metrics, limits, what it is not for."""
    manifest = context.app.registry.manifest(Version(version))
    if as_json:
        print_json(asdict(manifest))
    else:
        click.echo(card(manifest), nl=False)


@models.command()
@click.argument("first")
@click.argument("second")
@click.option("--now", type=MOMENT, help="Know nothing later than this moment.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def diff(context: Context, first: str, second: str, now: datetime | None, as_json: bool) -> None:
    """Hold two versions side by side on the same openers, slice by slice.

    SECOND gains where the last column is above zero. `prior` names the formula that serves
    without a model. The last quarter of what became of openers judges; what either model has
    learned or calibrated from is counted, for it flatters that model.
    """
    app = context.app
    moment = now or app.clock.now()
    with watching() as tell:
        app.refresh(moment, progress=tell)
        told = app.night.compare(moment, first, second)
    if as_json:
        print_json(told)
        return
    console = out()
    console.print(f"[bold]{first}[/] against [bold]{second}[/] on {told['lessons']} openers.")
    for version, seen in told["seen"].items():
        if seen:
            console.print(f"[yellow]{version} has learned from {seen} of them.[/]")
    table = Table("slice", "", "openers", "taken up", "log loss", "AUC", "ECE", "gain", box=None)
    for row in told["slices"]:
        pairs = [" → ".join(_figure(x) for x in row[name]) for name in ("log_loss", "auc", "ece")]
        table.add_row(row["family"], escape(row["name"]), str(row["lessons"]),
                      f"{row['engaged']:.2f}", *pairs, _interval(row["gain"]))  # fmt: skip
    console.print(table if told["slices"] else "No opener's window has closed yet.")


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _interval(gain: dict[str, float | None]) -> str:
    low, high = gain["low"], gain["high"]
    if gain["value"] is None or low is None or high is None:
        return "too few"
    return f"{gain['value']:+.4f} ({low:+.4f} to {high:+.4f})"


@models.command()
@click.argument("version")
@_BY
@click.pass_obj
def promote(context: Context, version: str, by: str) -> None:
    """Let a version serve, whatever its verdict was."""
    context.app.registry.promote(Version(version))
    _note(context, by, "model.promoted", version)
    out().print(f"{version} serves from the next pass on. `overture models rollback` undoes it.")


@models.command()
@click.argument("version", required=False)
@_BY
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def shadow(context: Context, version: str | None, by: str, as_json: bool) -> None:
    """Score VERSION beside what serves, at each decision; `off` ends that.

    It decides nothing. Without VERSION: how often the challenger would have picked otherwise, and
    how well both foretold what came of the openers that were told.
    """
    from bot.learning.shadow import compared, read

    app = context.app
    if version is not None:
        chosen = None if version == "off" else Version(version)
        app.registry.cast_shadow(chosen)
        _note(context, by, "model.shadow", version)
        at_work = f"{version} is scored beside what serves from the next pass on."
        out().print(at_work if chosen else "No version is scored beside what serves any more.")
        return
    challenger = app.registry.shadow()
    with app.store.reading(app.workspace) as unit:
        known = read(unit, challenger) if challenger else []
    told = {"shadow": challenger, **compared(known, seed=app.settings.recommender.seed)}
    if as_json:
        print_json(told)
    elif challenger is None:
        out().print("No version is scored beside what serves; `overture models shadow VERSION`.")
    else:
        _print_shadow(told)


def _print_shadow(told: dict[str, Any]) -> None:
    console = out()
    console.print(
        f"[bold]{told['shadow']}[/] scored {told['decisions']} decisions and would have picked"
        f" otherwise at {told['otherwise']} of them."
    )
    table = Table("", "log loss", "AUC", box=None)
    for place, name in enumerate(("what served", told["shadow"])):
        table.add_row(name, _figure(told["log_loss"][place]), _figure(told["auc"][place]))
    console.print(f"On the {told['closed']} openers whose window is closed:")
    console.print(table)
    console.print(f"gain in log loss {_interval(told['gain'])}")


@models.command()
@_BY
@click.pass_obj
def rollback(context: Context, by: str) -> None:
    """Let the version before serve again."""
    now_serving = context.app.registry.rollback()
    _note(context, by, "model.rolled_back", now_serving)
    out().print(f"{now_serving} serves from the next pass on.")


def _note(context: Context, by: str, action: str, version: str) -> None:
    app = context.app
    with app.store.writing(app.workspace) as unit:
        Audit(unit).append(app.clock.now(), by, action, version)
        unit.commit()
