"""Only what members agreed to is remembered, and only what had happened by then is known."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from bot.learning.night import Night
from bot.policy.purposes import NAMES
from bot.reading.memory import Memory, load
from bot.store import tables
from bot.store.consents import Consents
from bot.store.outcomes import Outcomes
from bot.store.signals import Signals
from recsys.state import as_of
from recsys.types import Exposures, ItemId, MemberId, MemberState, OutcomeKind
from tests.bot.scene import NOW, WORKSPACE, Scene, said, shown

ANA = MemberId("ana")
SENT = NOW - timedelta(days=3)


def remembered(scene: Scene, *, assume_consent: bool = False) -> Memory:
    pool = scene.recommender.view.pipeline.pool
    with scene.store.reading(WORKSPACE) as unit:
        return load(unit, pool, scene.encoder, assume_consent=assume_consent)


def ana(scene: Scene) -> MemberState:
    return remembered(scene).state(ANA, "UTC", frozenset(NAMES))


def withdraw(scene: Scene, *purposes: str) -> None:
    with scene.store.writing(WORKSPACE) as unit:
        Consents(unit).withdraw("ana", purposes or None, at=NOW)
        unit.commit()


def save(scene: Scene, **changes: Any) -> None:
    with scene.store.writing(WORKSPACE) as unit:
        Signals(unit).save([said("ana", 9, key="more", **changes)])
        unit.commit()


def test_a_signal_carries_its_words_or_its_item(populated: Scene) -> None:
    save(populated, kind="reacted", item="bread-1", text="", at=NOW - timedelta(hours=1))
    state, pool = ana(populated), populated.recommender.view.pipeline.pool
    row = pool.row_of[ItemId("bread-1")]
    assert list(state.signals.row) == [-1, -1, -1, -1, row]
    assert np.array_equal(state.signals.vectors[-1], pool.vectors[row])
    assert np.allclose(np.linalg.norm(state.signals.vectors, axis=1), 1.0)
    assert np.all(np.diff(state.signals.at) > 0)
    touched = remembered(populated).workspace
    assert list(touched.touches_row) == [row]


def test_a_reply_is_known_by_its_own_words_and_by_what_it_touched(populated: Scene) -> None:
    save(populated, kind="replied", item="bread-1", text="an iterator", at=NOW - timedelta(hours=1))
    state, pool = ana(populated), populated.recommender.view.pipeline.pool
    row = pool.row_of[ItemId("bread-1")]
    assert state.signals.row[-1] == row
    assert np.array_equal(state.signals.vectors[-1], populated.encoder.encode(["an iterator"])[0])
    assert not np.array_equal(state.signals.vectors[-1], pool.vectors[row])


def test_only_agreed_purposes_are_read(populated: Scene) -> None:
    save(populated, purpose="reactions", kind="reacted")
    assert len(ana(populated).signals) == 5
    withdraw(populated, "reactions")
    assert len(ana(populated).signals) == 4
    withdraw(populated, "channel_messages")
    assert len(ana(populated).signals) == 0
    everybody = remembered(populated, assume_consent=True)
    assert len(everybody.state(ANA, "UTC", frozenset()).signals) == 5


def test_what_openers_taught_goes_with_the_consent_to_them(populated: Scene) -> None:
    shown(populated.store, "a")
    assert len(ana(populated).exposures) == 1
    assert len(remembered(populated).workspace.exposures) == 1
    withdraw(populated, "openers")
    assert len(ana(populated).exposures) == 0
    assert len(remembered(populated).workspace.exposures) == 0


def test_a_withdrawal_counts_at_once_before_anything_is_read_again(populated: Scene) -> None:
    memory = populated.recommender.view.memory
    assert len(memory.state(ANA, "UTC", frozenset(NAMES)).signals) == 4
    withdraw(populated, "channel_messages")
    facts = populated.facts.gather("ana", NOW)
    assert len(facts.query.member.signals) == 0
    assert len(populated.facts.gather("bo", NOW).query.member.signals) == 4


def test_and_what_they_were_told_is_not_told_again(populated: Scene) -> None:
    shown(populated.store, "a")
    populated.recommender.refresh(WORKSPACE, NOW)
    withdraw(populated, "channel_messages")
    assert len(populated.facts.gather("ana", NOW).query.member.exposures) == 1
    withdraw(populated, "openers")
    assert len(populated.facts.gather("ana", NOW).query.member.exposures) == 0


def test_agreeing_to_more_forgets_nothing(populated: Scene) -> None:
    withdraw(populated, "reactions")
    populated.recommender.refresh(WORKSPACE, NOW)
    with populated.store.writing(WORKSPACE) as unit:
        Consents(unit).grant("ana", ["reactions"], at=NOW, origin="home")
        unit.commit()
    assert len(populated.facts.gather("ana", NOW).query.member.signals) == 4


def test_what_is_yet_to_come_is_not_known(populated: Scene) -> None:
    before = populated.facts.gather("ana", NOW).query
    save(populated, at=NOW, text="sourdough", item="bread-2")
    shown(populated.store, "future", at=NOW + timedelta(hours=1))
    populated.recommender.refresh(WORKSPACE, NOW + timedelta(days=2))
    assert len(populated.recommender.view.memory.states[ANA].signals) == 5
    after = populated.facts.gather("ana", NOW).query
    assert np.array_equal(after.member.signals.at, before.member.signals.at)
    assert len(after.member.exposures) == len(after.workspace.exposures) == 0
    assert after.workspace.touches_row.size == 0
    later = populated.facts.gather("ana", NOW + timedelta(seconds=1)).query
    assert len(later.member.signals) == 5


def fate(scene: Scene, at: datetime | None = None) -> tuple[OutcomeKind, float]:
    state = as_of(ana(scene), (at or NOW).timestamp())
    return OutcomeKind(int(state.exposures.outcome[0])), float(state.exposures.outcome_at[0])


Told = Iterable[tuple[OutcomeKind, float]]

FATES: dict[str, tuple[Told, OutcomeKind]] = {
    "nothing": ((), OutcomeKind.IGNORED),
    "the last counts": (
        ((OutcomeKind.FOLLOWED_UP, 1), (OutcomeKind.DISMISSED, 2)),
        OutcomeKind.DISMISSED,
    ),
    "by time, not by entry": (
        ((OutcomeKind.DISMISSED, 2), (OutcomeKind.FOLLOWED_UP, 1)),
        OutcomeKind.DISMISSED,
    ),
    "silence": (((OutcomeKind.IGNORED, 12),), OutcomeKind.IGNORED),
    "silence yields to a late answer": (
        ((OutcomeKind.IGNORED, 12), (OutcomeKind.REPLIED, 30)),
        OutcomeKind.REPLIED,
    ),
    "and to an early one": (
        ((OutcomeKind.REPLIED, 1), (OutcomeKind.IGNORED, 12)),
        OutcomeKind.REPLIED,
    ),
}


@pytest.mark.parametrize("what", FATES)
def test_what_became_of_an_opener(populated: Scene, what: str) -> None:
    told, kind = FATES[what]
    opener = shown(populated.store, "a", at=SENT)
    tell(populated, opener, told)
    found, at = fate(populated)
    assert found is kind
    hours = next((h for k, h in told if k is kind), 12.0)
    assert at == (SENT + timedelta(hours=hours)).timestamp()


def test_silence_is_known_as_the_window_closes_whenever_the_night_comes(populated: Scene) -> None:
    shown(populated.store, "a", at=SENT)
    closes = SENT + timedelta(hours=12)
    assert fate(populated, closes) == (OutcomeKind.OPEN, np.inf)
    moment = closes + timedelta(seconds=1)
    live = as_of(ana(populated), moment.timestamp()).exposures
    window = timedelta(hours=12)
    night = Night(
        populated.store, WORKSPACE, populated.recommender, populated.registry, window, seed=0
    )
    assert night.close_windows(NOW) == 1
    trained = as_of(ana(populated), moment.timestamp()).exposures
    for name in Exposures.__dataclass_fields__:
        assert getattr(live, name).tolist() == pytest.approx(
            getattr(trained, name).tolist(), nan_ok=True
        ), name


def tell(scene: Scene, opener: tables.Opener, told: Told) -> None:
    with scene.store.writing(WORKSPACE) as unit:
        for kind, hours in told:
            assert Outcomes(unit).record(opener, kind, SENT + timedelta(hours=hours))
        unit.commit()


def test_what_was_taken_back_does_not_count(populated: Scene) -> None:
    opener = shown(populated.store, "a", at=SENT)
    tell(populated, opener, [(OutcomeKind.REPLIED, 1), (OutcomeKind.DISMISSED, 2)])
    with populated.store.writing(WORKSPACE) as unit:
        outcomes = Outcomes(unit)
        assert outcomes.undo(opener.id, "dismissed", SENT + timedelta(hours=3)) is not None
        assert outcomes.undo(opener.id, "dismissed", SENT + timedelta(hours=3)) is None
        unit.commit()
    assert fate(populated)[0] is OutcomeKind.REPLIED
    with populated.store.writing(WORKSPACE) as unit:
        again = SENT + timedelta(hours=4)
        assert Outcomes(unit).record(opener, OutcomeKind.DISMISSED, again, "topic")
        unit.commit()
    assert fate(populated) == (OutcomeKind.DISMISSED, (SENT + timedelta(hours=4)).timestamp())


def test_an_outcome_is_known_from_its_own_moment_on(populated: Scene) -> None:
    opener = shown(populated.store, "a", at=SENT)
    tell(populated, opener, [(OutcomeKind.REPLIED, 2)])
    assert fate(populated, SENT + timedelta(hours=2))[0] is OutcomeKind.OPEN
    assert fate(populated, SENT + timedelta(hours=2, seconds=1))[0] is OutcomeKind.REPLIED


@pytest.mark.parametrize("state", ["queued", "sending", "withdrawn", "failed", "expired", "held"])
def test_what_did_not_arrive_is_no_exposure(populated: Scene, state: str) -> None:
    shown(populated.store, "a", state=state, sent_at=None)
    assert len(ana(populated).exposures) == 0


def test_what_was_expected_of_an_opener_is_read_with_it(populated: Scene) -> None:
    for name in ("a", "b"):
        shown(populated.store, name)
    with populated.store.writing(WORKSPACE) as unit:
        unit.session.get_one(tables.Decision, "de_b").engages = 0.375
        unit.commit()
    for expected in (
        ana(populated).exposures.expected,
        remembered(populated).workspace.exposures.expected,
    ):
        assert np.isnan(expected[0])
        assert expected[1] == 0.375


def test_hours_are_those_of_the_member_s_wall(populated: Scene) -> None:
    populated.change("ana", zone="Asia/Kolkata")
    shown(populated.store, "a", at=SENT.replace(hour=10))
    assert list(ana(populated).exposures.hour) == [15]


def test_a_team_is_whoever_bears_its_name(populated: Scene) -> None:
    assert ana(populated).mates == frozenset()
    with populated.store.writing(WORKSPACE) as unit:
        for member, team in (("ana", "platform"), ("bo", "platform"), ("cy", "")):
            unit.session.get_one(tables.Member, (WORKSPACE, member)).team = team
        unit.commit()
    assert ana(populated).mates == {ANA, MemberId("bo")}
    assert remembered(populated).states[MemberId("cy")].mates == frozenset()
