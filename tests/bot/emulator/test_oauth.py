"""The emulator's side of an installation, judged by Bolt's own flow and slack_sdk's rotator."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from slack_bolt import BoltRequest
from slack_bolt.oauth import OAuthFlow
from slack_bolt.oauth.oauth_settings import OAuthSettings
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store import FileInstallationStore
from slack_sdk.oauth.state_store import FileOAuthStateStore
from slack_sdk.oauth.token_rotation import TokenRotator

from bot.emulator import EmulatedWorkspace, Emulator
from tests.bot.slack.conftest import PEOPLE, workspace

BACK = "https://app.example/slack/oauth_redirect"
SCOPES = ("chat:write", "im:write")


class Stay(urllib.request.HTTPRedirectHandler):
    """A browser that looks where it is sent, and does not go."""

    def redirect_request(self, *_: Any) -> None:
        return None


def look(url: str) -> tuple[int, str, str]:
    """(status, body, location)."""
    try:
        with urllib.request.build_opener(Stay).open(url, timeout=5) as answer:
            return answer.status, answer.read().decode(), ""
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), error.headers.get("Location", "")


def agreed(origin: str, page: str, team: str) -> dict[str, str]:
    """What the browser brings back after somebody agreed for this workspace."""
    found = re.search(rf'id="allow-{team}" href="([^"]+)"', page)
    assert found is not None
    status, _, location = look(origin + unescape(found[1]))
    assert status == 302
    return dict(parse_qsl(urlsplit(location).query))


@pytest.fixture
def slack() -> Iterator[Emulator]:
    now = [1_760_000_000.0]
    with Emulator(workspace(), clock=lambda: now[0], token_seconds=43_200) as made:
        made._site.installer = "U1ADA"
        yield made


def flow(slack: Emulator, folder: Path) -> OAuthFlow:
    origin = slack.api_url.removesuffix("/api/")
    return OAuthFlow(
        client=WebClient(base_url=slack.api_url),
        settings=OAuthSettings(
            client_id=slack.workspace.app_id,
            client_secret=slack.client_secret,
            scopes=SCOPES,
            redirect_uri=BACK,
            authorization_url=f"{origin}/oauth/v2/authorize",
            installation_store=FileInstallationStore(base_dir=str(folder / "kept")),
            state_store=FileOAuthStateStore(expiration_seconds=600, base_dir=str(folder / "s")),
        ),
    )


def test_bolts_own_flow_installs_and_its_rotator_refreshes(slack: Emulator, tmp_path: Path) -> None:
    judge = flow(slack, tmp_path)
    began = judge.handle_installation(BoltRequest(body="", mode="http"))
    cookie = began.first_headers()["set-cookie"].split(";")[0]
    link = unescape(re.search(r'href="([^"]+authorize[^"]+)"', began.body)[1])  # type: ignore[index]
    status, page, _ = look(link)
    assert status == 200
    assert all(scope in page for scope in SCOPES)
    brought = agreed(slack.api_url.removesuffix("/api/"), page, slack.workspace.id)
    query = "&".join(f"{name}={value}" for name, value in brought.items())
    done = judge.handle_callback(BoltRequest(body="", query=query, headers={"cookie": cookie}))
    assert done.status == 200, done.body
    store = judge.settings.installation_store
    kept = store.find_installation(enterprise_id=None, team_id=slack.workspace.id)
    assert kept is not None
    assert (kept.user_id, kept.bot_scopes) == ("U1ADA", list(SCOPES))
    client = WebClient(token=kept.bot_token, base_url=slack.api_url)
    assert client.auth_test()["team_id"] == slack.workspace.id
    rotator = TokenRotator(
        client=client, client_id=slack.workspace.app_id, client_secret=slack.client_secret
    )
    fresh = rotator.perform_token_rotation(installation=kept, minutes_before_expiration=1_000_000)
    assert fresh is not None
    assert fresh.bot_token not in (None, kept.bot_token)
    assert WebClient(token=fresh.bot_token, base_url=slack.api_url).auth_test()["ok"]


def test_a_code_works_once_for_its_address_and_its_app(slack: Emulator) -> None:
    client = WebClient(base_url=slack.api_url)
    given = {"client_id": slack.workspace.app_id, "client_secret": slack.client_secret}

    def told(**more: Any) -> str:
        try:
            client.oauth_v2_access(**{**given, "redirect_uri": BACK, **more})
        except SlackApiError as error:
            return str(error.response["error"])
        return "ok"

    code = slack._site.codes.issue(BACK, SCOPES, "U1ADA")
    assert told(code=code, client_secret="guessed") == "bad_client_secret"
    assert told(code=code, client_id="A0OTHER") == "invalid_client_id"
    assert told(code=code, redirect_uri="https://evil.example/") == "bad_redirect_uri"
    assert told(code="guessed") == "invalid_code"
    assert (told(code=code), told(code=code)) == ("ok", "code_already_used")


def test_declining_leads_back_with_the_state(slack: Emulator) -> None:
    origin = slack.api_url.removesuffix("/api/")
    asked = f"client_id={slack.workspace.app_id}&scope=chat:write&redirect_uri={BACK}&state=s1"
    _, page, _ = look(f"{origin}/oauth/v2/authorize?{asked}")
    found = re.search(r'id="cancel" href="([^"]+)"', page)
    assert found is not None
    back = dict(parse_qsl(urlsplit(unescape(found[1])).query))
    assert back == {"error": "access_denied", "state": "s1"}
    assert look(f"{origin}/oauth/v2/authorize?client_id=A1&scope=x")[0] == 400


def test_another_workspace_of_the_same_app_is_told_apart_by_its_token(slack: Emulator) -> None:
    second = EmulatedWorkspace(people=PEOPLE, id="T0SECOND", name="Second")
    with Emulator(second, clock=lambda: 1_760_000_000.0, beside=slack) as other:
        for one in (slack, other):
            found = WebClient(token=one.bot_token, base_url=slack.api_url).auth_test()
            assert found["team_id"] == one.workspace.id
        other.tokens.revoke()
        with pytest.raises(SlackApiError, match="invalid_auth"):
            WebClient(token=other.bot_token, base_url=slack.api_url).auth_test()
        assert WebClient(token=slack.bot_token, base_url=slack.api_url).auth_test()["ok"]
