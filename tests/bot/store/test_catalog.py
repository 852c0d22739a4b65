"""Items, members, channels and signals: saved twice they stay, and nothing crosses workspaces."""

from __future__ import annotations

import math
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.store import tables
from bot.store.channels import Channels, Place
from bot.store.database import Store
from bot.store.items import Items, SavedItems
from bot.store.members import Members, Person
from bot.store.signals import Happened, Signals
from bot.store.upsert import Saved
from recsys.types import Audience, ChannelId, Item, ItemId, MemberId, Topic

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
ITEM = Item(
    ItemId("i1"),
    "news",
    "A title",
    text="Some text",
    published=NOW.timestamp(),
    audience=Audience("channels", frozenset({"C1", "C2"})),
)


@pytest.fixture(autouse=True)
def workspaces(store: Store) -> None:
    with store.writing("T1") as unit:
        for name in ("T1", "T2"):
            unit.session.add(tables.Workspace(id=name, name=name, created_at=NOW))
        unit.commit()


def test_a_unit_rolls_back_unless_committed(store: Store) -> None:
    with store.writing("T1") as unit:
        Items(unit).save([ITEM], at=NOW)
    with store.reading("T1") as unit:
        assert Items(unit).get("i1") is None
    with store.writing("T1") as unit:
        Items(unit).save([ITEM], at=NOW)
        unit.commit()
    with store.reading("T1") as unit:
        assert Items(unit).get("i1") is not None


def test_an_error_leaves_nothing_half_written(store: Store) -> None:
    def fail_halfway() -> None:
        with store.writing("T1") as unit:
            Items(unit).save([ITEM], at=NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    with store.reading("T1") as unit:
        assert Items(unit).pool() == ()


def test_items_come_back_as_they_went(store: Store) -> None:
    full = replace(
        ITEM,
        summary="Ein Satz über 🐍",
        topics=(Topic("python"), Topic("databases")),
        not_before=NOW.timestamp() + 0.25,
        expires=LATER.timestamp(),
        level=2.0,
        builds_on=(ItemId("i0"),),
        url="https://example.org/a",
        author=MemberId("U1"),
        channel=ChannelId("C1"),
        addressed_to=MemberId("U2"),
        mentions=(MemberId("U3"), MemberId("U1")),
        approved=True,
    )
    with store.writing("T1") as unit:
        Items(unit).save([full], at=NOW, approved_by="curator", message_refs={full.id: "17.01"})
        assert Items(unit).pool() == (full,)
        found = Items(unit).by_message("C1", "17.01")
        assert found is not None
        assert (found.id, found.approved_by) == ("i1", "curator")


def test_saving_items_twice_changes_nothing(store: Store) -> None:
    undated = replace(ITEM, id=ItemId("i2"), published=math.nan)
    with store.writing("T1") as unit:
        assert Items(unit).save([ITEM, undated], at=NOW) == SavedItems(new=2)
        before = Items(unit).pool()
        assert Items(unit).save([ITEM, undated], at=LATER) == SavedItems(same=2)
        assert Items(unit).pool() == before
        changed = replace(ITEM, text="Other text")
        assert Items(unit).save([changed], at=LATER) == SavedItems(changed=1)
        assert Items(unit).pool()[0].text == "Other text"


def test_what_was_approved_is_what_stays_approved(store: Store) -> None:
    changed = replace(ITEM, title="Another title")
    with store.writing("T1") as unit:
        items = Items(unit)
        items.save([ITEM], at=NOW)
        assert not items.pool()[0].approved
        assert items.save([ITEM], at=NOW, approved_by="curator") == SavedItems(same=1)
        assert items.pool()[0].approved
        assert items.save([ITEM], at=LATER) == SavedItems(same=1)
        assert items.pool()[0].approved
        assert items.save([changed], at=LATER) == SavedItems(changed=1, unapproved=1)
        assert not items.pool()[0].approved
        assert items.approve(["i1", "i9"], at=LATER, by="curator") == 1
        assert items.approve(["i1"], at=LATER, by="curator") == 0


def test_a_withdrawn_item_stays_out(store: Store) -> None:
    with store.writing("T1") as unit:
        items = Items(unit)
        items.save([ITEM], at=NOW, approved_by="curator")
        assert items.withdraw(["i1"], at=NOW) == 1
        items.save([replace(ITEM, title="Back again")], at=LATER, approved_by="curator")
        assert items.pool() == ()


def test_a_replay_sees_no_item_of_later(store: Store) -> None:
    with store.writing("T1") as unit:
        Items(unit).save([ITEM], at=NOW)
        assert len(Items(unit).pool(published_by=NOW)) == 1
        assert Items(unit).pool(published_by=NOW - timedelta(seconds=1)) == ()


def test_workspaces_do_not_see_each_other(store: Store) -> None:
    with store.writing("T1") as unit:
        Items(unit).save([ITEM], at=NOW)
        Members(unit).save([Person("U1", "Ana")], at=NOW)
        Channels(unit).save([Place("C1", "general", "public")])
        Signals(unit).save([Happened("k", "U1", "reactions", "reacted", NOW)])
        unit.commit()
    with store.writing("T2") as unit:
        assert Items(unit).pool() == ()
        assert Items(unit).approve(["i1"], at=NOW, by="x") == 0
        assert Items(unit).withdraw(["i1"], at=NOW) == 0
        assert list(Members(unit).list()) == []
        assert list(Channels(unit).list()) == []
        assert Channels(unit).readable() == {}
        assert Signals(unit).list() == ()
        assert Signals(unit).forget(["k"]) == 0
        assert Items(unit).save([ITEM], at=NOW) == SavedItems(new=1)


def test_members_keep_what_a_source_does_not_say(store: Store) -> None:
    with store.writing("T1") as unit:
        members = Members(unit)
        assert members.save([Person("U1", "Ana", zone="Europe/Lisbon")], at=NOW) == Saved(new=1)
        assert members.save([Person("U1", "Ana")], at=LATER) == Saved(same=1)
        assert members.save([Person("U1", "Ana", deactivated=True)], at=NOW) == Saved(changed=1)
        assert members.save([Person("U1", deactivated=True)], at=LATER) == Saved(same=1)
        unit.commit()
        unit.session.expire_all()
        found = members.get("U1")
        assert found is not None
        assert (found.name, found.zone, found.deactivated_at) == ("Ana", "Europe/Lisbon", NOW)
        assert members.save([Person("U1", deactivated=False)], at=LATER) == Saved(changed=1)


def test_a_save_leaves_the_members_own_choices_alone(store: Store) -> None:
    with store.writing("T1") as unit:
        Members(unit).save([Person("U1", "Ana")], at=NOW)
        member = Members(unit).get("U1")
        assert member is not None
        member.paused_until, member.pilot = LATER, True
        unit.session.flush()
        Members(unit).save([Person("U1", "Anna")], at=LATER)
        unit.session.expire_all()
        assert (member.name, member.paused_until, member.pilot) == ("Anna", LATER, True)


def test_identities_lead_to_members(store: Store) -> None:
    with store.writing("T1") as unit:
        members = Members(unit)
        members.save([Person("U1", "Ana")], at=NOW)
        for _ in range(2):
            members.reachable_by("slack", [("UX", "U1")])
        found = members.behind("slack", "UX")
        assert found is not None
        assert found.id == "U1"
        identity = members.identity("slack", "U1")
        assert identity is not None
        assert identity.external_id == "UX"
        assert members.behind("mail", "UX") is None


def test_who_can_read_a_channel(store: Store) -> None:
    with store.writing("T1") as unit:
        Members(unit).save(
            [
                Person("U1", "Full"),
                Person("U2", "Guest", is_guest=True),
                Person("U3", "Bot", is_bot=True),
                Person("U4", "Gone", deactivated=True),
                Person("U5", "Stranger", is_stranger=True),
            ],
            at=NOW,
        )
        channels = Channels(unit)
        places = [Place("C1", "all", "public"), Place("C2", "few", "private")]
        assert channels.save(places) == Saved(new=2)
        assert channels.save(places) == Saved(same=2)
        channels.add_members("C2", ["U2", "U3", "U4"])
        channels.add_members("C2", ["U2"])
        assert channels.readers("C1") == {"U1"}
        assert channels.readers("C2") == {"U2"}
        channels.set_members("C2", ["U1", "U5"])
        assert channels.readers("C2") == {"U1", "U5"}
        assert channels.readers("C9") == frozenset()
        channels.close_others(["C1"])
        assert channels.readers("C1") == {"U1"}
        assert channels.readers("C2") == {"U1", "U5"}, "it never was public"
        channels.close_others([])
        assert channels.readers("C1") == frozenset()


def _said(number: int, member: str = "U1") -> Happened:
    moment = NOW + timedelta(minutes=number)
    return Happened(f"C1/{number:03}", member, "imported_history", "posted", moment, text="hello")


def test_signals_are_saved_once(store: Store) -> None:
    with store.writing("T1") as unit:
        Members(unit).save([Person("U1", "Ana"), Person("U2", "Ben")], at=NOW)
        signals = Signals(unit)
        assert signals.save([_said(n) for n in range(3)]) == 3
        assert signals.save([_said(n, "U2") for n in range(2, 5)]) == 2
        assert signals.save([_said(8), _said(8)]) == 1
        listed = signals.list()
        assert [one.key for one in listed] == [f"C1/{n:03}" for n in (0, 1, 2, 3, 4, 8)]
        assert listed[2] == _said(2)
        assert signals.list(members=["U2"]) == (_said(3, "U2"), _said(4, "U2"))
        assert signals.list(before=_said(1).at) == (_said(0),)
        assert len(signals.list(since=_said(1).at)) == 5
        assert signals.list(purposes=["reactions"]) == ()
        assert signals.forget(["C1/000", "C1/999"]) == 1


def test_a_signal_counts_while_its_member_agrees(store: Store) -> None:
    with store.writing("T1") as unit:
        Members(unit).save([Person("U1", "Ana"), Person("U2", "Ben")], at=NOW)
        Signals(unit).save([_said(0), _said(1, "U2")])
        unit.session.add(
            tables.Consent(
                workspace_id="T1",
                member_id="U1",
                purpose="imported_history",
                granted_at=NOW,
                withdrawn_at=LATER,
                origin="welcome",
            )
        )
        unit.session.flush()
        assert Signals(unit).list(agreed_at=NOW) == (_said(0),)
        assert Signals(unit).list(agreed_at=NOW - timedelta(seconds=1)) == ()
        assert Signals(unit).list(agreed_at=LATER) == ()


def test_many_rows_take_no_statement_of_their_own(store: Store) -> None:
    with store.writing("T1") as unit:
        Members(unit).save([Person("U1", "Ana")], at=NOW)
        many = [_said(n) for n in range(2500)]
        assert Signals(unit).save(many) == 2500
        assert Signals(unit).save(many) == 0
        assert len(Signals(unit).list(members=[f"U{n}" for n in range(2000)])) == 2500


def test_a_member_is_locked_for_one_writer_at_a_time(store: Store) -> None:
    with store.writing("T1") as unit:
        Members(unit).save([Person("U1", "Ana"), Person("U2", "Ben")], at=NOW)
        unit.commit()
    inside, order = threading.Event(), []

    def second() -> None:
        inside.wait(5)
        with store.writing("T1") as other:
            Members(other).lock("U1")
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with store.writing("T1") as unit:
        Members(unit).lock("U1")
        inside.set()
        thread.join(0.3)
        order.append("first")
        unit.commit()
    thread.join(10)
    assert order == ["first", "second"]
