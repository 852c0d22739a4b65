"""`overture pool`, `feeds` and `roles`: the curators' desk for operators, in the same words."""

from __future__ import annotations

import getpass

import click

from bot.cli.context import Context
from bot.cli.printing import out
from bot.curating.roles import operator
from bot.ports import Arrival

BY = click.option("--by", default=getpass.getuser, help="Who does it; by default who is logged in.")
WORDS = click.argument("words", nargs=-1)


@click.command()
@WORDS
@BY
@click.pass_obj
def pool(context: Context, words: tuple[str, ...], by: str) -> None:
    """List, search, approve, reject and edit items: `overture pool help` has all the words."""
    app, said, actor = context.app, list(words), operator(by)
    if said[:1] == ["preview"]:
        _print(app.desk.pool.preview(actor, said[1:], app.clock.now()))
        return
    with app.store.writing(app.workspace) as unit:
        answer = app.desk.pool.obey(unit, actor, said, app.clock.now())
        unit.commit()
    _print(answer.text)


@click.command()
@WORDS
@BY
@click.pass_obj
def feeds(context: Context, words: tuple[str, ...], by: str) -> None:
    """Add, pause, ask and remove feeds: `overture feeds help` has all the words."""
    app, now = context.app, context.app.clock.now()
    obey = app.desk.feeds.obeying(list(words), now)
    nothing = Arrival("cli", "command", "cli", {})
    with app.store.writing(app.workspace) as unit:
        answer = obey(unit, operator(by), nothing, now)
        unit.commit()
    _print(answer.text)


@click.command()
@WORDS
@BY
@click.pass_obj
def roles(context: Context, words: tuple[str, ...], by: str) -> None:
    """List, grant and revoke roles: `overture roles grant U0123ABCD curator`."""
    app = context.app
    with app.store.writing(app.workspace) as unit:
        answer = app.desk.roles.obey(unit, operator(by), list(words), app.clock.now())
        unit.commit()
    _print(answer.text)


def _print(text: str) -> None:
    out().print(text.replace("/overture ", "overture "), markup=False)
