"""The page in a real browser, against a real emulator with a small Bolt app behind it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from bot.emulator import Conversation, EmulatedWorkspace, Emulator, Person
from bot.emulator.acting import ActError
from bot.slack import manifest
from tests.bot.emulator.page_bot import OPENER, Bot, opener_blocks
from tests.browsing import PHONE, WIDE, Visit, chromium

pytestmark = pytest.mark.browser

NOW = 1_778_742_720.0  # Thursday 14 May 2026, 07:12 UTC
HOSTILE = "<img src=x onerror=alert(1)>"
ADA, BO, EVE = "U0ADA", "U0BO", "U0EVE"


def night(progress: Callable[[str, float], None]) -> Mapping[str, Any]:
    progress("Training", 0.5)
    time.sleep(0.6)
    return {"headline": "Promoted: better by 0.07.", "lines": ["Two closed."], "auc": 0.7}


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    people = [
        Person(ADA, "ada", "Ada Moreau", "Europe/Berlin", "Data engineer", extra={"agreed": True}),
        Person(BO, "bo", "Bo Lind", "Asia/Tokyo", "Designer", extra={"agreed": False}),
        Person(EVE, "eve", HOSTILE, "UTC", HOSTILE),
    ]
    general = Conversation("C0GENERAL", "general", members=(ADA, BO, EVE))
    workspace = EmulatedWorkspace(people, [general], name="Tidewater Works")
    with Emulator(
        workspace, clock=lambda: NOW, controls={"run_night": night}, notice="All invented"
    ) as running:
        workspace.record("C0GENERAL", EVE, f"*Hi* {HOSTILE} <javascript:alert(2)|tap>", NOW - 60)
        yield running


@pytest.fixture
def bot(emulator: Emulator) -> Iterator[Bot]:
    running = Bot(emulator)
    running.client.chat_postMessage(
        channel=emulator.open_dm(ADA), text=OPENER, blocks=opener_blocks()
    )
    yield running
    running.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


def visiting(browser: Browser, emulator: Emulator, size: tuple[int, int]) -> Iterator[Visit]:
    visit = Visit(browser, size)
    visit.page.goto(emulator.page_url)
    expect(visit.page.locator("#main .message").first).to_be_visible()
    yield visit
    assert visit.wrong == []
    visit.page.close()


@pytest.fixture
def wide(browser: Browser, emulator: Emulator, bot: Bot) -> Iterator[Visit]:
    yield from visiting(browser, emulator, WIDE)


@pytest.fixture
def phone(browser: Browser, emulator: Emulator, bot: Bot) -> Iterator[Visit]:
    yield from visiting(browser, emulator, PHONE)


def test_first_sight_is_the_unread_opener_in_the_members_own_time(wide: Visit) -> None:
    expect(wide.page.locator("#seat")).to_contain_text("Ada Moreau")
    expect(wide.page.locator("#main .message")).to_contain_text(OPENER)
    expect(wide.page.locator("#clock")).to_contain_text("Thu 14 May, 09:12")
    expect(wide.page.locator(".notice")).to_have_text("All invented")
    assert all(address.startswith("http://127.0.0.1:") for address in wide.asked)


def test_hostile_names_and_texts_run_nothing(wide: Visit, browser: Browser) -> None:
    wide.page.locator("[data-place=C0GENERAL]").click()
    said = wide.page.locator("#main .message")
    expect(said).to_contain_text(f"Hi {HOSTILE}")
    expect(said.locator(".name")).to_have_text(HOSTILE)
    expect(said.locator("strong")).to_have_text("Hi")
    wide.page.locator("#seat").click()
    expect(wide.page.locator(".seat-row", has_text=HOSTILE)).to_be_visible()
    assert wide.page.locator("img, a[href^=javascript]").count() == 0
    assert wide.wrong == []

    # The same text as markup does run, and is noticed.
    careless = Visit(browser, WIDE)
    careless.page.set_content(HOSTILE)
    careless.page.wait_for_timeout(200)
    assert careless.wrong == ["1"]
    careless.page.close()


def test_an_answer_streams_into_the_thread_and_a_reply_is_answered(wide: Visit) -> None:
    wide.button("Tell me more").click()
    wide.page.locator(".thread-link").click()
    thread = wide.page.locator("#thread")
    expect(thread).to_contain_text("A key makes a retry harmless.")
    expect(thread.locator(".streaming")).to_have_count(0)
    expect(thread.get_by_role("button", name="Good")).to_be_visible()
    field = thread.get_by_role("textbox", name="Reply…")
    field.fill("And <b>streams</b>?")
    field.press("Enter")
    expect(thread).to_contain_text("And <b>streams</b>?")
    expect(thread).to_contain_text("The item does not say.")
    field.press("ArrowUp")
    editor = thread.get_by_role("textbox", name="Edit the message")
    editor.fill("And queues?")
    editor.press("Enter")
    expect(thread.locator(".message", has_text="And queues?")).to_contain_text("(edited)")


def test_a_press_that_changes_nothing_is_admitted(wide: Visit, bot: Bot) -> None:
    wide.button("Say nothing").click()
    expect(wide.button("Say nothing")).to_have_attribute("aria-busy", "true")
    expect(wide.page.get_by_role("alert")).to_have_text("That did not get through, try again.")
    assert bot.pressed == ["silent"]


def test_a_modal_is_reached_filled_refused_and_left_by_keyboard(wide: Visit, bot: Bot) -> None:
    keys = wide.page.keyboard

    def choose() -> Locator:
        menu = wide.page.locator("[data-action=menu]")
        menu.focus()
        keys.press("Enter")
        keys.press("ArrowDown")
        expect(wide.page.get_by_role("menuitem", name="Choose …")).to_be_focused()
        keys.press("Enter")
        dialog = wide.page.get_by_role("dialog", name="What may I use?")
        expect(dialog).to_be_visible()
        return dialog

    choose()
    keys.press("Escape")
    expect(wide.page.get_by_role("dialog")).to_have_count(0)
    dialog = choose()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_contain_text("Please complete this required field.")
    for words, outcome in (("no", "A little more, please."), ("the topic", None)):
        dialog.get_by_role("textbox").fill(words)
        keys.press("Enter")
        if outcome:
            expect(dialog.get_by_role("alert").filter(has_text=outcome)).to_be_visible()
    expect(wide.page.get_by_role("dialog")).to_have_count(0)
    assert [values["why"]["words"]["value"] for values in bot.submitted] == ["the topic"]


def test_a_shortcut_of_the_app_stands_in_the_menu_of_any_message(browser: Browser) -> None:
    people = [Person(ADA, "ada", "Ada Moreau"), Person(BO, "bo", "Bo Lind")]
    general = Conversation("C0GENERAL", "general", members=(ADA, BO))
    workspace = EmulatedWorkspace(people, [general])
    with Emulator(workspace, clock=lambda: NOW, manifest=manifest.load()) as emulator:
        bot = Bot(emulator)
        emulator.say(BO, "C0GENERAL", "Worth keeping")
        for size in (WIDE, PHONE):
            visit = Visit(browser, size)
            visit.page.goto(f"{emulator.page_url}#user={ADA}&at=C0GENERAL")
            said = visit.page.locator("#main .message", has_text="Worth keeping")
            said.hover()
            named = re.compile("More actions|Message actions")
            said.get_by_role("button", name=named).locator("visible=true").first.click()
            visit.page.get_by_role("menuitem", name="Add to the pool").click()
            expect(visit.page.get_by_role("dialog")).to_contain_text("What may I use?")
            assert visit.overhang == 0
            assert visit.wrong == visit.complaints == []
            emulator.close_view(ADA, emulator.modals(ADA)[-1]["id"])
            visit.page.close()
        with pytest.raises(ActError, match="no shortcut of the manifest"):
            emulator.shortcut(ADA, "C0GENERAL", "1.0", "another")
        bot.close()


def test_the_home_tab_asks_before_it_presses(wide: Visit, bot: Bot) -> None:
    wide.page.get_by_role("tab", name="Home").click()
    expect(wide.page.get_by_role("heading", name="Hello Ada")).to_be_visible()
    for answer in ("Go on", "Stop"):
        assert bot.pressed == []
        wide.button("Stop for good").click()
        wide.page.get_by_role("dialog", name="Sure?").get_by_role("button", name=answer).click()
        expect(wide.page.get_by_role("dialog")).to_have_count(0)
    deadline = time.monotonic() + 10
    while not bot.pressed and time.monotonic() < deadline:
        wide.page.wait_for_timeout(20)
    assert bot.pressed == ["stop"]


def test_a_control_shows_its_progress_and_its_result_in_words(wide: Visit) -> None:
    wide.button("Run night").click()
    expect(wide.page.locator(".progress-words")).to_have_text("Training")
    expect(wide.button("Run night")).to_be_disabled()
    panel = wide.page.get_by_role("dialog", name="Run night")
    expect(panel.locator(".headline")).to_have_text("Promoted: better by 0.07.")
    expect(panel.locator(".lines li")).to_have_text(["Two closed."])
    panel.get_by_role("button", name="Back to the workspace").click()
    expect(wide.button("Run night")).to_be_enabled()


def test_one_sits_down_as_someone_else_by_searching(wide: Visit) -> None:
    wide.page.locator("#seat").click()
    expect(wide.page.locator(".seat-row", has_text="Bo Lind")).to_contain_text("has not agreed")
    wide.page.keyboard.type("tokyo")
    wide.page.keyboard.press("Enter")
    expect(wide.page.locator("#seat")).to_contain_text("Bo Lind")
    expect(wide.page.locator("#clock")).to_contain_text("16:12")
    expect(wide.page.locator("#main")).to_contain_text("Nothing has been said to Bo Lind yet")


def test_a_phone_has_a_drawer_a_full_thread_and_nothing_beside_the_screen(phone: Visit) -> None:
    row = phone.page.locator("[data-place=C0GENERAL]")
    expect(row).not_to_be_visible()
    phone.button("Open the sidebar").click()
    row.click()
    expect(row).not_to_be_visible()
    expect(phone.page.locator("#main h1")).to_have_text("general")
    phone.button("Open the sidebar").click()
    phone.page.locator("[data-place=U0OVERTURE]").click()
    phone.button("Tell me more").click()
    phone.page.locator(".thread-link").click()
    box = phone.page.locator("#thread").bounding_box()
    assert box is not None
    assert (box["x"], box["width"], box["height"]) == (0, *PHONE)
    phone.button("Close the thread").click()
    assert phone.page.evaluate("document.documentElement.scrollWidth") == PHONE[0]


def test_while_there_is_nobody_the_page_shows_how_the_set_up_goes(browser: Browser) -> None:
    with Emulator(EmulatedWorkspace(name="Tidewater Works"), clock=lambda: NOW) as emulator:
        visit = Visit(browser, WIDE)
        visit.page.goto(emulator.page_url)
        screen = visit.page.locator(".setup")
        expect(screen).to_contain_text("The workspace is being set up")
        emulator.progress("Learning a first model", 0.5)
        expect(screen.get_by_role("listitem").last).to_have_text("Learning a first model")
        emulator.workspace.add_person(Person(ADA, "ada", "Ada Moreau", "Europe/Berlin"))
        emulator.announce("setup", {})
        expect(screen).to_have_count(0)
        expect(visit.page.locator("#seat")).to_contain_text("Ada Moreau")
        assert visit.wrong == []
        visit.page.close()


def test_a_line_that_dropped_is_said_and_leaves_the_page_usable(wide: Visit, bot: Bot) -> None:
    wide.page.context.set_offline(True)
    wide.page.get_by_role("textbox", name="Message Overture").fill("Are you there?")
    wide.page.keyboard.press("Enter")
    expect(wide.page.locator(".note", has_text="does not answer")).to_be_visible()
    expect(wide.page.get_by_role("textbox", name="Message Overture")).to_have_value(
        "Are you there?"
    )
    wide.page.context.set_offline(False)
    wide.button("Send").click()
    expect(wide.page.locator(".thread-link")).to_contain_text("1 reply")
