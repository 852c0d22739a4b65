"""An organisation installs the app for all its workspaces: one token, and borders all the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr
from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from bot.roster import Roster
from bot.settings import SlackSettings
from bot.slack.tokens import granted, token_for
from bot.store import tables
from bot.store.database import Store, connect
from bot.store.installations import Granted, Installations
from bot.store.installing import covers, install, leave
from bot.store.members import Members, Person
from bot.store.workspaces import Served, Workspaces

NOW = datetime(2026, 9, 7, 9, tzinfo=UTC)
ORG = Granted("E1", "xoxb-org", "xoxe-1", NOW + timedelta(hours=12), "Org", "E1",
              bot_user="U0BOT", is_org=True, installer="U1")  # fmt: skip
TEAMS = {"T1": "One", "T2": "Two"}


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    made = Store(connect(sqlite_url))
    install(made, ORG, TEAMS, NOW)
    yield made
    made.close()


def roster(store: Store) -> Roster[str]:
    made: Roster[str] = Roster(store, None, lambda row: row.id, lambda gone: None)
    made.look()
    return made


class Still:
    def now(self) -> datetime:
        return NOW


def served(store: Store) -> list[str]:
    with store.reading("") as unit:
        return [one.id for one in Workspaces(unit).served()]


def know(store: Store, team: str, person: str) -> None:
    with store.writing(team) as unit:
        Members(unit).save([Person(person, name=person)], at=NOW)
        Members(unit).reachable_by("slack", [(person, person)])
        unit.commit()


def test_each_workspace_is_one_of_its_own_and_the_organisation_is_none(store: Store) -> None:
    assert served(store) == ["T1", "T2"]
    with store.reading("") as unit:
        assert Workspaces(unit).ids() == ("T1", "T2")
        assert unit.session.query(tables.Installation).count() == 1, "the token stands once"
    slack = SlackSettings(bot_token=SecretStr("xoxb-other"))
    for team in TEAMS:
        token = token_for(store, team, slack, Still())
        assert token is not None
        assert (token(), token.team) == ("xoxb-org", team)


def test_what_slack_names_decides_whose_it_is(store: Store) -> None:
    know(store, "T2", "U2")
    known = roster(store)
    assert known.find("T1", "E1", "U2") == "T1"
    assert known.find("T1", None, None) == "T1"
    assert known.find("E1", "E1", "U2") == "T2", "where the person is known"
    assert known.find(None, "E1", "U2") == "T2"
    assert known.find(None, "E1", "U9") is None
    assert known.find("T1", "E9", "U2") is None, "another organisation's workspace of this id"
    assert known.find("T9", "E1", "U2") is None
    assert known.find(None, None, "U2") is None


def test_without_the_organisation_in_the_key_the_same_would_be_found(store: Store) -> None:
    """The negative control: a workspace's id alone does not say whose it is."""
    with store.writing("T1") as unit:
        unit.session.get_one(tables.Workspace, "T1").enterprise_id = ""
        unit.commit()
    assert roster(store).find("T1", "E9", "U2") == "T1"


def test_workspaces_come_and_go_with_what_the_organisation_allows(store: Store) -> None:
    covers(store, "E1", {"T2": "Two", "T3": "Three"}, NOW)
    assert served(store) == ["T2", "T3"]
    covers(store, "E1", TEAMS, NOW)
    assert served(store) == ["T1", "T2"]


def test_when_it_is_taken_out_of_the_organisation_all_fall_silent(store: Store) -> None:
    with store.writing("T1") as unit:
        leave(unit, "app_uninstalled", NOW)
        unit.commit()
    assert served(store) == []
    with store.reading("E1") as unit:
        assert Installations(unit).get() is None
    install(store, ORG, TEAMS, NOW)
    assert served(store) == ["T1", "T2"]


def test_what_slack_tells_late_takes_out_nothing_that_was_installed_since(store: Store) -> None:
    """Two events say that it is out; the second may wait until somebody installed it again."""
    minute = timedelta(minutes=1)
    install(store, ORG, TEAMS, NOW + minute)
    for at, there in ((NOW + minute / 2, ["T1", "T2"]), (NOW + 2 * minute, [])):
        with store.writing("T1") as unit:
            leave(unit, "tokens_revoked", at)
            unit.commit()
        assert served(store) == there


def test_a_workspaces_own_installation_outweighs_its_organisations(store: Store) -> None:
    install(store, Granted("T1", "xoxb-own", enterprise="E1", installer="U7"), {}, NOW)
    covers(store, "E1", TEAMS, NOW)
    token = token_for(store, "T1", SlackSettings(), Still())
    assert token is not None
    assert (token(), token.team) == ("xoxb-own", None)


def test_slacks_answer_for_an_organisation_is_read(store: Store) -> None:
    body = {"ok": True, "access_token": "xoxb-1", "token_type": "bot", "scope": "chat:write",
            "bot_user_id": "U0BOT", "app_id": "A1", "team": None,
            "enterprise": {"id": "E1", "name": "Org"}, "is_enterprise_install": True,
            "authed_user": {"id": "U1"}}  # fmt: skip
    answer = SlackResponse(client=WebClient(), http_verb="POST", api_url="", req_args={},
                           data=body, headers={}, status_code=200)  # fmt: skip
    found = granted(answer, NOW)
    assert (found.team, found.enterprise, found.is_org, found.installer) == ("E1", "E1", True, "U1")
    assert found.expires_at is None


def test_a_workspace_that_cannot_be_taken_in_keeps_no_other_one_out(store: Store) -> None:
    def take(row: Served) -> str:
        if row.id == "T1":
            raise ValueError("its own settings are wrong")
        return row.id

    known: Roster[str] = Roster(store, None, take, lambda gone: None)
    known.look()
    assert known.all == ("T2",)
