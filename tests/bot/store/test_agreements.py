"""Consents stay on record; topics are followed, muted and let go."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.store import tables
from bot.store.consents import Consents
from bot.store.database import Store, Unit
from bot.store.members import Members, Person
from bot.store.topics import Choices, Subject, Topics

NOW = datetime(2026, 9, 7, 9, 0, tzinfo=UTC)


@pytest.fixture
def unit(store: Store) -> Iterator[Unit]:
    for workspace in ("T1", "T2"):
        with store.writing(workspace) as other:
            other.session.add(tables.Workspace(id=workspace, name=workspace, created_at=NOW))
            other.session.flush()
            Members(other).save([Person("ana", name="Ana"), Person("bo", name="Bo")], at=NOW)
            other.commit()
    with store.writing("T1") as opened:
        yield opened


def test_a_consent_stands_from_its_granting_to_its_withdrawal(unit: Unit) -> None:
    consents = Consents(unit)
    assert consents.granted("ana") == frozenset()
    new = consents.grant("ana", ("openers", "reactions"), at=NOW, origin="welcome")
    assert new == consents.granted("ana") == {"openers", "reactions"}
    assert consents.granted("bo") == frozenset()
    assert consents.all_granted() == {"ana": {"openers", "reactions"}}
    later = NOW + timedelta(days=1)
    assert consents.withdraw("ana", ("reactions", "external_events"), at=later) == {"reactions"}
    assert consents.granted("ana") == {"openers"}
    assert consents.withdraw("ana", at=later) == {"openers"}
    assert consents.all_granted() == {}


def test_agreeing_again_adds_a_row_and_agreeing_twice_does_not(unit: Unit) -> None:
    consents = Consents(unit)
    consents.grant("ana", ("openers",), at=NOW, origin="welcome")
    assert consents.grant("ana", ("openers",), at=NOW, origin="home") == frozenset()
    consents.withdraw("ana", at=NOW + timedelta(days=1))
    consents.grant("ana", ("openers",), at=NOW + timedelta(days=2), origin="home")
    record = consents.record("ana")
    assert [(one.origin, one.withdrawn_at is None) for one in record] == [
        ("welcome", False),
        ("home", True),
    ]


def test_consents_end_at_the_workspace_s_border(unit: Unit, store: Store) -> None:
    Consents(unit).grant("ana", ("openers",), at=NOW, origin="welcome")
    unit.commit()
    with store.reading("T2") as other:
        assert Consents(other).granted("ana") == frozenset()
        assert Consents(other).all_granted() == {}
        assert not Consents(other).record("ana")


def test_topics_are_followed_muted_and_let_go(unit: Unit) -> None:
    topics = Topics(unit)
    topics.save([Subject("sleep", "Sleep", sensitive=True), Subject("python", "Python")])
    topics.save([Subject("python", "Python", "The language")])
    assert [(t.slug, t.about, t.sensitive) for t in topics.list()] == [
        ("python", "The language", False),
        ("sleep", "", True),
    ]
    assert topics.choices("ana") == Choices()
    topics.choose("ana", "python", "follow", at=NOW)
    topics.choose("ana", "sleep", "follow", at=NOW)
    topics.choose("ana", "sleep", "mute", at=NOW)
    topics.choose("bo", "python", "mute", at=NOW)
    assert topics.choices("ana") == Choices(frozenset({"python"}), frozenset({"sleep"}))
    assert topics.all_choices()["bo"] == Choices(mutes=frozenset({"python"}))
    topics.choose("ana", "python", None, at=NOW)
    assert topics.choices("ana") == Choices(mutes=frozenset({"sleep"}))
