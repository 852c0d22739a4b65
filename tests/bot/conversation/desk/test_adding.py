""" "Add to the pool" on a message: whose words, for whom, and what a private place stays."""

from __future__ import annotations

import pytest

from bot.emulator import Conversation
from bot.store import tables
from bot.store.items import Items
from tests.bot.conversation.desk.test_pool import item, modal, shown, typed
from tests.bot.conversation_scene import ADA, GENERAL, GRACE, Scene, said_in

BOARD = Conversation("G1BOARD", "board", kind="private", members=(ADA, GRACE))


def say(scene: Scene, text: str, channel: str = GENERAL) -> str:
    return scene.emulator.say(GRACE, channel, text)


def add(scene: Scene, ts: str, channel: str = GENERAL, **values: object) -> dict[str, object]:
    scene.emulator.shortcut(ADA, channel, ts, "pool_add")
    answer = scene.emulator.submit_view(ADA, modal(scene)["id"], values)
    scene.drain()
    return answer


def of(scene: Scene, ts: str, channel: str = GENERAL) -> tables.Item | None:
    with scene.app.store.reading(scene.app.workspace) as unit:
        row = Items(unit).by_message(channel, ts)
        if row is not None:
            unit.session.expunge(row)
        return row


def test_a_message_becomes_an_item_for_those_who_can_read_it(scene: Scene) -> None:
    ts = say(scene, "Vacuum the tables nightly. @ada found that <out> & it helps.")
    add(scene, ts, title="Vacuum nightly", topics=["sql"], kind="work")
    row = of(scene, ts)
    assert row is not None
    assert row.text == "Vacuum the tables nightly. ada found that <out> & it helps."
    assert (row.title, row.kind, row.topics, row.author_id) == (
        "Vacuum nightly", "work", ["sql"], GRACE,
    )  # fmt: skip
    assert (row.audience_kind, row.audience_ids) == ("channels", [GENERAL])
    assert (row.source, row.approved_by) == ("slack:#general", ADA)
    assert said_in(scene.dm()[-1]).startswith("“Vacuum nightly” is in the pool and may be offered")


def test_it_may_wait_in_the_queue_instead_and_the_same_message_is_shown_the_next_time(
    scene: Scene,
) -> None:
    ts = say(scene, "Vacuum the tables nightly, it helps.")
    add(scene, ts, approve=[])
    row = of(scene, ts)
    assert row is not None
    assert row.approved_at is None
    scene.emulator.shortcut(ADA, GENERAL, ts, "pool_add")
    assert "That message is in the pool already." in shown(modal(scene))


def test_a_wider_audience_is_confirmed_and_put_on_record(scene: Scene) -> None:
    ts = say(scene, "Vacuum the tables nightly, it helps.")
    assert add(scene, ts, audience="workspace") == {"response_action": "update"}
    assert of(scene, ts) is None
    scene.emulator.submit_view(
        ADA, modal(scene)["id"], {"audience": "workspace", "widen": ["widen"]}
    )
    scene.drain()
    row = of(scene, ts)
    assert row is not None
    assert row.audience_kind == "workspace"
    (entry,) = [one for one in scene.rows(tables.AuditEntry) if one.action == "item.added"]
    assert (entry.who, entry.details["widened"]) == (ADA, True)


@pytest.mark.parametrize("knowingly", [False, True])
def test_what_was_said_in_private_reaches_nobody_unless_widened_knowingly(
    scene: Scene, knowingly: bool
) -> None:
    scene.emulator.workspace.put_conversation(BOARD)
    ts = say(scene, "The merger is on, and we should all learn to dance.", BOARD.id)
    scene.emulator.shortcut(ADA, BOARD.id, ts, "pool_add")
    assert "Nobody hears of it" in shown(modal(scene))
    values = {"audience": "workspace"} if knowingly else {}
    scene.emulator.submit_view(ADA, modal(scene)["id"], values)
    if knowingly:
        assert "not everybody can read" in str(modal(scene)["blocks"][0])
        scene.emulator.submit_view(ADA, modal(scene)["id"], {**values, "widen": ["widen"]})
    scene.drain()
    row = of(scene, ts, BOARD.id)
    assert row is not None
    assert row.audience_kind == ("workspace" if knowingly else "unknown")
    assert (row.source, row.approved_at is not None) == ("slack", True)
    assert "merger" in typed(scene, f"pool show {row.id}")  # it is on the desk of who put it there


def test_nobody_elses_desk_shows_what_was_said_in_private(scene: Scene) -> None:
    from tests.bot.conversation.desk.conftest import be

    be(scene, GRACE, "curator")
    scene.emulator.workspace.put_conversation(BOARD)
    ts = say(scene, "The merger is on, and we should all learn to dance.", BOARD.id)
    add(scene, ts, BOARD.id)
    row = of(scene, ts, BOARD.id)
    assert row is not None
    assert "no item" in typed(scene, f"pool show {row.id}", GRACE)


def test_the_author_changes_and_takes_back_their_words(scene: Scene) -> None:
    ts = say(scene, "Vacuum the tables nightly, it helps.")
    add(scene, ts)
    row = of(scene, ts)
    assert row is not None
    scene.emulator.edit(GRACE, GENERAL, ts, "Vacuum the tables weekly, that is enough.")
    scene.drain()
    row = item(scene, row.id)
    assert (row.text, row.approved_at) == ("Vacuum the tables weekly, that is enough.", None)
    assert "changed again since" in typed(scene, "pool undo")
    scene.emulator.delete(GRACE, GENERAL, ts)
    scene.drain()
    assert item(scene, row.id).withdrawn_at is not None
    kept = [one for one in scene.rows(tables.Curation) if one.item_id == row.id]
    assert [one.before or one.after for one in kept] == [{}]
    scene.emulator.shortcut(ADA, GENERAL, say(scene, "Another."), "pool_add")


def test_adding_is_taken_back(scene: Scene) -> None:
    ts = say(scene, "Vacuum the tables nightly, it helps.")
    add(scene, ts)
    assert typed(scene, "pool undo").startswith("Taken back")
    row = of(scene, ts)
    assert row is not None
    assert (row.approved_at, row.rejected_why) == (None, "taken back")


def test_what_no_person_wrote_does_not_go_in(scene: Scene) -> None:
    typed(scene, "help")
    said = scene.dm()[-1]
    scene.emulator.shortcut(ADA, scene.emulator.open_dm(ADA), said["ts"], "pool_add")
    assert "only what people wrote" in shown(modal(scene)).lower()


def test_whoever_is_no_curator_is_told_who_is(scene: Scene) -> None:
    ts = scene.emulator.say(ADA, GENERAL, "Vacuum the tables nightly, it helps.")
    scene.emulator.shortcut(GRACE, GENERAL, ts, "pool_add")
    assert "Only curators may do that. Here they are: ada." in shown(modal(scene, GRACE))
