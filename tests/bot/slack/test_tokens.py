"""Tokens that rotate: refreshed before they end, once, whoever asks for them at the same time."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from bot.emulator import Emulator, Fault
from bot.ports import Refused, Transient
from bot.settings import Settings, SlackSettings
from bot.slack import manifest
from bot.slack.delivery import SlackChannel
from bot.slack.identity import identify
from bot.slack.tokens import AGAIN_SECONDS, MARGIN, RotatingToken, token_for
from bot.store import tables
from bot.store.database import Store
from bot.store.installations import Installations
from bot.store.opening import open_store
from bot.store.workspaces import Workspaces
from tests.bot.slack.conftest import workspace

BEGIN = datetime(2026, 9, 7, 9, 0, tzinfo=UTC)
LASTS = 12 * 3600
ROOT = Path(__file__).resolve().parents[3]


class Hands:
    """A clock that is set by hand; the emulator goes by it too."""

    def __init__(self) -> None:
        self.moment = BEGIN

    def now(self) -> datetime:
        return self.moment


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def slack(clock: Hands) -> Iterator[Emulator]:
    made = Emulator(
        workspace(), clock=lambda: clock.moment.timestamp(), manifest=manifest.load(),
        token_seconds=LASTS,
    )  # fmt: skip
    with made:
        yield made


@pytest.fixture
def given(slack: Emulator, database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        database_url=database_url,
        home=tmp_path / "home",
        slack=SlackSettings(
            refresh_token=SecretStr(slack.tokens.refresh),
            client_id=slack.workspace.app_id,
            client_secret=SecretStr(slack.client_secret),
            api_url=slack.api_url,
        ),
    )


@pytest.fixture
def store(given: Settings) -> Iterator[Store]:
    opened = open_store(given)
    yield opened
    opened.close()


def test_a_token_is_refreshed_before_it_ends(
    given: Settings, store: Store, slack: Emulator, clock: Hands
) -> None:
    token = token_for(store, None, given.slack, clock)
    assert token is not None
    assert slack.tokens.refreshes == 1  # that of the settings is traded in at once
    channel = SlackChannel(given.slack, token)
    assert identify(given.slack, token).us.team == slack.workspace.id
    clock.moment += timedelta(seconds=LASTS) - MARGIN - timedelta(seconds=1)
    assert channel.address_of("U1ADA")
    assert slack.tokens.refreshes == 1
    clock.moment += timedelta(seconds=2)
    assert channel.address_of("U2GRACE")
    assert slack.tokens.refreshes == 2
    clock.moment += timedelta(days=3)  # the bot was off
    assert token_for(store, None, given.slack, clock) is not None
    assert token() == slack.bot_token
    assert (slack.tokens.refreshes, slack.tokens.refused) == (3, 0)


def test_what_is_stored_is_sealed(given: Settings, store: Store, slack: Emulator) -> None:
    token_for(store, None, given.slack, Hands())
    with store.reading(slack.workspace.id) as unit:
        row = Installations(unit).get()
        assert row is not None
        assert row.bot_token == slack.bot_token
        raw = unit.session.connection().exec_driver_sql(
            "SELECT bot_token || refresh_token FROM installations"
        )
        assert slack.bot_token not in str(raw.scalar())
        assert slack.bot_token not in repr(row)


def test_threads_that_ask_at_once_refresh_once(
    given: Settings, store: Store, slack: Emulator, clock: Hands
) -> None:
    token_for(store, None, given.slack, clock)
    clock.moment += timedelta(seconds=LASTS)
    several = [RotatingToken(store, slack.workspace.id, given.slack, clock) for _ in range(6)]
    got: list[str] = []
    begin = threading.Barrier(6)

    def ask(token: RotatingToken) -> None:
        begin.wait()
        got.append(token())

    threads = [threading.Thread(target=ask, args=(one,)) for one in several]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(got) == {slack.bot_token}
    assert len(got) == 6
    assert (slack.tokens.refreshes, slack.tokens.refused) == (2, 0)


ASK = """
import sys
from datetime import datetime
from bot.settings import load
from bot.slack.tokens import RotatingToken
from bot.store.opening import open_store
from bot.store.workspaces import Workspaces
class Then:
    def now(self): return datetime.fromisoformat(sys.argv[2])
given = load()
token = RotatingToken(open_store(given), sys.argv[1], given.slack, Then())
print("ready", flush=True)
sys.stdin.readline()
print(token(), flush=True)
"""


def test_processes_that_ask_at_once_refresh_once(
    given: Settings, store: Store, slack: Emulator, clock: Hands, tmp_path: Path
) -> None:
    token_for(store, None, given.slack, clock)
    clock.moment += timedelta(seconds=LASTS)
    assert given.slack.client_secret is not None
    variables = {
        "OVERTURE_DATABASE_URL": given.database_url,
        "OVERTURE_HOME": str(given.home),
        "OVERTURE_CONFIG": str(tmp_path / "none.toml"),
        "OVERTURE_SLACK__API_URL": slack.api_url,
        "SLACK_CLIENT_ID": slack.workspace.app_id,
        "SLACK_CLIENT_SECRET": given.slack.client_secret.get_secret_value(),
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-c", ASK, slack.workspace.id, clock.moment.isoformat()]
    both = [
        subprocess.Popen(
            command, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for one in both:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in both:
        assert one.stdin is not None
        one.stdin.write("now\n")
        one.stdin.flush()
    told = [one.communicate(timeout=30)[0].strip() for one in both]
    assert told == [slack.bot_token] * 2
    assert (slack.tokens.refreshes, slack.tokens.refused) == (2, 0)


def test_while_a_token_is_refreshed_others_write_and_go_on_with_the_one_at_hand(
    given: Settings, store: Store, slack: Emulator, clock: Hands
) -> None:
    token_for(store, None, given.slack, clock)
    before = slack.bot_token
    clock.moment += timedelta(seconds=LASTS) - timedelta(minutes=1)
    slack.faults.add(Fault("oauth.v2.access", "delay", seconds=2.0))
    refreshing, other = (
        RotatingToken(store, slack.workspace.id, given.slack, clock) for _ in range(2)
    )
    with ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(refreshing)
        while not refresher(store, slack):
            time.sleep(0.01)
        with store.writing(slack.workspace.id) as unit:
            Workspaces(unit).lock(slack.workspace.id)
            unit.commit()
        assert other() == before
        assert not under_way.done(), "both did without waiting for Slack"
        assert under_way.result() == slack.bot_token != before
    assert (slack.tokens.refreshes, slack.tokens.refused) == (2, 0)
    assert refresher(store, slack) is None


def refresher(store: Store, slack: Emulator) -> str | None:
    with store.reading(slack.workspace.id) as unit:
        row = Installations(unit).get()
    assert row is not None
    return row.refresher


def test_who_died_while_refreshing_is_followed_by_another(
    given: Settings, store: Store, slack: Emulator, clock: Hands
) -> None:
    token_for(store, None, given.slack, clock)
    clock.moment += timedelta(seconds=LASTS) - timedelta(minutes=9)
    with store.writing(slack.workspace.id) as unit:
        Installations(unit).claim("dead", clock.moment, clock.moment + timedelta(minutes=1))
        unit.commit()
    token = RotatingToken(store, slack.workspace.id, given.slack, clock)
    assert token() == slack.bot_token
    assert slack.tokens.refreshes == 1
    clock.moment += timedelta(minutes=2)
    assert token() == slack.bot_token
    assert slack.tokens.refreshes == 2


def test_where_nobody_says_that_they_refresh_a_token_is_spent_twice(
    given: Settings,
    store: Store,
    slack: Emulator,
    clock: Hands,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The negative control of those that ask at once."""
    token_for(store, None, given.slack, clock)
    clock.moment += timedelta(seconds=LASTS)
    monkeypatch.setattr(Installations, "claim", lambda *_: True)
    slack.faults.add(Fault("oauth.v2.access", "delay", seconds=0.3))
    several = [RotatingToken(store, slack.workspace.id, given.slack, clock) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(one) for one in several]
        wait(asked)
    assert slack.tokens.refused > 0


def test_without_the_lock_the_same_race_spends_a_token_twice(
    given: Settings, store: Store, slack: Emulator, clock: Hands
) -> None:
    """The negative control: both read the row before either has refreshed."""
    token_for(store, None, given.slack, clock)
    clock.moment += timedelta(seconds=LASTS)
    with store.reading(slack.workspace.id) as unit:
        stored = unit.session.scalars(select(tables.Installation.refresh_token)).one()
    racing = [RotatingToken(store, slack.workspace.id, given.slack, clock) for _ in range(2)]
    racing[0]._refreshed(stored)
    with pytest.raises(Transient, match="invalid_refresh_token"):
        racing[1]._refreshed(stored)
    assert slack.tokens.refused >= 1


def test_a_crash_between_refresh_and_commit_is_told(
    given: Settings, store: Store, slack: Emulator, clock: Hands
) -> None:
    token_for(store, None, given.slack, clock)
    held = slack.bot_token
    slack.tokens.trade(slack.tokens.refresh)  # somebody was answered and stored nothing
    clock.moment += timedelta(seconds=LASTS) - MARGIN
    token = RotatingToken(store, slack.workspace.id, given.slack, clock)
    assert token() == held, "it works until it ends"
    clock.moment += MARGIN
    with pytest.raises(Transient, match=r"invalid_refresh_token.*install the app again"):
        token()
    again = SecretStr(slack.tokens.refresh)
    mended = given.slack.model_copy(update={"refresh_token": again})
    assert RotatingToken(store, slack.workspace.id, mended, clock)() == slack.bot_token


@pytest.mark.parametrize("rests", [True, False])
def test_a_refresh_that_failed_rests_before_it_is_tried_again(
    given: Settings,
    store: Store,
    slack: Emulator,
    clock: Hands,
    monkeypatch: pytest.MonkeyPatch,
    rests: bool,
) -> None:
    """Without the rest each call would wait for Slack, with the installation locked."""
    token_for(store, None, given.slack, clock)
    held, tried = slack.bot_token, list[datetime]()

    def away(*args: object) -> None:
        tried.append(clock.now())
        raise Transient("Slack is away", 1.0)

    if not rests:
        monkeypatch.setattr("bot.slack.tokens.AGAIN_SECONDS", 0.0)
    clock.moment += timedelta(seconds=LASTS) - MARGIN
    token = RotatingToken(store, slack.workspace.id, given.slack, clock)
    with monkeypatch.context() as patched:
        patched.setattr("bot.slack.tokens.refresh", away)
        assert [token() for _ in range(5)] == [held] * 5
        assert len(tried) == (2 if rests else 10)  # each time the settings' one is tried too
        if not rests:
            return
        clock.moment += timedelta(seconds=AGAIN_SECONDS)
        assert token() == held
        assert len(tried) == 4
        clock.moment += MARGIN
        for _ in range(3):
            with pytest.raises(Transient, match="Slack is away"):
                token()
        assert len(tried) == 6, "what ran out is not handed out, nor asked for each time"
    RotatingToken(store, slack.workspace.id, given.slack, clock)()  # another process was faster
    assert token() == slack.bot_token != held


def test_a_token_that_slack_refuses_is_read_anew(
    given: Settings, store: Store, slack: Emulator, clock: Hands
) -> None:
    token = token_for(store, None, given.slack, clock)
    assert token is not None
    token()
    other = RotatingToken(store, slack.workspace.id, given.slack, clock)
    slack.tokens.revoke()
    with store.writing(slack.workspace.id) as unit:
        row = Installations(unit).lock()
        assert row is not None
        row.expires_at = clock.now()
        unit.commit()
    renewed = other()
    with pytest.raises(Transient, match="invalid_auth"):
        identify_by(given.slack, token)
    assert token() == renewed


def identify_by(settings: SlackSettings, token: RotatingToken) -> None:
    SlackChannel(settings, token).address_of("U1ADA")


def test_a_plain_token_stays_as_it_is(given: Settings, store: Store, slack: Emulator) -> None:
    plain = SlackSettings(bot_token=SecretStr("xoxb-1"), api_url=slack.api_url)
    assert token_for(store, None, plain, Hands()) is None


def test_the_app_s_secret_is_asked_for_by_name(given: Settings, store: Store) -> None:
    bare = given.slack.model_copy(update={"client_secret": None})
    with pytest.raises(Refused, match="OVERTURE_SLACK__CLIENT_SECRET"):
        token_for(store, None, bare, Hands())
