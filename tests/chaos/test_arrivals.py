"""What members do, told by Slack more than once and in any order, to a process that may die."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, wait
from pathlib import Path
from typing import Any

import pytest

from bot.app import build
from bot.store import tables
from tests.chaos.figures import ROUNDS, Figures, Tally
from tests.chaos.inbound import Telling, Told, in_disorder, mixed
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
QUIET = ("press", "edit", "delete")
"""kinds of arrivals whose effect leaves no words of its own; counted as they were worked off"""


@pytest.fixture
def scene(tmp_path: Path, sqlite_url: str) -> Iterator[Scene]:
    """A workspace in which every member has got an opener."""
    with staged(tmp_path, sqlite_url, OPENERS, redeliver_after=1.0) as made:
        made.put(made.members)
        result(finish, orders(made))
        yield made


def deliver(scene: Scene, told: list[Told]) -> list[Future[Any]]:
    hub = scene.emulator._site.hub
    return [hub.deliver(one.kind, one.body) for one in told]


def counted(scene: Scene, promised: set[Told], faults: int) -> Tally:
    """Of what was acknowledged: how often each had its effect; one outcome of a kind an opener.

    Lost is also what waits in the inbox for ever. `kept_back` are words that were deleted, and
    edits that came before what they edit.
    """
    app = build(scene.settings, scene.time)  # it has the keys to what members said
    with app.store.reading(scene.workspace) as unit:
        said = [t.text for t in unit.session.query(tables.Turn).all() if t.author == "member"]
        heard = unit.session.query(tables.Inbox).all()
        outcomes = Counter(
            (one.opener_id, one.kind) for one in unit.session.query(tables.Outcome).all()
        )
        answered = [row.dedupe_key for row in unit.session.query(tables.Outbox).all()]
        waiting = sum(row.done_at is None or row.error != "" for row in heard)
    app.close()
    assert set(outcomes.values()) <= {1}, "an opener has an outcome twice"
    effects = Counter(text.removesuffix(" edited") for text in said)
    # a control adds to the key what makes each delivery another one
    effects += Counter(":".join(row.key.split(":")[:2]) for row in heard if row.kind in QUIET)
    effects += Counter(":".join(k.split(":")[1:3]) for k in answered if k.startswith("command:"))
    deleted = {one.says for one in promised if one.what == "deletion"}
    found: Counter[str] = Counter()
    for one in promised:
        count = effects[one.says if one.what == "reply" else one.key]
        late = one.what == "edit" or (one.what == "reply" and one.says in deleted)
        found["doubled" if count > 1 else "once" if count else "kept_back" if late else "lost"] += 1
    found["lost"] += waiting
    return Tally(faults, **found)


def listening(scene: Scene, without: str = "") -> Any:
    return running(listen, scene.settings, scene.folder / "time", without)


def stop(ears: Running) -> None:
    ears.pipe.send("stop")
    assert ears.told(max(120, EVENTS / 10)) == "done"  # what was acknowledged is worked off first
    assert ears.ended() == 0


def repeated(scene: Scene, without: str = "") -> Tally:
    bodies = in_disorder(mixed(Telling.of(scene), EVENTS // TIMES), TIMES)
    with listening(scene, without) as ears:
        ears.told()
        for start in range(0, len(bodies), 200):  # Slack would not send thousands at once either
            _, late = wait(deliver(scene, bodies[start : start + 200]), timeout=60)
            assert not late
        stop(ears)
    return counted(scene, set(bodies), len(bodies))


def test_events_that_come_again_and_in_disorder(scene: Scene, figures: Figures) -> None:
    tally = figures.note(
        "replies, edits, deletions, presses, commands, each four times", repeated(scene)
    )
    assert tally.harmless
    assert tally.once + tally.kept_back == EVENTS // TIMES
    assert tally.kept_back <= EVENTS // TIMES / 5  # a tenth are deleted, a tenth are edits


def test_without_their_key_repetitions_get_into_each_others_way(
    scene: Scene, figures: Figures
) -> None:
    without = "the key"
    tally = figures.control(without, repeated(scene, without))
    assert not tally.harmless


def interrupted(scene: Scene, without: str = "") -> Tally:
    """The ears are killed as soon as some is acknowledged; later others listen on."""
    telling = Telling.of(scene)
    bodies = in_disorder([telling.reply(number) for number in range(60)], 1)
    with listening(scene, without) as ears:
        ears.told()
        answers = deliver(scene, bodies)
        while sum(map(_is_acknowledged, answers)) < 20:
            time.sleep(0.001)
        ears.kill()
    with listening(scene) as ears:
        ears.told()
        wait(answers, timeout=30)
        stop(ears)
    heard = {body for body, answer in zip(bodies, answers, strict=True) if _is_acknowledged(answer)}
    return counted(scene, heard, faults=1)


def _is_acknowledged(answer: Future[Any]) -> bool:
    return answer.done() and answer.exception() is None


def test_killed_between_acknowledgement_and_outcome(scene: Scene, figures: Figures) -> None:
    tally = figures.note("kill -9 after the acknowledgement", interrupted(scene))
    assert tally.harmless
    assert tally.once >= 20


def test_what_is_acknowledged_before_it_is_stored_is_lost(scene: Scene, figures: Figures) -> None:
    without = "storing first"
    tally = figures.control(without, interrupted(scene, without))
    assert tally.lost > 0
