"""What the pages claim is so: the reasons for silence, the statements, the dependencies."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import textwrap
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from bot.cli import COMMANDS
from bot.policy.gate import Rule
from bot.policy.reach import Written
from bot.policy.rules import ITEM_RULES, OFFER_RULES, REACH_RULES, WrittenOfOffer
from bot.policy.written import REASON
from bot.reading.standing import Standings
from bot.settings import PolicySettings
from bot.store import tables
from bot.store.database import Store
from tests.docs.pages import ROOT, blocks, section

NOW = datetime(2026, 9, 7, 9, 0, tzinfo=UTC)
FOLDERS_OF_MACHINES = ("work", "opt", "root", "home", "Users")
REGISTRIES = ("pypi" + r"\.", "python" + "hosted", "npm" + r"js\.", r"download\.py" + "torch")


def readme() -> str:
    return (ROOT / "README.md").read_text("utf-8")


def first_column(part: str) -> list[str]:
    """The code that begins each row of the tables of a part."""
    return re.findall(r"^\| `([a-z_]+)` \|", part, re.MULTILINE)


def reasons(rule: Rule[Any]) -> Iterator[str]:
    """The words that a rule may refuse with, from its code."""
    if isinstance(rule, Written | WrittenOfOffer):
        yield REASON
    source = textwrap.dedent(inspect.getsource(type(rule).refuses))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Return) and node.value is not None:
            given = node.value
            parts = [given.body, given.orelse] if isinstance(given, ast.IfExp) else [given]
            yield from (
                part.value
                for part in parts
                if isinstance(part, ast.Constant) and isinstance(part.value, str)
            )


def test_the_reasons_for_silence_are_those_of_the_wired_rules_in_their_order() -> None:
    said, _ = section(readme(), "When it stays silent").split("An item is not even considered")
    rules: tuple[Rule[Any], ...] = (*REACH_RULES, *OFFER_RULES)
    wired = [reason for rule in rules for reason in reasons(rule)]
    assert len(wired) == len(rules)
    assert first_column(said) == wired


def test_the_filters_of_items_are_the_wired_ones_in_their_order() -> None:
    _, said = section(readme(), "When it stays silent").split("An item is not even considered")
    assert first_column(said) == [rule.name for rule in ITEM_RULES]


def test_how_many_reasons_are_checked_again_is_counted_right() -> None:
    words = {17: "seventeen", 18: "eighteen", 19: "nineteen", 20: "twenty"}
    assert f"The first {words[len(REACH_RULES)]} are checked again" in readme()


def test_the_readme_opens_with_one_sentence_and_a_picture() -> None:
    title, sentence, picture, *_ = [part for part in readme().split("\n\n") if part.strip()]
    assert title == "# Overture"
    assert sentence.count(". ") == 0
    assert sentence.endswith(".")
    assert picture.startswith("![")
    assert "(docs/images/overture.gif)" in picture


def test_every_command_is_told_to_operators() -> None:
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    told = re.findall(r"`overture ([a-z-]+)", section(page, "Commands"))
    assert set(COMMANDS) - set(told) == set()


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    names = {re.split(r"[\[<>=]", one)[0] for one in wanted}
    said = (ROOT / "docs" / "decisions.md").read_text("utf-8")
    assert {name for name in names if f"`{name}`" not in said} == set()


def test_the_statements_for_operators_work_on_both_databases(store: Store) -> None:
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    statements = [code for language, code in blocks(page) if language == "sql"]
    with store.writing("T0123ABCD") as unit:
        unit.session.add(
            tables.Workspace(id="T0123ABCD", name="Larkspur", zone="UTC", created_at=NOW)
        )
        unit.session.flush()
        unit.session.add(tables.Member(workspace_id="T0123ABCD", id="U1", name="Ada", zone="UTC"))
        unit.commit()
    stopped = []
    for statement in statements:
        with store.writing("T0123ABCD") as unit:
            unit.session.execute(text(statement))
            unit.commit()
        with store.reading("T0123ABCD") as unit:
            stopped.append(Standings(PolicySettings()).read(unit, "U1", NOW).killed)
    assert stopped == [False] * len(statements)
    assert statements


def tracked() -> Iterator[tuple[str, str]]:
    """(name, text) of every tracked file that is text."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        data = path.read_bytes() if path.is_file() else b""
        if b"\0" not in data:
            yield name, data.decode("utf-8")


def traces(content: str) -> list[str]:
    """Paths of a machine and addresses of package registries in a text."""
    folders = "|".join(FOLDERS_OF_MACHINES)
    paths = re.findall(rf"(?<![\w.~-])/(?:{folders})/[\w.-]+", content)
    return [*paths, *re.findall("|".join(REGISTRIES), content)]


def test_no_tracked_file_bears_traces_of_a_machine_or_a_registry() -> None:
    found = {name: traces(content) for name, content in tracked()}
    assert {name: trace for name, trace in found.items() if trace} == {}


def test_such_traces_would_be_noticed() -> None:
    assert traces("see /" + "opt/wheels and https://py" + "pi.org/simple") == [
        "/" + "opt/wheels",
        "py" + "pi.",
    ]
