"""The scenes of the demo, on one stage, one after the other: none fakes, and few leave a trace.

The last one lives days; all others find the stage as its first morning left it, but for the
newcomers and the item that was approved.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from bot.demo import telling
from bot.demo.scenes import fortnight, newcomer
from bot.demo.scenes.aside import neighbours
from bot.demo.scenes.curate import Curate
from bot.demo.scenes.curtain import FILTERS, SOURCES, Curtain
from bot.demo.scenes.export import Export
from bot.demo.scenes.fortnight import Fortnight
from bot.demo.scenes.newcomer import Newcomer, mid_morning
from bot.demo.scenes.silence import OBSTACLES, Silence
from bot.demo.stage import Stage
from bot.emulator.extension import AskError
from bot.policy.purposes import OPENERS
from bot.store import tables
from bot.store.consents import Consents
from bot.store.decisions import Decisions
from bot.store.items import Items
from bot.store.members import Members
from bot.store.topics import Topics
from recsys.filters import FILTERS as WIRED
from tests.bot.demo.scenes.conftest import Morning, exported, given

THREE = ["python", "sleep", "energy-and-climate"]


def test_an_opener_or_a_reason_comes_at_once_and_is_kept(stage: Stage) -> None:
    come = Newcomer(stage).come(given(name="  Dana   Doe ", topics=THREE))
    member = str(come["user"])
    with stage.app.store.reading(stage.app.workspace) as unit:
        known = Members(unit).get(member)
        assert known is not None
        assert known.name == "Dana Doe"
        assert OPENERS in Consents(unit).granted(member)
        assert Topics(unit).choices(member).follows == frozenset(THREE)
    said = stage.emulator.messages(stage.emulator.open_dm(member))
    assert len(said) == come["spoke"]
    assert bool(come["reason"]) is not come["spoke"]
    told = Curtain(stage).decision(given(user=member))
    assert told["decision"] == come["decision"]
    assert told["spoke"] is come["spoke"]


def enter(stage: Stage, many: int) -> list[Mapping[str, Any]]:
    slugs = [one.slug for one in stage.bundle.topics] * 3
    return [
        Newcomer(stage).come(given(name=f"N{n}", topics=slugs[7 * n : 7 * n + 3]))
        for n in range(many)
    ]


def test_whoever_enters_is_spoken_to_whatever_they_chose(stage: Stage) -> None:
    come = enter(stage, 5)
    assert [one["spoke"] for one in come] == [True] * 5
    assert len({one["user"] for one in come}) == 5


def test_without_what_is_different_the_first_time_some_would_hear_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newcomer, "FIRST_TIME", {"explore_per_day": 0})
    assert not all(one["spoke"] for one in enter(stage, 5))


def test_what_was_asked_for_since_does_not_hide_the_decision_to_speak(stage: Stage) -> None:
    come = Newcomer(stage).come(given(name="Eva Moss", topics=THREE))
    asked = {"id": "de_asked", "kind": "prompts", "slot": "prompts:1"}
    with stage.app.store.writing(stage.app.workspace) as unit:
        kept = Decisions(unit).get(str(come["decision"]))
        assert kept is not None
        columns = {one.name: getattr(kept, one.name) for one in kept.__table__.columns}
        later = {"at": kept.at + timedelta(seconds=9)}
        unit.session.add(tables.Decision(**(columns | asked | later)))
        unit.commit()
    told = Curtain(stage).decision(given(user=str(come["user"])))
    assert told["decision"] == come["decision"]


@pytest.mark.parametrize(
    "values",
    [
        {"name": "", "topics": THREE},
        {"name": "x" * 61, "topics": THREE},
        {"name": "Dana", "topics": []},
        {"name": "Dana", "topics": ["astrology"]},
        {"name": "Dana", "topics": "python"},
    ],
)
def test_what_will_not_do_is_refused_in_words(stage: Stage, values: dict[str, Any]) -> None:
    before = len(stage.emulator.workspace.everyone())
    with pytest.raises(AskError, match=r"needed|Choose"):
        Newcomer(stage).come(given(**values))
    assert len(stage.emulator.workspace.everyone()) == before


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_it_is_mid_morning_where_a_newcomer_lives(hour: int) -> None:
    now = datetime(2026, 9, 9, hour, 15, tzinfo=UTC)
    local = now.astimezone(ZoneInfo(mid_morning(now)))
    assert 8 <= local.hour <= 12
    assert local.weekday() < 5


def test_a_decision_that_spoke_is_told_from_retrieval_to_words(morning: Morning) -> None:
    spoken = next(one for one in morning.day.attempts if one.speaks)
    told = Curtain(morning.stage).decision(given(decision=spoken.decision.id))
    assert told["spoke"] is True
    assert told["retrieved"]["count"] == told["ranked"]["count"] + told["dropped"]["count"]
    (pick,) = [one for one in told["ranked"]["top"] if one["chosen"]]
    assert spoken.item is not None
    assert pick["title"] == spoken.item.title
    assert all(rule["allowed"] for rule in told["rules"])
    assert spoken.opener is not None
    assert told["said"]["text"] == spoken.opener.text
    assert told["record"]["id"] == spoken.decision.id


def test_a_silence_names_its_reason_in_words(morning: Morning) -> None:
    silent = next(one for one in morning.day.attempts if not one.speaks)
    told = Curtain(morning.stage).decision(given(decision=silent.decision.id))
    assert told["spoke"] is False
    assert told["said"] is None
    assert told["reason"]
    assert "_" not in told["reason"]


def test_the_silences_of_the_morning_are_all_there_by_reason(morning: Morning) -> None:
    told = Curtain(morning.stage).silences(given())
    silent = {one.decision.id for one in morning.day.attempts if not one.speaks}
    named = [who["decision"] for one in told["reasons"] for who in one["people"]]
    assert silent <= set(named)
    assert told["count"] == len(named)
    counts = [len(one["people"]) for one in told["reasons"]]
    assert counts == sorted(counts, reverse=True)


def test_who_was_never_looked_at_has_no_decision(stage: Stage) -> None:
    assert Curtain(stage).decision(given(user="U0NOBODY")) == {"decision": None}


def test_every_source_and_filter_has_words(stage: Stage) -> None:
    wired = {source.name for source in stage.app.recommender.view.pipeline.sources}
    assert wired <= set(SOURCES)
    assert {one.name for one in WIRED} <= set(FILTERS)


@pytest.fixture(scope="module")
def offered(morning: Morning) -> Mapping[str, Any]:
    return Silence(morning.stage).offered(given())


def kept(stage: Stage) -> tuple[int, ...]:
    counted = (tables.Decision, tables.Opener, tables.Outbox, tables.AuditEntry)
    with stage.app.store.reading(stage.app.workspace) as unit:
        return tuple(
            int(unit.session.scalar(select(func.count()).select_from(one)) or 0) for one in counted
        )


@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_it_speaks_without_the_obstacle_and_is_silent_with_it(
    stage: Stage, offered: Mapping[str, Any], obstacle: str
) -> None:
    before, people = kept(stage), stage.emulator.workspace.everyone()
    member = offered["members"][0]["id"]
    told = Silence(stage).attempt(given(member=member, obstacle=obstacle))
    assert told["without"]["spoke"] is True
    assert told["without"]["text"]
    assert told["with"]["spoke"] is False
    assert any(not rule["allowed"] for rule in told["with"]["rules"])
    assert kept(stage) == before
    assert stage.emulator.workspace.everyone() == people


def test_who_would_hear_nothing_is_not_offered(stage: Stage, offered: Mapping[str, Any]) -> None:
    assert offered["members"]
    agreed = {one.id for one in neighbours(stage)}
    assert {one["id"] for one in offered["members"]} <= agreed


def test_who_entered_is_among_those_that_are_tried_and_the_last_comes_first(stage: Stage) -> None:
    come = Newcomer(stage).come(given(name="Last Comer", topics=THREE))
    assert neighbours(stage)[0].id == come["user"]
    assert {one.id for one in stage.bundle.agreed} < {one.id for one in neighbours(stage)}


def test_an_unknown_obstacle_is_refused(stage: Stage, offered: Mapping[str, Any]) -> None:
    with pytest.raises(AskError, match="Choose one"):
        Silence(stage).attempt(given(member=offered["members"][0]["id"], obstacle="rain"))


TEXT = (
    "Larkspur's Python group halves its test time\n"
    "The Python group now runs only the tests that a change can reach. A run takes 4 minutes."
)
FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>
<item><title>First</title><link>https://example.org/1</link><description>One thing.</description>
</item><item><title>Second</title><link>https://example.org/2</link>
<description>Another thing.</description></item></channel></rss>"""


def held(stage: Stage, item: str) -> bool:
    with stage.app.store.reading(stage.app.workspace) as unit:
        return Items(unit).get(item) is not None


def test_a_text_is_previewed_without_being_kept_and_kept_when_approved(stage: Stage) -> None:
    curate = Curate(stage)
    (draft,) = curate.draft(given(text=TEXT))["items"]
    assert draft["title"] == "Larkspur's Python group halves its test time"
    assert "Python" in draft["topics"]
    assert draft["words"] == 18
    assert draft["usual"] > 100
    told = curate.preview(given(item=draft["id"]))
    assert not held(stage, draft["id"])
    assert 0 < told["told_count"] + len(told["places"]) <= told["due"] < told["members"]
    assert {one["style"] for one in told["openers"]} == {"news", "offer", "question"}
    assert all(one["text"] or one["reason"] for one in told["openers"])
    assert any("4 minutes" in one["text"] or "halves" in one["text"] for one in told["openers"])
    curate.approve(given(item=draft["id"]))
    assert held(stage, draft["id"])
    assert draft["id"] in stage.app.recommender.view.pipeline.pool.ids


def test_a_feed_becomes_drafts(stage: Stage) -> None:
    items = Curate(stage).draft(given(file=FEED, file_name="feed.xml"))["items"]
    assert [one["title"] for one in items] == ["First", "Second"]


@pytest.mark.parametrize("text", ["", "   ", "x" * 400])
def test_what_is_no_item_is_refused_in_words(stage: Stage, text: str) -> None:
    with pytest.raises(AskError, match=r"Paste|title|text"):
        Curate(stage).draft(given(text=text))


def test_a_file_of_no_use_says_so(stage: Stage) -> None:
    with pytest.raises(AskError):
        Curate(stage).draft(given(file=b"\x00\x01", file_name="photo.jpg"))


def test_a_draft_of_an_earlier_page_is_asked_for_again(stage: Stage) -> None:
    with pytest.raises(AskError, match="Paste it again"):
        Curate(stage).preview(given(item="it_gone"))


def test_its_last_days_are_rehearsed_and_no_trace_stays(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = sorted(path for path in stage.app.settings.home.rglob("*") if path.is_file())
    told = Export(stage).rehearse(given(file=exported(), file_name="ours.zip"))
    assert (told["from"], told["to"]) == ("2026-03-05", "2026-03-09")
    assert told["file"] == "ours.zip"
    assert told["count"] + sum(one["count"] for one in told["silences"]) > 0
    assert all("_" not in one["words"] for one in told["silences"])
    assert list(tmp_path.iterdir()) == []
    after = sorted(path for path in stage.app.settings.home.rglob("*") if path.is_file())
    assert after == before


def test_a_rehearsal_ends_with_the_demo_and_leaves_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    scene = Export(stage)
    scene.stopping.set()
    with pytest.raises(AskError, match="being closed"):
        scene.rehearse(given(file=exported(), file_name="ours.zip"))
    assert list(tmp_path.iterdir()) == []


def test_a_rehearsal_tells_each_day_and_can_be_stopped(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    scene, days = Export(stage), list[int]()

    def publish(name: str, data: dict[str, Any]) -> None:
        if name == "rehearsed":
            days.append(data["days"])
            if len(days) == 2:
                scene.halt(given())

    monkeypatch.setattr(stage.emulator, "publish", publish)
    told = scene.rehearse(given(file=exported(), file_name="ours.zip"))
    assert days == [1, 2]
    assert (told["days"], told["of"], told["to"]) == (2, 5, "2026-03-06")
    assert list(tmp_path.iterdir()) == []

    def at_once(name: str, data: dict[str, Any]) -> None:
        scene.halt(given())

    monkeypatch.setattr(stage.emulator, "publish", at_once)
    with pytest.raises(AskError, match="before its first day"):
        scene.rehearse(given(file=exported(), file_name="ours.zip"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("data", [b"", b"no zip at all"])
def test_what_is_no_export_is_refused_in_words(stage: Stage, data: bytes) -> None:
    with pytest.raises(AskError, match=r"\.zip"):
        Export(stage).rehearse(given(file=data, file_name="x.zip"))


def test_days_are_lived_told_and_compared(
    morning: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fortnight, "DAYS", 1)
    heard: list[tuple[str, dict[str, Any]]] = []
    stage = morning.stage
    monkeypatch.setattr(stage.emulator, "publish", lambda name, data: heard.append((name, data)))
    scene = Fortnight(stage)
    after = scene.live(morning.day, lambda what, done, total: None)
    assert heard.pop() == ("morning_after", {"day": "2026-09-09"}), "the page's last look"
    published = [data for _, data in heard]
    assert [one["day"] for one in published] == ["2026-09-08"]
    assert after.date == date(2026, 9, 9)
    assert scene.so_far(given())["days"] == published
    for one in published:
        assert 0 < one["openers"] < one["always"]["openers"]
        assert one["verdict"]
    told = telling.fortnight(published)
    assert told["headline"] == "1 working day later."
    assert "always speaks would have sent the same members" in told["lines"][1]
    known = [scene.minds(given(user=one.id)) for one in stage.bundle.agreed]
    both = [one for one in known if one["last"]]
    assert both
    assert all(one["first"]["decision"] != one["last"]["decision"] for one in both)
    assert all(len(one["between"]) >= 1 for one in both)
