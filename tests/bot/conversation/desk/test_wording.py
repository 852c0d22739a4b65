"""How the desk's screens read: nothing twice, nothing of ours, and the way to them."""

from __future__ import annotations

from dataclasses import replace

from bot.store.items import Items
from bot.store.roles import Name
from recsys.types import ItemId
from tests.bot.conversation.desk.conftest import be
from tests.bot.conversation.desk.test_pool import modal, shown, typed
from tests.bot.conversation_scene import ADA, GRACE, ITEM, Scene


def test_an_empty_queue_says_so_without_counting_pages(scene: Scene) -> None:
    typed(scene, "pool")
    assert "Waiting for you: nothing." in shown(modal(scene))


def test_help_names_the_desk_to_those_who_may_use_it(scene: Scene) -> None:
    desk = ("/overture pool", "/overture feeds", "/overture roles")
    told = {}
    held: tuple[tuple[str, Name], ...] = ((ADA, "admin"), (GRACE, "curator"), (GRACE, "member"))
    for who, role in held:
        be(scene, who, role)
        for words in ("help", "xyzzy"):
            said = typed(scene, words, who)
            told[role, words] = sum(f"`{word}`" in said for word in desk)
    assert told == {
        ("admin", "help"): 3, ("admin", "xyzzy"): 3, ("curator", "help"): 2,
        ("curator", "xyzzy"): 2, ("member", "help"): 0, ("member", "xyzzy"): 0,
    }  # fmt: skip


def test_an_item_that_is_all_title_is_shown_once_and_names_its_channel(scene: Scene) -> None:
    said = "Sampling one trace in a hundred hides the slow ones."
    with scene.writing() as unit:
        pool = [replace(ITEM, id=ItemId("all"), title=said, text=said, summary="",
                        source="slack:#general")]  # fmt: skip
        Items(unit).save(pool, at=scene.clock.later(seconds=1))
    typed(scene, "pool")
    assert "slack:" not in shown(modal(scene))
    scene.emulator.press_modal(ADA, modal(scene)["id"], "pool_item", "pool_item|all")
    assert shown(modal(scene)).count(said) == 1
    assert "from #general, " in shown(modal(scene))
