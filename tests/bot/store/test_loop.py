"""The rows of the loop: decisions, slots, openers, outcomes and jobs, each in its workspace."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from bot.store import tables
from bot.store.database import Store, Unit
from bot.store.decisions import Decisions, Slots
from bot.store.jobs import Jobs
from bot.store.openers import ARRIVED, ON_THEIR_WAY, Openers
from bot.store.outbox import UNASKED, OutboxRows
from bot.store.outcomes import Outcomes
from recsys.types import OutcomeKind
from tests.bot.scene import NOW, WORKSPACE, populate, shown

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
STATES = ("composed", "held", "queued", "sending", "sent", "closed", "withdrawn", "expired",
          "failed", "unresolved")  # fmt: skip


@pytest.fixture
def filled(store: Store) -> Store:
    populate(store)
    return store


@pytest.fixture
def unit(filled: Store) -> Iterator[Unit]:
    with filled.writing(WORKSPACE) as opened:
        yield opened


def put(store: Store, opener: tables.Opener, kind: str = "opener", state: str = "queued") -> None:
    with store.writing(WORKSPACE) as unit:
        OutboxRows(unit).add(
            member=opener.member_id, kind=kind, dedupe_key=f"{kind}:{opener.id}", content={},
            expires_at=NOW + DAY, now=NOW, opener_id=opener.id if kind == "opener" else None,
        )  # fmt: skip
        row = unit.session.query(tables.Outbox).filter_by(dedupe_key=f"{kind}:{opener.id}").one()
        row.state, row.called_at = state, NOW if state == "sending" else None
        unit.commit()


def test_a_slot_waits_and_is_used_once(unit: Unit) -> None:
    slots = Slots(unit)
    slots.open("ana", "2026-09-07", NOW + HOUR, NOW)
    slots.open("ana", "2026-09-07", NOW + 2 * HOUR, NOW)
    slot = slots.get("ana", "2026-09-07")
    assert slot is not None
    assert (slot.state, slot.best_at, slot.waits_for) == ("waiting", NOW + HOUR, "best_moment")
    assert slots.use("ana", "2026-09-07", NOW + HOUR)
    assert not slots.use("ana", "2026-09-07", NOW + HOUR)
    assert slots.use("ana", "2026-09-08", NOW)
    assert slots.use("bo", "2026-09-07", NOW)
    unit.session.expire_all()
    slot = slots.get("ana", "2026-09-07")
    assert slot is not None
    assert (slot.state, slot.waits_for, slot.checked_at) == ("used", "", NOW + HOUR)
    slots.open("ana", "2026-09-07", NOW + 3 * HOUR, NOW)
    assert not slots.use("ana", "2026-09-07", NOW + 3 * HOUR)


def test_slots_around_a_moment_are_those_of_every_zone_s_date(unit: Unit) -> None:
    slots = Slots(unit)
    for day in range(4, 11):
        slots.open("ana", f"2026-09-{day:02}", NOW, NOW)
    assert sorted(day for _, day in slots.around(NOW)) == ["2026-09-06", "2026-09-07", "2026-09-08"]


def test_a_slot_has_one_decision(filled: Store) -> None:
    shown(filled, "a")
    twin = {"workspace_id": WORKSPACE, "run_id": "run", "member_id": "ana", "slot": "a"}
    with filled.writing(WORKSPACE) as unit, pytest.raises(IntegrityError):
        Decisions(unit).put(
            tables.Decision(
                id="other", at=NOW, verdict="silent", reason="x", rules=[], arm="normal", seed=1,
                policy_version="p", **twin,
            )
        )  # fmt: skip


def test_decisions_are_found_and_counted(filled: Store) -> None:
    for n, arm in enumerate(("normal", "explore", "explore")):
        shown(filled, f"d{n}", at=NOW - n * HOUR)
        with filled.writing(WORKSPACE) as unit:
            unit.session.get_one(tables.Decision, f"de_d{n}").arm = arm
            unit.commit()
    with filled.writing(WORKSPACE) as unit:
        decisions = Decisions(unit)
        assert [one.id for one in decisions.latest(2)] == ["de_d0", "de_d1"]
        assert decisions.latest(9, member="bo") == []
        assert {one.id for one in decisions.starting_with("de_d")} == {"de_d0", "de_d1", "de_d2"}
        assert decisions.starting_with("de%") == []
        assert decisions.explored(NOW - 2 * HOUR) == 2
        assert decisions.explored(NOW - HOUR) == 1
        assert decisions.explored(NOW) == 0
        unit.session.get_one(tables.Decision, "de_d1").verdict = "silent"
        unit.session.flush()
        assert decisions.explored(NOW - 2 * HOUR) == 1
        assert decisions.reasons(NOW - 2 * HOUR, NOW) == {
            "silent": {"worth_it": 1},
            "speak": {"worth_it": 1},
        }
    with filled.reading("W2") as other:
        assert Decisions(other).get("de_d0") is None
        assert Decisions(other).latest(9) == []
        assert Decisions(other).explored(NOW - DAY) == 0


def test_a_run_that_is_repeated_continues_its_row(unit: Unit) -> None:
    decisions = Decisions(unit)
    first = decisions.start_run("again", "plan", NOW)
    assert decisions.start_run("again", "plan", NOW) is first
    decisions.finish_run("again", {"spoken": 3})
    assert unit.session.get_one(tables.Run, "again").summary == {"spoken": 3}


@pytest.mark.parametrize("state", STATES)
def test_which_states_count_for_caps(filled: Store, state: str) -> None:
    sent = NOW if state in ARRIVED else None
    shown(filled, "a", at=NOW - HOUR, state=state, sent_at=sent)
    with filled.reading(WORKSPACE) as unit:
        openers = Openers(unit)
        counted = [one.at for one in openers.lately("ana", NOW - DAY)]
        assert counted == ([sent or NOW - HOUR] if state in ON_THEIR_WAY + ARRIVED else [])
        assert openers.lately("ana", NOW - DAY, leaving_out="op_a") == []
        assert openers.lately("bo", NOW - DAY) == []
        assert openers.undecided("ana") == ({"python-0"} if state in ON_THEIR_WAY else set())
        assert [one.id for one in openers.recent("ana", 5)] == (["op_a"] if sent else [])


def test_every_state_is_one_or_the_other_or_neither() -> None:
    assert set(ON_THEIR_WAY + ARRIVED) < set(STATES)
    assert not set(ON_THEIR_WAY) & set(ARRIVED)


def test_what_was_told_lately_begins_where_it_is_asked_to(filled: Store) -> None:
    for n in range(4):
        shown(filled, str(n), at=NOW - n * DAY)
    with filled.reading(WORKSPACE) as unit:
        found = Openers(unit).lately("ana", NOW - 2 * DAY)
    assert [one.at for one in found] == [NOW - 2 * DAY, NOW - DAY, NOW]


def test_openers_are_found_where_they_stand(filled: Store) -> None:
    shown(filled, "a", address="D1", message_ref="1.0")
    with filled.reading(WORKSPACE) as unit:
        found = Openers(unit).by_message("D1", "1.0")
        assert found is not None
        assert found.id == "op_a"
        assert Openers(unit).by_message("D2", "1.0") is None
    with filled.reading("W2") as other:
        assert Openers(other).by_message("D1", "1.0") is None
        assert Openers(other).get("op_a") is None


def test_what_is_queued_is_withdrawn_and_what_is_being_sent_is_not(filled: Store) -> None:
    queued = shown(filled, "q", state="queued", sent_at=None)
    sending = shown(filled, "s", state="sending", sent_at=None, at=NOW - DAY)
    other = shown(filled, "o", "bo", state="queued", sent_at=None)
    put(filled, queued)
    put(filled, sending, state="sending")
    put(filled, other)
    put(filled, queued, kind="answer")
    with filled.writing(WORKSPACE) as unit:
        assert OutboxRows(unit).withdraw("paused", "ana", UNASKED) == 1
        assert OutboxRows(unit).withdraw("paused", "ana", UNASKED) == 0
        unit.commit()
    with filled.reading(WORKSPACE) as unit:
        states = {one.id: one.state for one in unit.session.query(tables.Opener)}
        rows = {
            one.dedupe_key: (one.state, one.reason) for one in unit.session.query(tables.Outbox)
        }
    assert states == {"op_q": "withdrawn", "op_s": "sending", "op_o": "queued"}
    assert rows == {
        "opener:op_q": ("withdrawn", "paused"),
        "opener:op_s": ("sending", ""),
        "opener:op_o": ("queued", ""),
        "answer:op_q": ("queued", ""),
    }


def test_each_kind_of_outcome_once(filled: Store) -> None:
    opener = shown(filled, "a", at=NOW)
    with filled.writing(WORKSPACE) as unit:
        outcomes = Outcomes(unit)
        assert outcomes.record(opener, OutcomeKind.DISMISSED, NOW + HOUR)
        assert not outcomes.record(opener, OutcomeKind.DISMISSED, NOW + 2 * HOUR, "topic")
        assert not outcomes.record(opener, OutcomeKind.DISMISSED, NOW + 3 * HOUR, "timing")
        assert outcomes.record(opener, OutcomeKind.REPLIED, NOW - HOUR)
        told = [(o.kind, o.at, o.reason, o.seconds_after) for o in outcomes.of("op_a")]
        assert told == [
            ("replied", NOW - HOUR, "", 0.0),
            ("dismissed", NOW + HOUR, "topic", 3600.0),
        ]
        assert outcomes.counts(NOW, NOW + DAY) == {"dismissed": 1}
        assert outcomes.undo("op_a", "dismissed", NOW + 4 * HOUR) is not None
        assert outcomes.undo("op_a", "saved", NOW) is None
        assert outcomes.counts(NOW - DAY, NOW + DAY) == {"replied": 1}
        assert outcomes.record(opener, OutcomeKind.DISMISSED, NOW + 5 * HOUR)
        assert [o.at for o in outcomes.of("op_a")] == [NOW - HOUR, NOW + 5 * HOUR]
        assert outcomes.of("op_a")[1].reason == ""


def test_a_job_is_taken_once_finished_once_and_given_back_while_it_runs(unit: Unit) -> None:
    jobs = Jobs(unit)
    assert jobs.take("plan", "10:00", NOW)
    assert not jobs.take("plan", "10:00", NOW)
    assert jobs.take("plan", "10:15", NOW)
    assert jobs.take("night", "10:00", NOW)
    jobs.finish("plan", "10:00", NOW + HOUR, {"spoken": 1})
    unit.session.flush()
    jobs.release("plan", "10:00")
    assert not jobs.take("plan", "10:00", NOW)
    jobs.release("plan", "10:15")
    unit.session.expire_all()
    assert jobs.take("plan", "10:15", NOW)


def test_windows_that_have_closed(filled: Store) -> None:
    def closed(now: datetime) -> list[str]:
        with filled.writing(WORKSPACE) as unit:
            return [one.id for one in Openers(unit).window_closed(now)]

    shown(filled, "late", at=NOW)
    shown(filled, "early", "bo", at=NOW - HOUR)
    shown(filled, "closed", "cy", at=NOW - DAY, state="closed")
    assert closed(NOW + 10 * HOUR) == []
    assert closed(NOW + 11 * HOUR) == ["op_early"]
    assert closed(NOW + DAY) == ["op_early", "op_late"]
