"""Block Kit's limits: at the limit it passes, one beyond it does not."""

from __future__ import annotations

from typing import Any

import pytest

from bot.emulator.blocks import check_blocks, check_view
from tests.bot.emulator.conftest import actions, button, modal, plain, section, text_input

Json = dict[str, Any]


def option(n: int = 0, length: int = 5) -> Json:
    return {"text": plain("x" * length), "value": f"v{n}"}


def overflow(count: int) -> Json:
    return {"type": "overflow", "action_id": "m", "options": [option(n) for n in range(count)]}


def many(count: int) -> Json:
    return actions(*(button(f"a{n}") for n in range(count)))


def feedback(length: int) -> Json:
    side = {"text": plain("x" * length), "value": "good"}
    element = {
        "type": "feedback_buttons",
        "action_id": "f",
        "positive_button": side,
        "negative_button": side,
    }
    return {"type": "context_actions", "elements": [element]}


def header(length: int) -> Json:
    return {"type": "header", "text": plain("x" * length)}


def select(count: int) -> Json:
    options = [option(n) for n in range(count)]
    return section(accessory={"type": "static_select", "action_id": "s", "options": options})


def icon(name: str) -> Json:
    element = {"type": "icon_button", "action_id": "i", "icon": name, "text": plain("Remove")}
    return {"type": "context_actions", "elements": [element]}


LIMITS: list[tuple[str, list[Json], list[Json]]] = [
    ("blocks", [section()] * 50, [section()] * 51),
    ("section text", [section("x" * 3_000)], [section("x" * 3_001)]),
    ("empty text", [section("x")], [section("")]),
    ("header", [header(150)], [header(151)]),
    ("button text", [actions(button("a", "x" * 75))], [actions(button("a", "x" * 76))]),
    ("action_id", [actions(button("a" * 255))], [actions(button("a" * 256))]),
    (
        "button value",
        [actions(button("a", value="x" * 2_000))],
        [actions(button("a", value="x" * 2_001))],
    ),
    (
        "button url",
        [actions(button("a", url="x" * 3_000))],
        [actions(button("a", url="x" * 3_001))],
    ),
    ("button style", [actions(button("a", style="danger"))], [actions(button("a", style="loud"))]),
    ("actions", [many(25)], [many(26)]),
    ("no actions", [many(1)], [many(0)]),
    ("overflow", [actions(overflow(5))], [actions(overflow(6))]),
    ("empty overflow", [actions(overflow(1))], [actions(overflow(0))]),
    ("select", [select(100)], [select(101)]),
    (
        "option text",
        [actions(overflow(1) | {"options": [option(length=75)]})],
        [actions(overflow(1) | {"options": [option(length=76)]})],
    ),
    ("feedback", [feedback(75)], [feedback(76)]),
    ("icon", [icon("trash")], [icon("bomb")]),
    (
        "fields",
        [{"type": "section", "fields": [plain("x")] * 10}],
        [{"type": "section", "fields": [plain("x")] * 11}],
    ),
    (
        "context",
        [{"type": "context", "elements": [plain("x")] * 10}],
        [{"type": "context", "elements": [plain("x")] * 11}],
    ),
    (
        "markdown",
        [{"type": "markdown", "text": "x" * 12_000}],
        [{"type": "markdown", "text": "x" * 6_001}] * 2,
    ),
    ("block_id length", [section(block_id="b" * 255)], [section(block_id="b" * 256)]),
    ("block_id twice", [section(block_id="a"), section(block_id="b")], [section(block_id="a")] * 2),
    (
        "action_id twice",
        [actions(button("a"), button("b"))],
        [actions(button("a"), button("a"))],
    ),
    ("type", [{"type": "divider"}], [{"type": "ticker"}]),
    ("element type", [actions(button("a"))], [actions({"type": "lever", "action_id": "a"})]),
    (
        "element in place",
        [section(accessory=button("a"))],
        [section(accessory={"type": "plain_text_input", "action_id": "a"})],
    ),
    ("required text", [header(3)], [{"type": "header"}]),
    ("plain header", [header(3)], [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}]),
    (
        "image alt text",
        [{"type": "image", "image_url": "https://x.org/a.png", "alt_text": "a"}],
        [{"type": "image", "image_url": "https://x.org/a.png"}],
    ),
    ("shape", [section()], ["words"]),  # type: ignore[list-item]
]


@pytest.mark.parametrize(("name", "good", "bad"), LIMITS, ids=[c[0] for c in LIMITS])
def test_a_limit_holds_exactly(name: str, good: list[Json], bad: list[Json]) -> None:
    assert check_blocks(good, "message") == []
    assert check_blocks(bad, "message") != []


def test_an_action_id_may_come_back_in_another_block() -> None:
    assert check_blocks([actions(button("remove")), actions(button("remove"))], "home") == []


@pytest.mark.parametrize("block", [{"type": "markdown", "text": "x"}, feedback(3)])
def test_some_blocks_are_for_messages_only(block: Json) -> None:
    assert check_blocks([block], "message") == []
    assert check_blocks([block], "modal") != []


VIEWS: list[tuple[str, Json, Json]] = [
    ("title", modal(title=plain("x" * 24)), modal(title=plain("x" * 25))),
    ("submit", modal(submit=plain("x" * 24)), modal(submit=plain("x" * 25))),
    ("metadata", modal(private_metadata="x" * 3_000), modal(private_metadata="x" * 3_001)),
    ("callback", modal(callback_id="x" * 255), modal(callback_id="x" * 256)),
    ("blocks", modal(*[section()] * 100), modal(*[section()] * 101)),
    ("submit for inputs", modal(text_input()), modal(text_input(), submit=None)),
    (
        "home blocks",
        {"type": "home", "blocks": [section()] * 100},
        {"type": "home", "blocks": [section()] * 101},
    ),
    ("type", {"type": "home", "blocks": []}, {"type": "window", "blocks": []}),
    ("no blocks", {"type": "home", "blocks": []}, {"type": "home"}),
]


@pytest.mark.parametrize(("name", "good", "bad"), VIEWS, ids=[c[0] for c in VIEWS])
def test_a_views_limit_holds_exactly(name: str, good: Json, bad: Json) -> None:
    assert check_view(good) == []
    assert check_view(bad) != []
