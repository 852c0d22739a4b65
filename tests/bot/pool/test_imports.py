"""Imports write all of a file or nothing of it, and a second time they write nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.pool.imports import ImportedExport, import_pool, import_slack_export
from bot.ports import BadInput
from bot.store.channels import Channels
from bot.store.database import Store
from bot.store.items import Items, SavedItems
from bot.store.members import Members
from bot.store.signals import Signals
from bot.store.tables import Table
from bot.store.topics import Subject, Topics
from bot.store.upsert import Saved
from bot.store.workspaces import Workspaces
from tests.bot.pool.zips import export, said

NOW = datetime(2026, 3, 9, tzinfo=UTC)
ROOT = "1772442000.000100"
FACES = [{"name": "tada", "users": ["U2"], "count": 1}]
DAYS = {
    "general/2026-03-02.json": [
        said(ROOT, reactions=FACES),
        said("1772442001.000100", "U9", "I do.", thread_ts=ROOT),
        said("1772442002.000100", text=""),
    ]
}


def _import(store: Store, path: Path, **more: Any) -> ImportedExport:
    return import_slack_export(store, path, **{"workspace": None, "now": NOW, **more})


def _rows(store: Store) -> dict[str, int]:
    with store.engine.connect() as connection:
        counts = {
            name: connection.scalar(select(func.count()).select_from(table)) or 0
            for name, table in Table.metadata.tables.items()
        }
    return {name: count for name, count in counts.items() if count}


def test_an_export_is_stored(store: Store, tmp_path: Path) -> None:
    done = _import(store, export(tmp_path / "e.zip", DAYS), zone="Europe/Lisbon")
    assert (done.members, done.strangers, done.channels) == (
        Saved(new=5),
        Saved(new=1),
        Saved(new=1),
    )
    assert (done.messages, done.reactions) == (Saved(new=3), Saved(new=1))
    assert done.threads == SavedItems(new=1)
    assert done.left_out == {"threads that begin without words": 1}
    with store.reading(done.workspace) as unit:
        row = Workspaces(unit).get(done.workspace)
        assert row is not None
        assert row.zone == "Europe/Lisbon"
        item = Items(unit).by_message("C1", ROOT)
        assert item is not None
        assert item.approved_at is None
        touched = [one.member for one in Signals(unit).list() if one.item == item.id]
        assert sorted(touched) == ["U1", "U2", "U9"]
        assert Signals(unit).list(agreed_at=NOW) == ()
        stranger, identity = Members(unit).get("U9"), Members(unit).identity("slack", "U1")
        assert stranger is not None
        assert identity is not None
        assert stranger.is_stranger
        assert Members(unit).identity("slack", "U9") is None
        assert Channels(unit).readers("C1") == {"U1", "U2", "U9"}


def test_importing_twice_changes_nothing(store: Store, tmp_path: Path) -> None:
    path = export(tmp_path / "e.zip", DAYS)
    first = _import(store, path, approved_by="curator")
    with store.reading(first.workspace) as unit:
        pool, signals = Items(unit).pool(), Signals(unit).list()
    rows = _rows(store)
    again = _import(store, path, now=NOW + timedelta(days=1))
    assert again.workspace == first.workspace
    assert (again.members, again.strangers, again.channels) == (
        Saved(same=5),
        Saved(same=1),
        Saved(same=1),
    )
    assert (again.messages, again.reactions) == (Saved(same=3), Saved(same=1))
    assert again.threads == SavedItems(same=1)
    assert _rows(store) == rows
    with store.reading(first.workspace) as unit:
        assert (Items(unit).pool(), Signals(unit).list()) == (pool, signals)
        assert [item.approved for item in pool] == [True]


def test_nothing_is_half_written(store: Store, tmp_path: Path) -> None:
    bad = {**DAYS, "general/2026-03-03.json": "[oops]"}
    with pytest.raises(BadInput):
        _import(store, export(tmp_path / "e.zip", bad))
    lines = [json.dumps({"title": "A", "text": "b"}), "oops"]
    (tmp_path / "p.jsonl").write_text("\n".join(lines))
    with pytest.raises(BadInput, match=r"p\.jsonl, line 2"):
        import_pool(store, tmp_path / "p.jsonl", workspace="T1", now=NOW)
    assert _rows(store) == {}
    done = _import(store, tmp_path / "e.zip", skip_bad=True)
    assert (done.messages.new, len(done.bad)) == (3, 1)


def test_a_failure_while_writing_leaves_nothing(store: Store, tmp_path: Path) -> None:
    def fail(what: str, done: int, total: int) -> None:
        if what == "Writing reactions":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _import(store, export(tmp_path / "e.zip", DAYS), progress=fail)
    assert _rows(store) == {}


def test_an_export_moves_into_a_workspace_that_waits_for_members(
    store: Store, tmp_path: Path
) -> None:
    (tmp_path / "p.csv").write_text("title,text\nA,b\n")
    import_pool(store, tmp_path / "p.csv", workspace="main", now=NOW)
    path = export(tmp_path / "e.zip", DAYS)
    assert _import(store, path).workspace == "main"
    other = export(tmp_path / "f.zip", {"channels.json": [{"id": "C7", "name": "other"}]})
    assert _import(store, other).workspace not in ("main", "")
    assert _import(store, other, workspace="T5").workspace == "T5"


def test_a_pool_file_is_stored_once(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("title,text\nA,b\nC,d\n")
    first = import_pool(store, path, workspace="T1", now=NOW, approved_by="curator")
    assert (first.format, first.items) == ("csv", SavedItems(new=2))
    again = import_pool(store, path, workspace="T1", now=NOW + timedelta(days=1))
    assert again.items == SavedItems(same=2)
    with store.reading("T1") as unit:
        pool = Items(unit).pool()
        assert [(item.approved, item.published) for item in pool] == [(True, NOW.timestamp())] * 2


def test_topics_of_a_pool_can_be_chosen_and_keep_the_names_they_have(
    store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "pool.jsonl"
    line = {"title": "Left joins", "text": "Keep the rows.", "topics": ["sql", "query-plans"]}
    path.write_text(json.dumps(line))
    with store.writing("T1") as unit:
        Workspaces(unit).ensure("T1", name="One", at=NOW)
        Topics(unit).save([Subject("sql", "SQL")])
        unit.commit()
    import_pool(store, path, workspace="T1", now=NOW)
    with store.reading("T1") as unit:
        found = [(topic.slug, topic.title) for topic in Topics(unit).list()]
    assert found == [("query-plans", "Query plans"), ("sql", "SQL")]


def test_the_elm_community(store: Store, datasets: Path) -> None:
    done = _import(store, datasets / "slack" / "elm-general-2019.zip")
    assert (done.members.new, done.messages.new, done.threads.new) == (618, 14_510, 1_800)
    assert (done.strangers.new, done.left_out, done.bad) == (0, {}, ())
    again = _import(store, datasets / "slack" / "elm-general-2019.zip")
    assert (again.members.same, again.messages.same, again.threads.same) == (618, 14_510, 1_800)
    with store.reading(done.workspace) as unit:
        pool, signals = Items(unit).pool(), Signals(unit).list()
    by_id = {item.id: item for item in pool}
    assert all(0 < len(item.title) <= 90 and item.text for item in pool)
    assert not any(item.approved for item in pool)
    assert all(one.item in by_id for one in signals)
    roots = {one.item: one for one in signals if one.kind == "posted"}
    assert all(roots[item.id].text == item.text for item in pool)
    assert all(roots[item.id].at.timestamp() == item.published for item in pool)
