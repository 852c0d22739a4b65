"""One process serves every workspace that installs the app: from a browser to an answer."""

from __future__ import annotations

import re
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pydantic import SecretStr

from bot.emulator import Conversation, EmulatedWorkspace, Emulator, Person
from bot.places import NEVER, Place, Places
from bot.ports import Transient
from bot.roster import Roster
from bot.schedule import Schedule
from bot.serving import Serving
from bot.settings import Settings, SlackSettings
from bot.slack import manifest
from bot.store import tables
from bot.store.database import Store
from bot.store.outbox import OutboxRows
from bot.store.workspaces import Workspaces
from bot.working import Working
from tests.bot.conversation_scene import ANY_HOUR, said_in
from tests.bot.emulator.test_oauth import Stay, agreed, look
from tests.bot.slack.conftest import PEOPLE, workspace
from tests.bot.slack.test_app import until
from tests.bot.test_stopping import JOBS, _nothing_to_do

ADA = "U1ADA"


@dataclass
class Scene:
    """Two workspaces of one app, and one process that serves both once they installed it."""

    first: Emulator
    second: Emulator
    serving: Serving

    def install(self, slack: Emulator) -> None:
        """As an admin does, in a browser."""
        origin = str(self.serving.url).removesuffix("/slack/events")
        with urllib.request.urlopen(f"{origin}/slack/install", timeout=10) as answer:
            cookie = answer.headers["Set-Cookie"].split(";")[0]
            found = re.search(r'class="act" href="([^"]+)"', answer.read().decode())
        assert found is not None
        _, page, _ = look(unescape(found[1]))
        brought = agreed(self.first.api_url.removesuffix("/api/"), page, slack.workspace.id)
        path = f"/slack/oauth_redirect?code={brought['code']}&state={brought['state']}"
        asked = urllib.request.Request(origin + path, headers={"Cookie": cookie})
        with urllib.request.build_opener(Stay).open(asked, timeout=10) as answer:
            assert answer.status == 200

    def knows(self, slack: Emulator) -> bool:
        """Whether its people were read."""
        with self.serving._shared.store.reading(slack.workspace.id) as unit:
            return bool(unit.session.query(tables.Member).filter_by(
                workspace_id=slack.workspace.id
            ).count())  # fmt: skip

    def served(self) -> list[str]:
        return sorted(place.app.workspace for place in self.serving.places.all)


@pytest.fixture
def scene(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    for job in JOBS:  # who speaks first, and learning, are not asked here
        monkeypatch.setattr(Schedule, job, _nothing_to_do(job))
    second = EmulatedWorkspace(
        people=(*PEOPLE, Person("U9ONLY", "only")),
        conversations=[Conversation("C1GENERAL", "general", members=(ADA, "U0OVERTURE"))],
        id="T0SECOND",
        name="Second",
    )
    given: dict[str, Any] = {
        "clock": time.time,
        "manifest": manifest.load(),
        "token_seconds": 43_200,
    }
    with Emulator(workspace(), **given) as one, Emulator(second, **given, beside=one) as two:
        slack = SlackSettings(
            client_id=one.workspace.app_id,
            client_secret=SecretStr(one.client_secret),
            signing_secret=SecretStr(one.signing_secret),
            public_url="http://127.0.0.1:3000",
            http_port=0,
            api_url=one.api_url,
        )
        settings = Settings(
            database_url=sqlite_url, home=tmp_path / "var", slack=slack, policy=ANY_HOUR,
            health_port=0,
        )  # fmt: skip
        for emulator in (one, two):
            emulator._site.installer = ADA
        serving = Serving.of(settings)
        serving.start()
        for emulator in (one, two):
            emulator.send_requests_to(str(serving.url))
        yield Scene(one, two, serving)
        serving.stop()


def answer(slack: Emulator, text: str = "hello") -> str:
    """What the bot says to a direct message."""
    address = slack.open_dm(ADA)
    ts = slack.say(ADA, address, text)
    until(lambda: len(slack.messages(address, ts)) == 2, seconds=40)
    return said_in(slack.messages(address, ts)[1])


def test_workspaces_come_are_answered_and_go_without_a_restart(scene: Scene) -> None:
    first, second = scene.first, scene.second
    assert scene.served() == []
    first.say(ADA, first.open_dm(ADA), "is anybody there?")  # nobody is, and nothing is kept
    scene.install(first)
    assert scene.served() == [first.workspace.id]
    until(lambda: scene.knows(first), seconds=40)
    assert "nothing open with you" in answer(first)
    scene.install(second)
    until(lambda: scene.knows(second), seconds=40)
    assert scene.served() == [first.workspace.id, second.workspace.id]
    assert "nothing open with you" in answer(second)
    first.uninstall()
    until(lambda: first.workspace.id not in _installed(scene), seconds=40)
    scene.serving.places.look()
    assert scene.served() == [second.workspace.id]
    assert "nothing open with you" in answer(second, "still there?")
    scene.install(first)
    until(lambda: scene.served() == [first.workspace.id, second.workspace.id])
    assert "nothing open with you" in answer(first, "again")
    shared = {id(place.app.encoder) for place in scene.serving.places.all}
    assert len(shared) == 1, "what belongs to no workspace is there once"


def _installed(scene: Scene) -> list[str]:
    with scene.serving._shared.store.reading("") as unit:
        return [one.id for one in Workspaces(unit).served()]


def test_one_worker_sends_for_all_of_them(scene: Scene) -> None:
    """And one workspace whose token Slack does not take holds up no other."""
    for slack in (scene.first, scene.second):
        scene.install(slack)
    for slack in (scene.first, scene.second):
        until(lambda slack=slack: scene.knows(slack), seconds=40)  # type: ignore[misc]
    settings, store = scene.serving._shared.settings, scene.serving._shared.store
    scene.serving.places._ticking.pause()  # nobody else sends
    scene.first.tokens.revoke()
    now = datetime.now(UTC)
    for slack in (scene.first, scene.second):
        with store.writing(slack.workspace.id) as unit:
            OutboxRows(unit).add(
                member=ADA, kind="answer", dedupe_key="k", now=now,
                content={"text": f"for {slack.workspace.id}"}, expires_at=now + timedelta(hours=1),
            )  # fmt: skip
            unit.commit()
    worker = Working.of(settings)
    worker.start()
    until(lambda: len(scene.second.messages(scene.second.open_dm(ADA))) > 0, seconds=40)
    worker.stop()
    texts = [one["text"] for one in scene.second.messages(scene.second.open_dm(ADA))]
    assert texts == ["for T0SECOND"]
    assert scene.first.messages(scene.first.open_dm(ADA)) == []


def one_place(store: Store, monkeypatch: pytest.MonkeyPatch) -> tuple[Places, Place]:
    """A workspace whose people are to be read now."""
    app: Any = SimpleNamespace(
        store=store, workspace="T1", settings=Settings(), token=None, clock=None
    )
    schedule: Any = SimpleNamespace(start=lambda: None, stop=lambda: None)
    place = Place(app, cast(Any, None), schedule, 0.0)
    monkeypatch.setattr(Roster, "look", lambda self: None)
    monkeypatch.setattr(Roster, "all", (place,))
    return Places(app, None), place


def test_people_are_read_by_one_at_a_time_and_again_each_day(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To read a large workspace takes longer than until somebody looks the next time."""
    reads, goes_on = [], threading.Event()

    def take_in(*given: Any) -> str:
        reads.append(time.monotonic())
        assert goes_on.wait(10)
        return "T1"

    monkeypatch.setattr("bot.places.take_in", take_in)
    monkeypatch.setattr("bot.places.AGAIN_SECONDS", 0.0)
    places, place = one_place(store, monkeypatch)
    for _ in range(5):
        places.look()
    until(lambda: bool(reads))
    goes_on.set()
    until(lambda: place.joins_at < NEVER)
    assert len(reads) == 1
    assert place.joins_at > time.monotonic() + 80_000
    place.joins_at = time.monotonic()
    places.look()
    until(lambda: len(reads) == 2)
    places._joining.shutdown(wait=True)


def test_a_long_reading_of_people_ends_when_we_stop(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = threading.Event()

    def take_in(*given: Any) -> str:
        reads.set()
        stopping: threading.Event = given[-1]
        assert stopping.wait(10), "it goes on until the end"
        raise Transient("given up")

    monkeypatch.setattr("bot.places.take_in", take_in)
    places, place = one_place(store, monkeypatch)
    places._ticking.start()
    places.look()
    assert reads.wait(10)
    began = time.monotonic()
    places.stop()
    assert time.monotonic() - began < 5
    assert place.joins_at < NEVER
