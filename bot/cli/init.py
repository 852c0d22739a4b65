"""`overture init`: a few questions, then a commented settings file."""

from __future__ import annotations

import json

import click

from bot.calendar import known_country
from bot.cli.printing import out
from bot.ports import BadInput, Refused
from bot.settings import Settings, settings_file

USES = {
    "learning": "small lessons that build on each other",
    "work": "practices and prompts about how we work",
    "news": "a digest of what is new",
    "health": "gentle habits, only for members who choose those topics",
}


@click.command()
@click.option("--force", is_flag=True, help="Replace a settings file that is there.")
def init(force: bool) -> None:
    """Ask a few questions and write overture.toml; press Enter to take what is suggested."""
    path = settings_file()
    if path.exists() and not force:
        raise Refused(f"{path} is there already. Change it by hand, or add --force to replace it.")
    click.echo("Five questions; press Enter to take what is suggested.\n")
    for name, told in USES.items():
        click.echo(f"  {name:<9} {told}")
    use = click.prompt("One use to start with", type=click.Choice(list(USES)), default="learning")
    database = click.prompt("Database", default=str(Settings.model_fields["database_url"].default))
    pilot = click.prompt("Member ids of the pilot, separated by commas (may be empty)", default="")
    model = click.prompt("Address of a language model (empty: templates write)", default="")
    country = click.prompt(
        "Country whose public holidays are kept, such as PT or DE-BY (empty: none)",
        default="",
        value_proc=_country,
    )
    ids = [one.strip() for one in pilot.split(",") if one.strip()]
    try:
        path.write_text(written(use, database, ids, model, country), encoding="utf-8")
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}. See OVERTURE_CONFIG.") from None
    out().print(f"\nWrote {path}. Next: `overture db upgrade`, then `overture doctor`.")
    out().print("Slack's two tokens come into the environment: docs/slack-setup.md, ten minutes.")
    out().print(
        f"Then `overture serve`; the pool: `overture import pool data/pool/{use}.jsonl --approve`."
    )


def written(use: str, database: str, pilot: list[str], model: str, country: str) -> str:
    """The settings file, with a word on each line that somebody may want to change."""
    threshold = 0.5 if use == "health" else Settings.model_fields["policy"].default.threshold
    lines = [
        f"# Overture's settings, for {use} to start with: {USES[use]}.",
        "# Any line can be set by the environment too: OVERTURE_POLICY__DAILY_CAP=1 wins over it.",
        "# `overture settings` lists them all. Secrets belong into the environment:",
        "# SLACK_BOT_TOKEN, SLACK_APP_TOKEN, OPENAI_API_KEY.",
        "",
        "# sqlite:///… or postgresql://user:password@host/database",
        f"database_url = {_toml(database)}",
        "",
        "[policy]",
        "# Chance that a member takes an opener up, from which we may speak.",
        f"threshold = {threshold}",
        "# At most so many openers a member gets, in a day and in seven days.",
        "daily_cap = 1",
        "weekly_cap = 3",
        "# Working hours, in each member's own zone; quiet outside of them. 0 is Monday.",
        'day_starts = "09:00"',
        'day_ends = "18:00"',
        'weekdays = "01234"',
        "# Public holidays of this country are quiet days: PT, DE-BY; empty for none.",
        f"country = {_toml(country)}",
        "# Only members of the pilot are welcomed; nobody is written to before they agree.",
        "pilot_only = true",
        f"pilot = {_toml(pilot)}",
    ]
    if model:
        lines += [
            "",
            "[model]",
            "# Any OpenAI-compatible endpoint; its key belongs into OPENAI_API_KEY.",
            f"base_url = {_toml(model)}",
            f"name = {_toml(Settings.model_fields['model'].default.name)}",
        ]
    return "\n".join(lines) + "\n"


def _country(answer: str) -> str:
    """A country that is known; asked for again otherwise."""
    try:
        return known_country(answer)
    except BadInput as error:
        raise click.BadParameter(str(error)) from None


def _toml(value: str | list[str]) -> str:
    """JSON's strings and lists are TOML's too, as long as nothing is written in escaped halves."""
    return json.dumps(value, ensure_ascii=False)
