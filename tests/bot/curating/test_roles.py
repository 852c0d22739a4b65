"""Who holds which role: rows over settings, Slack's admins where that is set, and the last one."""

from __future__ import annotations

import pytest

from bot.curating.roles import Actor, RoleBook, operator
from bot.ports import Refused
from bot.settings import SlackSettings
from bot.store import tables
from bot.store.audit import Audit
from bot.store.database import Store
from bot.store.members import Members
from bot.store.roles import Roles
from tests.bot.scene import NOW, WORKSPACE, items, populate


def book(**settings: object) -> RoleBook:
    return RoleBook(SlackSettings.model_validate(settings), "slack")


def role(store: Store, held: RoleBook, external: str) -> str:
    with store.reading(WORKSPACE) as unit:
        return held.actor(unit, external).role


@pytest.fixture
def here(store: Store) -> Store:
    populate(store, pool=items(2))
    return store


def test_settings_give_a_first_role_and_a_row_outweighs_them(here: Store) -> None:
    held = book(curators=["U-ana"], admins=["U-bo"])
    assert [role(here, held, who) for who in ("U-ana", "U-bo", "U-cy", "U-no")] == [
        "curator", "admin", "member", "member",
    ]  # fmt: skip
    with here.writing(WORKSPACE) as unit:
        ana = Members(unit).get("ana")
        assert ana is not None
        held.grant(unit, ana, "member", by=operator("op"), at=NOW)
        unit.commit()
    assert role(here, held, "U-ana") == "member"
    with here.reading(WORKSPACE) as unit:
        (entry,) = Audit(unit).list()
    assert (entry.who, entry.action, entry.subject) == ("cli:op", "role.revoked", "ana")


def test_admins_of_slack_are_admins_only_where_that_is_set(here: Store) -> None:
    with here.writing(WORKSPACE) as unit:
        Roles(unit).administer(["ana"], at=NOW, of=["ana", "bo"])
        unit.commit()
    assert role(here, book(), "U-ana") == "member"
    assert role(here, book(admins_from_slack=True), "U-ana") == "admin"
    with here.writing(WORKSPACE) as unit:
        Roles(unit).put("bo", "curator", at=NOW, by="x")
        Roles(unit).administer(["bo"], at=NOW, of=["ana", "bo"])
        unit.commit()
    assert role(here, book(admins_from_slack=True), "U-ana") == "member"
    assert role(here, book(admins_from_slack=True), "U-bo") == "curator"  # given: not touched


def test_nobody_but_an_admin_gives_roles_and_the_last_one_stays(here: Store) -> None:
    held = book(admins=["U-ana"])
    with here.writing(WORKSPACE) as unit:
        members = Members(unit)
        ana, bo = members.get("ana"), members.get("bo")
        assert ana is not None
        assert bo is not None
        with pytest.raises(Refused, match="only admins"):
            held.grant(unit, ana, "admin", by=Actor("ana", "curator", "ana"), at=NOW)
        by = Actor("ana", "admin", "ana")
        with pytest.raises(Refused, match="only admin"):
            held.grant(unit, ana, "member", by=by, at=NOW)
        held.grant(unit, bo, "admin", by=by, at=NOW)
        held.grant(unit, ana, "member", by=by, at=NOW)
        assert held.holders(unit, "admin") == [("Bo", "admin")]
        held.grant(unit, bo, "member", by=operator("op"), at=NOW)


@pytest.mark.parametrize("column", ["is_bot", "is_guest", "is_stranger", "deactivated_at"])
def test_guests_and_their_like_hold_none(here: Store, column: str) -> None:
    held = book(admins=["U-ana"])
    assert role(here, held, "U-ana") == "admin"
    with here.writing(WORKSPACE) as unit:
        ana = unit.session.get_one(tables.Member, (WORKSPACE, "ana"))
        setattr(ana, column, NOW if column == "deactivated_at" else True)
        unit.commit()
    assert role(here, held, "U-ana") == "member"
