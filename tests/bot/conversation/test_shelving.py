"""The quiet shelf: nothing is said, and a tap on the home tab opens the conversation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.ports import Arrival
from bot.store import tables
from bot.store.consents import Consents
from bot.store.database import Store, connect
from bot.store.items import Items
from bot.store.openers import Openers
from bot.store.shelf import Shelf
from bot.store.topics import Topics
from recsys.types import Audience, Topic
from tests.bot.conversation_scene import ADA, ITEM, Scene, actions_of, notes_of, said_in, staged
from tests.bot.scene import NOW, WORKSPACE, policy, populate
from tests.bot.scene import Scene as Deciding

FLOOR = 0.1


@pytest.fixture
def deciding(sqlite_url: str, tmp_path: Path) -> Iterator[Deciding]:
    store = Store(connect(sqlite_url))
    populate(store, members=("ana", "bo"))
    yield Deciding(store, tmp_path, policy(threshold=0.99, shelf_floor=FLOOR))
    store.close()


def test_what_is_not_sure_enough_waits_without_a_word(deciding: Deciding) -> None:
    attempt = deciding.outreach().attempt("ana", NOW)
    assert attempt.decision.reason == "below_threshold"
    (entry,) = deciding.rows(tables.Shelved)
    assert (entry.member_id, entry.item_id) == ("ana", attempt.decision.item_id)
    assert (entry.put_at, entry.until) == (NOW, NOW + timedelta(days=5))
    assert entry.why
    assert deciding.rows(tables.Outbox) == deciding.rows(tables.Opener) == []


@pytest.mark.parametrize(
    "changes",
    [{"shelf_floor": 0.98}, {"shelf_days": 0}, {"threshold": 0.05}, {"holdout": 1.0}],
    ids=["not even good enough", "no shelf", "said instead", "said or withheld at random"],
)
def test_nothing_else_is_put_there(deciding: Deciding, changes: dict[str, Any]) -> None:
    plain: dict[str, Any] = {"threshold": 0.99, "shelf_floor": FLOOR}
    if "holdout" in changes:
        plain["threshold"] = 0.05
    deciding.policy = policy(**{**plain, **changes})
    deciding.outreach().attempt("ana", NOW)
    assert deciding.rows(tables.Shelved) == []


def test_a_rehearsal_shelves_nothing(deciding: Deciding) -> None:
    deciding.outreach(keeps=False).attempt("ana", NOW)
    assert deciding.rows(tables.Shelved) == []


def test_what_they_turned_down_there_is_not_offered_again(deciding: Deciding) -> None:
    first = deciding.outreach().attempt("ana", NOW).decision.item_id
    with deciding.store.writing(WORKSPACE) as unit:
        entry = Shelf(unit).get("ana", str(first))
        assert entry is not None
        entry.dismissed_at = NOW
        unit.commit()
    tomorrow = NOW + timedelta(days=1)
    assert deciding.outreach().attempt("ana", tomorrow).decision.item_id != first
    assert deciding.outreach().attempt("bo", tomorrow).decision.item_id == first


@pytest.fixture
def scene(tmp_path: Path, sqlite_url: str) -> Iterator[Scene]:
    with staged(tmp_path, sqlite_url) as made:
        made.agree(ADA)
        shelve(made)
        yield made


def shelve(scene: Scene, **changes: Any) -> None:
    """The item waits on Ada's shelf, as a decision would have put it."""
    item = replace(ITEM, topics=(Topic("sql"),), **changes)
    scene.put_item(item)
    now = scene.clock.now()
    with scene.writing() as unit:
        unit.session.add(
            tables.Run(id="r", workspace_id=unit.workspace, kind="plan", now=now, summary={})
        )
        unit.session.flush()
        unit.session.add(
            tables.Decision(
                id="de_shelf", workspace_id=unit.workspace, run_id="r", member_id=ADA, slot="s",
                at=now, verdict="silent", reason="below_threshold", rules=[], item_id=item.id,
                arm="normal", seed=1, policy_version="p",
            )
        )  # fmt: skip
        unit.session.flush()
        until = now + timedelta(days=5)
        Shelf(unit).put(
            ADA, item.id, decision="de_shelf", why="You follow SQL.", at=now, until=until
        )


def home(scene: Scene) -> str:
    scene.emulator.open_home(ADA, wait=0)
    scene.drain()
    return json.dumps(scene.emulator.home(ADA), ensure_ascii=False)


def entry(scene: Scene) -> Any:
    (found,) = scene.rows(tables.Shelved)
    return found


def press(scene: Scene, action: str) -> None:
    scene.emulator.press_home(ADA, f"{action}:{ITEM.id}")
    scene.drain()


def test_it_is_shown_with_its_reason_and_noted_as_seen(scene: Scene) -> None:
    assert entry(scene).seen_at is None
    shown = home(scene)
    assert "What I would have said, had I been sure" in shown
    assert ITEM.title in shown
    assert "You follow SQL." in shown
    assert entry(scene).seen_at is not None
    assert scene.dm() == [], "nothing is said"


def test_a_tap_opens_the_conversation(scene: Scene) -> None:
    home(scene)
    press(scene, "shelf_open")
    (message,) = scene.dm()
    assert said_in(message).startswith("A left join keeps every row")
    assert actions_of(message) == ["helped", "person", "open"]
    assert notes_of(message) == f"From “{ITEM.title}”", "its words alone do not say what it is"
    (opener,) = scene.rows(tables.Opener)
    assert (opener.state, opener.item_id) == ("shelved", ITEM.id)
    assert [one.kind for one in scene.rows(tables.Outcome)] == ["followed_up"]
    assert [(one.kind, one.item_id) for one in scene.rows(tables.Signal)] == [("visited", ITEM.id)]
    with scene.app.store.reading(scene.app.workspace) as unit:
        assert Openers(unit).lately(ADA, scene.clock.now() - timedelta(days=1)) == []
    assert ITEM.title not in home(scene), "it has been opened"


def test_it_is_talked_about_like_any_other(scene: Scene) -> None:
    home(scene)
    press(scene, "shelf_open")
    (message,) = scene.dm()
    scene.write("And what does count do?", thread=message["ts"])
    answer = scene.below(scene.emulator.open_dm(ADA), message["ts"])
    assert "count skips nulls" in said_in(answer[-1])
    scene.write("thanks, that helped")
    kinds = [one.kind for one in scene.rows(tables.Outcome)]
    assert sorted(kinds) == ["followed_up", "replied", "resolved"]


def test_a_second_tap_does_nothing_more(scene: Scene) -> None:
    home(scene)
    press(scene, "shelf_open")
    payload: dict[str, Any] = {
        "member": ADA,
        "action": "shelf_open",
        "value": ITEM.id,
        "opener": "",
    }
    payload |= {"at": scene.clock.now().timestamp()}
    scene.app.receive(Arrival("again", "press", f"home:{ADA}", payload))
    scene.drain()
    assert len(scene.dm()) == 1


def test_not_for_me_takes_it_away(scene: Scene) -> None:
    home(scene)
    press(scene, "shelf_no")
    assert entry(scene).dismissed_at is not None
    assert ITEM.title not in home(scene)
    assert scene.dm() == scene.rows(tables.Outcome) == []


HIDDEN: dict[str, Any] = {
    "expired": lambda s, u: s.clock.later(days=6),
    "muted": lambda s, u: Topics(u).choose(ADA, "sql", "mute", at=s.clock.now()),
    "no consent": lambda s, u: Consents(u).withdraw(ADA, at=s.clock.now()),
    "withdrawn": lambda s, u: Items(u).withdraw([ITEM.id], at=s.clock.now()),
    "reworded": lambda s, u: Items(u).reword(ITEM.id, "Other", "Other", at=s.clock.now()),
    "not for them": lambda s, u: Items(u).save(
        [replace(ITEM, audience=Audience("members", frozenset({"U2GRACE"})))],
        at=s.clock.now(),
        approved_by="curator",
    ),
    "the workspace is stopped": lambda s, u: setattr(
        u.session.get_one(tables.Workspace, u.workspace), "killed_at", s.clock.now()
    ),
}


@pytest.mark.parametrize("why", HIDDEN)
def test_what_they_may_not_be_told_is_not_shown(scene: Scene, why: str) -> None:
    assert ITEM.title in home(scene)
    with scene.writing() as unit:
        HIDDEN[why](scene, unit)
    assert ITEM.title not in home(scene)


@pytest.mark.parametrize("why", ["muted", "withdrawn", "not for them"])
def test_a_tap_on_what_is_gone_says_so(scene: Scene, why: str) -> None:
    home(scene)
    with scene.writing() as unit:
        HIDDEN[why](scene, unit)
    press(scene, "shelf_open")
    (message,) = scene.dm()
    assert "not there for us any more" in said_in(message)
    assert scene.rows(tables.Opener) == []
