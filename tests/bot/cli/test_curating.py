"""`overture pool`, `feeds` and `roles`: the desk's words for operators, under their own name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bot.cli.conftest import Overture

LINES = [
    {"id": "indexes", "title": "Partial indexes, explained", "text": "They serve some queries."},
    {"id": "joins", "title": "Left joins keep rows", "text": "Also those without a match."},
]


@pytest.fixture
def desk(overture: Overture, tmp_path: Path) -> Overture:
    assert overture("db", "upgrade")[0] == 0
    file = tmp_path / "items.jsonl"
    file.write_text("\n".join(json.dumps(line) for line in LINES))
    assert overture("import", "pool", file)[0] == 0
    return overture


def test_an_operator_decides_in_the_same_words(desk: Overture) -> None:
    assert "Waiting for you: 2." in desk("pool", "list", "waiting")[1]
    assert "Partial indexes" in desk("pool", "search", "indexes")[1]
    assert desk("pool", "approve", "joins", "--by", "olga")[0] == 0
    assert "Rejected" in desk("pool", "reject", "indexes", "because", "old", "--by", "olga")[1]
    assert "Taken back" in desk("pool", "undo", "--by", "olga")[1]
    entries = json.loads(desk("audit", "list", "--json")[1])["entries"]
    assert [(one["who"], one["action"]) for one in entries] == [
        ("cli:olga", "item.approved"),
        ("cli:olga", "item.rejected"),
        ("cli:olga", "item.undone_rejected"),
    ]


def test_what_is_not_possible_ends_with_1_and_a_sentence(desk: Overture) -> None:
    code, _, err = desk("pool", "reject", "indexes")
    assert code == 1
    assert "say why" in err
    code, _, err = desk("feeds", "add", "http://127.0.0.1:1/feed")
    assert code == 1
    assert "not on the open internet" in err
    assert "no feed yet" in desk("feeds", "list")[1].lower()


def test_roles_of_people_who_are_not_there_are_refused(desk: Overture) -> None:
    code, _, err = desk("roles", "grant", "U0NOBODY", "admin")
    assert code == 1
    assert "there is nobody called" in err
    assert "Nobody yet." in desk("roles", "list")[1]
