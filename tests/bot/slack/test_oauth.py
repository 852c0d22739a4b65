"""Installing by OAuth: once, in time, in the browser that began it, and in words where it fails."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from pydantic import SecretStr
from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.oauth import AuthorizeUrlGenerator

from bot.emulator import Emulator, Fault
from bot.ports import Refused
from bot.settings import SlackSettings
from bot.slack import manifest, pages
from bot.slack.http_mode import HttpMode
from bot.slack.oauth import Installer
from bot.store import oauth_states, tables
from bot.store.audit import Audit
from bot.store.database import Store, connect
from bot.store.installations import Granted, Installations
from bot.store.installing import leave
from bot.store.workspaces import Workspaces
from tests.bot.emulator.test_oauth import Stay, agreed, look
from tests.bot.slack.conftest import NOW, workspace

START = datetime.fromtimestamp(NOW, UTC)


@dataclass
class Hands:
    moment: datetime = START

    def now(self) -> datetime:
        return self.moment


@dataclass
class Scene:
    """Our pages, served; Slack, emulated; a browser."""

    slack: Emulator
    store: Store
    clock: Hands
    settings: SlackSettings
    told: list[Granted] = field(default_factory=list)
    origin: str = ""
    cookie: str = ""

    def get(self, path: str, cookie: str | None = None) -> tuple[int, str, dict[str, str]]:
        given = {"Cookie": self.cookie if cookie is None else cookie}
        asked = urllib.request.Request(self.origin + path, headers=given)
        try:
            with urllib.request.build_opener(Stay).open(asked, timeout=10) as answer:
                status, body, headers = answer.status, answer.read().decode(), answer.headers
        except urllib.error.HTTPError as error:
            status, body, headers = error.code, error.read().decode(), error.headers
        return status, body, {name.lower(): value for name, value in headers.items()}

    def begin(self) -> str:
        """Opens our page; the address of its one link."""
        status, body, headers = self.get("/slack/install")
        assert status == 200
        self.cookie = headers["set-cookie"].split(";")[0]
        found = re.search(r'<a class="act" href="([^"]+)">Add to Slack</a>', body)
        assert found is not None
        return unescape(found[1])

    def agree(self) -> str:
        """The path to which Slack sends the browser back."""
        _, page, _ = look(self.begin())
        origin = self.slack.api_url.removesuffix("/api/")
        brought = agreed(origin, page, self.slack.workspace.id)
        return f"/slack/oauth_redirect?code={brought['code']}&state={brought['state']}"

    def kept(self) -> tables.Installation | None:
        with self.store.reading(self.slack.workspace.id) as unit:
            return Installations(unit).get()


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    made = Store(connect(sqlite_url))
    yield made
    made.close()


@pytest.fixture
def scene(store: Store) -> Iterator[Scene]:
    clock = Hands()
    emulator = Emulator(
        workspace(),
        clock=lambda: clock.moment.timestamp(),
        manifest=manifest.load(),
        token_seconds=43_200,
    )
    emulator._site.installer = "U1ADA"
    with emulator:
        settings = SlackSettings(
            client_id=emulator.workspace.app_id,
            client_secret=SecretStr(emulator.client_secret),
            signing_secret=SecretStr(emulator.signing_secret),
            public_url="https://overture.example",
            api_url=emulator.api_url,
            call_deadline=1.0,
        )
        yield from serving(Scene(emulator, store, clock, settings))


def serving(scene: Scene) -> Iterator[Scene]:
    installer = Installer.of(scene.store, scene.settings, scene.clock, scene.told.append)
    bolt = App(signing_secret=scene.slack.signing_secret, token_verification_enabled=False,
               client=WebClient(token="xoxb-none"))  # fmt: skip
    mode = HttpMode(bolt, "127.0.0.1", 0, installer)
    mode.start()
    scene.origin = mode.url.removesuffix("/slack/events")
    yield scene
    mode.stop()


def test_an_installation_is_kept_sealed_and_told(scene: Scene) -> None:
    status, body, _ = scene.get(scene.agree())
    assert (status, "Installed" in body) == (200, True)
    kept = scene.kept()
    assert kept is not None
    assert kept.bot_token == scene.slack.bot_token
    assert kept.refresh_token == scene.slack.tokens.refresh
    assert kept.expires_at == START + timedelta(seconds=43_200)
    assert [one.team for one in scene.told] == [scene.slack.workspace.id]
    with scene.store.reading(scene.slack.workspace.id) as unit:
        row = Workspaces(unit).get(unit.workspace)
        assert row is not None
        assert row.settings["policy.pilot"] == ["U1ADA"]
        assert [entry.action for entry in Audit(unit).list()] == ["app.installed"]
        assert [one.id for one in Workspaces(unit).served()] == [unit.workspace]


def test_slack_is_asked_as_slack_sdk_would_ask(scene: Scene) -> None:
    ours = urlsplit(scene.begin())
    mine = parse_qs(ours.query)
    theirs = AuthorizeUrlGenerator(
        client_id=scene.slack.workspace.app_id,
        scopes=sorted(manifest.scopes()),
        redirect_uri="https://overture.example/slack/oauth_redirect",
        authorization_url=f"{ours.scheme}://{ours.netloc}{ours.path}",
    ).generate(mine["state"][0])
    assert mine == parse_qs(urlsplit(theirs).query)


def test_the_cookie_is_secure_and_no_script_sees_it(scene: Scene) -> None:
    _, body, headers = scene.get("/slack/install")
    flags = {part.strip() for part in headers["set-cookie"].split(";")[1:]}
    assert {"Secure", "HttpOnly", "SameSite=Lax"} <= flags
    assert headers["cache-control"] == "no-store"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert '<html lang="en">' in body
    assert body.count("<h1>") == 1


def test_a_state_works_once(scene: Scene) -> None:
    back = scene.agree()
    assert scene.get(back)[0] == 200
    status, body, _ = scene.get(back)
    assert (status, "used already" in body) == (400, True)


def test_a_state_ends_after_ten_minutes(scene: Scene) -> None:
    back = scene.agree()
    scene.clock.moment += timedelta(minutes=10)
    status, body, _ = scene.get(back)
    assert (status, "ten minutes" in body) == (400, True)
    assert scene.kept() is None


def test_it_ends_in_the_browser_that_began_it(scene: Scene) -> None:
    """Somebody else's link, opened by an admin, installs nothing."""
    back = scene.agree()
    theirs = f"{pages.COOKIE}={'a' * 43}"
    status, body, _ = scene.get(back, cookie=theirs)
    assert (status, "another browser" in body) == (400, True)
    assert scene.get(scene.agree(), cookie="")[0] == 400
    assert scene.kept() is None


def test_a_second_tab_does_not_end_the_first(scene: Scene) -> None:
    back = scene.agree()
    scene.begin()
    assert scene.get(back)[0] == 200


def test_who_declines_is_told_so(scene: Scene) -> None:
    state = parse_qs(urlsplit(scene.begin()).query)["state"][0]
    status, body, _ = scene.get(f"/slack/oauth_redirect?error=access_denied&state={state}")
    assert (status, "You declined" in body) == (403, True)
    again = scene.get(f"/slack/oauth_redirect?error=access_denied&state={state}")[1]
    assert "used already" in again


@pytest.mark.parametrize(
    ("fault", "status", "said"),
    [
        (Fault("oauth.v2.access", "drop_after_commit"), 502, "did not answer in time"),
        (Fault("oauth.v2.access", "status", status=503), 502, "did not answer in time"),
        (Fault("oauth.v2.access", "rate_limited"), 503, "could not be reached"),
        (Fault("oauth.v2.access", "delay", seconds=2.0), 502, "did not answer in time"),
        (Fault("oauth.v2.access", "error", error="invalid_code"), 502, "did not take the code"),
        (Fault("oauth.v2.access", "error", error="bad_client_secret"), 502, "does not fit its app"),
    ],
    ids=lambda one: one.kind + one.error if isinstance(one, Fault) else None,
)
def test_what_slack_does_not_do_is_told_in_words(
    scene: Scene, fault: Fault, status: int, said: str
) -> None:
    back = scene.agree()
    scene.slack.faults.add(fault)
    found, body, _ = scene.get(back)
    assert (found, said in body) == (status, True), body
    assert "Begin again" in body or "Tell whoever runs it" in body
    assert scene.kept() is None


def test_a_workspace_that_is_not_invited_is_not_kept(scene: Scene) -> None:
    scene.settings = scene.settings.model_copy(update={"teams": ("T0OTHER",)})
    for told in serving(scene):
        status, body, _ = told.get(told.agree())
        assert (status, "not among those" in body) == (403, True)
        assert told.kept() is None
        assert told.slack.tokens.problem(told.slack.bot_token) is not None, "it was given back"


def test_what_comes_from_slack_is_escaped(scene: Scene) -> None:
    state = parse_qs(urlsplit(scene.begin()).query)["state"][0]
    body = scene.get(f"/slack/oauth_redirect?error=%3Cscript%3E&state={state}")[1]
    assert "<script>" not in body
    assert "&lt;script&gt;" in body


def test_whoever_begins_without_end_fills_no_database(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oauth_states, "MOST", 2)
    assert [scene.get("/slack/install")[0] for _ in range(3)] == [200, 200, 503]
    scene.clock.moment += timedelta(minutes=11)
    assert scene.get("/slack/install")[0] == 200


def test_after_an_uninstallation_it_can_be_installed_again(scene: Scene) -> None:
    scene.get(scene.agree())
    with scene.store.writing(scene.slack.workspace.id) as unit:
        leave(unit, "app_uninstalled", START)
        unit.commit()
        assert Workspaces(unit).served() == ()
    assert scene.kept() is None
    assert scene.get(scene.agree())[0] == 200
    with scene.store.reading(scene.slack.workspace.id) as unit:
        assert [one.id for one in Workspaces(unit).served()] == [unit.workspace]


def test_half_of_what_it_takes_is_refused_by_name(scene: Scene) -> None:
    half = scene.settings.model_copy(update={"client_secret": None})
    with pytest.raises(Refused, match="SLACK_CLIENT_SECRET"):
        Installer.of(scene.store, half, scene.clock, scene.told.append)
    none = scene.settings.model_copy(update={"public_url": None})
    assert Installer.of(scene.store, none, scene.clock, scene.told.append) is None


def test_slack_brings_a_code_and_a_state_and_neither_can_be_left_out(scene: Scene) -> None:
    back = scene.agree()
    brought = dict(parse_qsl(urlsplit(back).query))
    assert set(brought) == {"code", "state"}
    assert scene.get("/slack/oauth_redirect")[0] == 400
