"""`overture arms`: the experiments that run, what came of them, and who stopped what."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from bot.cli.context import MOMENT, Context
from bot.cli.printing import out, print_json
from bot.ports import BadInput

_BY = click.option("--by", default=getpass.getuser, help="Who did it; by default who is logged in.")


@click.group()
def arms() -> None:
    """Experiments on members: list their arms, stop one, let it run again."""


@arms.command("list")
@click.option("--now", type=MOMENT, help="Know nothing later than this moment.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def list_arms(context: Context, now: datetime | None, as_json: bool) -> None:
    """Every arm with its share, its members, and what came of its openers in four weeks."""
    moment = now or context.app.clock.now().astimezone(UTC)
    told = _told(context, moment)
    if as_json:
        print_json({"experiments": told})
        return
    if not told:
        out().print("No experiment is set; docs/operations.md says how.")
    for name, one in told.items():
        out().print(f"\n[bold]{name}[/] varies the {one['varies']}")
        table = Table("arm", "value", "share", "members", "openers", "taken up", "dismissed",
                      "opted out", "state", box=None)  # fmt: skip
        for arm in one["arms"]:
            rates = [_rate(arm[rate]) for rate in ("engaged", "dismissals", "opt_outs")]
            value = "–" if arm["value"] is None else str(arm["value"])
            table.add_row(arm["arm"], value, f"{arm['share']:.0%}", str(arm["assigned"]),
                          str(arm["openers"]), *rates, escape(arm["state"]))  # fmt: skip
        out().print(table)


def _told(context: Context, now: datetime) -> dict[str, Any]:
    from bot.experiments import drawn
    from bot.learning.guardrails import figures
    from bot.store.arms import ArmStops
    from bot.store.members import Members

    app = context.app
    found: dict[str, Any] = {}
    with app.store.reading(app.workspace) as unit:
        members = [one.id for one in Members(unit).list()]
        stops = {(row.experiment, row.arm): row for row in ArmStops(unit).rows()}
        for name, experiment in app.settings.experiments.items():
            places = [drawn(name, experiment, app.workspace, member) for member in members]
            rows = []
            for one in figures(unit, name, experiment, now, seed=app.settings.recommender.seed):
                setting, row = experiment.arms[one.arm], stops.get((name, one.arm))
                stopped = row is not None and bool(row.stopped_by)
                state = "control" if setting.value is None else "runs"
                if row is not None and stopped:
                    state = f"stopped by {row.stopped_by}, {row.stopped_at:%Y-%m-%d}"
                rows.append({
                    "arm": one.arm, "value": setting.value, "share": setting.share,
                    "assigned": places.count(one.arm), "stopped": stopped, "state": state,
                    **one.as_json(),
                })  # fmt: skip
            found[name] = {"varies": experiment.varies, "arms": rows}
    return found


@arms.command()
@click.argument("experiment")
@click.argument("arm")
@_BY
@click.pass_obj
def stop(context: Context, experiment: str, arm: str, by: str) -> None:
    """Stop an arm: its members are treated as the control's from the next pass on."""
    from bot.store.arms import ArmStops
    from bot.store.audit import Audit

    _check(context, experiment, arm)
    app = context.app
    with app.store.writing(app.workspace) as unit:
        fresh = ArmStops(unit).stop(experiment, arm, app.clock.now(), by, {})
        if fresh:
            Audit(unit).append(app.clock.now(), by, "arm.stopped", f"{experiment}/{arm}")
        unit.commit()
    out().print(f"{arm} is stopped." if fresh else f"{arm} was stopped before.")


@arms.command()
@click.argument("experiment")
@click.argument("arm")
@_BY
@click.pass_obj
def resume(context: Context, experiment: str, arm: str, by: str) -> None:
    """Let a stopped arm run again; what came of it before no longer counts against it."""
    from bot.store.arms import ArmStops
    from bot.store.audit import Audit

    _check(context, experiment, arm)
    app = context.app
    with app.store.writing(app.workspace) as unit:
        fresh = ArmStops(unit).resume(experiment, arm, app.clock.now())
        if fresh:
            Audit(unit).append(app.clock.now(), by, "arm.resumed", f"{experiment}/{arm}")
        unit.commit()
    out().print(f"{arm} runs from the next pass on." if fresh else f"{arm} was not stopped.")


def _check(context: Context, experiment: str, arm: str) -> None:
    known = context.settings.experiments
    if experiment not in known:
        names = ", ".join(known) or "none is set"
        raise BadInput(f"there is no experiment {experiment!r}; known: {names}")
    if arm not in known[experiment].arms:
        names = ", ".join(known[experiment].arms)
        raise BadInput(f"experiment {experiment} has no arm {arm!r}, only {names}")
    if arm == known[experiment].control:
        raise BadInput(f"{arm} is the control of {experiment}: it changes nothing to be stopped")


def _rate(one: dict[str, float | None]) -> str:
    if one["value"] is None or one["low"] is None or one["high"] is None:
        return "–"
    return f"{one['value']:.1%} ({one['low']:.1%} to {one['high']:.1%})"
