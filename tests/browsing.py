"""A real browser for tests: the system's Chromium, else Playwright's; and a watched page."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Dialog,
    Error,
    Locator,
    Page,
    Request,
    expect,
    sync_playwright,
)

WIDE, PHONE = (1280, 800), (390, 844)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running browser."""
    names = ("chromium", "chromium-browser", "google-chrome")
    system = next(filter(None, map(shutil.which, names)), None)
    found = os.environ.get("OVERTURE_CHROMIUM") or system
    args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    expect.set_options(timeout=15_000)  # other tests may keep both cores busy
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=args)
        yield running
        running.close()


class Visit:
    """A page with what went wrong on it, what its console complained of, and where it asked."""

    def __init__(self, browser: Browser, size: tuple[int, int]) -> None:
        width, height = size
        self.page: Page = browser.new_page(viewport={"width": width, "height": height})
        self.wrong: list[str] = []
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.page.on("pageerror", self._failed)
        self.page.on("dialog", self._alerted)
        self.page.on("request", self._requested)
        self.page.on("console", self._said)

    def _failed(self, error: Error) -> None:
        self.wrong.append(str(error))

    def _alerted(self, dialog: Dialog) -> None:
        self.wrong.append(dialog.message)
        dialog.dismiss()

    def _requested(self, request: Request) -> None:
        self.asked.append(request.url)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    @property
    def overhang(self) -> int:
        """Pixels by which the page is wider than the window."""
        wide = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        return max(0, int(wide))
