"""`overture reviews`: look at openers before they leave."""

from __future__ import annotations

import getpass
from dataclasses import asdict

import click
from rich.markup import escape

from bot.cli.context import Context
from bot.cli.printing import out, print_json
from bot.conversation.reviews import Decided, Reviewer
from bot.store.reviews import Reviews

BY = click.option("--by", default=getpass.getuser, help="Who does it; by default who is logged in.")


@click.group()
def reviews() -> None:
    """Hold openers until a person has looked at them: approve, edit, answer back or skip."""


@reviews.command("on")
@BY
@click.pass_obj
def switch_on(context: Context, by: str) -> None:
    """Hold every opener from now on."""
    _switch(context, True, by)


@reviews.command("off")
@BY
@click.pass_obj
def switch_off(context: Context, by: str) -> None:
    """Hold none any more; those that wait go on waiting."""
    _switch(context, False, by)


@reviews.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def list_reviews(context: Context, as_json: bool) -> None:
    """What waits, the oldest first."""
    found = _reviewer(context).waiting()
    if as_json:
        print_json({"reviews": [asdict(one) for one in found]})
        return
    for one in found:
        out().print(f"[bold]{one.opener}[/] for {escape(one.name)}, {one.asked_at:%Y-%m-%d %H:%M}")
        out().print(f"  {escape(one.text)}")
        out().print(f"  [dim]about[/] {escape(one.about)}")
        out().print(f"  [dim]why[/]   {escape(one.why)}")
    if not found:
        out().print("Nothing waits for a review.")


@reviews.command("examples")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def examples(context: Context, as_json: bool) -> None:
    """What people edited, beside what it was before: examples of style, the newest first."""
    app = context.app
    with app.store.reading(app.workspace) as unit:
        found = [
            {"original": one.original, "edited": one.edited, "at": one.decided_at}
            for one in Reviews(unit).edited()
        ]
    if as_json:
        print_json({"examples": found})
        return
    for one in found:
        out().print(f"[bold]{one['at']:%Y-%m-%d %H:%M}[/]")
        out().print(f"  [dim]before[/] {escape(str(one['original']))}")
        out().print(f"  [dim]after[/]  {escape(str(one['edited']))}")
    if not found:
        out().print("Nobody has edited an opener yet.")


@reviews.command("notes")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def notes(context: Context, as_json: bool) -> None:
    """What people said was wrong with openers that they did not let leave, the newest first."""
    app = context.app
    with app.store.reading(app.workspace) as unit:
        found = [
            {"original": one.original, "note": one.note, "at": one.decided_at}
            for one in Reviews(unit).answered()
        ]
    if as_json:
        print_json({"notes": found})
        return
    for one in found:
        out().print(f"[bold]{one['at']:%Y-%m-%d %H:%M}[/] {escape(str(one['note']))}")
        out().print(f"  [dim]of[/] {escape(str(one['original']))}")
    if not found:
        out().print("Nobody has answered an opener back yet.")


@reviews.command("approve")
@click.argument("opener")
@BY
@click.pass_obj
def approve(context: Context, opener: str, by: str) -> None:
    """Let OPENER (its id, or how it begins) leave as it is."""
    _decide(context, opener, "approved", by)


@reviews.command("edit")
@click.argument("opener")
@click.argument("text")
@BY
@click.pass_obj
def edit(context: Context, opener: str, text: str, by: str) -> None:
    """Let OPENER leave with TEXT instead; the guards of all openers hold for it too."""
    _decide(context, opener, "edited", by, text)


@reviews.command("answer")
@click.argument("opener")
@click.argument("note")
@BY
@click.pass_obj
def answer(context: Context, opener: str, note: str, by: str) -> None:
    """Do not send OPENER, and keep NOTE on what was wrong with it."""
    _decide(context, opener, "answered", by, note)


@reviews.command("skip")
@click.argument("opener")
@BY
@click.pass_obj
def skip(context: Context, opener: str, by: str) -> None:
    """Do not send OPENER."""
    _decide(context, opener, "skipped", by)


def _reviewer(context: Context) -> Reviewer:
    return context.app.reviewer


def _switch(context: Context, on: bool, by: str) -> None:
    _reviewer(context).switch(on, by=by, now=context.app.clock.now())
    told = "waits for a review from now on" if on else "leaves without a review"
    out().print(f"Every opener of {context.app.workspace} {told}.")


def _decide(context: Context, prefix: str, decided: Decided, by: str, text: str = "") -> None:
    app = context.app
    opener = app.reviewer.find(prefix)
    with app.store.writing(app.workspace) as unit:
        app.reviewer.decide(unit, opener, decided, by=by, now=app.clock.now(), text=text)
        unit.commit()
    out().print(f"{opener} is {decided}.")
