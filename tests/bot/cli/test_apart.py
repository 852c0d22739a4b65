"""Every command, tried in one of two workspaces of a database: it tells nothing of the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from bot.cli import cli
from bot.store.beside import Beside
from bot.store.database import Store, connect
from bot.store.withdrawals import Withdrawals
from recsys import encoder
from tests.bot.apart import watched
from tests.bot.cli.conftest import Overture
from tests.bot.scene import hashing
from tests.bot.two_workspaces import (
    ADA,
    HOME,
    MARKS,
    OTHER,
    fill,
    id_of,
    rows_of,
)

ELSEWHERE = {
    "demo": "a database of its own",
    "init": "writes a file of settings",
    "serve": "all workspaces: tests/bot/test_places.py",
    "worker": "all workspaces: tests/bot/test_places.py",
    "bench": "a database of its own",
    "simulate": "a world of its own",
    "rehearse": "a database of its own",
    "eval": "data that it is given",
    "import": "a file of somebody else's: nothing is told",
    "keys": "seals every workspace's words anew, and tells how many",
    "doctor": "tells how many of each there are; tests/bot/cli/test_doctor.py",
    "manifest": "a file of the product",
    "workspaces": "lists all of them, by their ids; tests/bot/cli/test_workspaces.py",
}
"""commands that are about more, or about less, than one workspace's rows"""
FORGED = (id_of("openers", OTHER), id_of("decisions", OTHER), f"only-{OTHER.lower()}", "fe_same")


def leaves(
    command: click.Command, words: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command below one, by its words."""
    if not isinstance(command, click.Group):
        yield words, command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        if words or name not in ELSEWHERE:
            yield from leaves(found, (*words, name))


def given(command: click.Command, forged: str, folder: Path) -> Iterator[str]:
    """Something for each thing that a command asks for."""
    for param in command.params:
        if not param.required:
            continue
        kind = param.type
        value = forged
        if isinstance(kind, click.Choice):
            value = str(next(iter(kind.choices)))
        elif isinstance(kind, click.types.IntParamType):
            value = "1"
        elif isinstance(kind, click.Path):
            value = str(folder / "made")
        if isinstance(param, click.Option):
            yield param.opts[0]
        yield value


@pytest.fixture
def store(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    home = tmp_path / "var"
    made = Store(connect(sqlite_url), Beside(home))
    Withdrawals(home).name_of(HOME, ADA, makes_key=True)
    for team in (HOME, OTHER):
        fill(made, team)
    monkeypatch.setattr(encoder, "open_sentence_transformer", hashing)
    yield made
    made.close()


def test_no_command_tells_of_the_other_workspace(
    overture: Overture, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("WORKSPACE", HOME), ("SEALING", "false")):
        monkeypatch.setenv(f"OVERTURE_{name}", value)
    with store.reading(OTHER) as unit:
        before = rows_of(unit.session, OTHER)
    told: list[str] = []
    tried = 0
    with watched(MARKS[OTHER]) as strays:
        for words, command in leaves(cli, ()):
            asks = any(param.required for param in command.params)
            for forged in FORGED if asks else ("",):
                tried += 1
                argv = (*words, *given(command, forged, tmp_path))
                code, out, err = overture(*argv)
                assert code in (0, 1, 2), argv
                if MARKS[OTHER] in out + err:
                    told.append(f"{' '.join(argv)}: {(out + err)[:300]}")
    assert tried > 30
    assert told == []
    assert sorted(set(strays)) == []
    with store.reading(OTHER) as unit:
        assert rows_of(unit.session, OTHER) == before


def test_the_same_commands_do_tell_of_their_own(
    overture: Overture, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: asked for the other workspace, they tell of it."""
    for name, value in (("WORKSPACE", OTHER), ("SEALING", "false")):
        monkeypatch.setenv(f"OVERTURE_{name}", value)
    assert MARKS[OTHER] in overture("audit", "list")[1]
