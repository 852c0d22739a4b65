"""Whoever uses a keyboard goes on from where they stood, whatever the bot drew anew meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from bot.emulator import EmulatedWorkspace, Emulator, Person
from tests.bot.emulator.page_bot import Bot, button, modal, opener_blocks, plain
from tests.browsing import WIDE, Visit, chromium

pytestmark = pytest.mark.browser

ADA = "U0ADA"
DANGER = {
    "title": plain("Delete all of it?"), "text": plain("For good."), "confirm": plain("Delete it"),
    "deny": plain("Keep it"), "style": "danger",
}  # fmt: skip


@pytest.fixture(scope="module")
def bot() -> Iterator[Bot]:
    workspace = EmulatedWorkspace([Person(ADA, "ada", "Ada Moreau")])
    with Emulator(workspace, clock=lambda: 1_778_742_720.0) as emulator:
        made = Bot(emulator)
        yield made
        made.close()


@pytest.fixture(scope="module")
def opened(bot: Bot) -> Iterator[Visit]:
    with chromium() as browser:
        post(bot, "One")
        visit = Visit(browser, WIDE)
        visit.page.goto(bot.emulator.page_url)
        yield visit
        assert visit.wrong == visit.complaints == []


@pytest.fixture
def visit(opened: Visit) -> Visit:
    opened.page.get_by_role("tab", name="Messages").click()
    return opened


def post(bot: Bot, text: str) -> dict[str, Any]:
    """Where a message is now, below which the usual buttons stand."""
    dm = bot.emulator.open_dm(ADA)
    said = bot.client.chat_postMessage(channel=dm, text=text, blocks=opener_blocks())
    return {"channel": dm, "ts": said["ts"]}


def home(bot: Bot, words: str, *actions: dict[str, Any]) -> None:
    blocks = [{"type": "section", "text": plain(words)}]
    row = [{"type": "actions", "elements": list(actions)}] if actions else []
    bot.client.views_publish(user_id=ADA, view={"type": "home", "blocks": [*blocks, *row]})


def on_home(visit: Visit, bot: Bot, *actions: dict[str, Any]) -> Locator:
    visit.page.get_by_role("tab", name="Home").click()
    expect(visit.page.locator(".home")).to_contain_text("Hello Ada")  # the bot's own, on opening
    home(bot, "Before", *actions)
    expect(visit.page.locator(".home")).to_contain_text("Before")
    return visit.page.locator(".home")


def test_a_button_of_the_home_tab_keeps_the_focus_when_the_tab_is_drawn_anew(
    visit: Visit, bot: Bot
) -> None:
    tab = on_home(visit, bot, button("pause", "Pause"))
    visit.button("Pause").focus()
    home(bot, "Between", button("topics", "Topics"), button("pause", "Pause"))
    expect(tab).to_contain_text("Between")
    expect(visit.button("Pause")).to_be_focused()
    home(bot, "After", button("resume", "Resume"))
    expect(tab).to_contain_text("After")
    expect(tab).to_be_focused()


def test_a_message_that_changed_keeps_the_focus_or_gives_it_to_its_first_button(
    visit: Visit, bot: Bot
) -> None:
    at = post(bot, "Two")
    said = visit.page.locator(f"#main [data-ts='{at['ts']}']")
    said.get_by_role("button", name="Say nothing").focus()
    for words, row, kept in (
        ("Changed", [button("more", "Tell me more"), button("silent", "Say nothing")], 1),
        ("Done", [button("undo", "Undo"), button("open", "Open")], 0),
    ):
        head, below = {"type": "section", "text": plain(words)}, {"type": "actions"}
        blocks: list[dict[str, Any]] = [head, {**below, "elements": row}]
        bot.client.chat_update(**at, text=words, blocks=blocks)
        expect(said).to_contain_text(words)
        expect(said.locator(".btn").nth(kept)).to_be_focused()


def test_a_modal_gives_the_focus_back_to_what_opened_it_though_that_was_drawn_anew(
    visit: Visit, bot: Bot
) -> None:
    at = post(bot, "Three")
    said = visit.page.locator(f"#main [data-ts='{at['ts']}']")
    said.locator("[data-action=menu]").click()
    visit.page.get_by_role("menuitem", name="Choose …").click()
    expect(visit.page.get_by_role("dialog")).to_be_visible()
    changed = [{"type": "section", "text": plain("Changed")}, *opener_blocks()[1:]]
    bot.client.chat_update(**at, text="Changed", blocks=changed)
    expect(said).to_contain_text("Changed")
    visit.page.keyboard.press("Escape")
    expect(visit.page.get_by_role("dialog")).to_have_count(0)
    expect(said.locator("[data-action=menu]")).to_be_focused()


def test_a_page_that_is_turned_in_a_modal_leaves_the_focus_where_it_was(
    visit: Visit, bot: Bot
) -> None:
    at = post(bot, "Four")
    visit.page.locator(f"#main [data-ts='{at['ts']}'] [data-action=menu]").click()
    visit.page.get_by_role("menuitem", name="Choose …").click()
    dialog = visit.page.get_by_role("dialog")
    expect(dialog.get_by_role("textbox")).to_be_focused()
    view = bot.emulator.modals(ADA)[-1]["id"]
    for page in ("Page 1", "Page 2"):
        turned = {"type": "actions", "elements": [button("next", "Next")]}
        head = {"type": "section", "text": plain(page)}
        bot.client.views_update(
            view_id=view, view={**modal(), "blocks": [head, *modal()["blocks"], turned]}
        )
        expect(dialog).to_contain_text(page)
        if page == "Page 1":
            dialog.get_by_role("button", name="Next").focus()
    expect(dialog.get_by_role("button", name="Next")).to_be_focused()
    visit.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_enter_alone_deletes_nothing(visit: Visit, bot: Bot) -> None:
    on_home(visit, bot, {**button("stop", "Delete"), "confirm": DANGER})
    visit.button("Delete").focus()
    visit.page.keyboard.press("Enter")
    expect(visit.button("Keep it")).to_be_focused()
    visit.page.keyboard.press("Enter")
    expect(visit.page.get_by_role("dialog")).to_have_count(0)
    expect(visit.button("Delete")).to_be_focused()
    assert bot.pressed == []
