"""The pool over a snapshot: what changes is seen at once, and nothing is embedded twice."""

from __future__ import annotations

import logging
import shutil
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.deciding.recommender import Recommender, View
from bot.store.database import Unit
from bot.store.items import Items
from recsys import layout, snapshot
from recsys.catalogue import Catalogue
from recsys.stored_items import print_of
from recsys.types import Item, ItemId
from tests.bot.scene import NOW, WORKSPACE, Scene, item
from tests.bot.test_refreshing import CHANGES, change, refreshed

LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def large(populated: Scene) -> Scene:
    """A workspace whose pool counts as large."""
    populated.settings = populated.settings.model_copy(update={"snapshot_from": 1})
    return populated


def restarted(scene: Scene, root: Path | None = None) -> Recommender:
    """A process that has just started, over the same files unless others are named."""
    made = Recommender(
        scene.store, scene.encoder, scene.registry, scene.settings, root or folder(scene).parent
    )
    made.refresh(WORKSPACE, NOW)
    return made


def folder(scene: Scene) -> Path:
    return scene.home / "snapshots" / WORKSPACE


def catalogue(view: View) -> Catalogue:
    return view.origin.catalogue


def prints(view: View) -> dict[str, bytes]:
    return {item_id: print_of(item) for item_id, item in view.items.items()}


def ranked(scene: Scene, view: View) -> dict[str, Any]:
    """Ana's whole slate, by item: sums over rows in another order may differ in the last bit."""
    slate = view.pipeline.run(scene.facts.gather("ana", NOW, view).query)
    assert slate.failures == ()
    ids = view.ids(slate.ranked.rows)
    assert ids
    return {
        "picked": slate.chosen.item if slate.chosen else None,
        **{i: pytest.approx(p, abs=1e-5) for i, p in zip(ids, slate.ranked.engages, strict=True)},
    }


@pytest.mark.parametrize("what", ["withdrawn", "reworded", "added", "topics", "groundwork"])
def test_any_change_is_seen_without_a_new_snapshot(large: Scene, what: str, tmp_path: Path) -> None:
    before = large.recommender.view
    change(large, CHANGES[what])
    after = refreshed(large)
    assert catalogue(after).snapshot == catalogue(before).snapshot == current(large)
    built = restarted(large, tmp_path / "elsewhere").view
    assert catalogue(built).snapshot != catalogue(after).snapshot
    assert ranked(large, after) == ranked(large, built)
    assert catalogue(after).fingerprint == catalogue(built).fingerprint
    assert catalogue(after).fingerprint != catalogue(before).fingerprint
    assert prints(after) == prints(built)


def test_a_restart_sees_the_same_delta_and_embeds_nothing(large: Scene) -> None:
    large.recommender.refresh(WORKSPACE, NOW)
    change(large, CHANGES["added"])
    change(large, CHANGES["withdrawn"])
    after = refreshed(large)
    again = restarted(large).view
    assert catalogue(again).snapshot == catalogue(after).snapshot
    assert ranked(large, again) == ranked(large, after)
    assert again.preparation.embedded == 0
    assert "new" in again.items
    assert "python-0" not in again.items


def test_where_nothing_changed_it_is_the_same_catalogue(large: Scene) -> None:
    before = large.recommender.view
    assert catalogue(refreshed(large)) is catalogue(before)
    change(large, CHANGES["added"])
    after = refreshed(large)
    assert catalogue(after) is not catalogue(before)
    assert catalogue(refreshed(large)) is catalogue(after)


def test_a_second_change_at_the_same_moment_is_seen(large: Scene) -> None:
    large.recommender.refresh(WORKSPACE, NOW)
    for title in ("One", "Two"):
        change(large, partial(save_one, replace(item("python-0"), title=title)))
        assert refreshed(large).items[ItemId("python-0")].title == title


def save(unit: Unit, *items: Item) -> None:
    Items(unit).save(items, at=NOW, approved_by="curator")


def save_one(one: Item, unit: Unit) -> None:
    save(unit, one)


def test_what_is_deleted_altogether_is_noticed_by_the_count(large: Scene) -> None:
    large.recommender.refresh(WORKSPACE, NOW)

    def delete(unit: Unit) -> None:
        row = Items(unit).get("bread-1")
        unit.session.delete(row)

    change(large, delete)
    assert "bread-1" not in refreshed(large).items


def test_an_item_comes_with_its_publication_and_goes_when_the_clock_goes_back(large: Scene) -> None:
    later = item("later", published=LATER.timestamp())
    change(large, lambda unit: save(unit, later))
    assert "later" not in refreshed(large).items
    assert "later" in large.recommender.refresh(WORKSPACE, LATER).items
    assert "later" not in refreshed(large).items


def test_a_delta_that_grew_large_becomes_a_snapshot(
    large: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "ROOM_AT_LEAST", 8)
    first = catalogue(large.recommender.view).snapshot
    change(large, lambda unit: save(unit, *(item(f"new-{n}") for n in range(4))))
    assert catalogue(refreshed(large)).snapshot == first
    change(large, lambda unit: save(unit, item("new-4")))
    after = refreshed(large)
    assert catalogue(after).snapshot == current(large) != first
    assert {"new-0", "new-4"} <= set(after.items)
    assert len(after.pipeline.pool.ids) == len(after.items)


def test_a_damaged_snapshot_is_refused_and_the_former_serves(
    large: Scene, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "ROOM_AT_LEAST", 2)
    former = catalogue(large.recommender.view).snapshot
    change(large, lambda unit: save(unit, item("new-0"), item("new-1")))
    now = catalogue(refreshed(large)).snapshot
    before = ranked(large, large.recommender.view)
    monkeypatch.undo()
    damaged = folder(large) / now / "pool_published.npy"
    damaged.write_bytes(damaged.read_bytes()[:-1])
    monkeypatch.setattr("recsys.delta.Delta.is_due", lambda *args: False)
    with caplog.at_level(logging.ERROR, "overture.catalogues"):
        again = restarted(large).view
    assert catalogue(again).snapshot == former != now
    assert "refused a snapshot, the former serves" in caplog.text
    assert now in caplog.text
    assert ranked(large, again) == before  # what it lacks is in its delta


def test_where_all_are_damaged_one_is_built(large: Scene) -> None:
    name = catalogue(large.recommender.view).snapshot
    (folder(large) / name / "manifest.json").write_text("{}")
    assert catalogue(restarted(large).view).snapshot == name
    assert snapshot.open_current(folder(large)).problems == ()


def test_files_that_another_process_removed_are_not_asked_for(large: Scene) -> None:
    name = catalogue(large.recommender.view).snapshot
    shutil.rmtree(folder(large) / name)
    change(large, CHANGES["added"])
    after = refreshed(large)
    assert "new" in after.items
    assert catalogue(after).snapshot == current(large) != name


def test_another_encoder_needs_another_snapshot(large: Scene) -> None:
    first = catalogue(large.recommender.view).snapshot
    large.encoder.name = "another"
    assert catalogue(restarted(large).view).snapshot != first


def test_a_small_pool_needs_no_files(populated: Scene) -> None:
    assert catalogue(populated.recommender.view).snapshot == ""
    assert not folder(populated).exists()


def test_a_decision_is_made_again_over_the_snapshot_of_then(large: Scene) -> None:
    change(large, CHANGES["added"])
    view = refreshed(large)
    change(large, lambda unit: Items(unit).withdraw(["bread-0"], at=LATER))
    large.recommender.refresh(WORKSPACE, LATER)
    origin = view.origin
    again = large.recommender.view_at(
        WORKSPACE, origin.at, origin.marks, None, epsilon=0.0, snapshot=catalogue(view).snapshot
    )
    assert catalogue(again).fingerprint == catalogue(view).fingerprint
    assert list(again.pipeline.pool.ids) == list(view.pipeline.pool.ids)
    assert ranked(large, again) == ranked(large, view)


def current(scene: Scene) -> str:
    return snapshot.open_current(folder(scene)).name
