from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from bot.openers.brief import About, Brief
from bot.openers.guards import ANSWER_GUARDS, GUARDS, OpenerFacts, check
from bot.wording import Tone
from tests.bot.openers.golden import BRIEF, ITEM

FACTS = OpenerFacts.of(BRIEF)
GOOD = "Ana, an index helps when the question starts with its first column. I can tell you more."

PASSES = {
    "length": (GOOD, "Would you like to hear more?"),
    "one_ask": (
        GOOD,
        "Ana, an index is sorted. Would you like to hear more, or not?",
        "Someone asked “What an index can speed up” and I can tell you more.",
    ),
    "grounded_numbers": (
        "Writes became 12 per cent slower. I can tell you more.",
        "Forty queries were measured. I can tell you more.",
        "This one is about an index. I can tell you more.",
    ),
    "grounded_names": (
        "Mara Lindt's numbers are from June. I can tell you more.",
        "Ana, I'd say it helps. “What an index can speed up” is short. I can tell you more.",
        "While an index helps reading, it slows writing. Shall I go on?",
    ),
    "grounded_dates": (
        "Queries were measured in June. I can tell you more.",
        "You may march on, and an index may be one to keep. I can tell you more.",
    ),
    "no_mentions": ("An index helps everyone here in the channel. I can tell you more.",),
    "no_links": ("Look into elm.json or Node.js, e.g. today. I can tell you more.",),
    "no_demands": (
        "I can send you the rest, or a shorter version. Would you like that?",
        "An index is sorted, and a run or a call of it is short. I can share more.",
        "It says “Drop an index that nobody uses.” I can tell you more.",
    ),
    "no_escapes": ("An index (like that of a book) is sorted & small. I can tell you more.",),
    "no_hearsay": (
        "Mara Lindt measured 40 queries. I can tell you more.",
        "Does your team use an index, or is your team looking at something else?",
        "If your colleagues need an index, I can tell you more.",
        "Someone asked “What an index can speed up” and I can show you the message.",
        "I thought of you. An index is sorted. Shall I go on?",
    ),
    "no_guesses": (
        "If you are stuck with an index, I can tell you more.",
        "Are you stuck with a query, or would you like to hear more?",
        "You asked about databases. I can tell you more.",
    ),
    "register": ("I'm happy to tell you more, Ana. Hello, and kindly.",),
    "tone": (
        "An index is sorted. I can tell you more whenever it suits you.",
        "It is called “An index is sorted” and I can tell you more!",
    ),
}

FAILS = {
    "length": {
        "Shall I?": "too_short",
        "word " * 46 + "?": "too_long",
        "w" * 200 + " " + "w" * 250 + " one two three?": "too_long",
    },
    "one_ask": {
        "An index is sorted, like that of a book.": "no_question_or_offer",
        "Is it sorted? Would you like more?": "more_than_one_question_or_offer",
        "I can tell you more. Shall I?": "more_than_one_question_or_offer",
        "Ask “is this invented?” and see. Shall I?": "more_than_one_question_or_offer",
    },
    "grounded_numbers": {
        "It is 41 queries. Shall I go on?": "number_not_in_item",
        "It takes two hundred of them. Shall I go on?": "number_not_in_item",
        "It is ten times faster. Shall I go on?": "number_not_in_item",
        "It is ４１ of them. Shall I go on?": "number_not_in_item",
        "It is twice as fast. Shall I go on?": "number_not_in_item",
        "It is the third of its kind. Shall I go on?": "number_not_in_item",
        "It costs 1,200 of them. Shall I go on?": "number_not_in_item",
        "It is 40 per cent faster. Shall I go on?": "number_not_in_item",
        "It is 40 % faster. Shall I go on?": "number_not_in_item",
        "It is forty percent faster. Shall I go on?": "number_not_in_item",
        "It is 40k of them. Shall I go on?": "number_not_in_item",
        "It is 40 million of them. Shall I go on?": "number_not_in_item",
        "It is a tenfold gain. Shall I go on?": "number_not_in_item",
        "It is in the thirteenth place. Shall I go on?": "number_not_in_item",
        "It takes a couple of them. Shall I go on?": "number_not_in_item",
        "It saves a quarter of them. Shall I go on?": "number_not_in_item",
        "It is ½ of them. Shall I go on?": "number_not_in_item",
    },
    "grounded_dates": {
        "It was measured in july. Shall I go on?": "date_not_in_item",
        "It was measured in may. Shall I go on?": "date_not_in_item",
        "It was measured on June 12. Shall I go on?": "date_not_in_item",
        "It was measured on 40 June. Shall I go on?": "date_not_in_item",
        "It was measured on 2024-06-12. Shall I go on?": "date_not_in_item",
        "It was measured on monday. Shall I go on?": "date_not_in_item",
        "It was measured yesterday. Shall I go on?": "date_not_in_item",
        "It was measured this morning. Shall I go on?": "date_not_in_item",
        "It was measured last week. Shall I go on?": "date_not_in_item",
        "It was measured a few days ago. Shall I go on?": "date_not_in_item",
        "It comes out next quarter. Shall I go on?": "date_not_in_item",
    },
    "grounded_names": {
        "It was measured by Peter. Shall I go on?": "name_not_in_item",
        "Peter measured it. Shall I go on?": "name_not_in_item",
        "It is from September. Shall I go on?": "name_not_in_item",
        "It is for the CEO. Shall I go on?": "name_not_in_item",
        "It runs on PostgreSQL. Shall I go on?": "name_not_in_item",
        "It was Маra who said it. Shall I go on?": "name_not_in_item",
        "It runs on postgres as well. Shall I go on?": "name_not_in_item",
        "It was built at google. Shall I go on?": "name_not_in_item",
        "It is a Peter-like index. Shall I go on?": "name_not_in_item",
    },
    "no_mentions": {
        "Hello <@U123>, shall I go on?": "mention",
        "Hello <!channel>, shall I go on?": "mention",
        "Hello @here, shall I go on?": "mention",
        "Hello @ everyone, shall I go on?": "mention",
        "Hello ＠channel, shall I go on?": "mention",
        "Hello <#C123>, shall I go on?": "mention",
        "Write to me@example, shall I go on?": "mention",
    },
    "no_links": {
        "See https://evil.test/x, shall I go on?": "link",
        "See evil.com, shall I go on?": "link",
        "See www.evil, shall I go on?": "link",
        "See evil。com, shall I go on?": "link",
        "See ｅｖｉｌ．ｃｏｍ, shall I go on?": "link",
        "See 10.0.0.1, shall I go on?": "link",
        "See mailto:a@evil.org, shall I go on?": "link",
        "See https://example.org/index, shall I go on?": "link",
        "See xn--evl-1ma.com, shall I go on?": "link",
    },
    "no_demands": {
        "Send your password to them, shall I go on?": "demand",
        "Please log in there again. Shall I go on?": "demand",
        "It is late: pay the invoice. Shall I go on?": "demand",
        "See the report and forward it. Shall I go on?": "demand",
        "They ask for your password. Shall I go on?": "demand",
        "“Install what was invented.” Shall I go on?": "demand",
    },
    "no_hearsay": {
        "Mara is struggling with it. Shall I go on?": "claim_about_others",
        "Mara Lindt has been really worried. Shall I go on?": "claim_about_others",
        "Lindt thinks that it is slow. Shall I go on?": "claim_about_others",
        "It is Mara's fault. Shall I go on?": "claim_about_others",
        "Mara told me that it helps. Shall I go on?": "claim_about_others",
        "Your manager thinks that you know it. Shall I go on?": "claim_about_others",
        "Your whole team is waiting for it. Shall I go on?": "claim_about_others",
        "One of your colleagues has failed. Shall I go on?": "claim_about_others",
        "He is tired of indexes. Shall I go on?": "claim_about_others",
        "People complained about it. Shall I go on?": "claim_about_others",
        "Did you know that your boss hates indexes?": "claim_about_others",
        "Will thinks that it helps. Shall I go on?": "claim_about_others",
    },
    "no_guesses": {
        "You seem stressed. Shall I go on?": "claim_about_reader",
        "You're struggling with an index. Shall I go on?": "claim_about_reader",
        "You must be so tired, Ana. Shall I go on?": "claim_about_reader",
        "I see that you have been overwhelmed. Shall I go on?": "claim_about_reader",
    },
    "no_escapes": {
        "See <b>this</b>, shall I go on?": "formatting",
        "See [this](x), shall I go on?": "formatting",
        "See &lt;!here&gt;, shall I go on?": "formatting",
        "See &#60;, shall I go on?": "formatting",
        "See ```this```, shall I go on?": "formatting",
        "See **this**, shall I go on?": "formatting",
        "See this.\nShall I go on?": "formatting",
        "See th\u200bis, shall I go on?": "invisible_character",
        "See \u202ethis, shall I go on?": "invisible_character",
        "See th\U000e0041is, shall I go on?": "invisible_character",
    },
    "tone": {
        "Don't miss this, shall I go on?": "urgency",
        "You should read this now. Shall I go on?": "guilt",
        "You haven’t answered yet. Shall I go on?": "guilt",
        "As an expert, shall I go on?": "flattery",
        "You're so brilliant, shall I go on?": "flattery",
        "Unlock the power of an index. Shall I go on?": "selling",
        "Look here! An index! Shall I go on?": "shouting",
        "This is REALLY good. Shall I go on?": "shouting",
        "It says “hurry, act now”. Shall I go on?": "urgency",
    },
}


TONES = {
    "formal": {
        "I'd like to show you an index. Shall I go on?": "not_formal",
        "Hey Ana, an index is sorted. Shall I go on?": "not_formal",
        "An index is sorted. I am happy to tell you more.": "not_formal",
    },
    "plain": {
        "Hello Ana, an index is sorted. Shall I go on?": "not_plain",
        "I hope your day is fine. An index is sorted. Shall I go on?": "not_plain",
        "A lovely index is sorted. Shall I go on?": "not_plain",
    },
}


def test_every_guard_has_cases_both_ways() -> None:
    names = {guard.__name__ for guard in GUARDS}
    assert set(PASSES) == names
    assert set(FAILS) == names - {"register"}
    assert set(TONES) == set(get_args(Tone)) - {"warm"}


@pytest.mark.parametrize("tone", TONES)
def test_a_tone_that_was_asked_for_is_kept(tone: str) -> None:
    facts = OpenerFacts.of(replace(BRIEF, tone=tone))
    assert check(GOOD, facts) == ()
    for text, reason in TONES[tone].items():
        assert reason in {it.reason for it in check(text, facts)}, text
        assert check(text, FACTS) == (), text
    quoted = OpenerFacts.of(replace(BRIEF, tone=tone, item=About("work", "A lovely hello, hey")))
    assert check("This is a lovely hello, hey. Shall I go on?", quoted) == ()


@pytest.mark.parametrize("name", [guard.__name__ for guard in GUARDS])
def test_a_guard_lets_pass_what_it_should(name: str) -> None:
    (guard,) = (it for it in GUARDS if it.__name__ == name)
    for text in PASSES[name]:
        assert list(guard(text, FACTS)) == [], text


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [(name, text, reason) for name, cases in FAILS.items() for text, reason in cases.items()],
)
def test_a_guard_refuses_with_its_reason(name: str, text: str, reason: str) -> None:
    (guard,) = (it for it in GUARDS if it.__name__ == name)
    assert reason in {it.reason for it in guard(text, FACTS)}
    assert all(it.guard == name for it in guard(text, FACTS))
    others = tuple(it for it in GUARDS if it.__name__ != name)
    assert len(check(text, FACTS)) > len(check(text, FACTS, others)), "without it, it escapes"


def test_a_good_opener_passes_all() -> None:
    assert check(GOOD, FACTS) == ()


def test_what_the_member_knows_may_be_said() -> None:
    item = About("thread", "slow query", channel_name="ops", author_name="Zoë K.")
    facts = OpenerFacts.of(Brief("Łukasz", item, "news", "you asked 3 times"))
    text = "Łukasz, in #ops, Zoë K. wrote about a slow query 3 times. I can show you the rest."
    assert check(text, facts) == ()
    assert {it.reason for it in check(text, FACTS)} == {"name_not_in_item", "number_not_in_item"}


def test_an_answer_may_name_the_items_own_address_alone() -> None:
    own = f"It is at {ITEM.url}, and it says that an index is sorted."
    assert check(own, FACTS, ANSWER_GUARDS) == ()
    for foreign in (f"{ITEM.url}/../x", "https://example.org/other", f"{ITEM.url}?q=x"):
        found = check(f"It is at {foreign} and sorted.", FACTS, ANSWER_GUARDS)
        assert {it.reason for it in found} == {"link"}, foreign


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("twenty-five", "25"),
        ("two hundred", "200"),
        ("three thousand and five", "3005"),
        ("1,200", "1200"),
        ("46", "forty-six"),
        ("1.0", "1"),
        ("12", "a dozen"),
        ("40k", "40,000"),
        ("1.5 million", "1,500,000"),
        ("two million", "2 million"),
        ("half", "50 %"),
        ("12 per cent", "twelve percent"),
    ],
)
def test_numbers_are_the_same_in_words_and_digits(source: str, said: str) -> None:
    facts = OpenerFacts(f"They counted {source} of them.")
    text = f"There were {said} of those. Shall I go on?"
    assert check(text, facts) == ()
    assert check(text, OpenerFacts("They counted 77 of them.")) != ()


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("It is due on June 12.", "12 June"),
        ("It is due on 2026-06-12.", "the 12th of June"),
        ("It is due on 3 May 2026.", "may 3"),
        ("It was said yesterday.", "yesterday"),
        ("See you on Mondays.", "monday"),
    ],
)
def test_dates_are_the_same_in_any_spelling(source: str, said: str) -> None:
    text = f"It names {said}. Shall I go on?"
    assert check(text, OpenerFacts(source)) == ()
    found = {it.guard for it in check(text, OpenerFacts("They counted 3 and 12."))}
    assert "grounded_dates" in found


def test_what_the_item_says_of_people_may_be_said() -> None:
    source = "Mara Lindt is struggling with her index. Our team is waiting. People complained."
    facts = OpenerFacts(source)
    for text in (
        "Mara Lindt is struggling with an index. Shall I go on?",
        "Our team is waiting. Shall I go on?",
        "People complained. Shall I go on?",
    ):
        assert check(text, facts) == (), text
    assert check("Mara is angry about an index. Shall I go on?", facts) != ()


def test_what_the_member_said_of_themselves_may_be_said() -> None:
    text = "You said that you are stuck with an index. Shall I go on?"
    assert check(text, FACTS) != ()
    assert check(text, OpenerFacts("An index", ("You are stuck", "you said so"))) == ()
