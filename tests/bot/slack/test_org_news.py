"""What Slack tells of an organisation, by signed requests to the real Bolt, and what holds then."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event, Semaphore
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pydantic import SecretStr

from bot.emulator.request_url import RequestUrl
from bot.places import Places, obey
from bot.ports import Arrival
from bot.settings import SlackSettings
from bot.slack.app import Switchboard, ears_of
from bot.slack.arrivals.events import from_event
from bot.slack.arrivals.organisations import OrgNews
from bot.slack.arrivals.us import Us
from bot.slack.listeners import Ears, Sender
from bot.store import tables
from bot.store.database import Store, connect
from bot.store.installations import Granted, Installations
from bot.store.installing import covers, install
from bot.store.outbox import OutboxRows
from bot.store.workspaces import Workspaces
from tests.bot.slack.test_organisations import NOW, ORG, TEAMS, Still, know, roster, served

SECRET = "s" * 32
AT = NOW.timestamp() + 1.0
ADMITTED = {"enterprise_id": "E1", "team_id": None, "user_id": "WBOT", "is_bot": True,
            "is_enterprise_install": True}  # fmt: skip


@dataclass
class Scene:
    store: Store
    url: RequestUrl
    heard: dict[str, list[Arrival]] = field(default_factory=dict)
    breaks: bool = False

    def send(self, event: Mapping[str, Any], **more: Any) -> bool:
        """Whether it was acknowledged."""
        body = {"type": "event_callback", "event": dict(event), "api_app_id": "A1",
                "event_id": "Ev1", "event_time": int(AT), **more}  # fmt: skip
        answer: Future[Any] = Future()
        self.url.send("events_api", body, answer)
        return answer.exception(timeout=10) is None


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    made = Store(connect(sqlite_url))
    install(made, ORG, TEAMS, NOW)
    for team in TEAMS:
        know(made, team, "W1")
    yield made
    made.close()


@pytest.fixture
def scene(store: Store) -> Iterator[Scene]:
    known = roster(store)
    heard: dict[str, list[Arrival]] = {}
    settings = SlackSettings(signing_secret=SecretStr(SECRET), http_port=0)

    def ears(sender: Sender) -> Ears | None:
        known.look()
        team = known.find(
            sender.team, sender.enterprise, sender.user, sender.address, sender.thread
        )
        return None if team is None else ears_in(team)

    def ears_in(team: str) -> Ears:
        us = Us(team, "WBOT", enterprise="E1")
        return ears_of(settings, us, heard.setdefault(team, []).append, lambda asked: None)

    def hear(news: OrgNews) -> None:
        if made.breaks:
            raise OSError("the disk is full")
        obey(store, news, NOW + timedelta(seconds=2))

    def kin(sender: Sender) -> list[Ears]:
        return [ears_in(team) for team in known.knowing(str(sender.enterprise), str(sender.user))]

    slack = Switchboard(settings, ears, Still(), None, hear, kin)
    slack.start()
    made = Scene(store, RequestUrl(str(slack.url), SECRET, lambda kind, payload: None), heard)
    yield made
    made.url.stop()
    slack.stop()


def queue(store: Store, team: str) -> None:
    with store.writing(team) as unit:
        OutboxRows(unit).add(
            member="W1", kind="answer", dedupe_key="k", content={"text": "hello"}, now=NOW,
            expires_at=NOW + timedelta(hours=1),
        )  # fmt: skip
        unit.commit()


def states(store: Store, team: str) -> list[tuple[str, str]]:
    with store.reading(team) as unit:
        rows = unit.session.query(tables.Outbox).filter_by(workspace_id=team)
        return [(row.state, row.reason) for row in rows]


@pytest.mark.parametrize("form", ["around", "within", "bare"])
def test_a_workspace_that_is_taken_out_is_silent_at_once(scene: Scene, form: str) -> None:
    for team in TEAMS:
        queue(scene.store, team)
    event = {"type": "team_access_revoked", "team_ids": ["T1", "T9"], "event_ts": str(AT)}
    if form == "within":  # as the page of the event shows it
        outer = {"team_id": None, "enterprise_id": "E1", "api_app_id": "A1", "event": event}
        assert scene.send(outer, team_id="T2")
    elif form == "around":
        assert scene.send(event, authorizations=[ADMITTED], team_id="T2", enterprise_id="E1")
    else:
        assert scene.send(event, team_id=None, enterprise_id="E1")
    assert served(scene.store) == ["T2"]
    assert states(scene.store, "T1") == [("withdrawn", "not_installed")]
    assert [state for state, _ in states(scene.store, "T2")] == ["queued"]


def test_a_workspace_that_is_let_in_is_served(scene: Scene) -> None:
    event = {"type": "team_access_granted", "team_ids": ["T3", "T1"], "event_ts": str(AT)}
    assert scene.send(event, authorizations=[ADMITTED])
    assert served(scene.store) == ["T1", "T2", "T3"]
    with scene.store.reading("T3") as unit:
        assert Workspaces(unit).holder_of("T3") == "E1"
        assert unit.session.get_one(tables.Workspace, "T3").name == "T3"
        assert unit.session.get_one(tables.Workspace, "T1").name == "One"
    covers(scene.store, "E1", {**TEAMS, "T3": "Three"}, NOW)
    with scene.store.reading("T3") as unit:
        assert unit.session.get_one(tables.Workspace, "T3").name == "Three"


@pytest.mark.parametrize("named", [{}, {"team_id": "E1", "enterprise_id": "E1"}])
@pytest.mark.parametrize(
    "event",
    [{"type": "app_uninstalled"}, {"type": "tokens_revoked", "tokens": {"bot": ["WBOT"]}}],
)
def test_taken_out_of_the_organisation_all_fall_silent(
    scene: Scene, event: dict[str, Any], named: dict[str, str]
) -> None:
    queue(scene.store, "T1")
    assert scene.send(event, authorizations=[ADMITTED], **named)
    assert served(scene.store) == []
    assert states(scene.store, "T1") == [("withdrawn", "not_installed")]
    with scene.store.reading("E1") as unit:
        assert Installations(unit).get() is None


@pytest.mark.parametrize(
    ("event", "org"),
    [
        ({"type": "team_access_revoked", "team_ids": ["T1"]}, "E9"),
        ({"type": "app_uninstalled"}, "E9"),
        ({"type": "tokens_revoked", "tokens": {"oauth": ["W1"]}}, "E1"),
        ({"type": "team_access_revoked", "team_ids": None}, "E1"),
        ({"type": "team_access_revoked"}, "E1"),
    ],
)
def test_what_is_not_about_our_bot_changes_nothing(
    scene: Scene, event: dict[str, Any], org: str
) -> None:
    assert scene.send(event, authorizations=[{**ADMITTED, "enterprise_id": org}])
    assert served(scene.store) == ["T1", "T2"]


def test_a_workspace_with_tokens_of_its_own_keeps_them(scene: Scene) -> None:
    install(scene.store, Granted("T1", "xoxb-own", enterprise="E1", installer="W7"), {}, NOW)
    event = {"type": "team_access_revoked", "team_ids": ["T1"], "event_ts": str(AT)}
    assert scene.send(event, authorizations=[ADMITTED])
    assert served(scene.store) == ["T1", "T2"]


def test_what_could_not_be_kept_is_not_acknowledged(scene: Scene) -> None:
    scene.breaks = True
    event = {"type": "team_access_revoked", "team_ids": ["T1"]}
    assert not scene.send(event, authorizations=[ADMITTED])


def test_an_event_that_names_the_organisation_goes_where_its_message_says(scene: Scene) -> None:
    """A direct conversation is the organisation's; its message says from which workspace."""
    said = {"type": "message", "channel": "D1", "channel_type": "im", "user": "W1", "text": "hi",
            "ts": "1788771600.1", "team": "T2"}  # fmt: skip
    assert scene.send(said, team_id="E1", authorizations=[ADMITTED])
    assert [one.kind for one in scene.heard["T2"]] == ["message"]
    assert not scene.heard.get("T1")


def test_a_person_of_several_workspaces_belongs_to_each(store: Store) -> None:
    user = {"id": "W5", "team_id": "T2", "enterprise_user": {"id": "W5", "teams": ["T1", "T2"]}}
    event = {"event": {"type": "user_change", "user": user}, "event_id": "Ev5", "event_time": 1}
    assert from_event(event, Us("T1", "WBOT", enterprise="E1")) is not None
    assert from_event(event, Us("T3", "WBOT", enterprise="E1")) is None


def places(store: Store, monkeypatch: pytest.MonkeyPatch, ask: Callable[[], object]) -> Places:
    """Those of a process for which `ask` answers what Slack is asked."""
    monkeypatch.setattr("bot.places.teams_of", lambda client: ask())
    clock = SimpleNamespace(now=iter(NOW + timedelta(seconds=n) for n in range(99)).__next__)
    settings = SimpleNamespace(slack=SlackSettings())
    return Places(cast(Any, SimpleNamespace(store=store, settings=settings, clock=clock)), None)


def test_what_is_taken_out_while_slack_is_asked_stays_out(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    news = OrgNews("E1", "revoked", ("T1",), AT, "team_access_revoked")

    def overtaken() -> dict[str, str]:
        there.hear_org(news)
        return TEAMS

    there = places(store, monkeypatch, overtaken)
    there.ask_organisations()
    assert served(store) == ["T2"]
    there = places(store, monkeypatch, lambda: TEAMS)
    there._shared.clock.now()
    there._shared.clock.now()  # later than the news
    there.ask_organisations()
    assert served(store) == ["T1", "T2"], "the control: let in again, it is served again"


def test_news_that_come_while_slack_is_asked_are_asked_about_too(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, answers = Semaphore(0), Event()

    def slowly() -> dict[str, str]:
        asked.release()
        assert answers.wait(10)
        return TEAMS

    there = places(store, monkeypatch, slowly)
    there._ticking.start()
    for _ in range(2):
        there.hear_org(OrgNews("E1", "granted", ("T1",), AT, "team_access_granted"))
        assert asked.acquire(timeout=10)
    answers.set()
    there.stop()


DIRECT = {"type": "message", "channel_type": "im", "user": "W1", "text": "hi", "ts": "1788771600.1"}


def spoke(store: Store, team: str, address: str, ref: str, at: datetime) -> None:
    """An opener that the member had there."""
    queue(store, team)
    with store.writing(team) as unit:
        row = unit.session.query(tables.Outbox).filter_by(workspace_id=team).one()
        row.state, row.address, row.message_ref, row.sent_at = "sent", address, ref, at
        OutboxRows(unit).learn_address("W1", "slack", address)
        unit.commit()


@pytest.mark.parametrize("team", ["T1", "T2"])
def test_what_names_the_organisation_alone_goes_where_we_spoke(scene: Scene, team: str) -> None:
    """Their own conversation with us in each, as where an organisation keeps them apart."""
    for one in TEAMS:
        spoke(scene.store, one, f"D{one}", "1788771599.1", NOW)
    said = {**DIRECT, "channel": f"D{team}"}
    assert scene.send(said, team_id="E1", authorizations=[ADMITTED])
    assert [one for one in TEAMS if scene.heard.get(one)] == [team]


@pytest.mark.parametrize(
    ("thread", "team"), [("1788771598.1", "T1"), ("1788771599.1", "T2"), (None, "T2")]
)
def test_in_one_conversation_for_all_the_thread_says_whose_it_is(
    scene: Scene, thread: str | None, team: str
) -> None:
    """And without a thread it is who spoke last."""
    spoke(scene.store, "T1", "D1", "1788771598.1", NOW)
    spoke(scene.store, "T2", "D1", "1788771599.1", NOW + timedelta(seconds=1))
    said = {**DIRECT, "channel": "D1", **({"thread_ts": thread} if thread else {})}
    assert scene.send(said, team_id="E1", authorizations=[ADMITTED])
    assert [one for one in TEAMS if scene.heard.get(one)] == [team]


@pytest.mark.parametrize("named", ["T2", "T9", "E1", None])
def test_a_deactivation_reaches_every_workspace_that_knows_them(
    scene: Scene, named: str | None
) -> None:
    gone = {"type": "user_change", "event_ts": str(AT),
            "user": {"id": "W1", "team_id": named or "T2", "deleted": True}}  # fmt: skip
    assert scene.send(gone, team_id=named, enterprise_id="E1", authorizations=[ADMITTED])
    for team in TEAMS:
        assert [one.payload["deleted"] for one in scene.heard[team]] == [True]


def test_a_change_of_somebody_reaches_no_workspace_that_they_are_not_in(scene: Scene) -> None:
    """The control: who only changed is of the workspaces that Slack names, known or not."""
    user = {"id": "W1", "team_id": "T2", "enterprise_user": {"teams": ["T2"]}}
    changed = {"type": "user_change", "event_ts": str(AT), "user": user}
    assert scene.send(changed, team_id="T2", enterprise_id="E1", authorizations=[ADMITTED])
    assert [one for one in TEAMS if scene.heard.get(one)] == ["T2"]
    gone = {**changed, "user": {"id": "W7", "team_id": "T2", "deleted": True}}
    assert scene.send(gone, team_id="T2", enterprise_id="E1", authorizations=[ADMITTED])
    assert [one for one in TEAMS if len(scene.heard.get(one, ())) > 1] == ["T2"]
