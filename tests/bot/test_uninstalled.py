"""Taken out of its workspace, the bot is silent at once: nothing queued, nothing planned."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.policy.gate import judge
from bot.policy.rules import ANSWER_RULES, REACH_RULES, WELCOME_RULES
from bot.ports import Arrival
from bot.reading.standing import Standings
from bot.slack.arrivals.events import from_event
from bot.slack.arrivals.us import Us
from bot.store import tables
from bot.store.audit import Audit
from bot.store.installations import Granted, Installations
from bot.store.outbox import OutboxRows
from tests.bot.conversation_scene import ADA, START, Scene, staged
from tests.bot.scene import policy

US = Us("T0", "U0BOT")


def event(kind: str, **more: object) -> Arrival | None:
    body = {"event_id": "Ev1", "event": {"type": kind, "event_ts": str(START.timestamp()), **more}}
    return from_event(body, US)


@pytest.fixture
def scene(tmp_path: Path, sqlite_url: str) -> Iterator[Scene]:
    with staged(tmp_path, sqlite_url) as made:
        yield made


def queue(scene: Scene, key: str = "a", *, held: bool = False) -> None:
    with scene.app.store.writing(scene.app.workspace) as unit:
        OutboxRows(unit).add(
            member=ADA, kind="answer", dedupe_key=key, content={"text": "hello"},
            expires_at=START + timedelta(days=1), now=START, held=held,
        )  # fmt: skip
        unit.commit()


def states(scene: Scene) -> list[tuple[str, str]]:
    return [(row.state, row.reason) for row in scene.rows(tables.Outbox)]


@pytest.mark.parametrize(
    ("kind", "more"), [("app_uninstalled", {}), ("tokens_revoked", {"tokens": {"bot": ["U0BOT"]}})]
)
def test_tokens_go_and_what_waits_is_withdrawn(
    scene: Scene, kind: str, more: dict[str, object]
) -> None:
    app = scene.app
    with app.store.writing(app.workspace) as unit:
        Installations(unit).save(Granted("T0", "xoxb-1", "xoxe-1", START), START)
        unit.commit()
    queue(scene)
    queue(scene, "held", held=True)
    arrival = event(kind, **more)
    assert arrival is not None
    app.receive(arrival)
    assert app.inbox.work(START).done == 1
    assert states(scene) == [("withdrawn", "not_installed")] * 2
    with app.store.reading(app.workspace) as unit:
        assert Installations(unit).get() is None
        standing = Standings(policy()).read(unit, ADA, START)
        for rules in (REACH_RULES, WELCOME_RULES, ANSWER_RULES):
            assert "not_installed" in [one.reason for one in judge(rules, standing).results]
        last = Audit(unit).list()[-1]
        assert (last.who, last.action, last.details["withdrawn"]) == ("slack", "app.uninstalled", 2)
    queue(scene, "late")  # somebody was in the middle of something
    assert app.deliver(START + timedelta(seconds=5)).sent == 0
    assert states(scene)[2:] == [("withdrawn", "not_installed")]


def test_until_then_the_same_row_leaves(scene: Scene) -> None:
    """The negative control: without the event nothing holds the row back."""
    queue(scene)
    assert scene.app.deliver(START + timedelta(seconds=5)).sent == 1


def test_the_token_of_a_person_is_not_the_bot_s() -> None:
    assert event("tokens_revoked", tokens={"oauth": ["U1"], "bot": []}) is None


def test_whoever_is_deactivated_gets_nothing_that_waits(scene: Scene) -> None:
    queue(scene)
    queue(scene, "held", held=True)
    user = {"id": ADA, "team_id": scene.app.workspace, "deleted": True, "profile": {}}
    us = Us(scene.app.workspace, "U0BOT")
    body = {"event_id": "Ev2", "event": {"type": "user_change", "user": user, "event_ts": "1"}}
    arrival = from_event(body, us)
    assert arrival is not None
    scene.app.receive(arrival)
    scene.app.inbox.work(START)
    assert states(scene) == [("withdrawn", "deactivated")] * 2
