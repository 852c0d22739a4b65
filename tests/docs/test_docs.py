"""What the pages name exists: commands, options, settings, files, links and pictures."""

from __future__ import annotations

import json
import re
import struct
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest

from bot.pool.entries import item_of
from bot.settings import Settings
from tests.docs.pages import (
    ROOT,
    anchors,
    blocks,
    commands,
    links,
    pages,
    section,
    spans,
    unknown_variables,
    variables,
    wrong_with,
)

FILE = re.compile(r"((?:[\w.-]+/)+[\w.-]+\.(?:py|md|json|toml|yaml|js))(?::(\w+))?")
SCENES = ("newcomer", "decision", "two-weeks", "curate", "silence", "export")
PICTURES = {"opener-phone": (390, 844), "night": (1280, 800), "home": (1280, 800),
            "desk": (1280, 800), "desk-preview": (1280, 800), "consent-phone": (390, 844),
            "limits-phone": (390, 844),
            **{f"scene-{one}": (1280, 800) for one in SCENES},
            **{f"scene-{one}-phone": (390, 844) for one in SCENES}}  # fmt: skip
LARGEST_PICTURE = 300_000

each_page = pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)


@each_page
def test_commands_exist_with_their_options(page: Path) -> None:
    text = page.read_text("utf-8")
    assert [
        wrong for command, whole in commands(text) if (wrong := wrong_with(command, whole))
    ] == []


def test_the_pages_name_the_commands_that_there_are_to_check() -> None:
    readme = commands((ROOT / "README.md").read_text("utf-8"))
    assert ("overture demo --headless --json --days 5 --seed 0", False) in readme
    assert "overture serve" in [command.split("#")[0].strip() for command, _ in readme]


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("overture dance", "no command 'dance'"),
        ("overture models polish", "no command 'polish'"),
        ("overture run --loudly", "no option --loudly"),
        ("overture run --members", "needs a value"),
        ("overture import pool", "an argument is missing"),
        ("overture serve now", "takes 0 arguments"),
        ("overture models", "names no command of its group"),
    ],
)
def test_commands_that_do_not_exist_would_be_noticed(command: str, problem: str) -> None:
    assert problem in wrong_with(command, whole=True)


def test_values_that_an_option_refuses_would_be_noticed() -> None:
    with pytest.raises(click.BadParameter, match="no time zone"):
        wrong_with("overture run --now 2019-05-20T09:00", whole=True)


@each_page
def test_variables_exist(page: Path) -> None:
    assert unknown_variables(page.read_text("utf-8")) == set()


def test_a_variable_that_nothing_reads_would_be_noticed() -> None:
    assert unknown_variables("set `OVERTURE_POLICY__DAILY_CAPS=2`") == {
        "OVERTURE_POLICY__DAILY_CAPS"
    }


def test_defaults_are_those_of_the_code() -> None:
    page = (ROOT / "README.md").read_text("utf-8")
    said = dict(re.findall(r"`(OVERTURE_\w+)=([^`]*)`", page))
    assert said == {name: variables()[name] for name in said}
    assert len(said) >= 8


def test_settings_files_would_be_taken() -> None:
    files = [
        text
        for page in pages()
        for language, text in blocks(page.read_text("utf-8"))
        if language == "toml"
    ]
    settings = [Settings.model_validate(tomllib.loads(text)) for text in files]
    assert ("U0123ABCD", "U0456EFGH") in [one.policy.pilot for one in settings]
    assert "bolder" in {name for one in settings for name in one.experiments}


@each_page
def test_links_and_pictures_lead_somewhere(page: Path) -> None:
    for link in links(page.read_text("utf-8")):
        if "://" in link:
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.is_file(), f"{page.name}: {link}"
        assert not anchor or anchor in anchors(target.read_text("utf-8")), f"{page.name}: {link}"


@each_page
def test_files_and_what_they_hold_exist(page: Path) -> None:
    for span in spans(page.read_text("utf-8")):
        match = FILE.fullmatch(span)
        if match is None:
            continue
        assert (ROOT / match[1]).is_file(), f"{page.name}: {span}"
        if match[2]:
            text = (ROOT / match[1]).read_text("utf-8")
            defined = re.search(rf"\b(?:class|def) {match[2]}\b|^{match[2]}\b", text, re.MULTILINE)
            assert defined, f"{page.name}: {span}"


@each_page
def test_folders_exist(page: Path) -> None:
    for span in spans(page.read_text("utf-8")):
        if re.fullmatch(
            r"(?:bot|recsys|tests|prompts|migrations|data|docs|deploy)/(?:\w+/)*", span
        ):
            assert (ROOT / span).is_dir(), f"{page.name}: {span}"


@each_page
def test_targets_of_make_exist(page: Path) -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    text = page.read_text("utf-8")
    lines = [*spans(text), *(line for _, code in blocks(text) for line in code.splitlines())]
    named = {match[1] for line in lines if (match := re.match(r"make (\w+)", line))}
    assert named <= set(targets)


def test_items_of_the_pages_can_be_imported() -> None:
    page = (ROOT / "docs" / "development.md").read_text("utf-8")
    lines = [text for language, text in blocks(section(page, "Items")) if language == "json"]
    assert [item_of(json.loads(line), "docs").title for line in lines] == [
        "Release notes that people read"
    ]


@pytest.mark.parametrize("name", sorted(PICTURES))
def test_pictures_have_their_size(name: str) -> None:
    data = (ROOT / "docs" / "images" / f"{name}.png").read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    size: tuple[Any, ...] = struct.unpack(">II", data[16:24])
    assert size == PICTURES[name]
    assert len(data) < LARGEST_PICTURE
