"""The `overture` command: parse, call, print; one file per noun, loaded only when it is used."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import click

from bot.cli.context import Context
from bot.ports import OvertureError

COMMANDS: dict[str, tuple[str, str, str]] = {
    "demo": ("bot.cli.demo", "demo", "Sit down in an invented workspace and meet the bot."),
    "init": ("bot.cli.init", "init", "Ask a few questions and write a settings file."),
    "doctor": ("bot.cli.doctor", "doctor", "Check everything, and say what to do about it."),
    "db": ("bot.cli.db", "db", "Bring the database up to date."),
    "import": ("bot.cli.imports", "imports", "Import members, messages and items."),
    "pool": ("bot.cli.curating", "pool", "Look through the pool, and decide on items."),
    "feeds": ("bot.cli.curating", "feeds", "Add, pause and remove feeds."),
    "roles": ("bot.cli.curating", "roles", "Say who may curate, and who may say so."),
    "run": ("bot.cli.run", "run", "One pass: plan, compose and deliver for whoever is due."),
    "train": ("bot.cli.train", "train", "Learn a model from what became of openers."),
    "bench": ("bot.cli.bench", "bench", "Measure speed and memory on this machine."),
    "simulate": ("bot.cli.simulate", "simulate", "See whether it learns to be welcome."),
    "dataset": ("bot.cli.dataset", "dataset", "Export decisions for a notebook."),
    "arms": ("bot.cli.arms", "arms", "List the arms of experiments, stop or resume one."),
    "rehearse": ("bot.cli.rehearse", "rehearse", "Live days of a real export through again."),
    "models": ("bot.cli.models", "models", "List, show, promote and roll back models."),
    "why": ("bot.cli.why", "why", "Explain one decision, or list the last ones."),
    "eval": ("bot.cli.evaluate", "evaluate", "Judge the recommender on data it has not seen."),
    "replay": ("bot.cli.replay", "replay", "Make a decision again and say whether it is the same."),
    "lift": ("bot.cli.lift", "lift", "Compare who was told with who was not."),
    "kill-switch": (
        "bot.cli.kill_switch",
        "kill_switch",
        "Silence the whole workspace at once, or end that.",
    ),
    "pause": ("bot.cli.pause", "pause", "Whether too many opted out; end the pause that follows."),
    "country": ("bot.cli.country", "country", "Say whose public holidays are kept."),
    "costs": ("bot.cli.costs", "costs", "Say what the language model took, by day."),
    "reviews": ("bot.cli.reviews", "reviews", "Look at openers before they leave."),
    "rules": ("bot.cli.rules", "rules", "Forbid more: rules of your own, tried before they hold."),
    "audit": ("bot.cli.audit", "audit", "List who did what, or check that log."),
    "keys": ("bot.cli.keys", "keys", "Make keys that seal words, and change them."),
    "member": ("bot.cli.member", "member", "One member's data: take it along, or delete it."),
    "retention": ("bot.cli.retention", "retention", "Let go of what is too old to be kept."),
    "serve": ("bot.cli.serve", "serve", "Run the bot: listener, scheduler, health endpoint."),
    "worker": ("bot.cli.worker", "worker", "Only send, beside any number of others."),
    "manifest": ("bot.cli.manifest", "manifest", "Print what the app asks of Slack."),
    "workspaces": (
        "bot.cli.workspaces",
        "workspaces",
        "List workspaces, and set what holds for one of them.",
    ),
    "unresolved": ("bot.cli.unresolved", "unresolved", "What may have arrived, or not."),
    "settings": ("bot.cli.settings", "settings", "List all settings with their values."),
}

THREADS = {"OMP_WAIT_POLICY": "PASSIVE", "OPENBLAS_NUM_THREADS": "1"}
"""FAISS, LightGBM and NumPy each keep threads; spinning, they take each other's cores. It must be
said before any of them is imported."""


class _Lazy(click.Group):
    """Loads a command's module when it is asked for: `overture --help` must not load torch."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, told) for name, (_, _, told) in COMMANDS.items()])


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="overture")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Overture: a Slack bot that speaks first, and is glad to be silent."""
    ctx.obj = Context()


def main(args: list[str] | None = None) -> None:
    """Run the command line; errors that a person can act on are printed without a traceback."""
    for variable, value in THREADS.items():
        os.environ.setdefault(variable, value)
    try:
        result: Any = cli.main(args=args, prog_name="overture", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except OvertureError as error:
        click.echo(f"overture: {error}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(141)
    except Exception as error:
        told = explained(error)
        if told is None:
            raise  # a defect of ours: its traceback is what helps
        click.echo(f"overture: {told}", err=True)
        sys.exit(1)
    sys.exit(result if isinstance(result, int) else 0)


def explained(error: Exception) -> str | None:
    """What to tell of an error from below that a person can act on; None for a defect."""
    from sqlalchemy.exc import DBAPIError

    from recsys.artifacts import RegistryError
    from recsys.encoder import EncoderError

    if isinstance(error, DBAPIError):
        cause = str(error.orig).strip().splitlines()[0]
        return f"the database cannot be used: {cause}. `overture doctor` looks into it."
    if isinstance(error, RegistryError):
        return f"{error}. `overture models list` shows what there is."
    if isinstance(error, (EncoderError, OSError)):
        return str(error)
    return None
