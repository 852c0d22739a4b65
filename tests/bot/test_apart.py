"""Nothing of one workspace is ever visible in another: every handler is tried with forged ids.

Both workspaces have the same people, channels, items and message references on one database, and
each a mark in all of its words. What a member, curator and admin of one does may show no mark of
the other, change no row of it, and no statement may range over both.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.app import App
from bot.conversation.handlers import Handlers
from bot.inbox import Act
from bot.ports import Arrival, Asked, Refused
from bot.store import tables
from bot.store.beside import Beside
from bot.store.database import Store, connect
from bot.store.openers import Openers
from bot.store.shelf import Shelf
from bot.store.tables import Table
from bot.store.withdrawals import Withdrawals
from tests.bot.apart import strays, watched
from tests.bot.two_workspaces import (
    ADA,
    CHANNEL,
    DM,
    GLOBAL,
    HOME,
    ITEM,
    MARKS,
    NOW,
    OTHER,
    REF,
    Recording,
    both,
    fill,
    id_of,
    rows_of,
)

FORGED = (*(id_of(table, OTHER) for table in GLOBAL), f"only-{OTHER.lower()}", "fe_same", ITEM)
"""ids of the other workspace's rows, and ids that both have"""
WORDS = ("", "list", "show", "search", "approve", "reject", "edit", "expire", "embargo", "pin",
         "unpin", "merge", "apart", "audience", "preview", "missing", "undo", "pause", "resume",
         "remove", "poll", "add", "give", "take", "admin", "curator")  # fmt: skip
"""what follows a command's first word"""


class Anything(dict[str, Any]):
    """The inputs of a form: whatever is asked for holds the same."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self._value = value

    def __missing__(self, key: str) -> Any:
        return self._value

    def get(self, key: str, default: Any = None) -> Any:
        return self._value


@dataclass
class Scene:
    home: App
    other: App
    channel: Recording
    seen: list[str]
    strays: list[str]

    @property
    def handlers(self) -> Handlers:
        return self.home.listening.handlers

    def do(self, name: str, arrival: Arrival) -> None:
        """Let one thing happen in the workspace at home, look, and take it back."""
        before = len(self.channel.shown)
        try:
            act = self.home.listening.handle(arrival, NOW)
            self._in_unit(act)
        except (Refused, KeyError, ValueError, TypeError, AttributeError, IndexError):
            pass  # what is forged may be refused in any way; it must not leak on the way
        for shown in self.channel.shown[before:]:
            self.look(name, shown)

    def _in_unit(self, act: Act) -> None:
        """What is written is watched, and taken back."""
        with self.home.store.writing(HOME) as unit:
            after = act(unit)
            unit.session.flush()
        if after is not None:
            after()

    def look(self, name: str, told: object) -> None:
        if MARKS[OTHER] in repr(told):
            self.seen.append(f"{name} shows words of the other workspace: {_near(repr(told))}")


def _near(text: str) -> str:
    at = text.index(MARKS[OTHER])
    return text[max(0, at - 80) : at + 40]


@pytest.fixture
def store(sqlite_url: str, tmp_path: Path) -> Iterator[Store]:
    made = Store(connect(sqlite_url), Beside(tmp_path / "var"))
    Withdrawals(tmp_path / "var").name_of(HOME, ADA, makes_key=True)
    for team in (HOME, OTHER):
        fill(made, team)
    yield made
    made.close()


@pytest.fixture
def scene(store: Store, tmp_path: Path) -> Iterator[Scene]:
    channel = Recording()
    home, other = both(store, tmp_path, channel)
    with watched(MARKS[OTHER]) as found:
        yield Scene(home, other, channel, [], found)


def arrivals(kind: str, name: str) -> Iterator[Arrival]:
    """All forgeries of one press, form or command."""
    plain = {"member": ADA, "address": DM, "message_ref": REF, "at": NOW.timestamp(), "thread": REF}
    if kind == "commands":
        for word in WORDS:
            for forged in FORGED[-3:-1] if word else ("",):
                text = f"{name} {word} {forged} because of it"
                yield Arrival("k", "command", DM, {**plain, "text": text})
        return
    for forged in FORGED:
        if kind == "modals":
            for values in (Anything(forged), Anything([forged]), Anything("7")):
                told = {"callback": name, "subject": forged, "values": values}
                yield Arrival("k", "view", DM, {**plain, **told})
            continue
        told = {"action": name, "opener": forged, "value": forged}
        yield Arrival("k", "press", DM, {**plain, **told})


@pytest.mark.parametrize("kind", ["presses", "on_opener", "modals", "commands"])
def test_no_handler_reaches_into_the_other_workspace(scene: Scene, kind: str) -> None:
    names = sorted(getattr(scene.handlers, kind))
    assert names
    for name in names:
        for arrival in arrivals(kind, name):
            scene.do(f"{kind} {name}", arrival)
    assert sorted(set(scene.seen)) == []
    assert sorted(set(scene.strays)) == []


def test_no_modal_shows_anything_of_the_other_workspace(scene: Scene) -> None:
    names = sorted(scene.handlers.shows)
    assert names
    for name in names:
        for forged in FORGED:
            for more in ({}, {"value": forged}, {"values": Anything(forged)}):
                asked = Asked(ADA, name, forged, address=DM, message_ref=REF)
                try:
                    asked = Asked(ADA, name, forged, address=DM, message_ref=REF, **more)
                    scene.look(f"shows {name}", scene.home.shows(asked))
                except (Refused, KeyError, ValueError, TypeError, AttributeError):
                    continue
    assert scene.seen == []
    assert sorted(set(scene.strays)) == []


EVENTS: Mapping[str, Mapping[str, Any]] = {
    "message": {"text": "why?", "direct": True, "thread": REF},
    "edit": {"text": "reworded"},
    "delete": {"text": ""},
    "home": {},
    "joined": {"channel": CHANNEL},
    "user": {"name": "Ada", "deleted": True},
    "uninstalled": {"why": "app_uninstalled"},
}


def test_no_event_reaches_into_the_other_workspace(scene: Scene) -> None:
    plain = {"member": ADA, "address": DM, "message_ref": REF, "at": NOW.timestamp()}
    for kind, told in EVENTS.items():
        for more in ({}, {"direct": False, "address": CHANNEL}):
            payload = {**plain, **told, **more}
            scene.do(f"event {kind}", Arrival("k", kind, DM, payload))  # type: ignore[arg-type]
            scene.home.receive(Arrival(f"k{kind}{len(more)}", kind, DM, payload))  # type: ignore[arg-type]
    assert scene.seen == []
    assert sorted(set(scene.strays)) == []


def test_the_same_happens_at_home_for_ids_of_home(scene: Scene) -> None:
    """The control: with ids of one's own, presses do show and change something."""
    opener = id_of("openers", HOME)
    payload = {"member": ADA, "action": "why", "opener": opener, "value": "", "address": DM,
               "message_ref": REF, "at": NOW.timestamp()}  # fmt: skip
    with scene.home.store.writing(HOME) as unit:
        before = rows_of(unit.session, HOME)
        scene.home.listening.handle(Arrival("k", "press", DM, payload), NOW)(unit)
        unit.session.flush()
        assert rows_of(unit.session, HOME) != before


def _openers_of_all(self: Openers, opener_id: str) -> tables.Opener | None:
    return self._session.get(tables.Opener, opener_id)


def _shelf_of_all(self: Shelf, member: str, item: str) -> tables.Shelved | None:
    query = self._session.query(tables.Shelved)
    return query.filter_by(member_id=member, item_id=item).first()


@pytest.mark.parametrize(
    ("repository", "method", "unfiltered", "kind"),
    [
        (Openers, "get", _openers_of_all, "on_opener"),
        (Shelf, "get", _shelf_of_all, "presses"),
    ],
)
def test_a_repository_without_its_filter_is_found_out(
    scene: Scene,
    monkeypatch: pytest.MonkeyPatch,
    repository: type[Any],
    method: str,
    unfiltered: Callable[..., Any],
    kind: str,
) -> None:
    """The negative control: the same forgeries, and one filter less."""
    monkeypatch.setattr(repository, method, unfiltered)
    for name in sorted(getattr(scene.handlers, kind)):
        if kind == "on_opener" or name.startswith("shelf"):
            for arrival in arrivals(kind, name):
                scene.do(f"{kind} {name}", arrival)
    assert scene.seen or scene.strays


def test_every_table_of_a_workspace_is_tried(scene: Scene) -> None:
    """A new table comes into the test by itself, with words wherever it takes them."""
    with scene.home.store.reading(OTHER) as unit:
        empty = [name for name, rows in rows_of(unit.session, OTHER).items() if not rows]
        worded = [
            name for name, rows in rows_of(unit.session, OTHER).items() if MARKS[OTHER] in str(rows)
        ]
    assert empty == []
    assert {"items", "openers", "outbox", "turns", "reviews", "shelf"} <= set(worded)


def test_what_watches_the_statements_knows_a_stray_one() -> None:
    opener, outcome = tables.Opener, tables.Outcome
    assert strays(select(opener)) == {"openers"}
    assert strays(select(opener).where(opener.workspace_id == "T1")) == set()
    joined = select(outcome).join(opener, opener.id == outcome.opener_id)
    assert strays(joined) == {"openers", "outcomes"}
    assert strays(joined.where(opener.workspace_id == "T1")) == set()
    assert strays(update(opener).values(state="x")) == {"openers"}


def test_whole_passes_keep_to_their_workspace(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    """Recommender, index, planning, sending, retention, exports, metrics and logs."""
    home = scene.home
    caplog.set_level(logging.DEBUG)
    with home.store.reading(OTHER) as unit:
        before = rows_of(unit.session, OTHER)
    view = home.refresh(NOW)
    assert set(view.items) == {ITEM, f"only-{HOME.lower()}"}
    scene.look("the index", [view.items[one] for one in view.items])
    scene.look("a pass", home.plan(NOW, wait_for_moment=False).openers)
    home.welcome(NOW)
    scene.look("sending", home.deliver(NOW))
    home.run_night(NOW)
    scene.look("what was shown", scene.channel.shown)
    scene.look("metrics", home.metrics.read())
    scene.look("logs", caplog.text)
    with home.store.reading(HOME) as unit:
        assert rows_of(unit.session, OTHER) == before
        scene.look("rows", rows_of(unit.session, HOME))
    assert home.registry.root != scene.other.registry.root
    assert scene.seen == []
    assert sorted(set(scene.strays)) == []


def test_what_is_kept_for_one_is_kept_by_no_shared_name() -> None:
    """Every key of a workspace's rows begins with the workspace, or is a digest of it."""
    shared = [
        table.name
        for table in Table.metadata.sorted_tables
        for constraint in table.indexes
        if constraint.unique and "workspace_id" not in constraint.columns
        if "workspace_id" in table.c
    ]
    assert shared == []


def test_what_people_see_is_theirs(scene: Scene) -> None:
    """Both workspaces' members open their home tabs: each sees their own mark and no other."""
    for app, team in ((scene.home, HOME), (scene.other, OTHER)):
        before = len(scene.channel.shown)
        payload = {"member": ADA, "at": NOW.timestamp()}
        with app.store.writing(team) as unit:
            act = app.listening.handle(Arrival("k", "home", f"home:{ADA}", payload), NOW)
            after = act(unit)
            assert after is not None
        after()
        told = repr(scene.channel.shown[before:])
        mine, others = MARKS[team], MARKS[OTHER if team == HOME else HOME]
        assert (mine in told, others in told) == (True, False)
