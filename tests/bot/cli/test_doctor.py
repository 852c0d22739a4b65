"""`overture doctor`: each state of each part, what to do about it, and no secret on the way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.emulator import Emulator, Fault
from bot.slack import manifest
from tests.bot.cli.conftest import Overture
from tests.bot.llm.server import Exchange, serving
from tests.bot.slack.conftest import workspace

SECRET = "swordfish"


def findings(overture: Overture, code: int) -> dict[str, tuple[str, str]]:
    """(state, what was found and advised) by part; every state but `ok` says what to do."""
    ended, out, _ = overture("doctor", "--json")
    found = json.loads(out)["findings"]
    assert ended == code, out
    return {one["part"]: (one["state"], f"{one['found']} {one['advice']}") for one in found}


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    with Emulator(workspace(), clock=lambda: 1.0, manifest=manifest.load()) as made:
        monkeypatch.setenv("OVERTURE_SLACK__API_URL", made.api_url)
        monkeypatch.setenv("SLACK_BOT_TOKEN", made.bot_token)
        monkeypatch.setenv("SLACK_APP_TOKEN", made.app_token)
        yield made


def test_nothing_is_set_up_yet_and_nothing_is_wrong(overture: Overture) -> None:
    found = findings(overture, 0)
    assert found["settings"][0] == "ok"
    assert found["database"][0] == "not set up"
    assert "overture db upgrade" in found["database"][1]
    assert "workspace" not in found
    assert found["slack"][0] == "not set up"
    assert "docs/slack-setup.md" in found["slack"][1]
    assert found["language model"][0] == "not set up"
    assert found["encoder"][0] == "ok"


def test_a_database_without_a_workspace(overture: Overture) -> None:
    overture("db", "upgrade")
    found = findings(overture, 0)
    assert found["database"][0] == "ok"
    assert found["workspace"][0] == "not set up"
    assert "overture import" in found["workspace"][1]


def test_all_is_well(stocked: Overture, emulator: Emulator) -> None:
    found = findings(stocked, 0)
    assert found["workspace"][0] == "ok"
    assert "6 people, 1 agreed; 8 items, 6 approved" in found["workspace"][1]
    assert found["models"] == ("ok", "prior serves ")
    assert found["slack"][0] == "ok"
    code, out, _ = stocked("doctor")
    assert code == 0
    assert "ok" in out.splitlines()[0]
    for token in (emulator.bot_token, emulator.app_token):
        assert token not in out


def test_wrong_settings_end_the_checks(overture: Overture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVERTURE_POLICY__THRESHOLD", "2")
    found = findings(overture, 1)
    assert list(found) == ["settings"]
    assert "policy.threshold" in found["settings"][1]


def test_a_database_that_cannot_be_reached_is_told_once(
    overture: Overture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OVERTURE_DATABASE_URL", f"postgresql://me:{SECRET}@127.0.0.1:1/db")
    ended, out, _ = overture("doctor")
    assert ended == 1
    assert out.count("cannot be used") == 1
    assert SECRET not in out


def test_a_token_that_slack_refuses(
    overture: Overture, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", f"xoxb-{SECRET}")
    ended, out, _ = overture("doctor", "--json")
    assert ended == 1
    assert "invalid_auth" in out
    assert SECRET not in out


def test_an_app_token_that_is_missing(
    overture: Overture, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SLACK_APP_TOKEN")
    state, told = findings(overture, 0)["slack"]
    assert state == "not set up"
    assert "SLACK_APP_TOKEN" in told


def test_an_app_token_that_slack_refuses(
    overture: Overture, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_APP_TOKEN", f"xapp-{SECRET}")
    state, told = findings(overture, 1)["slack"]
    assert state == "wrong"
    assert "SLACK_APP_TOKEN" in told
    assert SECRET not in told


def test_a_scope_that_is_missing(overture: Overture, monkeypatch: pytest.MonkeyPatch) -> None:
    poor = manifest.load()
    poor["oauth_config"]["scopes"]["bot"].remove("im:history")
    with Emulator(workspace(), clock=lambda: 1.0, manifest=poor) as made:
        monkeypatch.setenv("OVERTURE_SLACK__API_URL", made.api_url)
        monkeypatch.setenv("SLACK_BOT_TOKEN", made.bot_token)
        state, told = findings(overture, 1)["slack"]
    assert state == "wrong"
    assert "im:history" in told
    assert "deploy/manifest.json" in told


def test_a_slack_that_is_away(overture: Overture, emulator: Emulator) -> None:
    emulator.faults.add(Fault("auth.test", "status", times=9))
    state, told = findings(overture, 1)["slack"]
    assert state == "wrong"
    assert emulator.api_url in told


def test_a_model_that_answers_and_one_that_does_not(
    overture: Overture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    monkeypatch.setenv("OVERTURE_MODEL__DEADLINE", "5")

    def ready(exchange: Exchange) -> None:
        exchange.say('{"text": "ready", "known": true}')

    with serving(ready) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        assert findings(overture, 0)["language model"][0] == "ok"
    state, told = findings(overture, 1)["language model"]
    assert state == "wrong"
    assert "templates serve" in told
    assert SECRET not in told


def test_an_encoder_that_is_not_there(
    overture: Overture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OVERTURE_RECOMMENDER__ENCODER", str(tmp_path / "no-model"))
    state, told = findings(overture, 1)["encoder"]
    assert state == "wrong"
    assert "OVERTURE_RECOMMENDER__ENCODER" in told
