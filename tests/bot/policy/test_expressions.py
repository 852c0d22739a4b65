"""Rules that admins write: what they can say, where they go wrong, and what they must not do."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.policy.expressions import DEEPEST, LONGEST, WrongExpression, compiled
from bot.policy.facts import WrittenRule
from bot.policy.vocabulary import FACTS, OFFERED, Offered, of_member, of_offer
from bot.policy.written import asks_presence, holds
from tests.bot.policy.facts import NOW, hours, pick, standing

OPERATIONS = Path(__file__).resolve().parents[3] / "docs" / "operations.md"
LOAF = Offered("i", "A loaf", "learning", "pool", ("bread", "baking"))
KNOWN = of_member(standing(NOW, "Europe/Lisbon", team="ops")) | of_offer(LOAF, pick())
SECONDS = 0.5
"""far more than any of them takes, and far less than what they attack with would"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hour >= 9 and hour < 12", True),
        ("hour >= 11.5", False),
        ("weekday == 0", True),
        ("not (weekday in [5, 6])", True),
        ("month == 12 and day > 20 or team == 'ops'", True),
        ('"bread" in topics', True),
        ('"python" in topics', False),
        ("kind in ['news', 'learning']", True),
        ("engages < 0.6 and sent_week >= 1", False),
        ("date >= '2026-12-20' and date <= '2027-01-02'", False),
        ("hours_since_last / 24 > 7", True),
        ("sent_today + sent_week * 2 - -1 == 1", True),
        ("away", False),
        ("true", True),
    ],
)
def test_what_can_be_said(text: str, expected: bool) -> None:
    assert compiled(text).holds(KNOWN) is expected


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("", 1, "there is nothing"),
        ("hour <", 7, "ends too early"),
        ("hour < < 9", 8, "not expected"),
        ("hour = 9", 6, "write `==`"),
        ("hour < 9 &", 10, "write `and`"),
        ("weekday == 0 and huor < 9", 18, "no fact 'huor'"),
        ("hou < 9", 1, "did you mean hour"),
        ("team == 'ops", 9, "does not end"),
        ("hour < 9 and team < 3", 14, "compare like with like"),
        ("hour + 1", 1, "yes or no"),
        ("team", 1, "yes or no"),
        ("hour < 1 / 0", 1, "cannot be computed"),
        ("hour < 9999999999999999", 8, "at most 15 digits"),
        ("hour < 0x10", 9, "no fact"),
    ],
)
def test_a_wrong_one_says_where_and_what_to_write(text: str, column: int, words: str) -> None:
    with pytest.raises(WrongExpression) as caught:
        compiled(text)
    assert caught.value.column == column
    assert words in str(caught.value)


ATTACKS = {
    "a regular expression": 'team =~ "(a+)+$"',
    "another": 'not team !~~ "(a|a)*b"',
    "a power of powers": "9 ** 9 ** 9 ** 9 > 1",
    "a power in two signs": "9 * * 9 > 1",
    "an exponent": "hour < 1e999999999",
    "infinity": "hour < inf",
    "no number": "hour == nan",
    "a shift": "hour < 1 << 999999",
    "a comprehension": "[x for x in topics]",
    "one that runs long": "[y for x in $range(9999999) for y in $range(9999999)]",
    "a built-in": "$now > d'2020-01-01'",
    "a built-in that waits": "$any([true])",
    "a moment as text": "d'2020-01-01' < d'2021-01-01'",
    "a duration": "t'P1D' == t'P1D'",
    "bytes": "b'a' == b'a'",
    "an attribute": "team.__class__.__mro__ == 1",
    "an attribute in the dark": "team&.length > 1",
    "an attribute of a list": "topics.length > 1",
    "a function": "hour(1) == 1",
    "an item": "topics[0] == 'bread'",
    "a slice": "team[0:99] == 'ops'",
    "a mapping": "{'a': 1}['a'] == 1",
    "a set": "1 in {1, 2}",
    "a choice": "away ? true : false",
    "a null": "team ?? 'x' == 'x'",
    "a null by name": "team == null",
    "dunder as a fact": "__class__ == 1",
    "an import": "__import__('os')",
    "an escape in a text": "team == 'a\\'b'",
    "a comment": "true # always",
    "two lines": "true\nor true",
    "a name of Greek": "τ == 1",
    "repetition of a text": "team * 999999999 == 'x'",
    "repetition of a constant": "'a' * 999999999 == 'x'",
    "long": "hour < 9 or " * 60 + "true",
    "deep brackets": "(" * 100 + "true" + ")" * 100,
    "deep lists": "1 in " + "[" * 60 + "1" + "]" * 60,
    "many a not": "not " * 120 + "true",
    "many a minus": "hour < " + "-" * 200 + "1",
    "deep arithmetic": "hour < " + "hour+" * 30 + "1",
    "half a character": "team == '\ud800' or hour",
}


@pytest.mark.parametrize("what", ATTACKS)
def test_what_blocks_or_reads_too_much_is_refused_at_once(what: str) -> None:
    began = time.perf_counter()
    with pytest.raises(WrongExpression) as caught:
        compiled(ATTACKS[what])
    assert time.perf_counter() - began < SECONDS
    assert 1 <= caught.value.column <= LONGEST + 1


def test_limits_are_where_they_are_said_to_be() -> None:
    assert compiled("(" * DEEPEST + "true" + ")" * DEEPEST).holds({})
    with pytest.raises(WrongExpression, match="nested too deep"):
        compiled("(" * (DEEPEST + 1) + "true" + ")" * (DEEPEST + 1))
    chain = " or ".join(["hour < 9"] * 41)
    assert len(chain) == LONGEST - 12
    assert compiled(chain).holds(KNOWN) is False
    with pytest.raises(WrongExpression, match="at most 500"):
        compiled(chain + " " * 13)


def test_a_chain_of_or_is_no_depth_and_a_sum_is() -> None:
    assert compiled(" or ".join(["away"] * 60)).holds(KNOWN) is False
    assert compiled("hour < " + " + ".join(["hour"] * 10)).holds(KNOWN)
    with pytest.raises(WrongExpression, match="nested 14 deep"):
        compiled("hour < " + " + ".join(["hour"] * 13))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.lists(
        st.sampled_from(
            ["hour", "team", "topics", "away", "and", "or", "not", "in", "(", ")", "[", "]", ",",
             "==", "<", "+", "-", "*", "/", "%", "1", "0", "0.5", "'a'", '"b"', "**", "$now", "."]
        ),
        max_size=25,
    )
)  # fmt: skip
def test_whatever_is_typed_it_is_refused_or_evaluated(words: list[str]) -> None:
    try:
        expression = compiled(" ".join(words))
    except WrongExpression:
        return
    assert expression.names <= set(FACTS)
    rule = WrittenRule("any", 1, expression.text)
    assert holds(rule, KNOWN, offers=expression.judges_offer) in (True, False)


def test_a_rule_that_fails_asks_for_silence_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    broken = WrittenRule("broken", 3, "1 / sent_today > 1")
    assert holds(broken, KNOWN, offers=False)
    assert "rule broken v3 fails" in caplog.text
    assert holds(WrittenRule("gone", 1, "no_such_fact == 1"), KNOWN, offers=False)
    assert not holds(broken, {**KNOWN, "sent_today": 1.0}, offers=False)


def test_a_rule_is_asked_once_it_can_be_answered() -> None:
    early, late = "hour < 24", "hour < 24 and 'bread' in topics"
    assert not compiled(early).judges_offer
    assert compiled(late).judges_offer
    for text in (early, late):
        rule = WrittenRule("r", 1, text)
        assert [holds(rule, KNOWN, offers=offers) for offers in (False, True)] == [
            text == early, text == late
        ]  # fmt: skip


def test_presence_is_read_only_for_rules_that_name_it() -> None:
    assert not asks_presence(standing(rules=(WrittenRule("r", 1, "hour < 9"),)))
    assert asks_presence(standing(rules=(WrittenRule("r", 1, "away and hour < 9"),)))


def test_every_fact_is_gathered_with_its_type() -> None:
    kinds: dict[str, Any] = {"number": float, "text": str, "yes or no": bool}
    assert set(KNOWN) == set(FACTS)
    assert set(of_offer(LOAF, pick())) == OFFERED
    for name, fact in FACTS.items():
        wanted = kinds.get(fact.type, tuple)
        assert type(KNOWN[name]) is wanted, name
        text = {"number": f"{name} < 1", "text": f"{name} == 'a'", "yes or no": name}
        compiled(text.get(fact.type, f"'a' in {name}")).holds(KNOWN)


def test_time_is_that_of_the_member() -> None:
    tokyo = standing(NOW, "Asia/Tokyo", last_sent_at=NOW - hours(3))
    assert of_member(tokyo)["hour"] == 19
    assert of_member(tokyo)["hours_since_last"] == 3
    assert of_member(replace(tokyo, last_sent_at=None))["hours_since_last"] == 9999


def test_the_table_of_facts_is_that_of_the_code() -> None:
    page = OPERATIONS.read_text("utf-8")
    for name, fact in FACTS.items():
        assert f"| `{name}` | {fact.type} | {fact.meaning} |" in page
