"""The bundled workspace and pool, read and put into the store."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.demo.load import AGREED, AGREED_AT, DEMO_BEGINS, HISTORY_BEGINS, Bundle, load, read
from bot.ports import BadInput
from bot.store import tables
from bot.store.channels import Channels
from bot.store.consents import Consents
from bot.store.database import Store
from bot.store.items import Items
from bot.store.members import Members
from bot.store.topics import Topics
from tests.bot.demo.conftest import POOL, WORKSPACE


def counts(store: Store) -> dict[str, int]:
    with store.engine.connect() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in tables.Table.metadata.tables.items()
        }


def test_what_is_loaded_is_what_is_bundled_and_twice_changes_nothing(store: Store) -> None:
    bundle = load(store, WORKSPACE, POOL, DEMO_BEGINS)
    once = counts(store)
    assert once["items"] == len(bundle.items) >= 240
    assert once["members"] == once["identities"] == len(bundle.residents)
    assert once["topics"] == 24
    assert once["channels"] == len(bundle.rooms)
    assert once["channel_members"] == sum(len(room.members) for room in bundle.rooms)
    assert once["consents"] == len(AGREED) * len(bundle.agreed)
    load(store, WORKSPACE, POOL, DEMO_BEGINS)
    assert counts(store) == once


def test_members_choices_items_and_consents_come_through(store: Store) -> None:
    bundle = load(store, WORKSPACE, POOL, DEMO_BEGINS)
    first, guest = bundle.residents[0], next(one for one in bundle.residents if one.is_guest)
    with store.reading(bundle.id) as unit:
        member = Members(unit).behind("slack", first.id)
        assert member is not None
        assert (member.name, member.zone, member.pilot) == (first.name, first.zone, True)
        assert Topics(unit).choices(first.id).follows == frozenset(first.follows)
        assert Topics(unit).choices(first.id).mutes == frozenset(first.mutes)
        assert Consents(unit).granted(first.id) == frozenset(AGREED)
        assert Consents(unit).granted(guest.id) == frozenset()
        stranger = Members(unit).get(guest.id)
        assert stranger is not None
        assert (stranger.is_guest, stranger.pilot) == (True, False)
        pool = Items(unit).pool()
        assert all(item.approved and item.source == "bundled" for item in pool)
        assert {item.audience.kind for item in pool} == {"workspace"}
        leads = next(room for room in bundle.rooms if room.is_private)
        assert Channels(unit).readers(leads.id) == frozenset(leads.members)


def test_a_consent_that_was_withdrawn_is_not_given_back_by_loading_again(store: Store) -> None:
    bundle = load(store, WORKSPACE, POOL, DEMO_BEGINS)
    member = bundle.agreed[0].id
    with store.writing(bundle.id) as unit:
        Consents(unit).withdraw(member, at=DEMO_BEGINS)
        unit.commit()
    load(store, WORKSPACE, POOL, DEMO_BEGINS)
    with store.reading(bundle.id) as unit:
        assert Consents(unit).granted(member) == frozenset()


def test_all_but_two_full_members_agreed_before_the_past_begins(bundle: Bundle) -> None:
    full = [one for one in bundle.residents if not one.is_guest]
    assert len(full) - len(bundle.agreed) == 2
    assert AGREED_AT.date() < HISTORY_BEGINS
    assert HISTORY_BEGINS.weekday() == DEMO_BEGINS.weekday() == 0
    assert (DEMO_BEGINS.date() - HISTORY_BEGINS).days == 56


def test_a_broken_bundle_is_named_with_its_file_and_line(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no \.jsonl"):
        read(WORKSPACE, tmp_path)
    shutil.copytree(POOL, tmp_path / "pool")
    broken = tmp_path / "pool" / "health.jsonl"
    lines = broken.read_text().splitlines()
    broken.write_text("\n".join([lines[0], '{"id": "x"}', *lines[1:]]))
    with pytest.raises(BadInput, match=r"health\.jsonl, line 2"):
        read(WORKSPACE, tmp_path / "pool")
    (tmp_path / "workspace.json").write_text("{")
    with pytest.raises(BadInput, match=r"workspace\.json: cannot be read"):
        read(tmp_path / "workspace.json", POOL)
