"""What was allowed when it was queued and is not any more: nothing leaves, no label is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import build
from bot.store import tables
from bot.store.channels import Channels
from bot.store.consents import Consents
from bot.store.database import Unit
from tests.chaos.figures import Figures, Tally
from tests.chaos.killing import orders
from tests.chaos.processes import result
from tests.chaos.scene import BOARD, Scene, staged
from tests.chaos.worker import finish

KEEPS = timedelta(hours=2)
MANY = 3
"""members whose minds, days or rooms change; one more stays as they are"""


def row(unit: Unit, member: str) -> tables.Member:
    return unit.session.get_one(tables.Member, (unit.workspace, member))


def consent_withdrawn(scene: Scene, unit: Unit, member: str) -> None:
    Consents(unit).withdraw(member, at=scene.time.now())


def quiet_hours_begun(scene: Scene, unit: Unit, member: str) -> None:
    row(unit, member).day_ends = 9 * 60 + 5  # five minutes from the start, and the time moves on


def deactivated(scene: Scene, unit: Unit, member: str) -> None:
    row(unit, member).deactivated_at = scene.time.now()


def channel_left(scene: Scene, unit: Unit, member: str) -> None:
    Channels(unit).set_members(BOARD, Channels(unit).readers(BOARD) - {member})


def do_not_disturb(scene: Scene, unit: Unit, member: str) -> None:
    now = scene.time.seconds()
    scene.emulator.workspace.amend(member, dnd_windows=((now - 60, now + 86_400),))


CHANGES: tuple[Callable[[Scene, Unit, str], None], ...] = (
    consent_withdrawn,
    quiet_hours_begun,
    deactivated,
    channel_left,
    do_not_disturb,
)


def changed(scene: Scene, change: Callable[[Scene, Unit, str], None], without: str = "") -> Tally:
    """Openers are queued, something changes for all but one of the members, a worker sends."""
    item = "inside" if change is channel_left else "joins"
    scene.put(scene.members, item=item, expires_at=scene.time.now() + KEEPS)
    with scene.store.writing(scene.workspace) as unit:
        for member in scene.members[:MANY]:
            change(scene, unit, member)
        unit.commit()
    scene.time.move(timedelta(minutes=10))
    result(finish, replace(orders(scene, without), sees=True))
    return scene.tally(faults=MANY)


def labels(scene: Scene) -> set[str]:
    """Members of whom it says, a day later, how they took what they got."""
    app = build(scene.settings, scene.time)
    app.night.close_windows(scene.time.move(timedelta(days=1)))
    app.close()
    with scene.store.reading(scene.workspace) as unit:
        return {outcome.member_id for outcome in unit.session.query(tables.Outcome).all()}


@pytest.mark.parametrize("change", CHANGES)
def test_nothing_leaves_and_no_label_is_written(
    tmp_path: Path, sqlite_url: str, figures: Figures, change: Callable[[Scene, Unit, str], None]
) -> None:
    with staged(tmp_path, sqlite_url, MANY + 1) as scene:
        tally = figures.note(change.__name__.replace("_", " "), changed(scene, change))
        assert labels(scene) == {scene.members[-1]}
    assert (tally.once, tally.kept_back, tally.unresolved) == (1, MANY, 0)
    assert tally.harmless


@pytest.mark.parametrize("change", CHANGES)
def test_without_looking_again_it_leaves_and_is_labelled(
    tmp_path: Path, sqlite_url: str, figures: Figures, change: Callable[[Scene, Unit, str], None]
) -> None:
    without = "the re-check"
    with staged(tmp_path, sqlite_url, MANY + 1) as scene:
        tally = figures.control(without, changed(scene, change, without))
        assert labels(scene) == set(scene.members)
    assert (tally.once, tally.kept_back) == (MANY + 1, 0)
