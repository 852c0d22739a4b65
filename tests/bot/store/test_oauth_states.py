"""A state of an installation is taken once, whoever brings it how often, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.store import oauth_states, tables
from bot.store.database import Store
from bot.store.oauth_states import OAuthStates
from bot.store.opening import sealed_columns
from tests.bot.test_at_once import at_once

NOW = datetime(2026, 9, 7, 9, tzinfo=UTC)
UNTIL = NOW + timedelta(minutes=10)


def begin(store: Store, state: str = "s1", browser: str = "b1") -> None:
    with store.writing("") as unit:
        assert OAuthStates(unit).begin(state, browser, NOW, UNTIL)
        unit.commit()


def use(store: Store, browser: str = "b1", at: datetime = NOW) -> str:
    with store.writing("") as unit:
        found = OAuthStates(unit).use("s1", browser, at)
        unit.commit()
    return found


def test_of_many_at_once_one_is_told_that_it_is_theirs(store: Store) -> None:
    begin(store)
    found = at_once(*[lambda: use(store)] * 8)
    assert sorted(found) == ["ours"] + ["unknown"] * 7


def test_looking_before_taking_would_let_several_through(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: slack_sdk's own store looks first and deletes afterwards."""

    def looks(self: OAuthStates, state: str, browser: str, now: datetime) -> str:
        known = self._session.get(tables.OAuthState, oauth_states._hash(state))
        return "ours" if known is not None else "unknown"

    monkeypatch.setattr(OAuthStates, "use", looks)
    begin(store)
    assert at_once(*[lambda: use(store)] * 8).count("ours") > 1


@pytest.mark.parametrize(
    ("browser", "at", "told"),
    [("b2", NOW, "other_browser"), ("b1", UNTIL, "expired"), ("", NOW, "other_browser")],
)
def test_it_is_gone_then_too(store: Store, browser: str, at: datetime, told: str) -> None:
    begin(store)
    assert use(store, browser, at) == told
    assert use(store) == "unknown"


def test_what_is_over_makes_room(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oauth_states, "MOST", 1)
    begin(store)
    with store.writing("") as unit:
        assert not OAuthStates(unit).begin("s2", "b1", NOW, UNTIL)
        assert OAuthStates(unit).begin("s2", "b1", UNTIL, UNTIL + timedelta(minutes=10))


def test_neither_states_nor_tokens_stand_readable_in_the_database(store: Store) -> None:
    begin(store, "a-secret-state", "a-secret-browser")
    with store.reading("") as unit:
        row = unit.session.query(tables.OAuthState).one()
        assert "secret" not in row.state + row.browser
    sealed = {(table.name, column.name) for table, column in sealed_columns()}
    assert {("installations", "bot_token"), ("installations", "refresh_token")} <= sealed
