"""`overture reviews`: what waits, what a person makes of it, and the edits that are kept."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.store import tables
from bot.store.database import Store, connect
from bot.store.items import Items
from bot.store.reviews import Reviews
from recsys.types import WHOLE_WORKSPACE, Item, ItemId
from tests.bot.cli.conftest import Overture
from tests.bot.outbox_bench import START, WORKSPACE, populate, put_opener

BEFORE = "About a?"
AFTER = "Shall I show you how left joins work?"
ITEM = Item(
    id=ItemId("item"),
    kind="lesson",
    title="How left joins work",
    summary="All about left joins, in one page.",
    text="",
    url=None,
    source="pool",
    published=START.timestamp(),
    audience=WHOLE_WORKSPACE,
)


@pytest.fixture
def held(overture: Overture, tmp_path: Path) -> Store:
    """Two openers that wait for a person: `a` for Ada, and `b`, a minute later, for Grace."""
    assert overture("db", "upgrade")[0] == 0
    store = Store(connect(f"sqlite:///{tmp_path / 'overture.db'}"))
    populate(store)
    for minute, (name, member) in enumerate((("a", "m-ada"), ("b", "m-grace"))):
        put_opener(store, name, member, held=True)
        with store.writing(WORKSPACE) as unit:
            if not minute:
                Items(unit).save([ITEM], at=START, approved_by="curator")
            opener = unit.session.get_one(tables.Opener, f"op_{name}")
            opener.state = "held"
            Reviews(unit).ask(opener, START + timedelta(minutes=minute))
            unit.commit()
    return store


def listed(overture: Overture, what: str, key: str) -> list[dict[str, Any]]:
    code, told, _ = overture("reviews", what, "--json")
    assert code == 0
    rows: list[dict[str, Any]] = json.loads(told)[key]
    return rows


def states(store: Store, name: str) -> tuple[str, str]:
    """Of an opener and its row; the words beside them are sealed, so they are not read."""
    opener, row = tables.Opener, tables.Outbox
    with store.reading(WORKSPACE) as unit:
        found = select(opener.state, row.state).where(
            opener.id == f"op_{name}", row.opener_id == opener.id
        )
        of_opener, of_row = unit.session.execute(found).one()
    return of_opener, of_row


def test_what_waits_is_listed_the_oldest_first(overture: Overture, held: Store) -> None:
    found = listed(overture, "list", "reviews")
    assert [one["opener"] for one in found] == ["op_a", "op_b"]
    assert (found[0]["text"], found[0]["about"]) == (BEFORE, ITEM.title)
    said = overture("reviews", "list")[1]
    assert said.index("op_a") < said.index("op_b")
    assert BEFORE in said


@pytest.mark.parametrize(
    ("command", "decided", "state"),
    [
        (("approve", "op_a"), "approved", "queued"),
        (("edit", "op_a", AFTER), "edited", "queued"),
        (("answer", "op_a", "She is on leave."), "answered", "withdrawn"),
        (("skip", "op_a"), "skipped", "withdrawn"),
    ],
)
def test_one_is_decided_and_the_other_waits_on(
    overture: Overture, held: Store, command: tuple[str, ...], decided: str, state: str
) -> None:
    code, said, _ = overture("reviews", *command, "--by", "ada")
    assert (code, said) == (0, f"op_a is {decided}.\n")
    assert states(held, "a") == (state, state)
    assert states(held, "b") == ("held", "held")
    assert [one["opener"] for one in listed(overture, "list", "reviews")] == ["op_b"]
    again, _, problem = overture("reviews", *command)
    assert again == 1
    assert "waits for no review" in problem


def test_edits_are_kept_as_examples_and_nothing_else_is(overture: Overture, held: Store) -> None:
    assert listed(overture, "examples", "examples") == []
    assert "Nobody has edited" in overture("reviews", "examples")[1]
    assert overture("reviews", "edit", "op_a", AFTER)[0] == 0
    assert overture("reviews", "approve", "op_b")[0] == 0
    (one,) = listed(overture, "examples", "examples")
    assert (one["original"], one["edited"]) == (BEFORE, AFTER)
    assert datetime.fromisoformat(one["at"]).tzinfo is not None
    said = overture("reviews", "examples")[1]
    assert BEFORE in said
    assert AFTER in said


def test_an_edit_that_the_guards_refuse_is_no_example(overture: Overture, held: Store) -> None:
    code, _, problem = overture("reviews", "edit", "op_a", "Look at https://evil.example now?")
    assert code == 1
    assert "may not be sent" in problem
    assert states(held, "a") == ("held", "held")
    assert listed(overture, "examples", "examples") == []


def test_what_was_answered_back_can_be_read(overture: Overture, held: Store) -> None:
    assert "Nobody has answered" in overture("reviews", "notes")[1]
    assert overture("reviews", "answer", "op_a", "Too vague: which join?")[0] == 0
    (one,) = listed(overture, "notes", "notes")
    assert (one["original"], one["note"]) == (BEFORE, "Too vague: which join?")
    assert "Too vague: which join?" in overture("reviews", "notes")[1]


def test_reviews_are_switched_on_and_off(overture: Overture, held: Store) -> None:
    for word, on in (("on", True), ("off", False)):
        assert overture("reviews", word)[0] == 0
        with held.reading(WORKSPACE) as unit:
            assert unit.session.get_one(tables.Workspace, WORKSPACE).reviews is on
