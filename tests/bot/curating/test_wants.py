"""What members asked for and the pool lacks: by several, or not told; never in their words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.curating.wants import BACK, UNANSWERED, wants
from bot.store import tables
from bot.store.consents import Consents
from bot.store.database import Store
from bot.store.topics import Subject, Topics
from tests.bot.scene import NOW, WORKSPACE, items, populate

MEMBERS = tuple(f"m{number}" for number in range(6))


@pytest.fixture
def asked(store: Store) -> Store:
    populate(store, members=MEMBERS, pool=items(8))
    return store


def ask(store: Store, member: str, text: str, *, answered: str = UNANSWERED + "@1+ab") -> None:
    with store.writing(WORKSPACE) as unit:
        name = f"{member}:{text}"[:60]
        unit.session.add(
            tables.Conversation(
                id=name, workspace_id=WORKSPACE, member_id=member, address="D", thread_ref=name,
                opened_at=NOW,
            )
        )  # fmt: skip
        unit.session.flush()
        for author, words, prompt in (("member", text, ""), ("bot", "It does not say.", answered)):
            unit.session.add(
                tables.Turn(
                    workspace_id=WORKSPACE, conversation_id=name, key=f"{name}:{author}",
                    author=author, text=words, at=NOW - timedelta(days=1), prompt=prompt,
                )
            )  # fmt: skip
        unit.commit()


def told(store: Store) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    with store.reading(WORKSPACE) as unit:
        found = wants(unit, NOW)
    return (
        [(one.what, one.members) for one in found.asked],
        [(one.what, one.members) for one in found.followed],
    )


def test_words_that_five_members_asked_with_are_told(asked: Store) -> None:
    for member in MEMBERS[:5]:
        ask(asked, member, f"How does sharding work, my friend {member}xyz?")
    ask(asked, "m0", "sharding sharding sharding, and a divorce lawyer")
    assert told(asked)[0] == [("friend", "5"), ("sharding", "5")]


def test_what_four_members_asked_is_not(asked: Store) -> None:
    for member in MEMBERS[:4]:
        ask(asked, member, "How does sharding work?")
    ask(asked, "m0", "Sharding?")
    assert told(asked)[0] == []


def test_what_was_answered_is_not_missing(asked: Store) -> None:
    for member in MEMBERS:
        ask(asked, member, "How does sharding work?", answered="responses/answer@1+ab")
    assert told(asked)[0] == []


def test_names_and_whoever_does_not_agree_do_not_count(asked: Store) -> None:
    with asked.writing(WORKSPACE) as unit:
        unit.session.get_one(tables.Member, (WORKSPACE, "m5")).name = "Zacharias Quill"
        Consents(unit).withdraw("m4", at=NOW)
        unit.commit()
    for member in MEMBERS:
        ask(asked, member, "What does Zacharias think of sharding?")
    assert told(asked)[0] == [("sharding", "5")]
    with asked.writing(WORKSPACE) as unit:
        Consents(unit).withdraw("m3", at=NOW)
        unit.commit()
    assert told(asked)[0] == []


def test_topics_that_many_follow_and_the_pool_lacks(asked: Store) -> None:
    with asked.writing(WORKSPACE) as unit:
        Topics(unit).save([Subject("rust", "Rust")])
        for member in MEMBERS[:5]:
            Topics(unit).choose(member, "rust", "follow", at=NOW)
        unit.commit()
    assert told(asked)[1] == [("Rust", "5")]  # all six follow python, of which there are four


def test_what_was_asked_long_ago_is_forgotten(asked: Store) -> None:
    for member in MEMBERS:
        ask(asked, member, "How does sharding work?")
    with asked.reading(WORKSPACE) as unit:
        assert wants(unit, NOW + BACK).asked == ()


def test_topics_of_those_who_asked_and_got_nothing(asked: Store) -> None:
    def ask_now(member: str, verdict: str) -> None:
        with asked.writing(WORKSPACE) as unit:
            unit.session.add(
                tables.Decision(
                    id=f"de_{member}", workspace_id=WORKSPACE, run_id="run", member_id=member,
                    slot=f"asked:{member}", at=NOW, verdict=verdict, reason="below_threshold",
                    rules=[], arm="normal", seed=1, policy_version="p", kind="asked",
                )
            )  # fmt: skip
            unit.commit()

    def unserved() -> list[tuple[str, str]]:
        with asked.reading(WORKSPACE) as unit:
            return [(one.what, one.members) for one in wants(unit, NOW).unserved]

    for member in MEMBERS[:4]:
        ask_now(member, "silent")
    ask_now("m4", "speak")
    assert unserved() == []
    ask_now("m5", "silent")
    assert unserved() == [("Python", "5")]
