"""What the page's files may not contain, whatever they do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import bot.emulator

PAGE = Path(bot.emulator.__file__).parent / "page"
MARKUP = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment"
    r"|\beval\(|new Function|srcdoc="
)
INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)")
OUTSIDE = re.compile(r"(?:https?:)?//(?!www\.w3\.org/2000/svg)[\w-]+\.\w")


def found(pattern: re.Pattern[str], *endings: str) -> list[str]:
    files = [path for path in sorted(PAGE.iterdir()) if path.suffix in endings]
    assert files
    return [path.name for path in files if pattern.search(path.read_text(encoding="utf-8"))]


def test_no_script_makes_markup_out_of_text() -> None:
    assert found(MARKUP, ".js") == []


def test_nothing_stands_inline_in_the_document() -> None:
    assert found(INLINE, ".html", ".svg") == []


def test_no_file_names_an_address_outside_the_machine() -> None:
    assert found(OUTSIDE, ".js", ".html", ".css", ".svg") == []


@pytest.mark.parametrize(
    ("pattern", "careless"),
    [
        (MARKUP, "node.innerHTML = message.text"),
        (INLINE, '<button onclick="go()">'),
        (INLINE, "<script>go()</script>"),
        (OUTSIDE, '<link href="https://fonts.example.com/lato.css">'),
        (OUTSIDE, "@import '//cdn.example.com/x.css'"),
    ],
)
def test_a_careless_line_would_be_found(pattern: re.Pattern[str], careless: str) -> None:
    assert pattern.search(careless)
