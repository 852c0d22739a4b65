"""Delete my data: a planted phrase is looked for in every place where something might be left."""

from __future__ import annotations

import gc
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from weakref import ref

import pyarrow.parquet as pq
import pytest
from sqlalchemy import text

from bot.keeping import erasing as erasing_module
from bot.keeping.files import Files
from bot.keeping.own_rows import owned
from bot.learning.dataset import export
from bot.ports import Arrival
from bot.settings import RecommenderSettings
from bot.store import tables
from bot.store.audit import Audit
from bot.store.channels import Channels, Place
from bot.store.database import Unit
from bot.store.erasures import Erasures
from bot.store.exports import Exports
from bot.store.items import Items
from bot.store.members import Members, Person
from bot.store.outbox import OutboxRows
from bot.store.roles import Roles
from bot.store.shelf import Shelf
from bot.store.signals import Happened, Signals
from recsys.encoder import Encoder, digest
from recsys.features.tally import tally
from recsys.interests import interests
from recsys.types import Audience, ChannelId, ItemId, MemberId
from tests.bot.conversation_scene import ADA, GENERAL, GRACE, ITEM, Scene, staged
from tests.bot.scene import hashing

PHRASE = "zephyrquilt heliotrope ombudsman"
SAID = f"I like a {PHRASE}"
OURS = replace(
    ITEM, id=ItemId("thread-1"), title=f"About a {PHRASE}", text=SAID, summary="", url=None,
    author=MemberId(ADA), channel=ChannelId(GENERAL),
    audience=Audience("channels", frozenset({GENERAL})),
)  # fmt: skip


@pytest.fixture
def anywhere(tmp_path: Path, database_url: str) -> Iterator[Scene]:
    with planted(tmp_path, database_url) as made:
        yield made


@pytest.fixture
def scene(tmp_path: Path, sqlite_url: str) -> Iterator[Scene]:
    with planted(tmp_path, sqlite_url) as made:
        yield made


@contextmanager
def planted(folder: Path, url: str) -> Iterator[Scene]:
    """The phrase stands wherever something of a member's may stand; sealing is off."""
    settings = RecommenderSettings(snapshot_from=1)
    with staged(folder, url, sealing=False, recommender=settings) as made:
        home = made.app.settings.home
        encoder = Encoder("hashing", home / "embeddings", open_model=hashing)
        made.app.__dict__["encoder"] = encoder
        plant(made)
        yield made


def plant(scene: Scene) -> None:
    scene.agree(ADA)
    scene.agree(GRACE)
    scene.emulator.say(ADA, GENERAL, SAID)
    scene.drain()
    scene.speak("one", ADA)
    scene.reply(f"{PHRASE}, and why?")
    with scene.writing() as unit:
        Channels(unit).save([Place(GENERAL, "general", "public")])
        Items(unit).save([OURS], at=scene.clock.now(), approved_by=ADA)
        unit.session.get_one(tables.Member, (unit.workspace, ADA)).title = PHRASE
    scene.speak("two", GRACE, OURS)
    scene.reply("What is that?", "two")
    with scene.writing() as unit:
        by_hand(unit, scene)
    scene.app.refresh(scene.clock.later(hours=1))
    folder = scene.app.settings.home / "exported"
    with scene.writing() as unit:
        export(unit, folder, None, None, str)
        Exports(unit).note(folder, scene.clock.now())


def by_hand(unit: Unit, scene: Scene) -> None:
    """What no press of this scene leads to."""
    now, session = scene.clock.now(), unit.session
    for name in ("one", "two"):
        opener = session.get_one(tables.Opener, f"op_{name}")
        opener.text, opener.why = f"Seen the {PHRASE}?", f"Because of {PHRASE}."
        session.add(
            tables.Review(
                workspace_id=unit.workspace, opener_id=opener.id, state="edited", asked_at=now,
                original=PHRASE, edited=PHRASE, note=PHRASE, decided_by=ADA,
            )
        )  # fmt: skip
        decision = session.get_one(tables.Decision, f"de_{name}")
        decision.slate = {"top": [{"item": OURS.id, "title": OURS.title, "features": {},
                                   "engages": 0.5, "dismisses": 0.1, "opts_out": 0.0,
                                   "utility": 0.1}], "chosen": 0}  # fmt: skip
    session.get_one(tables.Decision, "de_one").inputs = {"standing": {"name": PHRASE}}
    Shelf(unit).put(ADA, "joins", decision="de_one", why=PHRASE, at=now, until=now)
    Shelf(unit).put(GRACE, OURS.id, decision="de_two", why=PHRASE, at=now, until=now)
    handoff = tables.Handoff(
        id="ho_1", workspace_id=unit.workspace, member_id=ADA, opener_id="op_one", asked_at=now
    )
    session.add(handoff)
    for key in (f"handoff:ask:{ADA}:1", "handoff:told:ho_1", "handoff:ho_1:taken"):
        OutboxRows(unit).add(
            member=GRACE, kind="answer", dedupe_key=key, content={"text": PHRASE},
            expires_at=now, now=now,
        )  # fmt: skip
    session.add(
        tables.Proposal(
            id="pr_1", workspace_id=unit.workspace, member_id=ADA, kind="goal",
            payload={"words": PHRASE}, asked_at=now, expires_at=now,
        )
    )  # fmt: skip
    session.add(
        tables.Correction(
            workspace_id=unit.workspace, address=GENERAL, message_ref="9.9", member_id=ADA,
            text=PHRASE, came_at=now,
        )
    )  # fmt: skip
    session.add(
        tables.Curation(
            workspace_id=unit.workspace, batch="b", item_id=OURS.id, at=now, who=ADA,
            action="edit", before={"title": PHRASE}, after={"title": PHRASE},
        )
    )  # fmt: skip
    session.add(
        tables.Inbox(
            workspace_id=unit.workspace, key="aside", kind="message", conversation=GENERAL,
            payload={"member": ADA, "text": PHRASE, "address": GENERAL}, received_at=now,
            done_at=now, error="ValueError",
        )
    )  # fmt: skip
    Audit(unit).append(now, "curator", "note.made", ADA, {"note": PHRASE})
    Audit(unit).append(now, ADA, "rule.saved", "quiet", {"name": PHRASE})
    Audit(unit).append(now, "curator", "rule.saved", "another")


def found(scene: Scene, logged: str = "") -> list[str]:
    """The places where anything of her is left: her phrase, her id, or a digest of her words."""
    home, places = scene.app.settings.home, []
    marks = (PHRASE, ADA)
    if scene.app.store.engine.dialect.name == "sqlite":
        database = Path(str(scene.app.store.engine.url.database))
        for file in sorted(database.parent.glob(f"{database.name}*")):
            if file.is_file() and any(mark.encode() in file.read_bytes() for mark in marks):
                places.append(f"file {file.name.removeprefix(database.name) or 'of the database'}")
    for name in tables.Table.metadata.tables:
        with scene.app.store.engine.connect() as connection:
            rows = connection.execute(text(f"SELECT * FROM {name}")).all()
        if any(mark in repr(row) for row in rows for mark in marks):
            places.append(f"table {name}")
    for file in sorted(home.rglob("*")):
        if not file.is_file() or scene.app.store.engine.url.database == str(file):
            continue
        held = file.read_bytes()
        if file.suffix == ".parquet":
            held = json.dumps(pq.read_table(file).to_pydict(), default=str).encode()
        if any(mark.encode() in held for mark in marks) or digest(SAID) in held:
            places.append(f"home {file.relative_to(home).parts[0]}")
    view = scene.app.recommender.view
    if any(PHRASE in words for words in view.memory.words.row_of) or ADA in view.memory.states:
        places.append("memory")
    return [*dict.fromkeys(places), *(["logs"] if PHRASE in logged else [])]


def erase(scene: Scene) -> None:
    """As she does it: the button of her home tab."""
    scene.emulator.open_home(ADA, wait=0)
    scene.app.inbox.work(scene.clock.now())
    scene.emulator.press_home(ADA, "erase")
    worked = scene.app.inbox.work(scene.clock.later(seconds=1))
    assert worked.errors == []


EVERYWHERE = {
    "audit_log", "channel_members", "consents", "conversations", "corrections", "curations",
    "decisions", "handoffs", "identities", "inbox", "items", "members", "openers", "outbox",
    "outcomes", "proposals", "reviews", "shelf", "signals", "turns",
}  # fmt: skip


def test_nothing_of_her_is_left_but_a_hash(
    anywhere: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "overture")
    before = set(found(anywhere))
    assert before >= {f"table {name}" for name in EVERYWHERE}, "the control: it is everywhere"
    assert before >= {"home snapshots", "home embeddings", "home exported", "memory"}
    began = anywhere.clock.now()
    erase(anywhere)
    assert found(anywhere, caplog.text) == []
    (left,) = anywhere.rows(tables.Erasure)
    assert left.whose is None
    assert left.done_at - began < timedelta(minutes=1)
    assert len(left.name) == 64
    kinds = {one.what for one in anywhere.app.store.beside.withdrawals.read()[0]}  # type: ignore[union-attr]
    assert "erased" in kinds, "a restored backup erases again"


def test_what_was_worked_out_of_her_is_not_remembered(scene: Scene) -> None:
    now = scene.clock.now()
    view = scene.app.refresh(now)
    hers, ours = view.memory.states[MemberId(ADA)], view.memory.workspace
    interests(hers, view.pipeline.pool, now.timestamp())
    tally(ours, view.pipeline.pool, now.timestamp())
    pasts = ref(hers), ref(ours)
    del view, hers, ours
    erase(scene)
    gc.collect()
    assert [past() for past in pasts] == [None, None]


def test_what_others_have_stays(anywhere: Scene) -> None:
    with anywhere.writing() as unit:
        now = anywhere.clock.now()
        OutboxRows(unit).add(
            member=GRACE, kind="answer", dedupe_key=f"handoff:ask:{ADA}1:1", now=now,
            content={"text": "of somebody whose id begins as hers does"}, expires_at=now,
        )  # fmt: skip
    erase(anywhere)
    keys = [one.dedupe_key for one in anywhere.rows(tables.Outbox)]
    assert f"handoff:ask:{ADA}1:1" in keys
    assert [key for key in keys if key.startswith("handoff:")] == [f"handoff:ask:{ADA}1:1"]
    (opener,) = anywhere.rows(tables.Opener)
    assert (opener.member_id, opener.text, opener.why) == (GRACE, "", "")
    assert anywhere.granted(GRACE)
    assert [one.id for one in anywhere.rows(tables.Item)] == [ITEM.id]
    with anywhere.app.store.reading(anywhere.app.workspace) as unit:
        assert Audit(unit).verify().problem == "", "redacted is not tampered with"
        actions = [one.action for one in Audit(unit).list()]
    assert actions[-1] == "entries.redacted"
    assert actions.count("rule.saved") == 2


Step = tuple[Any, str, Callable[..., Any], str]
STEPS: tuple[tuple[Step, ...], ...] = (
    ((erasing_module, "scrub_database", lambda store: True, "file"),),
    (
        (erasing_module, "delete_rows", lambda unit, member: {}, "table members"),
        (erasing_module, "remove_items", lambda unit, ids: 0, "table items"),
    ),
    (
        (erasing_module, "remove_messages", lambda unit, parts: None, "table outbox"),
        (erasing_module, "remove_arrivals", lambda unit, ids, places: None, "table inbox"),
        (erasing_module, "unname", lambda unit, ids: None, "table reviews"),
        (Audit, "redact", lambda *given: 0, "table audit_log"),
        (Files, "forget_vectors", lambda *given: 0, "home embeddings"),
        (Files, "drop_snapshots", lambda self: None, "home snapshots"),
        (Files, "clean_export", lambda *given: None, "home exported"),
    ),
)
"""(where it is, its name, what stands in for it, the place where she is found then)"""


@pytest.mark.parametrize("steps", STEPS, ids=["the file", "rows", "all around them"])
def test_each_step_is_needed(
    steps: tuple[Step, ...], scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative controls: with a step left out, the same search finds her in its place."""
    for where, name, instead, _ in steps:
        monkeypatch.setattr(where, name, instead)
    erase(scene)
    left = found(scene)
    for *_, place in steps:
        assert any(one.startswith(place) for one in left), (place, left)


def test_every_table_with_members_is_covered() -> None:
    covered = {table.name for table, _ in owned("W", "m")}
    named = {name for name, t in tables.Table.metadata.tables.items() if "member_id" in t.c}
    assert named <= covered


def test_no_import_and_no_welcome_brings_her_back(scene: Scene) -> None:
    erase(scene)
    now = scene.clock.now()
    with scene.writing() as unit:
        saved = Members(unit).save([Person(ADA, name="Ada"), Person("U9", name="Nu")], at=now)
        Members(unit).reachable_by("slack", [(ADA, ADA), ("U9", "U9")])
        Channels(unit).add_members(GENERAL, [ADA, "U9"])
        Roles(unit).administer([ADA, "U9"], at=now, of=[ADA, "U9"])
        told = Happened("k", ADA, "imported_history", "posted", now, text=PHRASE)
        assert Signals(unit).save([told]) == 0
    assert saved.new == 1
    assert scene.app.welcome(now) <= 1
    assert found(scene) == []


def test_what_she_does_later_is_not_kept_until_she_comes_back(scene: Scene) -> None:
    erase(scene)
    scene.emulator.say(ADA, GENERAL, SAID)
    scene.emulator.say(ADA, scene.emulator.open_dm(ADA), SAID)
    scene.emulator.open_home(ADA, wait=0)
    scene.drain()
    view = json.dumps(scene.emulator.home(ADA))
    assert "Your data is deleted" in view
    assert [one for one in scene.rows(tables.Inbox) if one.payload] == []
    assert [one for one in scene.rows(tables.Member) if one.id == ADA] == []
    scene.emulator.press_home(ADA, "start_over")
    scene.drain()
    (member,) = [one for one in scene.rows(tables.Member) if one.id == ADA]
    assert (member.name, member.title, member.left_at) == ("ada", "", None)
    assert "Hello ada" in json.dumps(scene.emulator.home(ADA))
    assert scene.granted() == frozenset(), "and agrees to nothing yet"
    assert scene.rows(tables.Erasure) == []


def test_a_crash_in_between_is_made_good(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(*given: Any) -> int:
        raise OSError("the disk is away")

    with monkeypatch.context() as broken:
        broken.setattr(Files, "forget_vectors", dies)
        with pytest.raises(AssertionError, match="disk is away"):
            erase(scene)
    assert [one.done_at for one in scene.rows(tables.Erasure)] == [None]
    assert scene.app.erase(scene.clock.later(seconds=10)) == 1
    assert found(scene) == []


def test_a_message_that_is_under_way_is_waited_for(scene: Scene) -> None:
    with scene.writing() as unit:
        row = unit.session.query(tables.Outbox).filter_by(opener_id="op_one", kind="opener").one()
        row.state, row.owner = "sending", "other"
    erase(scene)
    assert [one.done_at for one in scene.rows(tables.Erasure)] == [None]
    assert scene.granted() == frozenset(), "she has left all the same"
    scene.app.erase(scene.clock.later(seconds=45))
    assert found(scene) == []


def test_it_counts_as_leaving_for_the_brake(scene: Scene) -> None:
    now = scene.clock.now()
    erase(scene)
    with scene.app.store.reading(scene.app.workspace) as unit:
        assert Erasures(unit).done_since(now - timedelta(days=1)) == 1


def test_somebody_else_cannot_erase_her(scene: Scene) -> None:
    forged = {"member": GRACE, "action": "erase", "value": ADA, "opener": "", "at": 0.0}
    scene.app.receive(Arrival("forged", "press", f"home:{GRACE}", forged))
    scene.drain()
    assert [one.id for one in scene.rows(tables.Member) if one.id == ADA] == [ADA]
