"""`overture rules`: what admins forbid beyond the rules that are built in."""

from __future__ import annotations

import getpass
from dataclasses import asdict

import click
from rich.markup import escape
from rich.table import Table

from bot.cli.context import Context
from bot.cli.printing import out, print_json
from bot.deciding.ruling import Ruling
from bot.policy.vocabulary import FACTS
from bot.ports import Refused
from bot.store import tables

BY = click.option("--by", default=getpass.getuser, help="Who does it; by default who is logged in.")
JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")


@click.group()
def rules() -> None:
    """Rules of your own: silence wherever an expression holds."""


@rules.command("facts")
def facts() -> None:
    """The facts that an expression may read."""
    table = Table("fact", "type", "what it says", box=None)
    for name, fact in FACTS.items():
        table.add_row(name, fact.type, escape(fact.meaning))
    out().print(table)


@rules.command("list")
@JSON
@click.pass_obj
def list_rules(context: Context, as_json: bool) -> None:
    """All rules with their newest version, and the one that is on."""
    _print(_ruling(context).list(), as_json)


@rules.command("show")
@click.argument("name")
@JSON
@click.pass_obj
def show(context: Context, name: str, as_json: bool) -> None:
    """All versions of one rule."""
    found = _ruling(context).list(name)
    if not found:
        raise Refused(f"there is no rule {name!r}; `overture rules list` has all")
    _print(found, as_json)


@rules.command("try")
@click.argument("name")
@click.argument("expression", required=False)
@JSON
@click.pass_obj
def try_rule(context: Context, name: str, expression: str | None, as_json: bool) -> None:
    """What EXPRESSION would have silenced in the last month; without one, the newest of NAME."""
    ruling = _ruling(context)
    if expression is None:
        found = ruling.list(name)
        if not found:
            raise Refused(f"there is no rule {name!r} yet: add the expression to try")
        expression = found[-1].expression
    trial = ruling.test(expression, context.app.clock.now())
    if as_json:
        print_json({"rule": name, "expression": expression, **asdict(trial)})
        return
    out().print(trial.sentence())
    for decision in trial.examples:
        out().print(f"  overture why {decision}")


@rules.command("save")
@click.argument("name")
@click.argument("expression")
@BY
@click.pass_obj
def save(context: Context, name: str, expression: str, by: str) -> None:
    """Keep EXPRESSION as the next version of NAME; it is off until it is switched on."""
    made = _ruling(context).save(name, expression, by=by, now=context.app.clock.now())
    out().print(f"Saved {name} v{made.version}, off. Try it: overture rules try {name}")


@rules.command("on")
@click.argument("name")
@click.option("--version", type=int, help="Which version; by default the newest.")
@BY
@click.pass_obj
def switch_on(context: Context, name: str, version: int | None, by: str) -> None:
    """Let a version of NAME be on, and no other; it holds from the next decision on."""
    made = _ruling(context).switch_on(name, version, by=by, now=context.app.clock.now())
    out().print(f"{name} v{made.version} is on: silence where {escape(made.expression)}")


@rules.command("off")
@click.argument("name")
@BY
@click.pass_obj
def switch_off(context: Context, name: str, by: str) -> None:
    """Switch NAME off; its versions stay."""
    _ruling(context).switch_off(name, by=by, now=context.app.clock.now())
    out().print(f"{name} is off.")


def _ruling(context: Context) -> Ruling:
    return Ruling(context.app.store, context.app.workspace)


def _print(found: list[tables.AdminRule], as_json: bool) -> None:
    if as_json:
        names = ("name", "version", "is_on", "expression", "saved_at", "saved_by")
        print_json({"rules": [{n: getattr(one, n) for n in names} for one in found]})
        return
    table = Table("rule", "", "", "silence where", "saved", "by", box=None)
    for one in found:
        table.add_row(
            one.name,
            f"v{one.version}",
            "on" if one.is_on else "off",
            escape(one.expression),
            f"{one.saved_at:%Y-%m-%d %H:%M}",
            escape(one.saved_by),
        )
    out().print(table if found else "No rule yet. overture rules save NAME EXPRESSION makes one.")
