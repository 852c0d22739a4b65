"""Files that are damaged between two passes: what was good before serves, and nobody notices."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import cast
from urllib.parse import quote

import pytest

from bot.ids import digest
from bot.store.items import Items
from bot.store.topics import Subject, Topics
from recsys import fitting, snapshot
from recsys.model import PRIOR_VERSION, TrainingResult
from recsys.registry import Registry
from recsys.training import train
from tests.bot.conversation_scene import ANY_HOUR
from tests.bot.scene import WORDS, item
from tests.chaos.figures import Figures, Tally
from tests.chaos.killing import orders
from tests.chaos.pass_process import Planned, plan_pass
from tests.chaos.processes import result, running
from tests.chaos.scene import START, Scene, staged
from tests.chaos.worker import finish
from tests.recsys.builders import NOW
from tests.recsys.classroom import pool, taught

MEMBERS = 12
DAY = timedelta(days=1)
TALKATIVE = ANY_HOUR.model_copy(update={"threshold": 0.0, "holdout": 0.0, "explore_per_day": 0})


@pytest.fixture(scope="module")
def fitted() -> TrainingResult:
    """A model with trees; it needs no more labels than a test has."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "TREES_FROM", 0)
        made = train(taught(), pool(), seed=7, now=NOW, serving=None)
    return replace(made, created=START.timestamp() - 3600.0)


@pytest.fixture
def scene(tmp_path: Path, sqlite_url: str, fitted: TrainingResult) -> Iterator[Scene]:
    """Two models, the second of which serves, and a pool that stands on a snapshot."""
    with staged(tmp_path, sqlite_url, MEMBERS, policy=TALKATIVE) as made:
        small = made.settings.recommender.model_copy(update={"snapshot_from": 1, "epsilon": 0.0})
        # nobody answers, and that must not count within these days
        slow = made.settings.learning.model_copy(update={"window_hours": 24.0 * 7})
        made.settings = made.settings.model_copy(
            update={"recommender": small, "sealing": False, "learning": slow}
        )
        for _ in range(2):
            known = registry(made)
            known.promote(known.register(fitted))
        with made.store.writing(made.workspace) as unit:
            Topics(unit).save([Subject(topic, topic.title()) for topic in WORDS])
            for member in made.members:
                Topics(unit).choose(member, "python", "follow", at=START)
            unit.commit()
        add_items(made, "early")
        yield made


def registry(scene: Scene) -> Registry:
    return Registry(scene.settings.home / "models" / digest(scene.workspace))


def add_items(scene: Scene, name: str) -> None:
    published = (scene.time.now() - timedelta(hours=1)).timestamp()
    titles = [f"What {name} joins keep, part {n}" for n in range(6)]
    found = [
        item(f"{name}-{n}", title=title, published=published) for n, title in enumerate(titles)
    ]
    with scene.store.writing(scene.workspace) as unit:
        Items(unit).save(found, at=scene.time.now(), approved_by="curator")
        unit.commit()


def told(scene: Scene, without: str = "", grown: bool = False) -> tuple[object, ...]:
    return scene.settings, scene.folder / "time", without, grown


def passes(scene: Scene, without: str = "", grown: bool = False) -> Planned:
    return cast(Planned, result(plan_pass, *told(scene, without, grown)))


def snapshots(scene: Scene) -> Path:
    return scene.settings.home / "snapshots" / quote(scene.workspace, safe="")


def damage_model(scene: Scene, version: str) -> None:
    """Trees that make LightGBM end the process, where it is given them."""
    path = registry(scene).root / version / "model.txt"
    path.write_bytes(path.read_bytes().replace(b"num_cat=0", b"num_cat=7", 1))


def damage_snapshot(scene: Scene, name: str) -> None:
    """One byte of when something was published is another one."""
    path = snapshots(scene) / name / "pool_published.npy"
    content = bytearray(path.read_bytes())
    content[-1] ^= 0x01
    path.write_bytes(content)


def sent(scene: Scene) -> None:
    """What waits leaves; then it is the next day."""
    result(finish, orders(scene))
    scene.time.move(DAY)


def counted(scene: Scene, days: int, faults: int) -> Tally:
    """Every row beside its conversation; lost is also the opener that somebody never got."""
    scene.expected = list(scene.rows())
    tally = scene.tally(faults)
    return replace(tally, lost=tally.lost + days * MEMBERS - len(scene.expected))


def test_a_damaged_model_and_a_damaged_snapshot(scene: Scene, figures: Figures) -> None:
    early = passes(scene)
    sent(scene)
    add_items(scene, "late")
    late = passes(scene, grown=True)
    assert (early.model, late.model, late.problems) == ("m0002", "m0002", ())
    assert early.snapshot != late.snapshot

    damage_model(scene, "m0002")  # while openers that it chose are on their way
    damage_snapshot(scene, late.snapshot)
    sent(scene)
    former = passes(scene)
    assert (former.model, former.snapshot) == ("m0001", early.snapshot)
    assert [problem[:5] for problem in former.problems] == ["m0002"]

    damage_model(scene, "m0001")
    damage_snapshot(scene, early.snapshot)
    sent(scene)
    last = passes(scene)
    assert (last.model, len(last.problems)) == (PRIOR_VERSION, 2)
    assert snapshot.open_current(snapshots(scene)).name == last.snapshot  # built anew
    sent(scene)

    tally = figures.note("damaged models and snapshots", counted(scene, days=4, faults=4))
    assert tally.harmless
    assert (tally.once, tally.unresolved) == (4 * MEMBERS, 0)


def test_without_its_checksum_a_damaged_model_ends_the_process(
    scene: Scene, figures: Figures
) -> None:
    without = "the model's checksum"
    passes(scene)
    damage_model(scene, "m0002")
    sent(scene)
    with running(plan_pass, *told(scene, without)) as planning:
        assert planning.ended() == -signal.SIGABRT
    sent(scene)
    tally = figures.control(without, counted(scene, days=2, faults=1))
    assert (tally.once, tally.lost) == (MEMBERS, MEMBERS)


def test_without_its_checksum_a_damaged_snapshot_serves(scene: Scene) -> None:
    sound = passes(scene)
    damage_snapshot(scene, sound.snapshot)
    with pytest.raises(snapshot.SnapshotError, match=r"pool_published\.npy is damaged"):
        snapshot.load(snapshots(scene), sound.snapshot)
    assert passes(scene, "the snapshot's checksum").snapshot == sound.snapshot
    with pytest.raises(snapshot.SnapshotError, match=r"pool_published\.npy is damaged"):
        snapshot.load(snapshots(scene), sound.snapshot)  # it was not built anew
