"""The style that is kept with an opener is the one it was said in, and only those teach."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import Mock

import pytest

from bot.deciding import inputs
from bot.deciding.briefing import Because
from bot.deciding.judging import explained
from bot.learning.off_policy import Target
from bot.openers.styles import FOLLOW_UP, STYLES, suited
from bot.outreach import Attempt
from bot.reading import told
from bot.store import tables
from bot.store.outcomes import Outcomes
from recsys.explore import style_chances
from recsys.reasons import Reason
from recsys.types import MemberId, OutcomeKind
from tests.bot.deciding.test_arms import arms
from tests.bot.learning.test_off_policy import CLOSED, close, logged
from tests.bot.scene import NOW, WORKSPACE, Scene

ARMED = "bo"


@pytest.fixture
def spoken(populated: Scene) -> dict[str, Attempt]:
    """All were told of a lesson, one of them in an arm of a style that no lesson has."""
    made = arms(populated, "style", "check_in")
    return {member: populated.outreach(arms=made).attempt(member, NOW) for member in CLOSED}


def openers(scene: Scene) -> dict[str, tables.Opener]:
    return {opener.member_id: opener for opener in scene.rows(tables.Opener)}


def test_an_opener_keeps_the_style_that_it_was_said_in(
    populated: Scene, spoken: dict[str, Attempt]
) -> None:
    for member, opener in openers(populated).items():
        said = spoken[member].opener
        assert said is not None
        assert opener.style == said.style
        assert opener.style in suited("learning")
        assert (spoken[member].decision.style == opener.style) is (member != ARMED)


def test_a_fallback_into_another_style_teaches_no_style(
    populated: Scene, spoken: dict[str, Attempt]
) -> None:
    with populated.store.writing(WORKSPACE) as unit:
        for opener in unit.session.query(tables.Opener):
            opener.sent_at, opener.state = NOW, "sent"
            Outcomes(unit).record(opener, OutcomeKind.ACCEPTED, NOW)
        unit.commit()
        members = sorted(map(MemberId, CLOSED))
        pool = populated.recommender.view.pipeline.pool
        known = told.read(unit, pool, dict.fromkeys(members, "UTC"), None)
    found = {members[at]: int(style) for at, style in zip(known.member, known.style, strict=True)}
    said = {member: STYLES.index(one.style) for member, one in openers(populated).items()}
    assert found == {**said, ARMED: -1}


def test_nor_does_it_tell_of_a_policy_with_a_style(
    populated: Scene, spoken: dict[str, Attempt]
) -> None:
    close(populated)
    assert spoken[ARMED].speaks
    for style in ("check_in", "offer"):
        found = logged(populated, Target(style=style))
        assert ARMED not in found.columns().groups
    assert len(logged(populated, Target()).rows) == len(CLOSED)


def test_a_style_that_suits_no_lesson_leaves_them_as_they_were(populated: Scene) -> None:
    for member in CLOSED:
        populated.outreach().attempt(member, NOW)
    close(populated)
    assert logged(populated, Target(style="check_in")).columns().within.tolist() == [1.0] * 3


def test_only_what_suits_is_drawn_and_the_kept_inputs_say_so(populated: Scene) -> None:
    view = populated.recommender.view
    facts = populated.facts.gather("ana", NOW, view)
    pool = view.pipeline.pool
    kind = pool.kinds.index("learning")
    chances = dict(zip(STYLES, style_chances(facts.query, pool, kind), strict=True))
    assert {style for style, chance in chances.items() if chance} == set(suited("learning"))
    assert sum(chances.values()) == pytest.approx(1.0)
    kept = inputs.record(facts, populated.policy, view)
    again = inputs.query_from(kept, facts.standing, facts.seed, view)
    assert again.suited == facts.query.suited
    # the control: what was kept before styles slept comes out as it was made
    del kept["query"]["suited"]
    before = inputs.query_from(kept, facts.standing, facts.seed, view)
    assert (style_chances(before, pool, kind) > 0).all()
    assert style_chances(replace(before, suited={"learning": ("news",)}), pool, kind).max() == 1.0


def test_where_no_reason_can_be_told_a_style_that_needs_one_sleeps(populated: Scene) -> None:
    """The item stays, and the kept query draws the same again: a replay agrees."""
    view = populated.recommender.view
    facts = populated.facts.gather("ana", NOW, view)
    silent = Mock(because=lambda *_: Because())
    reasoned = Mock(because=lambda *_: Because(reasons=(Reason("topic", "you follow it", 1.0),)))
    drawn = set()
    for seed in range(40):
        asked = replace(facts, query=replace(facts.query, seed=seed))
        slate = view.pipeline.run(asked.query)
        kept, found, _ = explained(asked, slate, view, silent)
        assert found.chosen is not None
        assert slate.chosen is not None
        assert found.chosen.item == slate.chosen.item
        assert found.chosen.style != FOLLOW_UP
        assert view.pipeline.run(kept.query).chosen == found.chosen
        # the control: with a reason nothing sleeps
        assert explained(asked, slate, view, reasoned)[:2] == (asked, slate)
        drawn.add(slate.chosen.style)
    assert FOLLOW_UP in drawn
