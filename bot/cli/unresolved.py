"""`overture unresolved`: messages that may or may not have arrived, and settling them."""

from __future__ import annotations

import getpass
from datetime import datetime, timedelta

import click
from rich.table import Table

from bot.cli.context import Context
from bot.cli.printing import out, print_json
from bot.sending import Sending, open_sending
from bot.store import tables
from bot.store.unresolved import Unresolved


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def unresolved(ctx: click.Context, as_json: bool) -> None:
    """List messages of which nobody knows whether they arrived.

    They count as sent for every cap, and nothing is ever sent again by itself.
    """
    if ctx.invoked_subcommand is not None:
        return
    sending = _sending(ctx)
    now = sending.clock.now()
    with sending.store.reading(sending.workspace) as unit:
        rows = Unresolved(unit).list()
    if as_json:
        told = [_told(sending.workspace, row, now) for row in rows]
        print_json({"n": len(rows), "unresolved": told})
    elif not rows:
        out().print("Nothing is unresolved.")
    else:
        table = Table("message", "workspace", "member", "kind", "called", "age", "why")
        for row in rows:
            told_of = _told(sending.workspace, row, now)
            table.add_row(*(str(told_of[name]) for name in _COLUMNS))
        out().print(table)
        out().print("Ask the member, then: overture unresolved settle MESSAGE --sent or --not-sent")


_COLUMNS = ("id", "workspace", "member", "kind", "called_at", "age", "why")


@unresolved.command()
@click.argument("message")
@click.option("--sent", is_flag=True, help="It arrived.")
@click.option("--not-sent", is_flag=True, help="It did not.")
@click.option("--by", default=getpass.getuser, help="Who says so; by default who is logged in.")
@click.pass_context
def settle(ctx: click.Context, message: str, sent: bool, not_sent: bool, by: str) -> None:
    """Write down whether MESSAGE arrived. It is not sent again, whatever you say."""
    if sent == not_sent:
        raise click.UsageError("say either --sent or --not-sent")
    sending = _sending(ctx)
    window = timedelta(hours=sending.settings.learning.window_hours)
    with sending.store.writing(sending.workspace) as unit:
        Unresolved(unit).settle(
            message, arrived=sent, by=by, now=sending.clock.now(), window=window
        )
        unit.commit()
    out().print(f"{message}: {'sent' if sent else 'not sent'}, says {by}.")


def _sending(ctx: click.Context) -> Sending:
    context = ctx.find_object(Context)
    assert context is not None
    sending = open_sending(context.settings)
    ctx.call_on_close(sending.close)
    return sending


def _told(workspace: str, row: tables.Outbox, now: datetime) -> dict[str, str]:
    called = row.called_at or row.created_at
    return {
        "id": row.id,
        "workspace": workspace,
        "member": row.member_id,
        "kind": row.kind,
        "called_at": f"{called:%Y-%m-%dT%H:%MZ}",
        "age": _age(now - called),
        "why": row.reason,
    }


def _age(age: timedelta) -> str:
    hours = age.total_seconds() / 3600
    return f"{hours / 24:.0f} d" if hours >= 48 else f"{hours:.1f} h"
