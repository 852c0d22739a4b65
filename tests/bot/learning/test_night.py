"""The night: silence becomes a label once, and a model serves only if it may."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest

from bot.deciding.recommender import Recommender
from bot.learning.night import Night
from bot.simulating.settling import settle
from bot.store import tables
from bot.store.database import Store, connect
from bot.store.outcomes import Outcomes
from recsys.features import matrix
from recsys.simulation import Portrait
from recsys.training import TrainingResult, train
from recsys.types import Item, MemberId, OutcomeKind
from tests.bot.scene import NOW, WORDS, WORKSPACE, Scene, item, policy, populate, shown
from tests.bot.test_at_once import at_once
from tests.recsys import classroom
from tests.recsys.builders import NOW as THEN

WINDOW = timedelta(hours=12)
SENT = NOW - timedelta(days=3)


def night(scene: Scene) -> Night:
    return Night(scene.store, WORKSPACE, scene.recommender, scene.registry, WINDOW, seed=0)


def tell(scene: Scene, opener: tables.Opener, kind: OutcomeKind, at: datetime) -> bool:
    with scene.store.writing(WORKSPACE) as unit:
        told = Outcomes(unit).record(opener, kind, at)
        unit.commit()
    return told


def outcomes(scene: Scene) -> list[tuple[str, datetime]]:
    return [(one.kind, one.at) for one in scene.rows(tables.Outcome)]


def test_a_window_closes_once_and_not_before_its_time(populated: Scene) -> None:
    shown(populated.store, "a", at=SENT)
    closes = SENT + WINDOW
    assert night(populated).close_windows(closes - timedelta(seconds=1)) == 0
    assert outcomes(populated) == []
    assert night(populated).close_windows(closes + timedelta(hours=5)) == 1
    assert outcomes(populated) == [("ignored", closes)]
    assert night(populated).close_windows(closes + timedelta(days=1)) == 0
    assert outcomes(populated) == [("ignored", closes)]
    (opener,) = populated.rows(tables.Opener)
    assert (opener.state, opener.closed_at) == ("closed", closes + timedelta(hours=5))


@pytest.mark.parametrize("kind", [k for k in OutcomeKind if k.name not in ("OPEN", "IGNORED")])
def test_whoever_did_anything_did_not_ignore_it(populated: Scene, kind: OutcomeKind) -> None:
    opener = shown(populated.store, "a", at=SENT)
    tell(populated, opener, kind, SENT + timedelta(minutes=5))
    assert night(populated).close_windows(NOW) == 1
    assert outcomes(populated) == [(kind.name.lower(), SENT + timedelta(minutes=5))]


def test_what_was_taken_back_leaves_silence(populated: Scene) -> None:
    opener = shown(populated.store, "a", at=SENT)
    tell(populated, opener, OutcomeKind.DISMISSED, SENT + timedelta(minutes=5))
    with populated.store.writing(WORKSPACE) as unit:
        Outcomes(unit).undo(opener.id, "dismissed", SENT + timedelta(minutes=6))
        unit.commit()
    night(populated).close_windows(NOW)
    assert {kind for kind, _ in outcomes(populated)} == {"dismissed", "ignored"}
    with populated.store.reading(WORKSPACE) as unit:
        assert [one.kind for one in Outcomes(unit).of(opener.id)] == ["ignored"]


def test_a_late_answer_still_counts(populated: Scene) -> None:
    opener = shown(populated.store, "a", at=SENT)
    night(populated).close_windows(SENT + WINDOW)
    late = SENT + timedelta(hours=40)
    assert tell(populated, opener, OutcomeKind.REPLIED, late)
    view = populated.recommender.refresh(WORKSPACE, NOW)
    exposures = view.memory.workspace.exposures
    assert [OutcomeKind(int(kind)) for kind in exposures.outcome] == [OutcomeKind.REPLIED]
    assert exposures.outcome_at[0] == late.timestamp()


@pytest.mark.parametrize("state", ["queued", "sending", "withdrawn", "failed", "unresolved"])
def test_what_may_not_have_arrived_was_not_ignored(populated: Scene, state: str) -> None:
    shown(populated.store, "a", at=SENT, state=state)
    assert night(populated).close_windows(NOW) == 0
    assert outcomes(populated) == []


def test_two_nights_at_once_close_each_window_once(populated: Scene) -> None:
    for n, member in enumerate(("ana", "bo", "cy")):
        shown(populated.store, str(n), member, at=SENT)
    counts = at_once(*[lambda: night(populated).close_windows(NOW)] * 3)
    assert sum(counts) == 3
    assert len(outcomes(populated)) == 3


def test_too_little_teaches_nothing_and_says_so(populated: Scene) -> None:
    shown(populated.store, "a", at=SENT)
    closing = night(populated)
    closing.close_windows(NOW)
    populated.recommender.refresh(WORKSPACE, NOW)
    trained = closing.train(NOW, "outcome")
    told = trained.summary()
    assert (told["version"], told["promoted"], told["served_before"]) == (None, False, "prior")
    assert "too few lessons: 1" in told["reason"]
    assert populated.registry.versions() == ()


def test_what_is_deleted_while_it_learns_is_worked_out_anew_the_next_night(
    populated: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown(populated.store, "a", at=SENT)
    learning = night(populated)
    learning.close_windows(NOW)
    populated.recommender.refresh(WORKSPACE, NOW)
    worked = Mock(side_effect=matrix)
    monkeypatch.setattr("recsys.made_of.matrix", worked)

    def deleted_meanwhile(*args: Any, **more: Any) -> TrainingResult:
        learning.forget()
        return train(*args, **more)

    for of_night, works in ((train, 1), (train, 0), (deleted_meanwhile, 0), (train, 1)):
        worked.reset_mock()
        monkeypatch.setattr("bot.learning.night.train", of_night)
        learning.train(NOW, "outcome")
        assert worked.call_count == works, of_night


def test_the_past_is_read_again_only_for_a_new_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled = settle([Portrait(MemberId("ana"), "UTC")], 2, NOW, tmp_path, seed=0)
    app, read = settled.app, [0]
    refresh = Recommender.refresh

    def counted(self: Recommender, *args: Any, **more: Any) -> Any:
        read[0] += 1
        return refresh(self, *args, **more)

    monkeypatch.setattr(Recommender, "refresh", counted)
    assert not app.run_night(NOW)[1].result.promoted
    assert read == [1]
    learned = train(classroom.taught(), classroom.pool(), seed=7, now=THEN, serving=None)
    monkeypatch.setattr("bot.learning.night.train", lambda *args, **more: learned)
    _, trained = app.run_night(NOW)
    assert trained.result.promoted
    assert read == [3]
    assert app.recommender.view.version == trained.version
    app.close()


def test_an_unknown_origin_is_refused(populated: Scene) -> None:
    with pytest.raises(ValueError, match="unknown origin 'rumour'"):
        night(populated).train(NOW, "rumour")  # type: ignore[arg-type]


MEMBERS = tuple(f"m{n:02}" for n in range(15))
LONG_AGO = NOW - timedelta(days=60)


def lively(scene: Scene, pool: Sequence[Item]) -> None:
    """Weeks of openers: learning items are mostly taken up, news hardly ever."""
    dice = np.random.default_rng(0)
    rows: list[Any] = []
    for m, member in enumerate(MEMBERS):
        for n, chosen in enumerate(dice.choice(len(pool), 24, replace=False)):
            told = pool[int(chosen)]
            at = LONG_AGO + timedelta(days=2 * n, minutes=float(dice.uniform(0, 600)))
            glad = dice.random() < (0.75 if told.kind == "learning" else 0.08)
            rows.append((f"{m}-{n}", member, told.id, at, glad))
    with scene.store.writing(WORKSPACE) as unit:
        for name, member, item_id, at, _ in rows:
            unit.session.add(_decision(name, member, at))
            unit.session.flush()
            unit.session.add(_opener(name, member, item_id, at))
        unit.session.flush()
        for name, member, _, at, glad in rows:
            kind = "followed_up" if glad else "ignored"
            unit.session.add(
                tables.Outcome(
                    workspace_id=WORKSPACE, opener_id=f"op_{name}", member_id=member, kind=kind,
                    at=at + (timedelta(minutes=9) if glad else WINDOW), seconds_after=1.0,
                )
            )  # fmt: skip
        unit.commit()


def _decision(name: str, member: str, at: datetime) -> tables.Decision:
    return tables.Decision(
        id=f"de_{name}", workspace_id=WORKSPACE, run_id="run", member_id=member, slot=name, at=at,
        verdict="speak", reason="worth_it", rules=[], arm="normal", seed=1, policy_version="p",
    )  # fmt: skip


def _opener(name: str, member: str, item_id: str, at: datetime) -> tables.Opener:
    return tables.Opener(
        id=f"op_{name}", workspace_id=WORKSPACE, decision_id=f"de_{name}", member_id=member,
        item_id=item_id, state="closed", text="Shall we?", why="", style="offer",
        prompt="template@1", language_model="template", created_at=at, sent_at=at,
        window_closes_at=at + WINDOW, closed_at=at + WINDOW,
    )  # fmt: skip


@pytest.fixture
def taught(sqlite_url: str, tmp_path: Path) -> Any:
    store = Store(connect(sqlite_url))
    published = (LONG_AGO - timedelta(days=1)).timestamp()
    pool = [
        item(f"{kind}-{n}", list(WORDS)[n % 2], kind=kind, published=published - n * 3600)
        for n in range(20)
        for kind in ("learning", "news")
    ]
    populate(store, members=MEMBERS, pool=pool)
    scene = Scene(store, tmp_path, policy())
    lively(scene, pool)
    yield scene
    store.close()


def test_a_model_that_learned_something_is_promoted_and_serves(taught: Scene) -> None:
    assert taught.recommender.view.version == "prior"
    trained = night(taught).train(NOW, "outcome")
    assert trained.result.promoted, trained.result.reason
    assert trained.summary()["counts"]["lessons_outcome"] > 300
    assert taught.recommender.view.version == "prior"  # until it is refreshed
    assert taught.recommender.refresh(WORKSPACE, NOW).version == trained.version == "m0001"
    decision = taught.outreach().attempt("m00", NOW).decision
    assert decision.model_version == "m0001"
    again = night(taught).train(NOW, "outcome")
    assert (again.served_before, again.version) == ("m0001", "m0002")


def test_a_model_may_be_judged_without_being_promoted(taught: Scene) -> None:
    trained = night(taught).train(NOW, "outcome", promote=False)
    assert trained.version == "m0001"
    assert taught.registry.current() is None
    assert taught.recommender.refresh(WORKSPACE, NOW).version == "prior"


def test_a_window_that_is_open_teaches_nothing(taught: Scene) -> None:
    then = LONG_AGO + timedelta(days=20)
    before = night(taught).train(then, "outcome", promote=False).result.counts
    with taught.store.writing(WORKSPACE) as unit:
        unit.session.query(tables.Outcome).filter(
            tables.Outcome.at > then - timedelta(hours=1)
        ).update({"kind": "opted_out"})
        unit.commit()
    taught.recommender.refresh(WORKSPACE, NOW)
    assert night(taught).train(then, "outcome", promote=False).result.counts == before
