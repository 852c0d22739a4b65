"""`overture doctor`: checks everything, and says what to do about each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click
from pydantic import BaseModel
from rich.markup import escape

from bot import settings as settings_module
from bot.cli.context import Context
from bot.cli.printing import out, print_json
from bot.ports import OvertureError
from bot.settings import Settings
from bot.store import schema

if TYPE_CHECKING:
    from bot.slack.identity import Identity

GOOD, MISSING, BAD = "ok", "not set up", "wrong"


@dataclass(frozen=True)
class Finding:
    """What one check found; `advice` is empty where all is well."""

    part: str
    state: str
    found: str
    advice: str = ""


class Ready(BaseModel):
    """What a language model is asked for, to see whether it answers."""

    text: str = ""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def doctor(context: Context, as_json: bool) -> int:
    """Check settings, database, Slack, language model and artifacts. Exits 1 if any is wrong."""
    findings = list(check(context))
    if as_json:
        print_json({"findings": [finding.__dict__ for finding in findings]})
    else:
        for finding in findings:
            _print(finding)
    return int(any(finding.state == BAD for finding in findings))


def _print(finding: Finding) -> None:
    colour = {GOOD: "green", MISSING: "yellow", BAD: "red"}[finding.state]
    out().print(
        f"[{colour}]{finding.state:<10}[/] [bold]{finding.part:<14}[/] {escape(finding.found)}"
    )
    if finding.advice:
        out().print(f"{'':<26}{escape(finding.advice)}")


def check(context: Context) -> Iterator[Finding]:
    """All findings, in the order in which things depend on each other."""
    try:
        settings = context.settings
    except OvertureError as error:
        yield Finding("settings", BAD, str(error), "Correct them; `overture init` writes anew.")
        return
    file = settings_module.settings_file()
    where = str(file) if file.exists() else "defaults and environment"
    yield Finding("settings", GOOD, f"read from {where}")
    for part, look in CHECKS:
        try:
            yield from look(context, settings)
        except OvertureError as error:
            yield Finding(part, BAD, str(error))


def _database(context: Context, settings: Settings) -> Iterator[Finding]:
    found, wanted = schema.current(settings.database_url), schema.newest()
    if found == wanted:
        yield Finding("database", GOOD, f"at {found}")
    elif schema.is_known(found):
        state = MISSING if found is None else BAD
        yield Finding("database", state, f"at {found or 'nothing'}", "Run: overture db upgrade")
    else:
        yield Finding("database", BAD, f"at {found}, unknown to this code", "Update the code.")


def _workspace(context: Context, settings: Settings) -> Iterator[Finding]:
    try:
        if schema.current(settings.database_url) != schema.newest():
            return
    except OvertureError:
        return  # the check of the database has told of it
    try:
        app = context.app
    except OvertureError as error:
        yield Finding("workspace", MISSING, str(error))
        return
    with app.store.reading(app.workspace) as unit:
        from bot.store.consents import Consents
        from bot.store.items import Items
        from bot.store.members import Members

        people = len(Members(unit).list())
        agreed = len(Consents(unit).all_granted())
        items = Items(unit).pool()
        approved = sum(item.approved for item in items)
    advice = "" if approved else "Nothing may be talked about yet: import with --approve."
    yield Finding(
        "workspace",
        GOOD if approved else MISSING,
        f"{app.workspace}: {people} people, {agreed} agreed;"
        f" {len(items)} items, {approved} approved",
        advice,
    )
    serving = app.registry.load_serving()
    for problem in serving.problems:
        yield Finding("models", BAD, problem, "`overture models list`, then promote a good one.")
    if not serving.problems:
        yield Finding("models", GOOD, f"{serving.version} serves")


def _keys(context: Context, settings: Settings) -> Iterator[Finding]:
    """What seals words at rest; a key that is missing has stopped the check of the workspace."""
    if not settings.sealing:
        yield Finding("keys", BAD, "OVERTURE_SEALING=false: words stand in the open",
                      "Only for a throw-away database; else drop it and rotate.")  # fmt: skip
        return
    from bot.store.opening import KEY_FILE, sealing_keys
    from bot.store.types import sealer_of

    file = settings.home / KEY_FILE
    if not settings.keys and file.exists() and file.stat().st_mode & 0o077:
        yield Finding("keys", BAD, f"{file} can be read by others", f"Run: chmod 600 {file}")
        return
    try:
        engine = context.app.store.engine
    except OvertureError:
        return  # the check before has told of it
    newest, used = sealer_of(engine.dialect).newest, set(sealing_keys(engine))
    others = used - {newest}
    told = f"{newest} seals" + (f"; {len(others)} others in use" if others else "")
    yield Finding("keys", MISSING if others else GOOD, told,
                  "Run: overture keys rotate" if others else "")  # fmt: skip


def _installing(context: Context, settings: Settings) -> Iterator[Finding]:
    """Whether any workspace can install the app, and whether those that did can be reached."""
    slack = settings.slack
    if slack.public_url is None:
        return
    from bot.own_settings import unheard
    from bot.sending import SystemClock
    from bot.slack.identity import identify
    from bot.slack.oauth import INSTALL, Installer
    from bot.slack.tokens import token_for
    from bot.store.opening import open_store
    from bot.store.workspaces import Workspaces

    clock = SystemClock()
    store = open_store(settings)
    try:
        Installer.of(store, slack, clock, lambda granted: None)
        told = f"{slack.public_url}{INSTALL}"
        if not slack.public_url.startswith("https://"):
            yield Finding("installing", BAD, told,
                          "Slack leads browsers to https:// alone: give the proxy's.")  # fmt: skip
        else:
            yield Finding("installing", GOOD, f"at {told}")
        for name in unheard(settings):
            yield Finding("installing", MISSING, f"{name}: ids of one workspace hold for no other",
                          f"Run: overture workspaces set ID {name}=…")  # fmt: skip
        with store.reading("") as unit:
            served = Workspaces(unit).served()
        for one in served:
            mine = slack.model_copy(update={"bot_token": None})
            try:
                known = identify(mine, token_for(store, one.id, mine, clock))
            except OvertureError as error:
                yield Finding("installing", BAD, f"{one.id}: {error}", "Install it again there.")
                continue
            yield _reached(known)
    finally:
        store.close()


def _reached(known: Identity) -> Finding:
    missing = ", ".join(sorted(known.missing_scopes))
    if missing:
        advice = "Open the install page again there: Slack then asks for what is missing."
        return Finding("installing", BAD, f"{known.team_name}: scopes missing: {missing}", advice)
    return Finding("installing", GOOD, f"{known.team_name} ({known.us.team}) is reached")


def _slack(context: Context, settings: Settings) -> Iterator[Finding]:
    if settings.slack.public_url is not None and settings.slack.bot_token is None:
        return  # what is installed is looked at by itself
    token = context.app.token if settings.slack.refresh_token is not None else None
    if settings.slack.bot_token is None and token is None:
        yield Finding(
            "slack",
            MISSING,
            "no tokens",
            "docs/slack-setup.md: from nothing to a first opener in ten minutes.",
        )
        return
    from bot.slack.identity import identify, may_listen

    known = identify(settings.slack, token)
    missing = ", ".join(sorted(known.missing_scopes))
    if missing:
        yield Finding("slack", BAD, f"{known.team_name}: scopes missing: {missing}",
                      "Reinstall the app with deploy/manifest.json.")  # fmt: skip
    elif settings.slack.signing_secret is not None:
        where = f"{settings.slack.http_host}:{settings.slack.http_port}"
        yield Finding("slack", GOOD, f"{known.team_name}, whose requests are awaited on {where}")
    elif settings.slack.app_token is None:
        yield Finding("slack", MISSING, f"{known.team_name}: no app token",
                      "Set SLACK_APP_TOKEN (xapp-…) for Socket Mode.")  # fmt: skip
    elif (refused := may_listen(settings.slack)) is not None:
        yield Finding("slack", BAD, f"{known.team_name}: {refused}",
                      "Set SLACK_APP_TOKEN to a token with connections:write.")  # fmt: skip
    else:
        yield Finding("slack", GOOD, f"{known.team_name} at {settings.slack.api_url}")


def _model(context: Context, settings: Settings) -> Iterator[Finding]:
    if not settings.model.configured:
        yield Finding("language model", MISSING, "none: templates write openers",
                      "Set OPENAI_BASE_URL, or OPENAI_API_KEY, to have a model write.")  # fmt: skip
        return
    from bot.llm import connect
    from bot.ports import ModelError, Prompt

    model = connect(settings.model)
    where = settings.model.base_url or "OpenAI"
    prompt = Prompt("doctor@1", ({"role": "user", "content": "Answer with the word: ready"},), 50)
    try:
        assert model is not None
        model.complete(prompt, Ready, deadline=settings.model.deadline)
    except ModelError as error:
        yield Finding("language model", BAD, f"{settings.model.name} at {where}: {error}",
                      "Until it answers, templates serve; nothing else is affected.")  # fmt: skip
        return
    yield Finding("language model", GOOD, f"{settings.model.name} at {where} answers")


def _encoder(context: Context, settings: Settings) -> Iterator[Finding]:
    from recsys.encoder import Encoder, EncoderError

    try:
        width = Encoder(settings.recommender.encoder).width
    except EncoderError as error:
        yield Finding("encoder", BAD, str(error), "Empty OVERTURE_RECOMMENDER__ENCODER.")
        return
    yield Finding(
        "encoder", GOOD, f"{settings.recommender.encoder or 'packaged MiniLM'}, {width} wide"
    )


CHECKS: tuple[tuple[str, Callable[[Context, Settings], Iterator[Finding]]], ...] = (
    ("database", _database),
    ("workspace", _workspace),
    ("keys", _keys),
    ("installing", _installing),
    ("slack", _slack),
    ("language model", _model),
    ("encoder", _encoder),
)
