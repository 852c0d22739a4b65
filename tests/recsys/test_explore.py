"""The logged propensities are the true frequencies, and a seed fixes the choice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from recsys.explore import STYLE_RECOVERY, Selector, draw_style, style_chances
from recsys.state import empty_workspace
from recsys.types import MemberId, OutcomeKind, Pick, Query
from tests.recsys.builders import DAY, NOW, exposures, item, member, query, ranked, world

POOL = world([item(str(n)) for n in range(8)])[0]
SLATE = ranked([0.5, 0.42, 0.4, 0.3, 0.1, 0.05, -0.2, -1.0])
DRAWS = 20_000


def picks(selector: Selector, asked: Query, draws: int = DRAWS) -> list[Pick]:
    made = (selector.pick(replace(asked, seed=seed), SLATE) for seed in range(draws))
    return [pick for pick in made if pick is not None]


def test_item_propensities_are_the_frequencies() -> None:
    made = picks(Selector(POOL, epsilon=0.3, top=5), query())
    share = {position: n / DRAWS for position, n in Counter(p.position for p in made).items()}
    logged = {pick.position: pick.item_propensity for pick in made}
    assert set(logged) == {0, 1, 2, 3, 4}
    assert sum(logged.values()) == pytest.approx(1)
    for position, chance in logged.items():
        assert share[position] == pytest.approx(chance, abs=4 * np.sqrt(chance / DRAWS))
    assert sum(pick.explored for pick in made) / DRAWS == pytest.approx(0.3, abs=0.015)


def test_a_propensity_does_not_depend_on_how_the_item_came_to_be_chosen() -> None:
    best = [p for p in picks(Selector(POOL, epsilon=0.5), query(), 500) if p.position == 0]
    assert {pick.explored for pick in best} == {True, False}
    assert len({pick.item_propensity for pick in best}) == 1


def test_style_propensities_are_the_frequencies() -> None:
    told = exposures(
        [(NOW - 20 * DAY + n, 0, OutcomeKind.REPLIED, NOW - 10 * DAY) for n in range(3)],
        styles=[1, 1, 2],
    )
    asked = query(member(exposures=told), styles=("plain", "curious", "brief"))
    made = picks(Selector(POOL), asked)
    share = {style: n / DRAWS for style, n in Counter(p.style for p in made).items()}
    logged = {pick.style: pick.style_propensity for pick in made}
    assert sum(logged.values()) == pytest.approx(1)
    assert len(set(logged.values())) > 1
    for style, chance in logged.items():
        assert share[style] == pytest.approx(chance, abs=4 * np.sqrt(chance / DRAWS))


def test_item_and_style_are_drawn_independently() -> None:
    made = picks(Selector(POOL, epsilon=1.0), query(styles=("a", "b")))
    joint = Counter((pick.position, pick.style) for pick in made)
    for pick in {(p.position, p.style): p for p in made}.values():
        expected = pick.item_propensity * pick.style_propensity
        seen = joint[pick.position, pick.style] / DRAWS
        assert seen == pytest.approx(expected, abs=4 * np.sqrt(expected / DRAWS))


def test_without_exploration_the_best_is_certain() -> None:
    for pick in picks(Selector(POOL, epsilon=0.0), query(), 200):
        assert (pick.position, pick.item_propensity, pick.explored) == (0, 1.0, False)


def test_nothing_below_the_top_is_ever_drawn() -> None:
    made = picks(Selector(POOL, epsilon=1.0, top=3), query(), 2000)
    assert {pick.position for pick in made} == {0, 1, 2}


def test_better_items_are_drawn_more_often() -> None:
    logged = {p.position: p.item_propensity for p in picks(Selector(POOL, epsilon=1.0), query())}
    chances = [logged[position] for position in sorted(logged)]
    assert chances == sorted(chances, reverse=True)


def test_the_same_seed_makes_the_same_pick() -> None:
    selector, asked = Selector(POOL, epsilon=0.5), query(styles=("a", "b"), seed=7)
    assert selector.pick(asked, SLATE) == selector.pick(asked, SLATE)
    assert len({pick.position for pick in picks(selector, query(), 200)}) > 1


def test_a_pick_tells_the_item_it_is() -> None:
    slate = ranked([0.9, 0.1], rows=[6, 2])
    pick = Selector(POOL, epsilon=0.0).pick(query(), slate)
    assert pick is not None
    assert (pick.row, pick.item, pick.position) == (6, "6", 0)
    assert pick.utility == pytest.approx(0.9)
    assert (pick.style, pick.style_propensity) == ("", 1.0)


def test_of_one_candidate_the_propensity_is_one() -> None:
    pick = Selector(POOL, epsilon=1.0).pick(query(), ranked([-3.0]))
    assert pick is not None
    assert pick.item_propensity == pytest.approx(1.0)


def test_what_was_promised_goes_before_what_is_likelier() -> None:
    promise = item("3", kind="reminder", source="member", addressed_to=MemberId("m-1"))
    pool = world([promise if n == 3 else item(str(n)) for n in range(8)])[0]
    selector = Selector(pool, epsilon=1.0)
    for seed in range(50):
        mine = selector.pick(query(member(member=MemberId("m-1")), seed=seed), SLATE)
        assert mine is not None
        assert (mine.item, mine.item_propensity, mine.explored) == ("3", 1.0, False)
        theirs = selector.pick(query(member(member=MemberId("m-2")), seed=seed), SLATE)
        assert theirs is not None
        assert theirs.item_propensity < 1.0


def test_a_reminder_by_others_competes_like_anything_else() -> None:
    other = item("3", kind="reminder", source="pool", addressed_to=MemberId("m-1"))
    pool = world([other if n == 3 else item(str(n)) for n in range(8)])[0]
    pick = Selector(pool, epsilon=0.0).pick(query(member(member=MemberId("m-1"))), SLATE)
    assert pick is not None
    assert pick.item == "0"


def test_of_none_there_is_no_pick() -> None:
    assert Selector(POOL).pick(query(), ranked([])) is None


@pytest.mark.parametrize(
    "wrong", [{"epsilon": -0.1}, {"epsilon": 1.1}, {"top": 0}, {"temperature": 0.0}]
)
def test_impossible_settings_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"epsilon|selector"):
        Selector(POOL, **wrong)  # type: ignore[arg-type]


STYLES = ("a", "b")


def test_a_style_that_this_member_welcomes_is_drawn_more() -> None:
    for outcome, more in ((OutcomeKind.REPLIED, True), (OutcomeKind.DISMISSED, False)):
        events = [(NOW - 60 * DAY + n, 0, outcome, NOW - 50 * DAY) for n in range(4)]
        told = exposures(events, styles=[0] * 4)
        chances = style_chances(query(member(exposures=told), styles=STYLES), POOL, 0)
        assert bool(chances[0] > chances[1]) is more


def test_what_colleagues_welcome_counts_where_the_member_said_nothing() -> None:
    events = [(NOW - 60 * DAY + n, 0, OutcomeKind.REPLIED, NOW - 50 * DAY) for n in range(8)]
    everybody = replace(empty_workspace(), exposures=exposures(events, styles=[1] * 8))
    chances = style_chances(query(workspace=everybody, styles=STYLES), POOL, 0)
    assert chances[1] > chances[0]


def test_the_penalty_for_recent_use_recovers() -> None:
    chances = []
    for age in (0.01, STYLE_RECOVERY, 10 * STYLE_RECOVERY):
        told = exposures([(NOW - age, 0, OutcomeKind.OPEN, np.inf)], styles=[0])
        chances.append(
            float(style_chances(query(member(exposures=told), styles=STYLES), POOL, 0)[0])
        )
    assert chances == sorted(chances)
    assert chances[0] < 0.2
    assert chances[2] == pytest.approx(0.5, abs=0.01)


def test_an_exposure_that_is_open_is_no_refusal() -> None:
    told = exposures([(NOW - 90 * DAY, 0, OutcomeKind.OPEN, np.inf)] * 5, styles=[0] * 5)
    chances = style_chances(query(member(exposures=told), styles=STYLES), POOL, 0)
    assert chances[0] == pytest.approx(0.5, abs=1e-3)


def test_styles_that_no_longer_exist_are_left_out() -> None:
    told = exposures([(NOW - DAY, 0, OutcomeKind.REPLIED, NOW - 60)] * 2, styles=[5, -1])
    assert style_chances(query(member(exposures=told), styles=STYLES), POOL, 0).tolist() == [
        0.5,
        0.5,
    ]


def test_every_draw_finds_a_style() -> None:
    asked = query(styles=("a", "b", "c"))
    assert draw_style(asked, POOL, 0, 0.0)[0] == "a"
    assert draw_style(asked, POOL, 0, np.nextafter(1.0, 0.0))[0] == "c"
    assert draw_style(query(), POOL, 0, 0.5) == ("", 1.0)


MIXED = world([item("0", kind="news"), item("1", kind="work"), item("2", kind="recipe")])[0]
SUITED = {"news": ("a", "b"), "work": ("b", "c"), "recipe": ("d",)}


def kind(name: str) -> int:
    return MIXED.kinds.index(name)


def test_what_does_not_suit_sleeps_and_the_rest_adds_up_to_one() -> None:
    asked = query(styles=("a", "b", "c"), suited=SUITED)
    for name, asleep in (("news", [2]), ("work", [0])):
        chances = style_chances(asked, MIXED, kind(name))
        assert np.flatnonzero(chances == 0).tolist() == asleep
        assert chances.sum() == pytest.approx(1)
        drawn = {draw_style(asked, MIXED, kind(name), n / 500) for n in range(500)}
        assert sum(chance for _, chance in drawn) == pytest.approx(1)
    # where none suits all are awake
    assert style_chances(asked, MIXED, kind("recipe")) == pytest.approx([1 / 3] * 3)


def test_the_style_is_drawn_for_the_item_that_was_picked() -> None:
    selector = Selector(MIXED, epsilon=1.0)
    asked = query(styles=("a", "b", "c", "d"), suited=SUITED)
    slate = ranked([0.5, 0.5, 0.5])
    for seed in range(300):
        pick = selector.pick(replace(asked, seed=seed), slate)
        assert pick is not None
        assert pick.style in SUITED[MIXED.kinds[MIXED.kind[pick.row]]]
        assert pick.style_propensity == pytest.approx(
            1 / len(SUITED[MIXED.kinds[MIXED.kind[pick.row]]])
        )


def test_a_style_gains_nothing_from_a_kind_that_all_welcome() -> None:
    """Of news, in a or b, nothing is welcome; of work, in b or c, everything is."""
    events = [(NOW - 60 * DAY + n, n % 2, (OutcomeKind.DISMISSED, OutcomeKind.REPLIED)[n % 2],
               NOW - 50 * DAY) for n in range(80)]  # fmt: skip
    styles = [(0, 1, 1, 2)[n % 4] for n in range(80)]

    def chances(expected: Sequence[float]) -> list[float]:
        told = exposures(events, styles=styles, expected=[expected[n % 2] for n in range(80)])
        everybody = replace(empty_workspace(), exposures=told)
        asked = query(workspace=everybody, styles=("a", "b", "c"), suited=SUITED)
        return [float(chance) for chance in style_chances(asked, MIXED, kind("work"))]

    alike = chances((0.5, 0.5))
    assert alike[2] > 3 * alike[1]  # the control: expected of all alike, c takes its kind's credit
    apart = chances((0.02, 0.98))
    assert apart[2] < 1.5 * apart[1]


def test_a_style_is_liked_by_whoever_takes_up_more_than_expected_in_it() -> None:
    events = [(NOW - 60 * DAY + n, 0, OutcomeKind.REPLIED, NOW - 50 * DAY) for n in range(4)]
    for expected in (0.1, 0.9, np.nan):
        told = exposures(events, styles=[0] * 4, expected=[expected] * 4)
        chances = style_chances(query(member(exposures=told), styles=STYLES), POOL, 0)
        if np.isnan(expected):
            assert chances[0] == pytest.approx(0.5, abs=1e-3)  # nothing can be said of it
        else:
            assert bool(chances[0] > 0.9) is (expected == 0.1)
