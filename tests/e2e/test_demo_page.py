"""`overture demo` in a real browser: sit down, read, press, answer, run the night.

One demo serves all tests of this file, each at another member's desk; the last one ends it.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browsing import PHONE, WIDE, Visit, chromium
from tests.e2e.conftest import elsewhere, home_in, overture
from tests.e2e.demo_scenes import READY_WITHIN, SHORTENED, WALKS, Walk, enter, free_port

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SCENE = "document.querySelector('#scene')"
HONEST = "The item does not say."
SAT: list[str] = []
"""members whose desk was sat at already"""


@dataclass
class Running:
    """The demo as a person started it."""

    process: subprocess.Popen[str]
    port: int
    around: Path
    url: str = ""
    steps: list[str] = field(default_factory=list)
    """what the page said of the set-up, and when it could first be seen"""
    printed_after: float = 0.0


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def demo(
    embeddings: Path, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """A demo whose set-up was watched on its page."""
    around = tmp_path_factory.mktemp("demo")
    port, began = free_port(), time.monotonic()
    process = overture(
        "demo",
        "--port",
        str(port),
        home=home_in(around, embeddings),
        around=around,
        command=(sys.executable, "-c", SHORTENED),
    )
    running = Running(process, port, around)
    try:
        running.url = address(process)
        running.printed_after = time.monotonic() - began
        running.steps = watch_the_set_up(browser, running.url)
        yield running
    finally:
        process.kill()
        process.communicate()


def address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        found = re.search(r"http://127\.0\.0\.1:\d+/\S+", line)
        if found:
            return found[0]
    raise AssertionError("the demo ended without an address")


def watch_the_set_up(browser: Browser, url: str) -> list[str]:
    visit = Visit(browser, WIDE)
    visit.page.goto(url)
    screen, steps = visit.page.locator(".setup"), list[str]()
    expect(screen).to_be_visible()
    ends = time.monotonic() + READY_WITHIN / 1000
    while screen.count() and time.monotonic() < ends:
        steps += [one for one in screen.locator("li").all_inner_texts() if one not in steps]
        visit.page.wait_for_timeout(50)
    expect(visit.page.get_by_role("dialog", name="Be yourself")).to_be_visible()
    assert visit.wrong == visit.complaints == []
    visit.page.close()
    return steps


@pytest.fixture(scope="module", params=[WIDE, PHONE], ids=["wide", "phone"])
def opened(request: pytest.FixtureRequest, browser: Browser, demo: Running) -> Iterator[Visit]:
    """A page at either width, at the desk of the first member with something new."""
    made = Visit(browser, request.param)
    made.page.goto(demo.url)
    made.button("Just look around").click()
    expect(made.page.locator("#main .message").first).to_be_visible()
    if made.page.locator("#dock").is_visible():
        made.button("Close the scenes").click()
    yield made
    made.page.close()


@pytest.fixture
def visit(opened: Visit) -> Iterator[Visit]:
    """That page, which must not scroll sideways, nor complain."""
    yield opened
    if opened.button("Close the thread").is_visible():
        opened.button("Close the thread").click()
    opened.page.get_by_role("tab", name="Messages").click()
    assert opened.overhang == 0
    assert opened.wrong == opened.complaints == []


def sit(visit: Visit, *, agreed: bool, new: bool = True) -> str:
    """Sit down as the first member who has agreed or not, with a new message; their name."""
    visit.page.locator("#seat").click()
    said = "has agreed" if agreed else "has not agreed"
    rows = visit.page.locator(".seat-row").filter(has_text=said).filter(has_not_text="GUEST")
    for name in SAT if new else ():  # what was said there since may be new again
        rows = rows.filter(has_not_text=name)
    row = rows.filter(has=visit.page.locator(".pill.new")).first if new else rows.first
    expect(row).to_be_visible()
    name = row.locator("b").inner_text()
    row.click()
    expect(visit.page.locator("#seat")).to_contain_text(name)
    SAT.append(name)
    return name


def an_opener(visit: Visit) -> Locator:
    """Sit down where an opener lies that nobody has answered; that message."""
    for _ in range(8):
        sit(visit, agreed=True)  # what is new may be an answer to a colleague's press instead
        opener = last(visit.page.locator("#main"))
        expect(opener).to_be_visible()
        if opener.get_by_role("button", name="Not for me").count():
            return opener
    raise AssertionError("nobody has an opener without an answer")


def last(place: Locator) -> Locator:
    return place.locator(".message").last


def test_the_address_comes_first_and_the_page_shows_how_the_set_up_goes(demo: Running) -> None:
    assert len(demo.steps) >= 2
    assert "Learning a first model" in " ".join(demo.steps)


def test_an_opener_is_read_followed_up_and_asked_about(visit: Visit) -> None:
    opener = an_opener(visit)
    expect(opener).to_contain_text("Tell me more")
    opener.get_by_role("button", name="Tell me more").click()
    expect(opener).to_contain_text("You asked for more; it is in the thread.")
    expect(opener.get_by_role("button", name="Tell me more")).to_have_count(0)
    opener.locator(".thread-link").click()
    thread = visit.page.locator("#thread")
    expect(thread.locator(".message")).to_have_count(2)
    known = last(thread).inner_text()
    assert len(known.split()) > 20
    assert visit.overhang == 0
    field = thread.get_by_role("textbox", name="Reply…")
    field.fill("What does a ticket to the moon cost?")
    field.press("Enter")
    expect(thread.locator(".message")).to_have_count(4)
    expect(last(thread)).to_contain_text(HONEST)
    title = words_of(known.partition("“")[2])[:4]
    field.fill(f"What was that about {' '.join(title)}?")
    field.press("Enter")
    expect(thread.locator(".message")).to_have_count(6)
    answer = last(thread).locator(".body").inner_text()
    quoted = answer.partition("“")[2]
    assert HONEST in answer or set(words_of(quoted)) <= set(words_of(known))
    assert visit.overhang == 0


def words_of(text: str) -> list[str]:
    """Words of some length, lower case, in order."""
    return re.findall(r"[^\W\d_]{4,}", text.lower())


def test_not_for_me_asks_why_and_can_be_taken_back(visit: Visit) -> None:
    opener = an_opener(visit)
    opener.get_by_role("button", name="Not for me").click()
    expect(opener).to_contain_text("What was wrong?")
    opener.get_by_role("button", name="Not my topic").click()
    expect(opener).to_contain_text("Thank you. I will choose with that in mind.")
    expect(opener.get_by_role("button", name="Not my topic")).to_have_count(0)
    assert visit.overhang == 0
    opener.get_by_role("button", name="Undo").click()
    expect(opener.get_by_role("button", name="Tell me more")).to_be_visible()
    expect(opener.get_by_role("button", name="Not for me")).to_be_visible()


def press_until_open(button: Locator, modal: Locator) -> None:
    """As a member would: Slack takes a form within three seconds, or drops it without a word."""
    for _ in range(3):
        button.click()
        with contextlib.suppress(AssertionError):
            expect(modal).to_be_visible(timeout=6_000)
            return
    expect(modal).to_be_visible()


def test_home_says_what_may_be_used_and_lets_one_choose(visit: Visit) -> None:
    name = sit(visit, agreed=True, new=False)
    visit.page.get_by_role("tab", name="Home").click()
    page = visit.page.locator("#main")
    first_name = name.split()[0]
    expect(page.get_by_role("heading", name=f"Hello {first_name}", exact=True)).to_be_visible()
    expect(page).to_contain_text("At most one a day and three a week, Monday to Friday")
    expect(page).to_contain_text("I may write to you first")
    expect(page).to_contain_text("What I told you lately")
    assert visit.overhang == 0
    modal = visit.page.get_by_role("dialog", name="What may I use?")
    press_until_open(visit.button("Choose what counts"), modal)
    expect(modal.get_by_role("checkbox", name=re.compile("^Channel messages"))).to_be_checked()
    expect(modal).to_contain_text("What you post in channels that I am in")
    assert visit.overhang == 0
    modal.get_by_role("button", name="Cancel").click()
    expect(modal).to_have_count(0)


def test_who_has_not_agreed_sees_the_one_welcome_and_no_opener(visit: Visit) -> None:
    name = sit(visit, agreed=False, new=False)
    said = visit.page.locator("#main .message")
    expect(said).to_have_count(1)
    expect(said).to_contain_text(f"Hello {name.split()[0]}, I am Overture.")
    expect(said).to_contain_text("What you post in channels that I am in")
    for choice in ("Yes, please", "Let me choose", "No, thanks"):
        expect(said.get_by_role("button", name=choice)).to_be_visible()
    expect(said.get_by_role("button", name="Tell me more")).to_have_count(0)
    visit.page.get_by_role("tab", name="Home").click()
    expect(visit.page.locator("#main")).to_contain_text("I write to nobody who has not agreed")
    expect(visit.page.locator("#main")).not_to_contain_text("What I told you lately")


def test_the_night_tells_what_it_learned_and_the_morning_comes(visit: Visit) -> None:
    before = visit.page.locator("#clock").inner_text()
    visit.button("Next morning").click()
    panel = visit.page.get_by_role("dialog", name="Next morning")
    expect(panel).to_be_visible(timeout=READY_WITHIN)
    expect(panel.locator(".headline")).to_contain_text(
        re.compile(r"^Good morning: it is \w+day, \d+ September\.$")
    )
    lines = " ".join(panel.locator(".lines li").all_inner_texts())
    assert re.search(r"Yesterday \d+ members were written to: ", lines)
    assert re.search(r"In the night \d+ openers closed and were learned from", lines)
    assert re.search(r"A new model, m\d+, (serves from now on|was made and not taken)", lines)
    assert re.search(r"This morning \d+ members are written to\.", lines)
    assert re.search(r"\d+ are left in peace: ", lines)
    assert "_" not in lines
    assert visit.overhang == 0
    panel.locator("summary").click()
    expect(panel).to_contain_text("log_loss")  # the figures are in the record
    panel.locator(".waiting button").first.click()
    expect(panel).to_have_count(0)
    expect(last(visit.page.locator("#main"))).to_be_visible()
    assert visit.page.locator("#clock").inner_text() != before


@pytest.fixture(scope="module")
def entered(browser: Browser, demo: Running, opened: Visit) -> Iterator[Visit]:
    """A page of the same width, at the desk of somebody who came in by the first screen."""
    size = opened.page.viewport_size
    assert size is not None
    visit = Visit(browser, (size["width"], size["height"]))
    visit.page.goto(demo.url)
    enter(visit)
    yield visit
    visit.page.close()


@pytest.mark.parametrize("walk", WALKS, ids=lambda one: one.__name__)
def test_a_scene_is_walked(walk: Walk, entered: Visit) -> None:
    walk(entered, tuple((entered.page.viewport_size or {}).values()) == WIDE)
    assert entered.overhang == 0
    assert entered.page.evaluate(f"{SCENE}.scrollWidth - {SCENE}.clientWidth") <= 0
    assert entered.wrong == []


def test_an_interrupt_ends_the_demo_and_leaves_only_its_home(demo: Running) -> None:
    with socket.socket() as taken, pytest.raises(OSError, match="in use"):
        taken.bind(("127.0.0.1", demo.port))  # it is still there
    demo.process.send_signal(signal.SIGINT)
    _, complaints = demo.process.communicate(timeout=30)
    assert demo.process.returncode == 0
    assert "Traceback" not in complaints
    with pytest.raises(ProcessLookupError):  # nobody is left of its session
        os.killpg(demo.process.pid, 0)
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", demo.port))
    assert sorted(one.name for one in (demo.around / "home").iterdir()) == ["demo"]
    for empty in (elsewhere(demo.around), demo.around / "user", demo.around / "tmp"):
        # where PyTorch keeps what it compiles: an empty folder that it makes as it loads
        assert [one for one in empty.rglob("*") if "torchinductor" not in one.name] == []
