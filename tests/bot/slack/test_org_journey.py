"""An organisation installs the app: from a browser to openers, and workspaces that come and go."""

from __future__ import annotations

import re
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.emulator import Conversation, EmulatedWorkspace, Emulator, Organisation, Person
from bot.policy.purposes import NAMES
from bot.schedule import Schedule
from bot.serving import Serving
from bot.settings import Settings, SlackSettings
from bot.slack import manifest
from bot.store import tables
from bot.store.consents import Consents
from bot.store.items import Items
from bot.store.outbox import OutboxRows
from bot.store.workspaces import Workspaces
from tests.bot.conversation_scene import ANY_HOUR, ITEM, _add_opener, said_in
from tests.bot.emulator.test_oauth import Stay, agreed, look
from tests.bot.slack.test_app import until
from tests.bot.test_stopping import JOBS, _nothing_to_do

ONE, TWO, ORG = "T0ONE", "T0TWO", "E0DEMO0001"
WHO = {ONE: "W1ADA", TWO: "W2GRACE"}
BOTH = "W9BOTH"


@dataclass
class Scene:
    spaces: dict[str, Emulator]
    roof: Organisation
    serving: Serving

    @property
    def store(self) -> Any:
        return self.serving._shared.store

    def install(self) -> str:
        """As an admin of the organisation does, in a browser; the page they see at the end."""
        origin = str(self.serving.url).removesuffix("/slack/events")
        with urllib.request.urlopen(f"{origin}/slack/install", timeout=10) as answer:
            cookie = answer.headers["Set-Cookie"].split(";")[0]
            found = re.search(r'class="act" href="([^"]+)"', answer.read().decode())
        assert found is not None
        _, page, _ = look(unescape(found[1]))
        brought = agreed(self.spaces[ONE].api_url.removesuffix("/api/"), page, ORG)
        path = f"/slack/oauth_redirect?code={brought['code']}&state={brought['state']}"
        asked = urllib.request.Request(origin + path, headers={"Cookie": cookie})
        with urllib.request.build_opener(Stay).open(asked, timeout=10) as answer:
            assert answer.status == 200
            return str(answer.read().decode())

    def served(self) -> list[str]:
        with self.store.reading("") as unit:
            return [one.id for one in Workspaces(unit).served()]

    def members(self, team: str) -> set[str]:
        with self.store.reading(team) as unit:
            rows = unit.session.query(tables.Member).filter_by(workspace_id=team, is_bot=False)
            return {row.id for row in rows}

    def queue(self, team: str, text: str) -> None:
        """What is to be said to the member there."""
        now = datetime.now(UTC)
        with self.store.writing(team) as unit:
            OutboxRows(unit).add(
                member=WHO[team], kind="answer", dedupe_key=text, content={"text": text},
                now=now, expires_at=now + timedelta(hours=1),
            )  # fmt: skip
            unit.commit()

    def speak(self, team: str) -> None:
        """An opener for the member there, who enrols, as a pass would have made it."""
        who, now = WHO[team], datetime.now(UTC)
        with self.store.writing(team) as unit:
            Consents(unit).grant(who, NAMES, at=now, origin="test")
            Items(unit).save([ITEM], at=now, approved_by="curator")
            _add_opener(unit, team, who, ITEM.id, now)
            OutboxRows(unit).add(
                member=who, kind="opener", dedupe_key=f"slot:{who}", opener_id=f"op_{team}",
                content={"text": f"Seen how {team} counts?", "about": ITEM.title,
                         "url": ITEM.url, "opener": f"op_{team}"},
                now=now, expires_at=now + timedelta(hours=1),
            )  # fmt: skip
            unit.commit()

    def state(self, team: str, text: str) -> tuple[str, str]:
        with self.store.reading(team) as unit:
            rows = unit.session.query(tables.Outbox).filter_by(workspace_id=team, dedupe_key=text)
            return rows.one().state, rows.one().reason

    def addressed(self, team: str) -> set[str]:
        """All conversations that the database knows there."""
        with self.store.reading(team) as unit:
            rows = unit.session.query(tables.Inbox).filter_by(workspace_id=team)
            openers = unit.session.query(tables.Opener).filter_by(workspace_id=team)
            return {row.conversation for row in rows} | {str(row.address) for row in openers}

    def said(self, team: str) -> list[str]:
        slack = self.spaces[team]
        return [said_in(one) for one in slack.messages(slack.open_dm(WHO[team])) if "bot_id" in one]


def made(team: str, roof: Organisation) -> EmulatedWorkspace:
    people = (Person(WHO[team], WHO[team].lower(), WHO[team]), Person(BOTH, "both"))
    general = Conversation(f"C{team}", "general", members=(WHO[team], "U0OVERTURE"))
    return EmulatedWorkspace(people, [general], name=team, id=team, organisation=roof)


@pytest.fixture
def scene(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    for job in JOBS:  # who speaks first, and learning, are not asked here
        monkeypatch.setattr(Schedule, job, _nothing_to_do(job))
    roof = Organisation(time.time, token_seconds=43_200)
    given: dict[str, Any] = {"clock": time.time, "manifest": manifest.load()}
    with Emulator(made(ONE, roof), **given) as one, Emulator(made(TWO, roof), **given,
                                                             beside=one) as two:  # fmt: skip
        slack = SlackSettings(
            client_id=one.workspace.app_id,
            client_secret=SecretStr(one.client_secret),
            signing_secret=SecretStr(one.signing_secret),
            public_url="http://127.0.0.1:3000",
            http_port=0,
            api_url=one.api_url,
        )
        serving = Serving.of(Settings(
            database_url=sqlite_url, home=tmp_path / "var", slack=slack, policy=ANY_HOUR,
            health_port=0,
        ))  # fmt: skip
        one._site.installer = "W1ADA"
        serving.start()
        for emulator in (one, two):
            emulator.send_requests_to(str(serving.url))
        yield Scene({ONE: one, TWO: two}, roof, serving)
        serving.stop()


def test_an_organisation_is_served_workspace_by_workspace(scene: Scene) -> None:
    page = scene.install()
    assert f"{ONE}, {TWO}" in page
    assert "you are the only" not in page
    assert f"overture workspaces set {ONE} policy.pilot=" in page
    assert scene.served() == [ONE, TWO]
    until(lambda: all(scene.members(team) for team in WHO), seconds=40)
    assert {team: scene.members(team) for team in WHO} == {
        team: {who, BOTH} for team, who in WHO.items()
    }
    for team in WHO:
        scene.speak(team)
    for team, who in WHO.items():
        slack, address = scene.spaces[team], scene.spaces[team].open_dm(who)
        until(lambda: len(slack.messages(address)) == 1, seconds=40)  # noqa: B023
        (opener,) = slack.messages(address)
        assert opener["text"].startswith(f"Seen how {team} counts?")
        slack.say(who, address, "why this?", opener["ts"])
        until(lambda: len(slack.messages(address, opener["ts"])) == 3, seconds=40)  # noqa: B023
        assert "you asked about joins" in said_in(slack.messages(address, opener["ts"])[2])
    assert {team: scene.addressed(team) for team in WHO} == {
        team: {scene.spaces[team].open_dm(who)} for team, who in WHO.items()
    }

    two = scene.spaces[TWO]
    scene.serving.places._ticking.pause()  # nothing leaves by itself
    for team in WHO:
        scene.queue(team, "later")
    two.admit(grants=False)
    assert scene.served() == [ONE]
    assert scene.state(TWO, "later") == ("withdrawn", "not_installed")
    assert scene.state(ONE, "later") == ("queued", "")
    scene.serving.places._ticking.resume()
    until(lambda: "later" in scene.said(ONE), seconds=40)
    assert "later" not in scene.said(TWO)

    two.admit(grants=True)
    assert scene.served() == [ONE, TWO]
    address = two.open_dm(WHO[TWO])
    ts = two.say(WHO[TWO], address, "back again")
    until(lambda: len(two.messages(address, ts)) == 2, seconds=40)


def test_an_organisations_token_says_for_which_workspace(scene: Scene) -> None:
    scene.install()
    client = WebClient(scene.roof.tokens.current, base_url=scene.spaces[ONE].api_url)
    assert [one["id"] for one in client.auth_teams_list()["teams"]] == [ONE, TWO]
    asks: tuple[Callable[[], object], ...] = (
        client.users_list,
        client.conversations_list,
        lambda: client.dnd_teamInfo(users=["W1ADA"]),
    )
    for ask in asks:
        with pytest.raises(SlackApiError, match="missing_argument"):
            ask()
    (shared,) = [u for u in client.users_list(team_id=TWO)["members"] if u["id"] == BOTH]
    assert shared["enterprise_user"]["teams"] == [ONE, TWO]
    scene.spaces[TWO].admit(grants=False)
    for team in (TWO, "T9"):
        with pytest.raises(SlackApiError, match="team_access_not_granted"):
            client.users_list(team_id=team)
    assert [one["id"] for one in client.auth_teams_list()["teams"]] == [ONE]
