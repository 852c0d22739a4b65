"""A challenger beside what serves: kept and compared, and without any effect on a decision."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from bot.deciding.variants import Variants
from bot.learning.shadow import Beside, Shadow, compared, read
from bot.planning import Pass
from bot.store import tables
from bot.store.outcomes import Outcomes
from recsys import ranker
from recsys.types import OutcomeKind, Version
from tests.bot.deciding.test_arms import registered
from tests.bot.scene import MEMBERS, NOW, WORKSPACE, Scene


@pytest.fixture
def challenged(populated: Scene) -> Scene:
    """The prior serves, and a model is scored beside it."""
    populated.registry.cast_shadow(Version(registered(populated)))
    return populated


def plan(scene: Scene) -> Pass:
    return scene.planner().plan(MEMBERS, NOW, wait_for_moment=False)


def watch(scene: Scene, done: Pass) -> int:
    shadow = Shadow(scene.store, WORKSPACE, scene.registry, Variants(scene.registry))
    return shadow.watch(done.attempts)


def kept(scene: Scene) -> list[Beside]:
    with scene.store.reading(WORKSPACE) as unit:
        return read(unit, "m0001")


def test_each_decision_is_scored_with_its_own_features(challenged: Scene) -> None:
    done = plan(challenged)
    assert watch(challenged, done) == len(MEMBERS)
    model = challenged.registry.load(Version("m0001")).model
    rows = {row.decision_id: row for row in challenged.rows(tables.ShadowScore)}
    for one in done.attempts:
        assert one.slate is not None
        assert one.slate.chosen is not None
        row, table = rows[one.decision.id], one.slate.ranked.matrix[:10]
        said = model.engages.probability(table)
        assert row.served_engages == pytest.approx(float(said[one.slate.chosen.position]))
        assert row.model_version == "m0001"
        own = [top["item"] for top in (one.decision.slate or {})["top"]].index(row.item_id)
        assert row.engages == pytest.approx(float(said[own]))


def everything_but_shadows(scene: Scene) -> dict[str, Any]:
    rows = scene.everything()
    del rows["shadow_scores"]
    return rows


def test_no_decision_is_another_for_it(challenged: Scene) -> None:
    done = plan(challenged)
    before = everything_but_shadows(challenged)
    made = [(one.decision.item_id, one.decision.p_item, one.decision.engages)
            for one in done.attempts]  # fmt: skip
    watch(challenged, done)
    assert everything_but_shadows(challenged) == before
    assert challenged.recommender.view.version == "prior"
    assert challenged.registry.current() is None
    assert made == [(one.decision.item_id, one.decision.p_item, one.decision.engages)
                    for one in done.attempts]  # fmt: skip


def test_it_costs_its_own_prediction_and_no_features(
    challenged: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, rows = plan(challenged), []
    plain = ranker.rescored

    def counted(model: Any, matrix: Any) -> Any:
        rows.append(len(matrix))
        return plain(model, matrix)

    monkeypatch.setattr("bot.learning.shadow.rescored", counted)
    monkeypatch.setattr(ranker, "features_of", None)
    assert watch(challenged, done) == len(MEMBERS)
    assert len(rows) == len(MEMBERS)
    assert max(rows) <= 10


def test_one_that_breaks_harms_nothing(challenged: Scene, caplog: pytest.LogCaptureFixture) -> None:
    manifest = challenged.registry.root / "m0001" / "manifest.json"
    manifest.write_bytes(manifest.read_bytes()[:-40])
    done = plan(challenged)
    with caplog.at_level(logging.ERROR, "overture.shadow"):
        assert watch(challenged, done) == 0
    assert len(done.attempts) == len(MEMBERS)
    assert "could not be asked" in caplog.text


def test_what_serves_is_not_its_own_challenger(populated: Scene) -> None:
    assert watch(populated, plan(populated)) == 0
    populated.registry.cast_shadow(Version("prior"))
    assert watch(populated, plan(populated)) == 0
    assert populated.rows(tables.ShadowScore) == []


def test_both_are_compared_on_what_came(challenged: Scene) -> None:
    watch(challenged, plan(challenged))
    known = kept(challenged)
    assert len(known) == len(MEMBERS)
    assert all(np.isnan(one.engaged) for one in known)
    with challenged.store.writing(WORKSPACE) as unit:
        for opener in unit.session.query(tables.Opener):
            opener.state, opener.sent_at = "closed", opener.created_at
            kind = OutcomeKind.ACCEPTED if opener.member_id == "ana" else OutcomeKind.DISMISSED
            Outcomes(unit).record(opener, kind, NOW + timedelta(minutes=5))
        unit.commit()
    told = compared(kept(challenged), seed=0)
    assert (told["decisions"], told["closed"]) == (3, 3)
    came = np.array([one.engaged for one in kept(challenged)])
    said = np.array([one.challenger for one in kept(challenged)])
    by_hand = -np.mean(came * np.log(said) + (1 - came) * np.log(1 - said))
    assert told["log_loss"][1] == pytest.approx(by_hand)


def beside(count: int, better: bool) -> Iterator[Beside]:
    """Openers half of which are taken up; one side knows which, the other says half."""
    for n in range(count):
        came = float(n % 2)
        knows, guesses = (0.8 if came else 0.2), 0.5
        served, challenger = (guesses, knows) if better else (knows, guesses)
        yield Beside(f"m{n % 20}", served, challenger, True, n % 4 == 0, came, 1.0)


@pytest.mark.parametrize("better", [True, False])
def test_the_gain_says_who_foretells_better(better: bool) -> None:
    told = compared(list(beside(200, better)), seed=0)
    assert (told["gain"]["low"] > 0, told["gain"]["high"] < 0) == (better, not better)
    assert told["auc"][1 if better else 0] == 1.0
    assert told["otherwise"] == 50


def test_without_anything_closed_it_claims_nothing() -> None:
    told = compared([], seed=0)
    assert told["log_loss"] == [None, None]
    assert told["auc"] == [None, None]
    assert told["gain"] == {"value": None, "low": None, "high": None}
