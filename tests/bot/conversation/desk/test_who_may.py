"""Every act of the desk with every role, by a payload as somebody could forge it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from bot.conversation.handlers import Handlers
from bot.curating.desk import Desk
from bot.curating.roles import Actor
from bot.inbox import Act
from bot.ports import Arrival, Asked
from bot.store import tables
from bot.store.database import Unit
from bot.store.members import Members
from bot.store.roles import Name
from recsys.types import ItemId
from tests.bot.conversation.desk.conftest import be
from tests.bot.conversation_scene import ADA, GENERAL, GRACE, GUEST, ITEM, ROBOT, Scene
from tests.bot.curating.feed_server import FeedServer

GOVERNED = (tables.Item, tables.Feed, tables.Role, tables.Curation, tables.AuditEntry)
OF_ADMINS = frozenset({"roles"})
ONLY_LOOKS = frozenset({"pool_preview"})
"""what changes nothing for anybody; its words are held back, see below"""
REF = "1759990000.000100"


def forged(server: FeedServer) -> dict[tuple[str, str], dict[str, Any]]:
    """For every act a payload that changes something, if it comes from the right hands."""
    item, feed = {"opener": "joins"}, {"opener": "1"}
    form: dict[str, Any] = {"title": "A new title", "text": "New words for it.", "kind": "work"}
    pressed: dict[str, dict[str, Any]] = {
        "pool_approve": {"opener": "waits"}, "pool_pin": item, "pool_unpin": {"opener": "pinned"},
        "pool_merge": {"opener": "twin"}, "pool_apart": {"opener": "twin"}, "pool_expire": item,
        "pool_undo": {"value": "cu_done"}, "pool_preview": item, "feed_pause": feed,
        "feed_resume": {"opener": "2"}, "feed_auto": feed, "feed_queue": {"opener": "2"},
        "feed_remove": feed, "feed_poll": feed,
    }  # fmt: skip
    saved: dict[str, dict[str, Any]] = {
        "pool": {"values": {"items:0": ["waits"], "act": "approve"}},
        "pool_reject": {"subject": "joins", "values": {"why": "old"}},
        "pool_edit": {"subject": "joins", "values": form},
        "pool_add": {
            "subject": GRACE, "address": GENERAL, "message_ref": REF,
            "values": {**form, "audience": "channels", "channels": [GENERAL]},
        },
        "feeds": {"values": {"url": server.at("/third")}},
        "roles": {"values": {"person": GRACE, "role": "admin"}},
    }  # fmt: skip
    typed = {
        "pool": "pool reject joins because old",
        "feeds": "feeds remove 1",
        "roles": f"roles grant {GRACE} admin",
    }
    return {
        **{("presses", name): {"action": name, **payload} for name, payload in pressed.items()},
        **{("modals", name): {"callback": name, **payload} for name, payload in saved.items()},
        **{("commands", name): {"text": text} for name, text in typed.items()},
    }


def prepare(scene: Scene, server: FeedServer) -> None:
    """Something for every act to be done to."""
    now = scene.clock.now()
    for name in ("waits", "pinned", "twin"):
        scene.put_item(_named(name))
    scene.put_item(ITEM)
    with scene.writing() as unit:
        for feed, paused in (("fd_1", None), ("fd_2", now)):
            unit.session.add(
                tables.Feed(
                    workspace_id=unit.workspace, id=feed, url=server.at(f"/{feed}"), topics=[],
                    audience_kind="workspace", audience_ids=[], added_by="test", next_at=now,
                    added_at=scene.clock.later(seconds=1), paused_at=paused,
                    approves=paused is not None,
                )
            )  # fmt: skip
        rows = {row.id: row for row in unit.session.query(tables.Item)}
        rows["waits"].approved_at = None
        rows["pinned"].pinned_at = now
        rows["twin"].twin_of, rows["twin"].twin_by = "joins", "address"
        done = Desk(unit, Actor(ADA, "curator", ADA), now).pin(["waits"], True)
        unit.session.query(tables.Curation).update({"batch": "cu_done"})
        assert done.items == ("waits",)


def _named(name: str) -> Any:
    from dataclasses import replace

    return replace(ITEM, id=ItemId(name), title=f"About {name} and more", text=f"Says {name}.")


def governed(unit: Unit) -> dict[str, list[Any]]:
    unit.session.flush()
    return {
        table.__tablename__: sorted(map(repr, unit.session.execute(table.__table__.select())))
        for table in GOVERNED
    }


@contextmanager
def not_kept(scene: Scene) -> Iterator[Unit]:
    with scene.app.store.writing(scene.app.workspace) as unit:
        yield unit  # rolled back: nothing commits


def changes(scene: Scene, kind: str, name: str, payload: dict[str, Any], who: str) -> bool:
    """Whether this payload from `who` changes anything that is governed."""
    handlers: Handlers = scene.app.listening.handlers
    whole = {
        "member": who, "at": scene.clock.later(minutes=1).timestamp(), "subject": "",
        "address": "", "message_ref": "", "value": "", "opener": "", **payload,
    }  # fmt: skip
    with scene.app.store.reading(scene.app.workspace) as unit:
        before = governed(unit)
    arrival = Arrival(f"forged:{kind}:{name}:{whole['at']}", "press", "home", whole)
    act: Act = getattr(handlers, kind)[name](arrival, scene.clock.now())
    with not_kept(scene) as unit:
        act(unit)
        return governed(unit) != before


@pytest.fixture
def prepared(scene: Scene, server: FeedServer) -> Scene:
    prepare(scene, server)
    return scene


def test_every_act_is_tried(prepared: Scene, server: FeedServer) -> None:
    desk = prepared.app.desk.handlers()
    named = {("presses", n) for n in desk.presses} | {("modals", n) for n in desk.modals}
    named |= {("commands", n) for n in desk.commands}
    assert set(forged(server)) == named


@pytest.mark.parametrize("role", ["member", "curator", "admin"])
def test_only_who_may_changes_anything(prepared: Scene, server: FeedServer, role: Name) -> None:
    be(prepared, ADA, role)
    for (kind, name), payload in forged(server).items():
        may = role == "admin" or (role == "curator" and name not in OF_ADMINS)
        expected = may and name not in ONLY_LOOKS
        assert changes(prepared, kind, name, payload, ADA) is expected, (role, kind, name)


@pytest.mark.parametrize("who", [GUEST, ROBOT, "U9NOBODY"])
def test_guests_bots_and_strangers_hold_no_role_whatever_a_row_says(
    prepared: Scene, server: FeedServer, who: str
) -> None:
    with prepared.writing() as unit:
        if Members(unit).get(who) is not None:
            unit.session.merge(
                tables.Role(
                    workspace_id=unit.workspace, member_id=who, role="admin", origin="given",
                    granted_at=prepared.clock.now(), granted_by="forgery",
                )
            )  # fmt: skip
    asked = len(server.asked)
    for (kind, name), payload in forged(server).items():
        assert changes(prepared, kind, name, payload, who) is False, (who, kind, name)
    assert len(server.asked) == asked


@pytest.mark.parametrize("role", ["member", "curator", "admin"])
def test_only_who_may_is_shown_anything(prepared: Scene, role: Name) -> None:
    be(prepared, ADA, role)
    for name, show in prepared.app.desk.handlers().shows.items():
        values = {"person": GRACE, "role": "curator", "url": "https://a.example.org/"}
        asked = Asked(ADA, name, "joins", address=GENERAL, message_ref=REF, text="Hear, hear!",
                      author=GRACE, values=values)  # fmt: skip
        shown = show(asked)
        may = role == "admin" or (role == "curator" and name not in OF_ADMINS)
        refused = shown is not None and shown.get("modal") == "notice"
        assert refused is not may, (role, name)
        if refused:
            assert "joins keep" not in repr(shown)


def test_whoever_left_holds_no_role(prepared: Scene, server: FeedServer) -> None:
    payload = forged(server)["presses", "pool_approve"]
    assert changes(prepared, "presses", "pool_approve", payload, ADA) is True
    with prepared.writing() as unit:
        unit.session.get_one(
            tables.Member, (unit.workspace, ADA)
        ).deactivated_at = prepared.clock.now()
    assert changes(prepared, "presses", "pool_approve", payload, ADA) is False
