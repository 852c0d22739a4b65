"""The scenes of the demo, each walked in a browser by whoever just came in by the first screen."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable

from playwright.sync_api import Locator, expect

from tests.bot.demo.scenes.conftest import exported
from tests.browsing import Visit

READY_WITHIN = 180_000.0
"""milliseconds; a machine of its own takes ten seconds"""
DAYS = 1
"""that "two weeks" take here; ten take most of a minute"""
SHORTENED = (
    f"from bot.demo.scenes import fortnight; fortnight.DAYS = {DAYS};"
    " from bot.cli import main; raise SystemExit(main())"
)
"""`overture`, but for those days"""
TRIED = {
    True: ("Their status says “Heads down until lunch”", "Wants to work in peace"),
    False: ("They paused the bot", "Paused by the member"),
}
"""by width, what is in its way and what it says to that; the others are tried without a browser"""
Walk = Callable[[Visit, bool], None]
"""walks one scene on a page that may be wide"""


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def enter(visit: Visit) -> None:
    """Come in by the first screen, hear something, and look behind it."""
    first = visit.page.get_by_role("dialog", name="Be yourself")
    first.get_by_label("What are you called?").fill("Dana Doe")
    enter = first.get_by_role("button", name="Enter the workspace")
    for topic in ("Python", "sleep", "energy and climate"):
        expect(enter).to_be_disabled()
        first.locator(".interest", has_text=topic).click()
    assert visit.overhang == 0
    enter.click()
    expect(visit.page.locator("#seat")).to_contain_text("Dana Doe")
    expect(visit.page.locator("#main .log")).to_be_focused()
    expect(visit.page.locator("#main .message").last).to_contain_text("Tell me more")
    if not visit.page.locator("#dock").is_visible():
        visit.page.get_by_role("button", name="Behind the curtain").click()


def scene(visit: Visit, name: str) -> Locator:
    tab = visit.page.get_by_role("tab", name=name, exact=True)
    tab.click()
    expect(tab).to_be_focused()
    expect(tab).to_have_attribute("aria-selected", "true")
    return visit.page.locator("#scene")


def each_entry_behind_a_decision_opens_into_its_record(visit: Visit, wide: bool) -> None:
    shown = scene(visit, "Decision")
    expect(shown.locator(".verdict")).to_contain_text("It spoke")
    expect(shown.locator(".verdict")).to_contain_text("Because you follow")
    for step in ("Retrieved", "Dropped", "Allowed", "The whole record"):
        entry = shown.locator("details", has=visit.page.locator("> summary", has_text=step)).first
        entry.locator("> summary").press("Enter")
        expect(entry).to_have_attribute("open", "")
    shown.locator(".top summary").first.press("Enter")
    expect(shown.locator(".added")).to_contain_text("follows topic")
    expect(shown.locator(".rules li")).not_to_have_count(0)
    expect(shown.locator(".record")).to_contain_text("Policy version")


def who_got_nothing_has_a_record_of_their_own(visit: Visit, wide: bool) -> None:
    shown = scene(visit, "Decision")
    expect(shown.locator(".others")).to_contain_text("got nothing this morning")
    shown.locator(".others summary").first.click()
    someone = shown.locator(".others .people button").first
    name = someone.inner_text()
    someone.click()
    expect(shown.locator(".verdict")).to_contain_text(name)
    expect(shown.locator(".verdict")).to_contain_text("It was silent")


def an_obstacle_keeps_it_silent(visit: Visit, wide: bool) -> None:
    shown = scene(visit, "Silence")
    obstacles = shown.get_by_label("What is in the way")
    expect(shown.get_by_label("Whom")).to_contain_text("Dana Doe")
    label, reason = TRIED[wide]
    obstacles.select_option(label=label)
    shown.get_by_role("button", name="Make it speak").click()
    cards = shown.locator(".outcome .card")
    expect(cards.nth(1)).to_contain_text(reason)
    expect(cards.nth(1)).to_contain_text("It is silent")
    expect(cards.nth(0)).to_contain_text("It speaks")


def a_text_is_looked_at_and_approved(visit: Visit, wide: bool) -> None:
    shown = scene(visit, "Curate")
    shown.get_by_role("button", name="Look at it").click()
    expect(shown.get_by_role("alert")).to_contain_text("Paste a text")
    shown.get_by_role("button", name="Fill in an example").click()
    shown.get_by_role("button", name="Look at it").click()
    shown.get_by_role("button", name="Who would hear of it").click()
    expect(shown).to_contain_text("How it would open")
    expect(shown).to_contain_text("Tomorrow it would open a conversation with Dana Doe")
    shown.get_by_role("button", name="Approve it").click()
    expect(shown).to_contain_text("It is in the pool.")


def an_export_is_rehearsed_and_what_is_none_is_refused(visit: Visit, wide: bool) -> None:
    shown = scene(visit, "Export")
    shown.locator("input[type=file]").set_input_files(
        {"name": "notes.zip", "mimeType": "application/zip", "buffer": b"no zip"}
    )
    expect(shown.get_by_role("alert")).to_contain_text("no .zip file")
    if wide:  # once is enough
        shown.locator("input[type=file]").set_input_files(
            {"name": "ours.zip", "mimeType": "application/zip", "buffer": exported()}
        )
        expect(shown).to_contain_text("ours.zip: 2026-03-05 to 2026-03-09", timeout=READY_WITHIN)
        expect(shown).to_contain_text("openers would have been sent.")
        expect(shown).not_to_contain_text("days so far")
        expect(shown.get_by_text("false", exact=True)).to_have_count(0)


def days_are_lived_on_a_chart_beside_a_bot_that_always_speaks(visit: Visit, wide: bool) -> None:
    shown = scene(visit, "Two weeks")
    expect(shown.locator(".chart")).to_have_count(4)
    expect(shown.get_by_text("null", exact=True)).to_have_count(0)
    if wide:  # the narrow page comes last: every desk is as the tests before left it
        return
    shown.get_by_role("button", name="Live two weeks").click()
    panel = visit.page.get_by_role("dialog", name="Live two weeks")
    expect(panel).to_contain_text(f"{DAYS} working day later.", timeout=READY_WITHIN)
    expect(panel).to_contain_text("A bot that always speaks would have sent")
    panel.get_by_role("button", name="Back to the workspace").click()
    expect(shown.locator(".chart").first.locator("circle")).to_have_count(DAYS)
    expect(shown.locator(".chart").nth(1)).to_have_attribute(
        "aria-label", re.compile(r"^Openers sent\. day 1: \d+ against \d+$")
    )
    shown.get_by_text("What each night came to").click()
    expect(shown.locator(".nights li")).to_have_count(DAYS)


WALKS: tuple[Walk, ...] = (
    each_entry_behind_a_decision_opens_into_its_record,
    who_got_nothing_has_a_record_of_their_own,
    an_obstacle_keeps_it_silent,
    a_text_is_looked_at_and_approved,
    an_export_is_rehearsed_and_what_is_none_is_refused,
    days_are_lived_on_a_chart_beside_a_bot_that_always_speaks,
)
