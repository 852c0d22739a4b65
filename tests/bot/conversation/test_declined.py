"""Who may not use a command is told so, before nobody but them, and nothing of it is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.emulator import Person
from bot.listening import FORGOTTEN, NOT_FOR_YOU, UNKNOWN
from bot.store import tables
from bot.store.withdrawals import Withdrawals
from bot.store.workspaces import Workspaces
from tests.bot.conversation_scene import ADA, GUEST, ROBOT, START, Scene, staged

ULTRA, STRANGER, NEW, GONE = "U6ULTRA", "U7STRANGER", "W8NEW", "U2GRACE"


@pytest.fixture
def scene(tmp_path: Path, sqlite_url: str) -> Iterator[Scene]:
    with staged(tmp_path, sqlite_url) as made:
        space = made.emulator.workspace
        for person in (
            Person(ULTRA, "ultra", is_ultra_restricted=True, is_restricted=True),
            Person(STRANGER, "stranger", is_stranger=True),
            Person(NEW, "new"),
        ):
            space.add_person(person)
        with made.app.store.writing(made.app.workspace) as unit:
            guest = tables.Member(workspace_id=unit.workspace, id=ULTRA, name="u", is_guest=True)
            unit.session.add(guest)
            unit.session.flush()
            unit.session.add(tables.Identity(
                workspace_id=unit.workspace, channel="slack", external_id=ULTRA, member_id=ULTRA
            ))  # fmt: skip
            unit.session.get_one(tables.Member, (unit.workspace, GONE)).deactivated_at = START
            unit.commit()
        yield made


def typed(scene: Scene, who: str, text: str) -> list[tuple[str | None, str]]:
    """What the conversation shows afterwards: (before whom alone, its words)."""
    address = scene.emulator.open_dm(who)
    scene.emulator.command(who, address, "/overture", text)
    scene.app.inbox.work(START)
    scene.app.deliver(START)
    return [(m.only_for, str(m.body["text"])) for m in scene.emulator.workspace.log.all_in(address)]


@pytest.mark.parametrize("text", ["now", "stop", "", "pool", "feeds", "roles"])
@pytest.mark.parametrize(
    ("who", "told"),
    [
        (GUEST, NOT_FOR_YOU), (ULTRA, NOT_FOR_YOU), (ROBOT, NOT_FOR_YOU), (STRANGER, NOT_FOR_YOU),
        (GONE, NOT_FOR_YOU), (NEW, UNKNOWN),
    ],
)  # fmt: skip
def test_they_are_told_and_nothing_is_kept(scene: Scene, who: str, told: str, text: str) -> None:
    before = len(scene.rows(tables.Member))
    assert typed(scene, who, text) == [(who, told)]
    assert scene.rows(tables.Inbox) == []
    assert scene.rows(tables.Outbox) == []
    assert len(scene.rows(tables.Member)) == before


def test_who_had_their_data_deleted_is_told_the_way_back(scene: Scene) -> None:
    app = scene.app
    name = Withdrawals(app.settings.home).name_of(app.workspace, ADA, makes_key=True)
    with app.store.writing(app.workspace) as unit:
        erased = tables.Erasure(workspace_id=app.workspace, name=name, asked_at=START)
        unit.session.add(erased)
        unit.commit()
    assert typed(scene, ADA, "now") == [(ADA, FORGOTTEN)]
    assert scene.rows(tables.Inbox) == []


def test_a_member_is_answered_as_ever(scene: Scene) -> None:
    """The control: the same command, before everybody in the conversation."""
    ((only_for, said),) = typed(scene, ADA, "help")
    assert only_for is None
    assert said.startswith("I write first")
    assert len(scene.rows(tables.Inbox)) == 1


def test_before_it_is_known_who_is_here_a_command_waits(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Workspaces, "has_members", lambda self, workspace: False)
    assert typed(scene, NEW, "help") == []
    assert len(scene.rows(tables.Inbox)) == 1
