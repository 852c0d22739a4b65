"""`overture run`: one pass of planning, composing and delivering."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click
from rich.markup import escape

from bot.app import App
from bot.cli.context import MOMENT, Context
from bot.cli.costs import in_words as spent_in_words
from bot.cli.printing import err, out, print_json
from bot.cli.watching import watching
from bot.delivery.tally import Report
from bot.outreach import Attempt
from bot.planning import Pass
from bot.policy.words import in_words
from bot.ports import Refused

BANNER = (
    "ASSUMED CONSENT: everybody is treated as if they had agreed. Nothing is sent and nothing is"
    " written. Never use this to write to people."
)


@click.command()
@click.option("--now", type=MOMENT, help="Decide as of this moment; sends to an emulator only.")
@click.option("--members", help="Only these members: ids, separated by commas.")
@click.option("--dry-run", is_flag=True, help="Say what would be said; write and send nothing.")
@click.option("--assume-consent", is_flag=True, help="With --dry-run: as if all had agreed.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def run(
    context: Context,
    now: datetime | None,
    members: str | None,
    dry_run: bool,
    assume_consent: bool,
    as_json: bool,
) -> None:
    """Plan, compose and deliver for every member who is due; print why not to the others."""
    if assume_consent and not dry_run:
        raise click.UsageError("--assume-consent goes with --dry-run alone: it sends to nobody")
    wanted = tuple(one.strip() for one in (members or "").split(",") if one.strip())
    if members is not None and not wanted:
        raise click.UsageError("--members names nobody; leave it out to mean everybody")
    app = context.app
    if now is not None and not dry_run and not app.settings.slack.is_loopback:
        raise Refused(
            "--now sends to nothing but an emulator, and OVERTURE_SLACK__API_URL is "
            f"{app.settings.slack.api_url}. Add --dry-run, or leave --now out."
        )
    if not dry_run and app.settings.slack.bot_token is None and app.token is None:
        raise Refused(
            "Slack's bot token is missing, so nothing can be sent: set SLACK_BOT_TOKEN"
            " (docs/slack-setup.md), or add --dry-run."
        )
    if assume_consent:
        err().print(f"[bold yellow]{BANNER}[/]")
    moment = now or app.clock.now()
    with watching() as tell:
        app.refresh(moment, assume_consent=assume_consent, progress=tell)
        done = app.plan(
            moment,
            members=wanted,
            keeps=not dry_run,
            assume_consent=assume_consent,
            wait_for_moment=False,
            progress=tell,
        )
    report = None if dry_run else _deliver(app, moment)
    if as_json:
        print_json(as_record(app, done, report, assume_consent))
    else:
        _print(app, done, report)


def _deliver(app: App, now: datetime) -> Report:
    app.welcome(now)
    return app.deliver(now)


def as_record(app: App, done: Pass, report: Report | None, assume_consent: bool) -> dict[str, Any]:
    """The pass as JSON."""
    preparation = app.recommender.view.preparation
    return {
        "now": done.now.isoformat(),
        "sent": None if report is None else report.sent,
        "assumed_consent": assume_consent,
        "model": app.recommender.view.version,
        "openers_by": writer(app),
        "openers": [_opener(attempt) for attempt in done.openers],
        "silences": [
            {"member": attempt.decision.member_id, "reason": attempt.decision.reason}
            for attempt in done.attempts
            if not attempt.speaks
        ],
        **done.summary(),
        "prepared": {
            "items": preparation.items,
            "texts_embedded": preparation.embedded,
            "texts_reused": preparation.reused,
            "seconds_embedding": preparation.seconds_embedding,
            "seconds_loading": preparation.seconds_loading,
        },
    }


def _opener(attempt: Attempt) -> dict[str, Any]:
    decision, opener = attempt.decision, attempt.opener
    return {
        "decision": decision.id,
        "member": decision.member_id,
        "name": attempt.facts.standing.first_name,
        "text": opener.text if opener else "",
        "about": attempt.item.title if attempt.item else "",
        "item": decision.item_id,
        "why": attempt.why,
        "engages": round(decision.engages or 0.0, 3),
        "arm": decision.arm,
        "style": decision.style,
        "composed_by": opener.language_model if opener else "",
        "local_time": attempt.facts.standing.local.isoformat(timespec="minutes"),
    }


def _print(app: App, done: Pass, report: Report | None) -> None:
    console = out()
    for attempt in done.openers:
        told = _opener(attempt)
        console.print(
            f"\n[bold]{escape(told['name'])}[/] ({told['member']}, "
            f"{attempt.facts.standing.local:%a %H:%M}, "
            f"sure to {told['engages']:.0%}, {told['arm']})"
        )
        console.print(f"  {escape(told['text'])}")
        console.print(f"  [dim]about[/] {escape(told['about'])}")
        console.print(f"  [dim]why[/]   {escape(told['why'])}")
        if report is not None:  # a dry run keeps no decision to ask about
            console.print(f"  [dim]more[/]  overture why {told['decision']}")
    _print_silences(app, done)
    verb = "would be sent" if report is None else "decided on"
    console.print(f"\n{len(done.openers)} openers {verb}, to {len(done.attempts)} members due.")
    if report is not None:
        console.print(
            f"Delivered: {report.sent} sent, {report.waiting} waiting, {report.withdrawn}"
            f" withdrawn, {report.failed} failed, {report.unresolved} unresolved."
        )
    ready = app.recommender.view.preparation
    console.print(
        f"[dim]{ready.items} items; {ready.embedded} texts embedded in"
        f" {ready.seconds_embedding:.1f} s, {ready.reused} known before; loaded in"
        f" {ready.seconds_loading:.1f} s; the pass took {done.seconds:.1f} s;"
        f" model {app.recommender.view.version}; openers by {writer(app)}[/]"
    )
    if done.spent.tokens:
        console.print(f"[dim]The language model took {spent_in_words(done.spent)}.[/]")
    for problem in app.recommender.view.problems:
        err().print(f"[yellow]{escape(problem)}[/]")


def writer(app: App) -> str:
    """Who writes openers: the language model that is set, or templates."""
    model = app.settings.model
    return f"{model.name} at {model.base_url or 'OpenAI'}" if model.configured else "templates"


def _print_silences(app: App, done: Pass) -> None:
    console = out()
    silent = [attempt for attempt in done.attempts if not attempt.speaks]
    if not silent:
        return
    console.print("\n[bold]Silent[/]")
    for reason, count in done.summary()["decisions"]["silent"].items():
        names = [a.facts.standing.first_name for a in silent if a.decision.reason == reason]
        shown = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
        console.print(f"  {reason:<18} {count:>4}  {in_words(reason)}: [dim]{escape(shown)}[/]")
