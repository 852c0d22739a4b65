"""What a composer and a message are told beside the item: tone, language, lines that must stand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from bot.deciding.briefing import Briefing
from bot.openers.brief import Brief
from bot.settings import OpenerSettings
from bot.store import tables
from bot.store.members import Members
from bot.store.members import Person as Somebody
from bot.store.topics import Subject, Topics
from recsys.types import Topic
from tests.bot.scene import NOW, WORKSPACE, Scene, item

LINE = "No advice for investors."


def brief(scene: Scene, **settings: Any) -> Brief:
    """What the composer would be told for Ana now."""
    told: list[Brief] = []

    class Listens:
        def compose(self, brief: Brief) -> object:
            told.append(brief)
            raise StopIteration

    outreach = scene.outreach(composer=Listens())
    object.__setattr__(
        outreach, "briefing", Briefing(scene.store, WORKSPACE, OpenerSettings(**settings))
    )
    with pytest.raises(StopIteration):
        outreach.attempt("ana", NOW)
    return told[0]


@pytest.mark.parametrize(
    ("locale", "language"),
    [("es-ES", "es"), ("pt_BR", "pt"), ("fr", "fr"), ("de-DE", "en"), ("", "en"), ("en-GB", "en")],
)
def test_a_member_is_written_to_in_their_language_where_it_can_be_checked(
    populated: Scene, locale: str, language: str
) -> None:
    with populated.store.writing(WORKSPACE) as unit:
        Members(unit).save([Somebody("ana", locale=locale)], at=NOW)
        unit.commit()
    assert brief(populated).language == language
    assert brief(populated, languages=()).language == "en"


def test_a_locale_that_is_not_told_stays_as_it_was(populated: Scene) -> None:
    with populated.store.writing(WORKSPACE) as unit:
        for said in ("es-ES", None, "x" * 99):
            Members(unit).save([Somebody("ana", locale=said)], at=NOW + timedelta(hours=1))
        unit.commit()
    told = {row.id: row.locale for row in populated.rows(tables.Member)}
    assert told["ana"] == "es-ES"


def test_a_channel_of_delivery_may_have_a_tone_of_its_own(populated: Scene) -> None:
    assert brief(populated).tone == "warm"
    assert brief(populated, tone="formal").tone == "formal"
    assert brief(populated, tone="formal", tones={"slack": "plain"}).tone == "plain"
    assert brief(populated, tone="formal", tones={"mail": "plain"}).tone == "formal"


def test_a_line_stands_under_openers_about_its_topic_alone(populated: Scene) -> None:
    settings = OpenerSettings(compliance={"python": LINE, "bread": LINE, "space": "Other."})
    briefing = Briefing(populated.store, WORKSPACE, settings)
    about = item("both", topics=(Topic("python"), Topic("bread")))
    assert briefing.content("op_1", "Hello.", about)["notice"] == LINE
    assert "notice" not in briefing.content("op_1", "Hello.", item("none", topics=()))


def test_sensitive_topics_come_only_to_those_who_follow_them(populated: Scene) -> None:
    def offered() -> bool:
        return populated.outreach(keeps=False).attempt("ana", NOW).speaks

    assert offered()
    with populated.store.writing(WORKSPACE) as unit:
        Topics(unit).save([Subject(name, name, sensitive=True) for name in ("python", "bread")])
        unit.commit()
    assert offered()  # they follow python
    with populated.store.writing(WORKSPACE) as unit:
        Topics(unit).choose("ana", "python", None, at=NOW)
        unit.commit()
    assert not offered()


@pytest.mark.parametrize(
    "wrong",
    [
        {"tone": "loud"},
        {"tones": {"slack": "loud"}},
        {"languages": ("de",)},
        {"compliance": {"python": ""}},
        {"compliance": {"python": "x" * 301}},
    ],
)
def test_settings_that_could_not_be_kept_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        OpenerSettings(**wrong)
