"""Settings of one workspace alone: set by command, checked, kept, and in force for no other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bot.own_settings import IDS, OWN, for_workspace, unheard
from bot.sending import own
from bot.settings import PolicySettings, Settings, SlackSettings, load
from bot.store.audit import Audit
from bot.store.database import Store, connect
from bot.store.installations import Granted
from bot.store.installing import install
from tests.bot.cli.conftest import Overture

NOW = datetime(2026, 9, 7, 9, tzinfo=UTC)


@pytest.fixture
def store(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Two workspaces that installed the app."""
    monkeypatch.setenv("OVERTURE_SEALING", "false")
    made = Store(connect(sqlite_url))
    for team in ("T1", "T2"):
        granted = Granted(team, f"xoxb-{team}", team_name=f"Team {team}", installer=f"U{team}")
        install(made, granted, {}, NOW)
    yield made
    made.close()


def test_each_workspace_has_its_own(overture: Overture, store: Store) -> None:
    code, out, _ = overture("workspaces", "set", "T1", "policy.pilot=U7,U8", "policy.daily_cap=2")
    assert (code, '"U7", "U8"' in out) == (0, True), out
    mine, others = (own(load(), store, team) for team in ("T1", "T2"))
    assert (mine.policy.pilot, mine.policy.daily_cap) == (("U7", "U8"), 2)
    assert (others.policy.pilot, others.policy.daily_cap) == (("UT2",), 1)
    with store.reading("T1") as unit:
        entry = Audit(unit).list()[-1]
        assert (entry.action, entry.details["names"]) == (
            "workspace.set", "policy.daily_cap,policy.pilot",
        )  # fmt: skip
    overture("workspaces", "set", "T1", "policy.pilot=")
    assert own(load(), store, "T1").policy.pilot == ()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("slack.bot_token=xoxb-1", "slack.bot_token"),
        ("policy.daily_cap=often", "policy.daily_cap"),
        ("policy.day_starts=25:99", "policy.day_starts"),
    ],
)
def test_what_is_wrong_is_named_and_changes_nothing(
    overture: Overture, store: Store, change: str, named: str
) -> None:
    before = own(load(), store, "T1")
    code, _, err = overture("workspaces", "set", "T1", change)
    assert (code, named in err) == (1, True), err
    assert own(load(), store, "T1") == before
    code, _, err = overture("workspaces", "set", "T404", "policy.daily_cap=1")
    assert (code, "T404" in err) == (1, True)


def test_they_are_listed_with_how_they_came(overture: Overture, store: Store) -> None:
    listed = json.loads(overture("workspaces", "list", "--json")[1])["workspaces"]
    assert [(one["id"], one["state"]) for one in listed] == [
        ("T1", "installed"),
        ("T2", "installed"),
    ]


def test_ids_of_the_environment_are_not_those_of_who_installed_by_oauth() -> None:
    slack = SlackSettings(
        person="U1", curators=("U1",), admins=("U1",), review_channel="C1", bot_token="xoxb-1"
    )
    given = Settings(slack=slack, policy=PolicySettings(pilot=("U1",), daily_cap=3))
    theirs = for_workspace(given, {}, by_oauth=True)
    assert theirs.policy.daily_cap == 3, "what names nobody holds for all"
    assert theirs.slack.bot_token is None
    assert unheard(theirs) == ()
    assert unheard(given) == IDS == tuple(dict.fromkeys(IDS)), "each is told once"
    assert for_workspace(given, {}, by_oauth=False) == given


def test_every_setting_that_names_people_or_channels_is_among_those() -> None:
    """A new one would otherwise hold in every workspace, where it names somebody else."""
    named = {
        f"{part}.{name}"
        for part in ("slack", "policy", "openers")
        for name, field in type(Settings.model_fields[part].default).model_fields.items()
        if "ids of those" in str(field.description)
        or "'s id " in str(field.description)
        or "member ids" in str(field.description)
    }
    assert named - {"slack.client_id", "slack.public_url"} == set(IDS), "the app's own id aside"
    assert set(IDS) <= set(OWN)
