"""Reads the pages: their code, their links, the commands and settings that they name."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click

from bot.cli import cli
from bot.cli.settings import rows
from bot.settings import NOT_OURS, Settings

ROOT = Path(__file__).resolve().parents[2]

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?:^ {4}.*\n)+", re.MULTILINE)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_OURS = re.compile(r"\bOVERTURE_[A-Z_]+\b")
_ASSIGNMENT = re.compile(r"(?:export )?[A-Z_]+=\S* *")


def pages() -> tuple[Path, ...]:
    """Every page that people read."""
    return (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md")))


def blocks(page: str) -> Iterator[tuple[str, str]]:
    """(language, text) of each block of code; indented ones have no language."""
    for match in _FENCE.finditer(page):
        yield match[1], match[2]
    for match in _INDENTED.finditer(_FENCE.sub("", page)):
        yield "", "\n".join(line[4:] for line in match[0].splitlines())


def spans(page: str) -> list[str]:
    """What stands between single backticks, outside of blocks."""
    return _SPAN.findall(_FENCE.sub("", page))


def links(page: str) -> list[str]:
    """Targets of links and images, outside of code."""
    return _LINK.findall(_SPAN.sub("", _FENCE.sub("", page)))


def section(page: str, heading: str) -> str:
    """From a heading of the second level to the next one."""
    return page.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def anchors(page: str) -> set[str]:
    """What links may point at within a page: its headings, as GitHub writes them."""
    found = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in found}


def commands(page: str) -> list[tuple[str, bool]]:
    """Each `overture …` that a page names, and whether it stands there whole.

    In a block a command is what somebody would type; a span may leave arguments out.
    """
    lines = [(line, True) for _, text in blocks(page) for line in text.splitlines()]
    named = [*lines, *((span, False) for span in spans(page))]
    bare = [(_ASSIGNMENT.sub("", line).removeprefix(".venv/bin/"), whole) for line, whole in named]
    return [(line, whole) for line, whole in bare if re.match(r"overture( |$)", line)]


def wrong_with(command: str, whole: bool) -> str:
    """What is wrong with a command; empty where `overture` would take it."""
    words = shlex.split(command, comments=True)[1:]
    context = click.Context(cli, info_name="overture")
    at: click.Command = cli
    while isinstance(at, click.Group) and words and not words[0].startswith("-"):
        name, *words = words
        found = at.get_command(context, name)
        if found is None:
            return f"{command}: there is no command {name!r}"
        at = found
    if isinstance(at, click.Group) and not at.invoke_without_command:
        return f"{command}: names no command of its group" if whole else ""
    return _wrong_words(command, at, words, whole)


def _wrong_words(command: str, at: click.Command, words: list[str], whole: bool) -> str:
    options = {name: p for p in at.params if isinstance(p, click.Option) for name in p.opts}
    arguments = [p for p in at.params if isinstance(p, click.Argument)]
    given = 0
    while words:
        word = words.pop(0)
        if not word.startswith("-"):
            given += 1
        elif word == "--help":
            continue
        elif word not in options:
            return f"{command}: there is no option {word}"
        elif not options[word].is_flag:
            if not words:
                return f"{command}: {word} needs a value"
            options[word].type_cast_value(click.Context(at), words.pop(0))
    if given > len(arguments) and not any(argument.nargs < 0 for argument in arguments):
        return f"{command}: takes {len(arguments)} arguments, not {given}"
    if whole and given < sum(argument.required for argument in arguments):
        return f"{command}: an argument is missing"
    return ""


def variables() -> dict[str, str]:
    """Every variable that sets something, with its default as it would be written."""
    found = {}
    for path, _, _ in rows(Settings.model_construct()):
        found["OVERTURE_" + "__".join(path).upper()] = _default(path)
    return found


def _default(path: tuple[str, ...]) -> str:
    field = Settings.model_fields[path[0]]
    value = field.default
    for name in path[1:]:
        value = getattr(value, name)
    return str(value)


def unknown_variables(text: str) -> set[str]:
    """Variables of ours that a text names and nothing reads."""
    return set(_OURS.findall(text)) - set(variables()) - NOT_OURS
