"""Feeds and roles at the desk: lists, forms and words."""

from __future__ import annotations

import pytest

from bot.store import tables
from tests.bot.conversation.desk.conftest import be
from tests.bot.conversation.desk.test_pool import modal, shown, typed
from tests.bot.conversation_scene import ADA, GENERAL, GRACE, Scene, said_in
from tests.bot.curating.feed_server import FeedServer


def test_a_feed_is_added_paused_asked_and_removed_in_its_list(
    scene: Scene, server: FeedServer
) -> None:
    typed(scene, "feeds")
    view = modal(scene)
    assert "No feed yet" in shown(view)
    assert "errors" in scene.emulator.submit_view(ADA, view["id"], {"url": "ftp://a.org"})
    values = {"url": server.url, "topics": ["sql"], "channels": [GENERAL], "approval": "auto"}
    scene.emulator.submit_view(ADA, view["id"], values)
    assert "Reading it now." in shown(modal(scene))
    scene.drain()
    came = "1 new item, 0 changed. Its items may be offered."
    assert said_in(scene.dm()[-1]).endswith(came)
    (feed,) = scene.rows(tables.Feed)
    assert came in shown(modal(scene)), "it is told where it was asked, too"
    detail = "UTC · 1 item so far · what it brings is offered at once · SQL · for #general"
    assert detail in shown(modal(scene))
    for act, told in (
        ("pause", "is paused"),
        ("resume", "is asked again"),
        ("queue", "waits"),
        ("poll", "0 new items"),
        ("remove", "is removed; its items stay"),
    ):
        place, value = f"feed:{feed.id}", f"feed_{act}|{feed.id}"
        scene.emulator.press_modal(ADA, modal(scene)["id"], place, value)
        scene.drain()
        assert told in shown(modal(scene)), act
    assert scene.rows(tables.Feed) == []
    assert [row.topics for row in scene.rows(tables.Item)] == [["sql"]]


@pytest.mark.parametrize("again", [False, True])
def test_a_feed_that_is_not_added_says_why_in_its_list(
    scene: Scene, server: FeedServer, again: bool
) -> None:
    url, why = "http://127.0.0.1:1/feed", "gives no answer"
    if again:
        url, why = server.url, "is among the feeds already"
        typed(scene, f"feeds add {url}")
    typed(scene, "feeds")
    scene.emulator.submit_view(ADA, modal(scene)["id"], {"url": url})
    scene.drain()
    assert why in shown(modal(scene))
    assert "Reading it now." not in shown(modal(scene))


def test_feeds_in_words(scene: Scene, server: FeedServer) -> None:
    told = typed(scene, f"feeds add {server.url} auto topics sql,rust for #general")
    assert "is a feed now: 1 new item" in told
    (feed,) = scene.rows(tables.Feed)
    assert (feed.topics, feed.audience_ids, feed.approves) == (["sql", "rust"], [GENERAL], True)
    assert "1. http" in typed(scene, "feeds list")
    assert "0 new items" in typed(scene, "feeds poll 1")
    server.statuses, server.etag = {"/feed": 500}, ""
    assert "answered with 500" in typed(scene, "feeds poll 1")
    assert "Failed once, next in 2 h: answered with 500 · last 2025" in typed(scene, "feeds list")
    server.statuses = {}
    assert "no public channel" in typed(scene, f"feeds add {server.at('/2')} for #secret")
    assert "not on the open internet" in typed(scene, "feeds add http://localhost:1/feed")
    assert "already" in typed(scene, f"feeds add {server.url}")


def test_an_admin_says_who_may_curate(scene: Scene) -> None:
    be(scene, ADA, "admin")
    assert "ada: admin" in typed(scene, "roles list")
    typed(scene, "roles")
    scene.emulator.submit_view(ADA, modal(scene)["id"], {"person": GRACE, "role": "curator"})
    scene.drain()
    assert said_in(scene.dm()[-1]) == "grace is a curator from now on."
    assert "Waiting for you" in typed(scene, "pool list", GRACE)
    assert typed(scene, "roles revoke @grace") == "grace holds no role any more."
    assert "Only curators" in typed(scene, "pool list", GRACE)
    assert "there is nobody called" in typed(scene, "roles grant @nobody curator").lower()
    assert "Did you mean `roles grant`?" in typed(scene, "roles gant @grace curator")
    acts = [one.action for one in scene.rows(tables.AuditEntry) if one.action.startswith("role")]
    assert acts == ["role.granted", "role.revoked"]


def test_a_preview_shows_at_once_that_it_works_and_then_the_opener(scene: Scene) -> None:
    from tests.bot.conversation_scene import ITEM

    scene.put_item(ITEM)
    typed(scene, "pool show joins")
    dm = scene.emulator.open_dm(ADA)
    scene.emulator.press(ADA, dm, scene.dm()[-1]["ts"], "pool_item:joins")
    scene.emulator.press_modal(ADA, modal(scene)["id"], "pool_preview")
    assert "Composing an opener" in shown(modal(scene))
    scene.drain()
    told = shown(modal(scene))
    assert "left table" in told
    assert "Nothing is sent." in told
    assert "Nobody has agreed to hear from me yet." in told
    scene.emulator.press_modal(ADA, modal(scene)["id"], "pool_preview", "pool_preview||question")
    scene.drain()
    assert shown(modal(scene)) != told
    assert scene.rows(tables.Opener) == []
    assert "a few may hear of it" not in told
    scene.agree(ADA)
    scene.agree(GRACE)
    assert "Of a few who agreed" in typed(scene, "pool preview joins question")
