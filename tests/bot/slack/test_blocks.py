"""What is drawn stays within Block Kit's limits, and words stay words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.emulator.blocks import check_blocks, check_view, elements_of
from bot.ports import Asked
from bot.slack import blocks
from bot.slack.home import home_view
from bot.slack.modals import choose_modal

CONTENT: dict[str, Any] = {"text": "Seen this?", "about": "a talk", "opener": "op_1"}
WORDS = st.text(max_size=60) | st.sampled_from(["<!channel>" * 900, "&" * 13_000, "x" * 20_000])


def _actions(drawn: list[blocks.Block]) -> dict[str, Any]:
    return {element["action_id"]: element for _, element in elements_of(drawn)}


def test_what_an_opener_names_itself_is_not_said_again_below_it() -> None:
    told = {**CONTENT, "text": "There is “a talk” for you.", "notice": "Not medical advice."}
    notes = [b["elements"][0]["text"] for b in blocks.opener(told) if b["type"] == "context"]
    assert notes == ["Not medical advice."]


def test_an_opener_is_plain_text_with_its_actions() -> None:
    drawn = blocks.opener({**CONTENT, "url": "https://example.org/a", "url_title": "Read it"})
    assert drawn[0]["text"] == {"type": "plain_text", "text": "Seen this?", "emoji": False}
    assert drawn[1]["elements"][0]["text"] == "About a talk"
    found = _actions(drawn)
    assert list(found) == ["more", "not_for_me", "open", "menu"]
    assert found["more"]["value"] == "more|op_1"
    assert found["open"]["url"] == "https://example.org/a"
    assert [option["value"] for option in found["menu"]["options"]] == [
        "not_now|op_1",
        "why|op_1",
        "person|op_1",
        "pause|op_1",
    ]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "file:///etc/passwd", "", None, "https://x/" + "y" * 3000]
)
def test_an_address_that_no_browser_should_open_gets_no_button(url: str | None) -> None:
    assert "open" not in _actions(blocks.opener({**CONTENT, "url": url}))


def test_an_outcome_keeps_the_words_and_offers_undo_and_reasons() -> None:
    content = {**CONTENT, "outcome": "dismissed", "buttons": [["reason|topic", "Not my topic"]]}
    drawn = blocks.outcome(content, "Not for you. Noted.", undo=True)
    assert drawn[0] == blocks.opener(CONTENT)[0]
    assert drawn[2]["elements"][0]["text"] == "Not for you. Noted."
    found = _actions(drawn)
    assert found["undo:dismissed"]["value"] == "undo|op_1|dismissed"
    assert found["reason:topic"]["value"] == "reason|op_1|topic"
    assert not _actions(blocks.outcome(CONTENT, "Paused.", undo=False))


def test_an_answer_hides_no_link_and_mentions_nobody() -> None:
    text = blocks.markdown("see [the bank](https://evil.example) <!channel> & more")["text"]
    assert text == r"see \[the bank\](https://evil.example) &lt;!channel&gt; &amp; more"


def test_the_fallback_text_is_escaped_and_never_cut_inside_an_escape() -> None:
    assert blocks.fallback("<@U1> & co") == "&lt;@U1&gt; &amp; co"
    cut = blocks.fallback("&" * 5_000)
    assert len(cut) <= blocks.FALLBACK
    assert set(cut.removesuffix("…").split("&amp;")) == {""}


@settings(max_examples=60, deadline=None)
@given(text=WORDS, about=WORDS, note=WORDS, label=WORDS)
def test_whatever_the_words_messages_are_valid(
    text: str, about: str, note: str, label: str
) -> None:
    content = {"text": text, "about": about, "opener": "op_1", "url": "https://e.org/" + label}
    pairs = [["helped", label], ["person", "A person"]]
    purposes = [["one", note], ["two", about]]
    for drawn in (
        blocks.opener({**content, "url_title": label}),
        blocks.outcome({**content, "buttons": pairs, "outcome": "dismissed"}, note, True),
        blocks.answer({"text": text, "buttons": pairs}),
        blocks.welcome({"text": text, "purposes": purposes}),
    ):
        assert check_blocks(drawn, "message") == []


PURPOSE = {
    "purpose": "reactions",
    "title": "Reactions",
    "sentence": "What you react to.",
    "kept": "Kept for 180 days at most.",
    "granted": True,
}
CHANGES = ["rhythm", "topics"]
PAUSES = ["pause:today", "pause:week", "pause:open"]
OWN = ["export", "erase"]


def home(**more: Any) -> dict[str, Any]:
    return {
        "name": "Ada",
        "agreed": True,
        "paused_until": None,
        "purposes": [PURPOSE],
        "known": ["You are mostly about between 09:00 and 12:00."],
        "limits": "At most one a day",
        "topics": {"follows": ["Rust"], "mutes": []},
        "recent": [{"text": "Seen?", "why": "You asked", "when": "Mon", "outcome": "no answer"}],
        **more,
    }


@pytest.mark.parametrize(
    ("more", "offered"),
    [
        ({"agreed": False}, ["consent_yes", "choose", *OWN]),
        ({}, [*CHANGES, *PAUSES, "disallow:reactions", "choose", *OWN, "withdraw"]),
        (
            {"paused_until": "Friday"},
            ["resume", *CHANGES, "disallow:reactions", "choose", *OWN, "withdraw"],
        ),
        (
            {"purposes": [{**PURPOSE, "granted": False}]},
            [*CHANGES, *PAUSES, "allow:reactions", "choose", *OWN, "withdraw"],
        ),
        ({"erased": True}, ["start_over"]),
    ],
)
def test_the_home_tab_offers_what_fits(more: dict[str, Any], offered: list[str]) -> None:
    view = home_view(home(**more))
    assert list(_actions(view["blocks"])) == offered
    assert check_view(view) == []


def test_buttons_of_the_same_label_are_told_apart_when_they_are_read_out() -> None:
    saved = [{"opener": f"op_{n}", "title": f"Part {n}", "when": "Mon"} for n in range(2)]
    shelf = [{"item": f"i{n}", "title": f"Piece {n}", "why": ""} for n in range(2)]
    drawn = home_view(home(saved=saved, shelf=shelf))["blocks"]
    labels = [
        one.get("accessibility_label", one["text"]["text"])
        for block in drawn
        for one in [*block.get("elements", ()), block.get("accessory", {})]
        if one.get("type") == "button"
    ]
    assert len(set(labels)) == len(labels)
    assert "Ask about it: Piece 1" in labels


@settings(max_examples=40, deadline=None)
@given(word=WORDS, many=st.integers(0, 200))
def test_whatever_the_words_views_are_valid(word: str, many: int) -> None:
    told = {"text": word, "why": word, "when": word, "outcome": word}
    purpose = {**PURPOSE, "title": word, "sentence": word, "kept": word}
    topics = {"follows": [word] * many, "mutes": [word]}
    saved = {"opener": "op_1", "title": word, "when": word}
    shelved = {"item": "i", "title": word, "why": word}
    full = home(name=word, purposes=[purpose] * many, topics=topics, recent=[told] * many)
    full |= {"known": [word] * 9, "saved": [saved] * (many % 7), "shelf": [shelved] * (many % 5)}
    full |= {"kept": [{"item": "i", "title": word, "when": word}] * (many % 11)}
    assert check_view(home_view({**full, "limits": word})) == []
    choices = {
        "purposes": [{**purpose, "purpose": f"p{n}"} for n in range(many)],
        "topics": [{"slug": f"t{n}", "title": word, "follow": n % 2 == 0} for n in range(many)],
    }
    assert check_view(choose_modal(choices, Asked("U1", "choose"))) == []
