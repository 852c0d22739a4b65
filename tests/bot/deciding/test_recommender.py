"""The view that serves: embedded once, of its own time, and never with a damaged model."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.deciding.facts import FactsReader
from bot.deciding.recommender import Recommender
from bot.policy.facts import Facts
from bot.ports import Refused
from bot.store.items import Items
from bot.store.signals import Signals
from recsys.pool import item_text
from recsys.types import ItemId
from tests.bot.scene import NOW, WORKSPACE, Scene, item, items, said, shown


def test_there_is_no_view_before_the_first_refresh(populated: Scene) -> None:
    fresh = Recommender(populated.store, populated.encoder, populated.registry, populated.settings)
    with pytest.raises(Refused, match="needs one refresh"):
        _ = fresh.view


def test_a_second_refresh_embeds_nothing_again(populated: Scene) -> None:
    first = populated.recommender.view.preparation
    texts = {item_text(one) for one in items()} | {said("ana", 0).text}
    assert (first.items, first.embedded) == (len(items()), len(texts))
    second = populated.recommender.refresh(WORKSPACE, NOW).preparation
    assert (second.embedded, second.items) == (0, first.items)
    assert second.reused == first.items + 12  # and what three members said four times
    # another process shares what is on the disk
    other = Scene(populated.store, populated.home, populated.policy)
    assert other.recommender.view.preparation.embedded == 0


def test_a_reworded_item_and_new_words_are_embedded(populated: Scene) -> None:
    before = populated.recommender.view
    with populated.store.writing(WORKSPACE) as unit:
        Items(unit).reword("bread-0", "A loaf", "wholly other words", at=NOW)
        Signals(unit).save([said("ana", 9, text="never said before")])
        unit.commit()
    after = populated.recommender.refresh(WORKSPACE, NOW)
    assert populated.encoder.embedded == before.preparation.embedded + 2
    assert after.item(after.pipeline.pool.row_of[ItemId("bread-0")]).title == "A loaf"
    assert before.item(before.pipeline.pool.row_of[ItemId("bread-0")]).title != "A loaf"


def test_nothing_published_later_is_in_the_pool(populated: Scene) -> None:
    later = [
        item("now", published=NOW.timestamp()),
        item("later", published=(NOW + timedelta(seconds=1)).timestamp()),
    ]
    with populated.store.writing(WORKSPACE) as unit:
        Items(unit).save(later, at=NOW, approved_by="curator")
        unit.commit()
    assert {"now", "later"} & set(populated.recommender.refresh(WORKSPACE, NOW).items) == {"now"}
    tomorrow = populated.recommender.refresh(WORKSPACE, NOW + timedelta(days=1))
    assert {"now", "later"} <= set(tomorrow.items)


def test_what_was_withdrawn_is_gone_and_what_waits_for_approval_is_dropped(
    populated: Scene,
) -> None:
    with populated.store.writing(WORKSPACE) as unit:
        Items(unit).withdraw(["python-0"], at=NOW)
        Items(unit).save([item("new")], at=NOW)
        unit.commit()
    view = populated.recommender.refresh(WORKSPACE, NOW)
    assert "python-0" not in view.items
    slate = view.pipeline.run(populated.facts.gather("ana", NOW).query)
    dropped = dict(zip(view.ids(slate.dropped.rows), slate.dropped.by, strict=True))
    assert slate.dropped.filters[dropped[ItemId("new")]] == "not_approved"


def swapped_while_gathering(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> str:
    """What Ana is told when half of the pool goes between the gathering and the ranking."""
    for number in range(5):
        sent = NOW - timedelta(days=8 + number)
        shown(scene.store, f"s{number}", item_id=f"python-{number}", at=sent)
    scene.recommender.refresh(WORKSPACE, NOW)
    gather = FactsReader.gather

    def and_then_swap(self: FactsReader, *args: Any) -> Facts:
        facts = gather(self, *args)
        with scene.store.writing(WORKSPACE) as unit:
            Items(unit).withdraw([f"bread-{n}" for n in range(6)], at=NOW)
            unit.commit()
        scene.recommender.refresh(WORKSPACE, NOW)
        return facts

    monkeypatch.setattr(FactsReader, "gather", and_then_swap)
    return scene.outreach(keeps=False).attempt("ana", NOW).decision.item_id or ""


def test_one_attempt_sees_one_view_whatever_is_swapped_in(
    populated: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows of one pool mean other items in another one."""
    assert swapped_while_gathering(populated, monkeypatch) not in {f"python-{n}" for n in range(5)}


def test_a_damaged_model_is_passed_over_and_named(populated: Scene) -> None:
    folder = populated.registry.root
    folder.mkdir(parents=True)
    (folder / "m0001").mkdir()
    (folder / "m0001" / "manifest.json").write_text("{", "utf-8")
    (folder / "serving.json").write_text('{"served": ["m0001"]}', "utf-8")
    view = populated.recommender.refresh(WORKSPACE, NOW)
    assert view.version == "prior"
    (problem,) = view.problems
    assert "m0001" in problem
    assert populated.outreach().attempt("ana", NOW).decision.model_version == "prior"
