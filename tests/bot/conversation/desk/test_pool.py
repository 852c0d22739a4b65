"""The desk as a curator uses it: pages, boxes, one item, forms, words, and taking it all back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.ports import Arrival
from bot.reading.visibility import why_not
from bot.store import tables
from bot.store.audit import Audit
from bot.store.channels import Channels, Place
from bot.store.items import Items
from bot.store.members import Members
from bot.store.topics import Subject, Topics
from recsys.types import UNKNOWN_AUDIENCE, Audience, ChannelId, Item, ItemId, MemberId, Topic
from tests.bot.conversation.desk.conftest import be
from tests.bot.conversation_scene import ADA, GENERAL, GRACE, ITEM, Scene, said_in


def wait(scene: Scene, *names: str, **changes: Any) -> None:
    """Items that nobody approved yet."""
    made = [replace(ITEM, id=ItemId(n), title=f"A note on {n} trees", **changes) for n in names]
    with scene.writing() as unit:
        Items(unit).save(made, at=scene.clock.later(seconds=1))


def item(scene: Scene, name: str) -> tables.Item:
    with scene.app.store.reading(scene.app.workspace) as unit:
        row = Items(unit).get(name)
        assert row is not None
        unit.session.expunge(row)
        return row


def typed(scene: Scene, text: str, who: str = ADA) -> str:
    """What the bot says to a command."""
    before = len(scene.dm(who))
    scene.emulator.command(who, scene.emulator.open_dm(who), "/overture", text)
    scene.drain()
    return "\n".join(said_in(one) for one in scene.dm(who)[before:])


def modal(scene: Scene, who: str = ADA) -> dict[str, Any]:
    return scene.emulator.modals(who)[-1]


def shown(view: dict[str, Any]) -> str:
    """All words of a view."""
    found: list[str] = []

    def walk(one: Any) -> None:
        if isinstance(one, dict):
            if isinstance(one.get("text"), str):
                found.append(one["text"])
            for value in one.values():
                walk(value)
        elif isinstance(one, list):
            for value in one:
                walk(value)

    walk(view["blocks"])
    return "\n".join(found)


def test_a_page_of_the_queue_is_decided_on_at_once_and_taken_back(scene: Scene) -> None:
    wait(scene, *(f"n{number:02}" for number in range(12)))
    typed(scene, "pool")
    page = modal(scene)
    assert "Waiting for you: 12 items, page 1 of 2." in shown(page)
    scene.emulator.press_modal(ADA, page["id"], "pool:next")
    assert "page 2 of 2" in shown(modal(scene))
    scene.emulator.press_modal(ADA, page["id"], "pool:previous")
    page = modal(scene)
    assert scene.emulator.submit_view(ADA, page["id"], {"act": "approve"}) == {
        "errors": {"items:0:12": "Tick at least one."}
    }
    ticked = {"items": ["n03", "n04"], "act": "reject"}
    assert "why:0:12" in scene.emulator.submit_view(ADA, page["id"], ticked)["errors"]
    answer = scene.emulator.submit_view(ADA, page["id"], {**ticked, "why": "Told before"})
    assert answer == {"response_action": "update"}
    assert "Waiting for you: 10 items." in shown(modal(scene))
    ids = {block.get("block_id") for block in modal(scene)["blocks"]}
    assert {"act:0:10", "why:0:10"} <= ids, "what was said of those is not said of the next"
    scene.drain()
    assert item(scene, "n03").rejected_why == "Told before"
    said = scene.dm()[-1]
    assert said_in(said) == "Rejected:\n• A note on n03 trees\n• A note on n04 trees"
    scene.emulator.press(ADA, scene.emulator.open_dm(ADA), said["ts"], "pool_undo:" + _batch(said))
    scene.drain()
    assert item(scene, "n03").rejected_at is None
    assert item(scene, "n04").rejected_at is None
    back = said_in(scene.dm()[-1])
    assert back.startswith("Taken back: the rejection of “A note on n0")
    assert {"n03", "n04"} <= set(back.split())
    scene.emulator.press(ADA, scene.emulator.open_dm(ADA), said["ts"], "pool_undo:" + _batch(said))
    scene.drain()
    assert "taken back already" in said_in(scene.dm()[-1])


def _batch(said: dict[str, Any]) -> str:
    button = next(b for b in said["blocks"] if b["type"] == "actions")["elements"][0]
    return str(button["action_id"]).partition(":")[2]


def test_one_item_is_approved_and_pinned_before_ones_eyes(scene: Scene) -> None:
    wait(scene, "apple", "pear")
    typed(scene, "pool queue")
    scene.emulator.press_modal(ADA, modal(scene)["id"], "pool_item", "pool_item|apple")
    assert len(scene.emulator.modals(ADA)) == 2
    view = modal(scene)
    assert "A note on apple trees" in shown(view)
    assert "Shown to nobody yet." in shown(view)
    scene.emulator.press_modal(ADA, view["id"], "pool_approve")
    scene.drain()
    assert "Approved." in shown(modal(scene))
    assert item(scene, "apple").approved_by == ADA
    assert "Waiting for you: 1 item." in shown(scene.emulator.modals(ADA)[0])
    scene.emulator.press_modal(ADA, view["id"], "pool_pin")
    scene.emulator.press_modal(ADA, view["id"], "pool_undo")
    scene.drain()
    assert item(scene, "apple").pinned_at is None
    assert item(scene, "apple").approved_by == ADA


def test_a_search_shows_what_has_the_words(scene: Scene) -> None:
    wait(scene, "apple", "pear")
    typed(scene, "pool")
    page = modal(scene)
    before = [b["block_id"] for b in page["blocks"] if b["type"] == "actions"]
    scene.emulator.press_modal(ADA, page["id"], "pool", "PEAR trees")
    after = [b["block_id"] for b in modal(scene)["blocks"] if b["type"] == "actions"]
    assert before != after, "or its menu would go on showing a list that it offers no more"
    assert "All: 1 item with “PEAR trees”" in shown(modal(scene))
    assert "1 with “pear”.\n• A note on pear trees (`pear`)" in typed(scene, "pool search pear")
    assert typed(scene, "pool search %") == "0 with “%”."


def test_an_edit_widens_only_when_it_is_meant(scene: Scene) -> None:
    readers = Audience("channels", frozenset({GENERAL}))
    wait(scene, "apple", audience=readers, channel=ChannelId(GENERAL), author=MemberId(GRACE))
    typed(scene, "pool search apple")
    _open(scene, "apple")
    scene.emulator.press_modal(ADA, modal(scene)["id"], "pool_edit")
    form = modal(scene)
    values = {"title": "Apples", "audience": "workspace", "expires": "2025-10-20"}
    assert scene.emulator.submit_view(ADA, form["id"], values) == {"response_action": "update"}
    scene.drain()
    assert item(scene, "apple").audience_kind == "channels"  # asked, and nothing written yet
    asked = modal(scene)
    assert "More people than now" in shown(asked) + str(asked["blocks"][0]["label"])
    assert "Apples" in str(asked)  # what was typed is still there
    assert "errors" in scene.emulator.submit_view(ADA, asked["id"], values)
    scene.emulator.submit_view(ADA, asked["id"], {**values, "widen": ["widen"]})
    scene.drain()
    row = item(scene, "apple")
    assert (row.title, row.audience_kind) == ("Apples", "workspace")
    assert str(row.expires_at) == "2025-10-20 00:00:00+00:00"
    with scene.app.store.reading(scene.app.workspace) as unit:
        entry = Audit(unit).list()[-1]
    assert (entry.who, entry.action, entry.details["widened"]) == (ADA, "item.edited", True)
    back = typed(scene, "pool undo apple")
    assert (
        back == "Taken back: what was changed of “A note on apple trees”. Now: waits for approval."
    )
    assert item(scene, "apple").audience_kind == "channels"


def test_a_forged_form_without_the_tick_widens_nothing(scene: Scene) -> None:
    wait(scene, "apple", audience=Audience("channels", frozenset({GENERAL})))
    told = typed(scene, "pool audience apple everybody")
    assert "widen it knowingly" in told
    assert item(scene, "apple").audience_kind == "channels"
    typed(scene, "pool audience apple everybody knowingly")
    assert item(scene, "apple").audience_kind == "workspace"


def test_what_is_wrong_in_a_form_is_said_there_and_nothing_typed_is_lost(scene: Scene) -> None:
    wait(scene, "apple")
    _open(scene, "apple")
    scene.emulator.press_modal(ADA, modal(scene)["id"], "pool_edit")
    form = modal(scene)
    wrong = {"not_before": "2025-11-02", "expires": "2025-11-01"}
    answer = scene.emulator.submit_view(ADA, form["id"], wrong)
    assert answer == {"errors": {"expires": "It would expire before it may be spoken of."}}
    answer = scene.emulator.submit_view(ADA, form["id"], {"audience": "channels"})
    assert answer == {"errors": {"channels": "Choose at least one channel."}}
    assert modal(scene)["id"] == form["id"]


def test_saving_a_form_drops_nothing_that_no_menu_has_room_for(scene: Scene) -> None:
    wait(scene, "apple", topics=(Topic("zz-last"),))
    with scene.writing() as unit:
        Topics(unit).save([Subject(f"topic-{n:03}", f"Topic {n:03}") for n in range(120)])
    _open(scene, "apple")
    scene.emulator.press_modal(ADA, modal(scene)["id"], "pool_edit")
    assert "takes any" in shown(modal(scene)) + str(modal(scene)["blocks"])
    scene.emulator.submit_view(ADA, modal(scene)["id"], {"title": "Apples"})
    scene.drain()
    row = item(scene, "apple")
    assert (row.title, row.topics) == ("Apples", ["zz-last"])


def _open(scene: Scene, name: str) -> None:
    typed(scene, f"pool show {name}")
    dm = scene.emulator.open_dm(ADA)
    scene.emulator.press(ADA, dm, scene.dm()[-1]["ts"], f"pool_item:{name}")


def test_a_curator_sees_nothing_that_they_could_not_see_themselves(scene: Scene) -> None:
    with scene.writing() as unit:
        Channels(unit).save([Place("G1", "board", "private")])
        Channels(unit).add_members("G1", [GRACE])
    secret: dict[str, Any] = {"text": "The merger is on."}
    board = Audience("channels", frozenset({"G1"}))
    wait(scene, "board", audience=board, channel=ChannelId("G1"), **secret)
    wait(scene, "theirs", audience=Audience("members", frozenset({GRACE})), **secret)
    wait(scene, "goal", addressed_to=MemberId(GRACE), **secret)
    wait(scene, "own", addressed_to=MemberId(ADA), **secret)
    wait(scene, "unknown", audience=UNKNOWN_AUDIENCE, channel=ChannelId("G1"), **secret)
    wait(scene, "apple")
    told = typed(scene, "pool list")
    assert told == (
        "Waiting for you: 1, and 3 that only readers of their channels see.\n"
        "• A note on apple trees (`apple`)"
    )
    for name in ("board", "theirs", "goal", "own", "unknown"):
        for command in ("show", "approve", "pin", "preview", "edit"):
            answer = typed(scene, f"pool {command} {name} title x")
            assert "no item" in answer
            assert "merger" not in answer
        assert item(scene, name).approved_at is None
    with scene.writing() as unit:  # the control: whoever reads the channel sees it
        Channels(unit).add_members("G1", [ADA])
    assert "A note on board trees" in typed(scene, "pool list")


def test_a_rejected_item_leaves_no_more_and_no_import_brings_it_back(scene: Scene) -> None:
    scene.put_item(ITEM)
    assert _offered(scene, ITEM) is None
    typed(scene, "pool reject joins because it is wrong")
    assert _offered(scene, ITEM) == "not_approved"
    scene.put_item(replace(ITEM, text="New words."))
    assert _offered(scene, ITEM) == "not_approved"
    typed(scene, "pool approve joins")
    assert _offered(scene, ITEM) is None


def _offered(scene: Scene, told: Item) -> str | None:
    with scene.app.store.reading(scene.app.workspace) as unit:
        member = Members(unit).get(GRACE)
        return why_not(unit, Items(unit).get(told.id), member, scene.clock.now())


def test_words_of_a_curator_stay_whatever_a_source_says_later(scene: Scene) -> None:
    scene.put_item(ITEM)
    typed(scene, "pool edit joins title Left joins, in short")
    scene.put_item(replace(ITEM, title="Something else"))
    row = item(scene, "joins")
    assert row.title == "Left joins, in short"
    assert row.approved_at is not None


def test_dates_pins_and_lists_in_words(scene: Scene) -> None:
    scene.put_item(ITEM)
    assert typed(scene, "pool embargo joins 2025-12-01").startswith("Saved")
    assert "Left joins" in typed(scene, "pool list embargoed")
    assert typed(scene, "pool embargo joins off").startswith("Saved")
    assert "is no day" in typed(scene, "pool embargo joins soon")
    assert typed(scene, "pool pin joins").startswith("Pinned")
    assert typed(scene, "pool pin joins") == "It was so already."
    assert "Left joins" in typed(scene, "pool list pinned")
    assert typed(scene, "pool expire joins").endswith("Now: expired 2025-10-09, pinned.")
    assert "Left joins" in typed(scene, "pool list expired")
    assert "there is no list" in typed(scene, "pool list wating").lower()
    assert "`pool reject ID because REASON`" in typed(scene, "pool reject joins")


def test_blanks_are_no_reason_and_the_form_stays_open(scene: Scene) -> None:
    wait(scene, "apple")
    typed(scene, "pool")
    scene.emulator.press_modal(ADA, modal(scene)["id"], "pool_item", "pool_item|apple")
    scene.emulator.press_modal(ADA, modal(scene)["id"], "pool_reject")
    form = modal(scene)["id"]
    answer = scene.emulator.submit_view(ADA, form, {"why": "   "})
    assert answer["errors"] == {"why": "Say why: whoever sees it rejected will ask."}
    assert scene.emulator.submit_view(ADA, form, {"why": "Not ours"}) == {}
    scene.drain()
    assert item(scene, "apple").rejected_why == "Not ours"


def test_a_mistyped_word_is_met_with_the_nearest(scene: Scene) -> None:
    told = typed(scene, "pool aprove joins")
    assert told.startswith("I do not know `pool aprove`. Did you mean `pool approve`?")
    assert "`pool search indexes`" in told
    assert "Did you mean `feeds pause`?" in typed(scene, "feeds pasue 1")
    assert "I do not know" not in typed(scene, "Pool Preview joins")
    assert typed(scene, f"pool pin {'joins ' * 21}") == "21 are too many at once; 20 are the most."


def test_undo_refuses_what_was_changed_since_and_what_others_did(scene: Scene) -> None:
    wait(scene, "apple")
    typed(scene, "pool approve apple")
    with scene.writing() as unit:
        Items(unit).reword("apple", "New", "Other words.", at=scene.clock.now())
    assert "was changed again since" in typed(scene, "pool undo")
    scene.put_item(ITEM)
    assert "nothing to undo" in typed(scene, "pool undo joins")
    typed(scene, "pool pin joins")
    batch = scene.rows(tables.Curation)[-1].batch
    be(scene, GRACE, "curator")
    before = len(scene.rows(tables.AuditEntry))
    dm = scene.emulator.open_dm(ADA)
    scene.emulator.press(ADA, dm, scene.dm()[-1]["ts"], f"pool_undo:{batch}")
    arrival = scene.app.desk.handlers().presses["pool_undo"]
    forged = Arrival("x", "press", "x", {"member": GRACE, "value": batch, "at": 0.0})
    with scene.writing() as unit:
        arrival(forged, scene.clock.now())(unit)
    assert len(scene.rows(tables.AuditEntry)) == before
    scene.drain()
    assert len(scene.rows(tables.AuditEntry)) == before + 1  # the control: Ada's own press


def test_the_audit_log_names_every_act_and_none_of_the_words(scene: Scene) -> None:
    wait(scene, "apple")
    for command in ("approve apple", "pin apple", "edit apple text Secret words", "undo",
                    "reject apple because old"):  # fmt: skip
        typed(scene, f"pool {command}")
    with scene.app.store.reading(scene.app.workspace) as unit:
        entries = [one for one in Audit(unit).list() if one.action.startswith("item.")]
        assert Audit(unit).verify().problem == ""
    assert [one.action for one in entries] == [
        "item.approved", "item.pinned", "item.edited", "item.undone_edited", "item.rejected",
    ]  # fmt: skip
    assert {one.who for one in entries} == {ADA}
    assert "Secret" not in repr([one.details for one in entries])
