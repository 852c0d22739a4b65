"""Every rule by a table of cases; every wired rule decides at least one of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from bot.policy.facts import WrittenRule
from bot.policy.gate import Rule, RuleResult, Verdict, judge
from bot.policy.rules import (
    ANSWER_RULES,
    ASKED_RULES,
    EXPLORES_ABOVE,
    ITEM_RULES,
    OFFER_RULES,
    PROMISED,
    REACH_RULES,
    WELCOME_RULES,
    Offer,
)
from bot.policy.vocabulary import Offered
from recsys.filters import FILTERS
from recsys.types import Pick
from tests.bot.policy.facts import NOW, hours, limits, offer, pick, standing

SATURDAY = NOW + hours(5 * 24)
BUSY: dict[str, Any] = {"sent_today": 1, "sent_week": 3, "last_sent_at": NOW - hours(1)}
LOOSE = limits(daily_cap=9, weekly_cap=9, cooldown_hours=0)
MORNINGS = (WrittenRule("mornings", 2, "hour >= 12"),)
NO_BREAD = (WrittenRule("bread", 1, "'bread' in topics and engages < 0.9"),)
BROKEN = (WrittenRule("broken", 1, "1 / sent_today > 1"),)
NIGHTS = limits(day_starts=20 * 60, day_ends=4 * 60)


@dataclass(frozen=True)
class Case:
    """What is judged, and the deciding reason; empty where nothing stands in the way."""

    judged: Any
    reason: str


def at(hour: float, **changes: Any) -> Any:
    return standing(NOW.replace(hour=int(hour), minute=round(hour % 1 * 60)), **changes)


MEMBER = {
    "nothing stands in the way": Case(standing(), ""),
    "the workspace is stopped": Case(standing(killed=True), "workspace_stopped"),
    "the app was taken out": Case(standing(installed=False), "not_installed"),
    "a bot, guest or stranger": Case(standing(is_person=False), "not_a_member"),
    "deactivated": Case(standing(deactivated=True), "deactivated"),
    "the switch decides before all else": Case(
        standing(killed=True, is_person=False, deactivated=True), "workspace_stopped"
    ),
}
ASKED_OR_NOT = {
    "opted out": Case(standing(left=True), "opted_out"),
    "not invited": Case(standing(invited=False), "not_on_pilot_list"),
    "paused until later": Case(standing(paused_until=NOW + hours(0.01)), "paused"),
    "a pause that ends now": Case(standing(paused_until=NOW), ""),
    "too many opted out": Case(standing(workspace_paused=True), "workspace_paused"),
    "their status asks for peace": Case(standing(busy=True), "busy"),
    "do-not-disturb": Case(standing(dnd=True), "do_not_disturb"),
    "nobody can tell whether they may be disturbed": Case(
        standing(unreadable=True), "presence_unknown"
    ),
    "what lasts longer is the reason": Case(standing(SATURDAY, dnd=True, busy=True), "quiet_day"),
    "away is no refusal": Case(standing(away=True), ""),
    "a holiday where they are": Case(standing(holiday="Freedom Day"), "public_holiday"),
    "a Saturday": Case(standing(SATURDAY), "quiet_day"),
    "their Saturday has begun": Case(
        standing(NOW.replace(day=11, hour=15), "Pacific/Auckland"), "quiet_day"
    ),
    "a Sunday worker": Case(
        standing(SATURDAY + hours(24), limits=limits(weekdays=frozenset({6}))), ""
    ),
    "a minute before the day": Case(at(8 + 59 / 60), "quiet_hours"),
    "as the day begins": Case(at(9), ""),
    "the last minute of the day": Case(at(17 + 59 / 60), ""),
    "as the day ends": Case(at(18), "quiet_hours"),
    "their evening": Case(standing(NOW, "Asia/Tokyo"), "quiet_hours"),
    "their night": Case(standing(NOW, "America/Los_Angeles"), "quiet_hours"),
    "a night worker at noon": Case(at(12, limits=NIGHTS), "quiet_hours"),
    "a night worker before midnight": Case(at(23, limits=NIGHTS), ""),
    "a night worker after midnight": Case(at(3, limits=NIGHTS), ""),
    "a night worker as the day ends": Case(at(4, limits=NIGHTS), "quiet_hours"),
    "a day without length": Case(at(9, limits=limits(day_starts=540, day_ends=540)), "quiet_hours"),
    "a day without end": Case(at(3, limits=limits(day_starts=0, day_ends=24 * 60)), ""),
}
REACH = MEMBER | ASKED_OR_NOT | {
    "never asked": Case(standing(purposes=frozenset()), "no_consent"),
    "agreed to something else": Case(
        standing(purposes=frozenset({"channel_messages"})), "no_consent"
    ),
    "had today's": Case(standing(sent_today=1), "daily_cap"),
    "allows two": Case(standing(sent_today=1, limits=limits(daily_cap=2)), ""),
    "wants none": Case(standing(limits=limits(daily_cap=0)), "daily_cap"),
    "had this week's": Case(standing(sent_week=3), "weekly_cap"),
    "has one left": Case(standing(sent_week=2), ""),
    "just heard": Case(standing(last_sent_at=NOW - hours(15.99)), "cooldown"),
    "heard long enough ago": Case(standing(last_sent_at=NOW - hours(16)), ""),
    "the last one was unwelcome": Case(
        standing(last_sent_at=NOW - hours(31.99), unwelcome=1), "cooldown"
    ),
    "the silence has doubled and is over": Case(
        standing(last_sent_at=NOW - hours(32), unwelcome=1), ""
    ),
    "three unwelcome ones": Case(standing(last_sent_at=NOW - hours(127), unwelcome=3), "cooldown"),
    "it grows no further": Case(standing(last_sent_at=NOW - hours(336), unwelcome=40), ""),
    "nearly there": Case(standing(last_sent_at=NOW - hours(335), unwelcome=40), "cooldown"),
    "no cooldown at all doubles to none": Case(
        standing(last_sent_at=NOW, unwelcome=9, limits=LOOSE), ""
    ),
    "tired of openers": Case(standing(weariness=6.0), "fatigue"),
    "nearly tired": Case(standing(weariness=5.0), ""),
    "a rule that admins wrote": Case(standing(at(12).now, rules=MORNINGS), "admin_rule:mornings"),
    "a rule that does not hold": Case(standing(rules=MORNINGS), ""),
    "a rule about what is offered": Case(standing(rules=NO_BREAD), ""),
    "a rule that cannot be computed": Case(standing(rules=BROKEN), "admin_rule:broken"),
    "loose limits": Case(standing(**BUSY, limits=LOOSE), ""),
    "everything at once": Case(
        standing(SATURDAY, left=True, purposes=frozenset(), **BUSY), "no_consent"
    ),
}  # fmt: skip
WELCOME = MEMBER | ASKED_OR_NOT | {
    "never asked: that is what it is for": Case(standing(purposes=frozenset()), ""),
    "caps count openers": Case(standing(**BUSY), ""),
}  # fmt: skip
ANSWER = MEMBER | {
    "no hour is quiet for an answer": Case(standing(SATURDAY + hours(14), **BUSY), ""),
    "who left may still ask": Case(standing(left=True, purposes=frozenset()), ""),
}
LOAF = Offered("i", "A loaf", "learning", "pool", ("bread",))
PROMISE = replace(LOAF, kind="reminder", source="member")
HOPELESS = {"engages": 0.01, "utility": -0.5}


def about(offered: Offered, chosen: Pick, *rules: WrittenRule, **changes: Any) -> Offer:
    made = offer(chosen, **changes)
    where = replace(made.facts.standing, rules=rules)
    return replace(made, offered=offered, facts=replace(made.facts, standing=where))


OFFER = {
    "a rule about this topic": Case(about(LOAF, pick(), *NO_BREAD), "admin_rule:bread"),
    "an exception of the rule": Case(about(LOAF, pick(0.95), *NO_BREAD), ""),
    "another topic": Case(about(replace(LOAF, topics=("cake",)), pick(), *NO_BREAD), ""),
    "a rule about the member was asked before": Case(
        about(LOAF, pick(), WrittenRule("always", 1, "hour >= 0")), ""
    ),
    "ruled out, so not withheld": Case(
        about(LOAF, pick(), *NO_BREAD, holdout=1.0), "admin_rule:bread"
    ),
    "worth it": Case(offer(pick()), ""),
    "nothing found": Case(offer(None), "nothing_to_offer"),
    "not sure enough": Case(offer(pick(engages=0.29)), "below_threshold"),
    "just sure enough": Case(offer(pick(engages=0.3)), ""),
    "would do harm": Case(offer(pick(utility=0.0)), "not_worth_it"),
    "a budget for learning": Case(offer(pick(engages=0.2), explore_per_day=2), ""),
    "the budget is spent": Case(
        offer(pick(engages=0.2), explore_per_day=2, explored_today=2), "below_threshold"
    ),
    "not even worth learning from": Case(
        offer(pick(engages=0.11), explore_per_day=2), "below_threshold"
    ),
    "no harm for the sake of learning": Case(
        offer(pick(engages=0.2, utility=-0.1), explore_per_day=2), "below_threshold"
    ),
    "likely taken up, and yet harmful": Case(
        offer(pick(engages=0.9, utility=-0.1), explore_per_day=2), "not_worth_it"
    ),
    "withheld to measure": Case(offer(pick(), holdout=1.0), "holdout"),
    "what would not be said is not withheld": Case(
        offer(pick(engages=0.1), holdout=1.0), "below_threshold"
    ),
    "what was promised is told, however unlikely, and never withheld": Case(
        about(PROMISE, pick(**HOPELESS), holdout=1.0), ""
    ),
    "a reminder that others sent is none of the member's": Case(
        about(replace(PROMISE, source="pool"), pick(**HOPELESS)), "below_threshold"
    ),
    "a rule binds promises too": Case(about(PROMISE, pick(), *NO_BREAD), "admin_rule:bread"),
}

ASKED = {
    "a rule about this topic": Case(about(LOAF, pick(), *NO_BREAD), "admin_rule:bread"),
    "good enough for whoever asks": Case(offer(pick(engages=0.26), shelf_floor=0.25), ""),
    "not even that": Case(offer(pick(engages=0.24), shelf_floor=0.25), "below_threshold"),
    "nobody is interrupted": Case(offer(pick(utility=-0.1), shelf_floor=0.25), ""),
    "nothing is withheld": Case(offer(pick(), shelf_floor=0.25, holdout=1.0), ""),
    "nothing found": Case(offer(None), "nothing_to_offer"),
}

TABLES: dict[str, tuple[tuple[Rule[Any], ...], dict[str, Case]]] = {
    "reach": (REACH_RULES, REACH),
    "welcome": (WELCOME_RULES, WELCOME),
    "answer": (ANSWER_RULES, ANSWER),
    "offer": (OFFER_RULES, OFFER),
    "asked": (ASKED_RULES, ASKED),
}


@pytest.mark.parametrize(
    ("rules", "case"),
    [
        pytest.param(rules, case, id=f"{name}: {what}")
        for name, (rules, cases) in TABLES.items()
        for what, case in cases.items()
    ],
)
def test_cases(rules: tuple[Rule[Any], ...], case: Case) -> None:
    verdict = judge(rules, case.judged)
    assert verdict.reason == case.reason
    assert verdict.allowed is (case.reason == "")
    assert [result.rule for result in verdict.results] == [rule.name for rule in rules]


@pytest.mark.parametrize("name", TABLES)
def test_every_wired_rule_decides_a_case(name: str) -> None:
    rules, cases = TABLES[name]
    deciding = {
        next((result.rule for result in judge(rules, case.judged).results if result.reason), "")
        for case in cases.values()
    }
    assert {rule.name for rule in rules} == deciding - {""}


@pytest.mark.parametrize("name", TABLES)
def test_without_a_rule_its_cases_pass(name: str) -> None:
    """The negative control: a table that passes with a rule taken out tests nothing."""
    rules, cases = TABLES[name]
    for left_out in rules:
        rest = tuple(rule for rule in rules if rule is not left_out)
        wrong = [case for case in cases.values() if judge(rest, case.judged).reason != case.reason]
        assert wrong, f"no case needs the rule {left_out.name}"


def test_names_are_unique_and_items_have_the_filters() -> None:
    for rules, _ in TABLES.values():
        assert len({rule.name for rule in rules}) == len(rules)
    assert ITEM_RULES is FILTERS


def test_all_rules_are_heard_and_the_first_refusal_decides() -> None:
    verdict = judge(REACH_RULES, standing(SATURDAY, left=True, **BUSY))
    refusals = [result.reason for result in verdict.results if result.reason]
    assert refusals == ["opted_out", "quiet_day", "daily_cap", "weekly_cap"]
    assert verdict.reason == "opted_out"


def test_verdicts_join_in_order() -> None:
    joined = Verdict((RuleResult("a", ""),)) + Verdict((RuleResult("b", "no"),))
    assert not joined.allowed
    assert [result.as_record() for result in joined.results] == [
        {"rule": "a", "allowed": True, "reason": ""},
        {"rule": "b", "allowed": False, "reason": "no"},
    ]


def shares(offers: list[Offer]) -> dict[str, float]:
    arms = [one.arm for one in offers]
    return {arm: arms.count(arm) / len(arms) for arm in set(arms)}


def test_one_slot_in_ten_is_withheld_and_says_so_beforehand() -> None:
    made = [offer(pick(), holdout=0.1, seed=seed) for seed in range(5000)]
    assert shares(made)["holdout"] == pytest.approx(0.1, abs=0.017)
    spoken = sum(judge(OFFER_RULES, one).allowed for one in made) / len(made)
    assert {one.p_speak for one in made} == {0.9}
    assert spoken == pytest.approx(0.9, abs=0.017)


def test_the_draw_of_the_holdout_belongs_to_the_slot() -> None:
    first = [offer(pick(), holdout=0.5, seed=seed).arm for seed in range(50)]
    again = [offer(pick(0.6, 0.5), holdout=0.5, seed=seed).arm for seed in range(50)]
    assert first == again
    assert set(first) == {"holdout", "normal"}


def test_a_promise_is_an_arm_of_its_own_without_a_draw() -> None:
    made = about(PROMISE, pick(**HOPELESS), holdout=0.5, explore_per_day=3)
    assert (made.arm, made.p_speak, made.explores) == (PROMISED, 1.0, False)
    assert about(PROMISE, pick(), *NO_BREAD, holdout=0.5).p_speak == 0.0


def test_exploration_is_withheld_alike_and_marked() -> None:
    more: dict[str, Any] = {"holdout": 0.1, "explore_per_day": 3}
    made = [offer(pick(engages=0.2), seed=seed, **more) for seed in range(2000)]
    assert shares(made).keys() == {"holdout", "explore"}
    assert {one.p_speak for one in made} == {0.9}
    assert offer(pick(), explore_per_day=3).arm == "normal"


@pytest.mark.parametrize("chosen", [None, pick(engages=0.1), pick(utility=-1.0)])
def test_what_cannot_be_said_has_no_chance_and_no_arm(chosen: Any) -> None:
    made = [offer(chosen, holdout=0.5, explore_per_day=3, seed=seed) for seed in range(50)]
    assert {one.p_speak for one in made} == {0.0}
    assert {one.arm for one in made} == {"normal"}


def test_exploration_ends_once_a_model_knows_what_it_says() -> None:
    sure = offer(pick(engages=0.2), explore_per_day=3)
    unsure = replace(sure, uncertainty=EXPLORES_ABOVE + 0.01)
    assert unsure.explores
    assert not replace(unsure, uncertainty=EXPLORES_ABOVE).explores
