"""`overture why`: one decision, in words and in full."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from bot.cli.context import Context
from bot.cli.printing import out, print_json
from bot.openers.because import NO_REASON
from bot.policy.words import in_words
from bot.ports import Refused
from bot.store import tables
from bot.store.database import Unit
from bot.store.decisions import Decisions
from bot.store.items import Items


@click.command()
@click.argument("decision", required=False)
@click.option("--member", help="Without a decision: list only this member's.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def why(context: Context, decision: str | None, member: str | None, as_json: bool) -> None:
    """Explain DECISION (its id, or how it begins); without one, list the last twenty."""
    app = context.app
    with app.store.reading(app.workspace) as unit:
        decisions = Decisions(unit)
        if decision is None:
            _list(list(decisions.latest(20, member)), as_json)
            return
        found = decisions.starting_with(decision)
        if len(found) != 1:
            problem = "is ambiguous" if found else "does not exist"
            raise Refused(f"decision {decision!r} {problem}. `overture why` lists the last ones.")
        opener = unit.session.scalar(_opener_of(found[0].id))
        record = _record(found[0], opener)
        _name_items(unit, record["slate"])
    if as_json:
        print_json(record)
    else:
        _print(record)


def _opener_of(decision: str) -> Any:
    from sqlalchemy import select

    return select(tables.Opener).where(tables.Opener.decision_id == decision)


def _list(found: list[tables.Decision], as_json: bool) -> None:
    if as_json:
        rows = [{"decision": d.id, "member": d.member_id, "at": d.at.isoformat(),
                 "verdict": d.verdict, "reason": d.reason} for d in found]  # fmt: skip
        print_json({"decisions": rows})
        return
    table = Table("decision", "member", "at", "verdict", "reason", "item", box=None)
    for one in found:
        at = one.at.isoformat(timespec="minutes")
        table.add_row(one.id, one.member_id, at, one.verdict, one.reason, one.item_id or "")
    out().print(table if found else "No decision yet. `overture run` makes some.")


def _record(decision: tables.Decision, opener: tables.Opener | None) -> dict[str, Any]:
    told = {column.name: getattr(decision, column.name) for column in decision.__table__.columns}
    told["at"] = decision.at.isoformat()
    told["slate"] = deepcopy(decision.slate)
    told["opener"] = None
    if opener is not None:
        told["opener"] = {
            "text": opener.text,
            "why": opener.why,
            "state": opener.state,
            "prompt": opener.prompt,
            "language_model": opener.language_model,
        }
    return told


def _name_items(unit: Unit, slate: dict[str, Any] | None) -> None:
    """Say what the items are called now; what was withdrawn since is named by its id alone."""
    for one in slate["top"] if slate is not None else ():
        item = Items(unit).get(one["item"])
        one["title"] = item.title if item is not None and item.withdrawn_at is None else ""


def _print(record: dict[str, Any]) -> None:
    console = out()
    verdict = "spoke"
    if record["verdict"] != "speak":
        verdict = f"was silent: {record['reason']} ({in_words(record['reason'])})"
    console.print(
        f"[bold]{record['id']}[/]: on {record['slot']}, Overture {verdict}"
        f" towards {record['member_id']} (arm {record['arm']})"
    )
    for name, one in (record["inputs"] or {}).get("arms", {}).items():
        console.print(
            f"  [dim]experiment[/] {name}, arm {one['arm']} (drawn at {one['share']:.0%})"
        )
    if record["opener"] is not None:
        console.print(f"\n  {escape(record['opener']['text'])}")
        console.print(f"  [dim]why[/]  {escape(record['opener']['why'])}")
        console.print(
            f"  [dim]by[/]   {record['opener']['prompt']}, {record['opener']['language_model']},"
            f" {record['opener']['state']}"
        )
    if record["slate"] is not None:
        console.print("\n[bold]Why this item came first for them[/]")
        for line in (record["why"] or NO_REASON).splitlines():
            console.print(f"  {escape(line)}")
    console.print("\n[bold]Rules[/]")
    for rule in record["rules"]:
        mark = "allows"
        if not rule["allowed"]:
            mark = f"[red]refuses: {rule['reason']}[/] [dim]({in_words(rule['reason'])})[/]"
        console.print(f"  {rule['rule']:<14} {mark}")
    if record["slate"] is not None:
        _print_slate(record)


def _print_slate(record: dict[str, Any]) -> None:
    console, slate = out(), record["slate"]
    sources = ", ".join(f"{name} {count}" for name, count in slate["by_source"].items())
    dropped = ", ".join(f"{name} {count}" for name, count in slate["dropped"].items())
    console.print(f"\n[bold]Retrieved[/] {slate['retrieved']} ({sources})")
    console.print(f"[bold]Dropped[/]   {dropped or 'none'}")
    console.print(f"[bold]Ranked[/]    {slate['ranked']} by {record['model_version']}")
    table = Table("", "item", "engages", "dismisses", "opts out", "utility", "from", box=None)
    for position, one in enumerate(slate["top"]):
        table.add_row(
            "→" if position == slate["chosen"] else "",
            escape(one["title"][:60] or one["item"]),
            f"{one['engages']:.3f}",
            f"{one['dismisses']:.3f}",
            f"{one['opts_out']:.4f}",
            f"{one['utility']:+.3f}",
            ", ".join(one["sources"]),
        )
    console.print(table)
    if slate["chosen"] is not None and slate["chosen"] < len(slate["top"]):
        console.print("\n[bold]Features of the pick, and what each added to the logit[/]")
        parts = slate.get("contributions") or {}
        for name, value in slate["top"][slate["chosen"]]["features"].items():
            added = f"{parts[name]:>+10.3f}" if parts.get(name) else ""
            console.print(f"  {name:<22} {value:>10.3f} {added}".rstrip())
    console.print(
        f"\n[dim]propensity {record['propensity']}, seed {record['seed']}, policy"
        f" {record['policy_version']}, schema {slate['schema'][:12]}, slate {slate['hash']}[/]"
    )
