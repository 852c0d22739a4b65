"""What members do, told by Slack more than once and in any order, to a process that may die."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, wait
from pathlib import Path
from typing import Any

import pytest

from bot.app import build
from bot.emulator import payloads
from bot.store import tables
from tests.chaos.figures import ROUNDS, Figures, Tally
from tests.chaos.killing import orders
from tests.chaos.listener import listen
from tests.chaos.processes import Running, result, running
from tests.chaos.scene import Scene, staged
from tests.chaos.worker import finish

OPENERS = 20
EVENTS = 5 * ROUNDS
"""deliveries of events: 1,000 in an ordinary run, 10,000 with `make chaos N=2000`"""
TIMES = 4
"""how often each event is delivered"""


@pytest.fixture
def scene(tmp_path: Path, sqlite_url: str) -> Iterator[Scene]:
    """A workspace in which every member has got an opener."""
    with staged(tmp_path, sqlite_url, OPENERS, redeliver_after=1.0) as made:
        made.put(made.members)
        result(finish, orders(made))
        yield made


def replies(scene: Scene, unique: int, times: int = TIMES) -> list[dict[str, Any]]:
    """Events of that many replies, each as often as it is delivered, in disorder."""
    with scene.store.reading(scene.workspace) as unit:
        openers = unit.session.query(tables.Opener).order_by(tables.Opener.id).all()
    told = []
    for number in range(unique):
        opener = openers[number % len(openers)]
        event = {
            "type": "message", "channel": opener.address, "channel_type": "im",
            "user": opener.member_id, "team": scene.workspace, "text": f"words number {number}",
            "ts": f"{scene.time.seconds() + number / 1000:.6f}", "thread_ts": opener.message_ref,
        }  # fmt: skip
        body = payloads.event_callback(
            scene.emulator.workspace, event, f"Ev{number:08d}", scene.time.seconds()
        )
        told += [body] * times
    random.Random(1).shuffle(told)
    return told


def deliver(scene: Scene, bodies: list[dict[str, Any]]) -> list[Future[Any]]:
    return [scene.emulator._site.hub.deliver("events_api", body) for body in bodies]


def counted(scene: Scene, promised: set[str], faults: int) -> Tally:
    """Of the events that were acknowledged: how often each left its turn; one outcome an opener.

    Lost is also what waits in the inbox for ever.
    """
    app = build(scene.settings, scene.time)  # it has the keys to what members said
    with app.store.reading(scene.workspace) as unit:
        said = [t.text for t in unit.session.query(tables.Turn).all() if t.author == "member"]
        outcomes = Counter(o.opener_id for o in unit.session.query(tables.Outcome).all())
        waiting = unit.session.query(tables.Inbox).filter(tables.Inbox.done_at.is_(None)).count()
    app.close()
    turns = Counter(said)
    assert set(outcomes.values()) <= {1}, "an opener has more than one outcome"
    return Tally(
        faults,
        once=sum(turns[text] == 1 for text in promised),
        doubled=sum(count > 1 for count in turns.values()),
        lost=waiting + sum(text not in turns for text in promised),
    )


def listening(scene: Scene, without: str = "") -> Any:
    return running(listen, scene.settings, scene.folder / "time", without)


def stop(ears: Running) -> None:
    ears.pipe.send("stop")
    assert ears.told(120) == "done"
    assert ears.ended() == 0


def repeated(scene: Scene, without: str = "") -> Tally:
    bodies = replies(scene, EVENTS // TIMES)
    with listening(scene, without) as ears:
        ears.told()
        for start in range(0, len(bodies), 200):  # Slack would not send thousands at once either
            _, late = wait(deliver(scene, bodies[start : start + 200]), timeout=60)
            assert not late
        stop(ears)
    return counted(scene, {str(body["event"]["text"]) for body in bodies}, len(bodies))


def test_events_that_come_again_and_in_disorder(scene: Scene, figures: Figures) -> None:
    tally = figures.note("events, each four times, in disorder", repeated(scene))
    assert tally.harmless
    assert tally.once == EVENTS // TIMES


def test_without_their_key_repetitions_get_into_each_others_way(
    scene: Scene, figures: Figures
) -> None:
    without = "the key"
    tally = figures.control(without, repeated(scene, without))
    assert not tally.harmless


def interrupted(scene: Scene, without: str = "") -> Tally:
    """The ears are killed as soon as some is acknowledged; later others listen on."""
    bodies = replies(scene, 60, times=1)
    with listening(scene, without) as ears:
        ears.told()
        answers = deliver(scene, bodies)
        while sum(answer.done() for answer in answers) < 20:
            time.sleep(0.001)
        ears.kill()
    with listening(scene) as ears:
        ears.told()
        wait(answers, timeout=30)
        stop(ears)
    heard = {
        str(body["event"]["text"])
        for body, answer in zip(bodies, answers, strict=True)
        if answer.done() and answer.exception() is None
    }
    return counted(scene, heard, faults=1)


def test_killed_between_acknowledgement_and_outcome(scene: Scene, figures: Figures) -> None:
    tally = figures.note("kill -9 after the acknowledgement", interrupted(scene))
    assert tally.harmless
    assert tally.once >= 20


def test_what_is_acknowledged_before_it_is_stored_is_lost(scene: Scene, figures: Figures) -> None:
    without = "storing first"
    tally = figures.control(without, interrupted(scene, without))
    assert tally.lost > 0
