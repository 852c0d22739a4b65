"""Guardrails: an arm that is refused or left over is stopped, by figures that say so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.experiments import Experiment
from bot.learning.guardrails import LEAST, ArmFigures, figures, watch
from bot.store import tables
from bot.store.arms import ArmStops
from bot.store.database import Store
from bot.store.members import Members, Person
from bot.store.outcomes import Outcomes
from recsys.types import OutcomeKind
from tests.bot.scene import NOW, WORKSPACE, populate, shown

HALVES = Experiment.model_validate(
    {"varies": "threshold", "arms": {"as_is": {"share": 0.5}, "low": {"share": 0.5, "value": 0.1}}}
)
RUNNING = {"bars": HALVES}
NIGHT = NOW + timedelta(days=1)


def lived(store: Store, arm: str, openers: int, **came: int) -> None:
    """So many closed openers of an arm, each another member's; `came` is what of how many."""
    kinds = [OutcomeKind[kind.upper()] for kind, count in came.items() for _ in range(count)]
    people = [f"{arm}-{n}" for n in range(openers)]
    with store.writing(WORKSPACE) as unit:
        Members(unit).save([Person(one) for one in people], at=NOW)
        unit.commit()
    for n, member in enumerate(people):
        opener = shown(store, f"{member}", member, state="closed")
        with store.writing(WORKSPACE) as unit:
            decision = unit.session.get_one(tables.Decision, opener.decision_id)
            decision.inputs = {"arms": {"bars": {"arm": arm}}}
            Outcomes(unit).record(opener, kinds[n] if n < len(kinds) else OutcomeKind.IGNORED, NOW)
            unit.commit()


def look(store: Store) -> tuple[list[str], dict[str, ArmFigures]]:
    """What the night stops, and the figures of each arm."""
    with store.writing(WORKSPACE) as unit:
        stopped = [found.arm for _, found in watch(unit, RUNNING, NIGHT, seed=0)]
        told = {one.arm: one for one in figures(unit, "bars", HALVES, NIGHT, seed=0)}
        unit.commit()
    return stopped, told


@pytest.fixture
def quiet(store: Store) -> Store:
    """A control that is refused now and then."""
    populate(store)
    lived(store, "as_is", 30, accepted=10, dismissed=2)
    return store


def test_an_arm_that_is_refused_more_is_stopped(quiet: Store) -> None:
    lived(quiet, "low", 30, accepted=10, dismissed=15)
    stopped, told = look(quiet)
    assert stopped == ["low"]
    assert told["low"].broken == "dismissals"
    assert told["low"].dismissals.value == pytest.approx(0.5)
    assert told["low"].against["dismissals"].value == pytest.approx(0.5 - 2 / 30)
    with quiet.reading(WORKSPACE) as unit:
        (row,) = ArmStops(unit).rows()
        assert ArmStops(unit).stopped() == {"bars": {"low"}}
    assert (row.experiment, row.arm, row.stopped_by) == ("bars", "low", "dismissals")
    assert row.figures["against_control"]["dismissals"]["low"] > 0


def test_an_arm_that_is_refused_as_often_runs_on(quiet: Store) -> None:
    """The control: the same figures on both sides stop nobody."""
    lived(quiet, "low", 30, accepted=10, dismissed=3)
    stopped, told = look(quiet)
    assert stopped == []
    assert told["low"].against["dismissals"].low < 0 < told["low"].against["dismissals"].high


def test_few_who_leave_are_enough_where_none_left_before(quiet: Store) -> None:
    lived(quiet, "low", 30, accepted=10, opted_out=4)
    stopped, told = look(quiet)
    assert (stopped, told["low"].broken) == (["low"], "opt_outs")


def test_too_few_openers_stop_nobody(quiet: Store) -> None:
    lived(quiet, "low", LEAST - 1, dismissed=LEAST - 1)
    stopped, told = look(quiet)
    assert stopped == []
    assert told["low"].openers == LEAST - 1


def test_openers_that_are_open_or_old_do_not_count(quiet: Store) -> None:
    lived(quiet, "low", 30, dismissed=30)
    with quiet.writing(WORKSPACE) as unit:
        for opener in unit.session.query(tables.Opener):
            if opener.member_id.startswith("low-"):
                opener.state = "sent"
        unit.commit()
    assert look(quiet)[0] == []
    with quiet.writing(WORKSPACE) as unit:
        for opener in unit.session.query(tables.Opener):
            opener.state = "closed"
        for decision in unit.session.query(tables.Decision):
            decision.at = NOW - timedelta(days=40)
        unit.commit()
    stopped, told = look(quiet)
    assert (stopped, told["low"].openers) == ([], 0)


def test_a_resumed_arm_starts_over(quiet: Store) -> None:
    lived(quiet, "low", 30, dismissed=30)
    assert look(quiet)[0] == ["low"]
    assert look(quiet)[0] == []
    with quiet.writing(WORKSPACE) as unit:
        assert ArmStops(unit).resume("bars", "low", NOW)
        assert not ArmStops(unit).resume("bars", "low", NOW)
        assert ArmStops(unit).stopped() == {}
        unit.commit()
    stopped, told = look(quiet)
    assert (stopped, told["low"].openers, told["as_is"].openers) == ([], 0, 30)
