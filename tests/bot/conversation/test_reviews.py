"""Review before sending: nothing leaves that waits, and a decision is a curator's alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.conversation.reviews import Reviewer
from bot.deciding.briefing import Briefing
from bot.delivery.tally import Report
from bot.ports import Arrival, Asked, Refused
from bot.store import tables
from bot.store.database import Store, connect
from bot.store.due import Due
from bot.store.openers import Openers
from bot.store.outbox import UNASKED, OutboxRows
from bot.store.reviews import Reviews
from bot.store.roles import Roles
from recsys.types import Audience
from tests.bot.conversation_scene import ADA, GENERAL, GRACE, ITEM, Scene, actions_of, staged
from tests.bot.scene import NOW, WORKSPACE, policy, populate
from tests.bot.scene import Scene as Deciding

LATER = NOW + timedelta(minutes=30)


@pytest.fixture
def deciding(sqlite_url: str, tmp_path: Path) -> Iterator[Deciding]:
    store = Store(connect(sqlite_url))
    populate(store, members=("ana",))
    yield Deciding(store, tmp_path, policy())
    store.close()


@pytest.fixture
def reviewer(deciding: Deciding) -> Reviewer:
    made = Reviewer(deciding.store, WORKSPACE, Briefing(deciding.store, WORKSPACE))
    made.switch(True, by="ada", now=NOW)
    assert deciding.outreach().attempt("ana", NOW).speaks
    return made


def decide(reviewer: Reviewer, decided: Any, **more: Any) -> None:
    (waiting,) = reviewer.waiting()
    with reviewer.store.writing(WORKSPACE) as unit:
        reviewer.decide(unit, waiting.opener, decided, by="ada", now=LATER, **more)
        unit.commit()


def states(deciding: Deciding) -> tuple[str, str, str]:
    (opener,), (row,) = deciding.rows(tables.Opener), deciding.rows(tables.Outbox)
    (review,) = deciding.rows(tables.Review)
    return opener.state, row.state, review.state


def claims(deciding: Deciding) -> int:
    with deciding.store.writing(WORKSPACE) as unit:
        until = LATER + timedelta(minutes=5)
        return len(Due(unit).claim("me", LATER, until, lambda owner: False, 10))


def test_what_waits_cannot_be_claimed_and_counts_for_caps(
    deciding: Deciding, reviewer: Reviewer
) -> None:
    assert states(deciding) == ("held", "held", "waiting")
    assert claims(deciding) == 0
    with deciding.store.reading(WORKSPACE) as unit:
        assert len(Openers(unit).lately("ana", NOW - timedelta(days=1))) == 1


def test_without_reviews_it_would_have_left(deciding: Deciding, reviewer: Reviewer) -> None:
    reviewer.switch(False, by="ada", now=NOW)
    decide(reviewer, "approved")
    assert claims(deciding) == 1


def test_an_approval_lets_it_leave_as_it_is(deciding: Deciding, reviewer: Reviewer) -> None:
    text = reviewer.waiting()[0].text
    decide(reviewer, "approved")
    assert states(deciding) == ("queued", "queued", "approved")
    (row,) = deciding.rows(tables.Outbox)
    assert row.payload["content"]["text"] == text
    assert claims(deciding) == 1
    assert reviewer.waiting() == []


def test_an_edit_leaves_instead_and_keeps_its_original(
    deciding: Deciding, reviewer: Reviewer
) -> None:
    before = reviewer.waiting()[0].text
    edited = "Ana, shall I show you how a decoder and an iterator work together?"
    decide(reviewer, "edited", text=f"  {edited}\n")
    (row,), (review,) = deciding.rows(tables.Outbox), deciding.rows(tables.Review)
    assert row.payload["content"]["text"] == edited
    assert (review.original, review.edited, review.decided_by) == (before, edited, "ada")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "fewer than"),
        ("Ana, shall I show you 17 ways to use a decoder today?", "a number that the item"),
        ("Ana, look at https://evil.example for how a decoder works?", "a link or an address"),
        ("Ana, decoders work together with iterators in this short note.", "neither a question"),
        ("Ana, ask Zacharias how a decoder and an iterator work together?", "a name"),
    ],
)
def test_the_guards_hold_for_people_too(
    deciding: Deciding, reviewer: Reviewer, text: str, why: str
) -> None:
    with pytest.raises(Refused, match=why):
        decide(reviewer, "edited", text=text)
    assert states(deciding) == ("held", "held", "waiting")


@pytest.mark.parametrize(
    ("decided", "more"), [("skipped", {}), ("answered", {"text": "She is on leave."})]
)
def test_what_is_not_wanted_never_leaves(
    deciding: Deciding, reviewer: Reviewer, decided: Any, more: dict[str, str]
) -> None:
    decide(reviewer, decided, **more)
    assert states(deciding) == ("withdrawn", "withdrawn", decided)
    (review,), (row,) = deciding.rows(tables.Review), deciding.rows(tables.Outbox)
    assert (review.note, row.reason) == (more.get("text", ""), f"review_{decided}")
    with pytest.raises(Refused, match="does not wait"), deciding.store.writing(WORKSPACE) as unit:
        reviewer.decide(unit, review.opener_id, "approved", by="bo", now=LATER)


def test_nobody_looked_so_it_expires(deciding: Deciding, reviewer: Reviewer) -> None:
    with deciding.store.writing(WORKSPACE) as unit:
        assert Due(unit).expire(NOW + timedelta(hours=7, minutes=59)) == 0
        assert Due(unit).expire(NOW + timedelta(hours=8)) == 1
        unit.commit()
    assert states(deciding)[:2] == ("expired", "expired")
    assert reviewer.waiting() == []


def test_consent_withdrawn_meanwhile_withdraws_it(deciding: Deciding, reviewer: Reviewer) -> None:
    with deciding.store.writing(WORKSPACE) as unit:
        assert OutboxRows(unit).withdraw("opted_out", "ana", UNASKED) == 1
        unit.commit()
    assert states(deciding)[:2] == ("withdrawn", "withdrawn")


def test_every_decision_is_on_record(deciding: Deciding, reviewer: Reviewer) -> None:
    decide(reviewer, "skipped")
    entries = [(one.who, one.action) for one in deciding.rows(tables.AuditEntry)]
    assert entries == [("ada", "reviews.on"), ("ada", "review.skipped")]


def test_a_review_is_found_by_how_its_id_begins(reviewer: Reviewer) -> None:
    (waiting,) = reviewer.waiting()
    assert reviewer.find(waiting.opener[:8]) == waiting.opener
    with pytest.raises(Refused, match="waits for no review"):
        reviewer.find("op_nothing")


@pytest.fixture
def scene(tmp_path: Path, sqlite_url: str) -> Iterator[Scene]:
    with staged(tmp_path, sqlite_url) as made:
        made.agree(ADA)
        with made.writing() as unit:
            Roles(unit).put(GRACE, "curator", at=made.clock.now(), by="test")
        yield made


def hold(scene: Scene, **changes: Any) -> None:
    """An opener for Ada that waits, shown in the review channel."""
    item = replace(ITEM, **changes)
    now = scene.clock.now()
    scene.put_item(item)
    with scene.writing() as unit:
        from tests.bot.conversation_scene import _add_opener

        _add_opener(unit, "one", ADA, item.id, now)
        opener = unit.session.get_one(tables.Opener, "op_one")
        opener.state = "held"
        Reviews(unit).ask(opener, now)
        OutboxRows(unit).add(
            member=ADA, kind="opener", dedupe_key="slot", opener_id="op_one", now=now,
            content={"text": opener.text, "about": item.title, "opener": "op_one"},
            expires_at=now + timedelta(hours=8), held=True,
        )  # fmt: skip
    assert scene.app.reviewer.announce(GENERAL, now) == 1
    assert scene.app.reviewer.announce(GENERAL, now) == 0
    deliver(scene)


def deliver(scene: Scene) -> Report:
    worked = scene.app.inbox.work(scene.clock.now())
    assert worked.errors == []
    report = Report()
    for _ in range(3):
        report = scene.app.deliver(scene.clock.later(seconds=2))
    return report


def asked(scene: Scene) -> dict[str, Any]:
    rows = [row for row in scene.emulator.messages(GENERAL) if row.get("bot_id")]
    return rows[0]


def press(scene: Scene, who: str, action: str) -> None:
    scene.emulator.press(who, GENERAL, asked(scene)["ts"], action)
    deliver(scene)


def test_the_channel_is_shown_what_waits_and_a_curator_lets_it_leave(scene: Scene) -> None:
    hold(scene)
    assert scene.dm() == []
    shown = json.dumps(asked(scene), ensure_ascii=False)
    assert "Seen how joins count?" in shown
    assert ITEM.title in shown
    assert actions_of(asked(scene)) == [
        "review_ok", "review_edit", "review_note", "review_skip"
    ]  # fmt: skip
    press(scene, GRACE, "review_ok")
    assert len(scene.dm()) == 1
    assert "Approved by" in json.dumps(asked(scene))


def test_who_is_no_curator_changes_nothing(scene: Scene) -> None:
    hold(scene)
    for action in ("review_ok", "review_skip"):
        press(scene, ADA, action)
    payload = {"member": ADA, "callback": "review_edit", "subject": "op_one",
               "values": {"words": "Anything at all?"}, "at": 0.0}  # fmt: skip
    scene.app.receive(Arrival("forged", "view", "review:op_one", payload))
    deliver(scene)
    assert [one.state for one in scene.rows(tables.Review)] == ["waiting"]
    told = json.dumps(scene.dm(), ensure_ascii=False)
    assert told.count("Only curators may do that. Here they are: grace.") == 6, "twice a message"
    shown = scene.app.shows(Asked(GRACE, "review_edit", "op_one"))
    assert shown is not None
    assert shown["text"] == "Seen how joins count?"


def test_what_not_all_can_see_is_not_shown_there(scene: Scene) -> None:
    hold(scene, audience=Audience("members", frozenset({ADA})))
    shown = json.dumps(asked(scene), ensure_ascii=False)
    assert "Seen how joins count?" not in shown
    assert ITEM.title not in shown
    assert "waits for a review" in shown


@pytest.mark.parametrize("action", ["review_edit", "review_note"])
@pytest.mark.parametrize("sees", [True, False])
def test_its_form_shows_it_only_to_a_curator_who_could_see_it(
    scene: Scene, action: str, sees: bool
) -> None:
    hold(scene, audience=Audience("members", frozenset({ADA, *([GRACE] if sees else [])})))
    scene.emulator.press(GRACE, GENERAL, asked(scene)["ts"], action)
    shown = json.dumps(scene.emulator.modals(GRACE)[-1], ensure_ascii=False)
    assert ("Seen how joins count?" in shown) is (ITEM.title in shown) is sees
    assert ("you cannot see for yourself" in shown) is not sees


def modal(scene: Scene, action: str, text: str) -> None:
    scene.emulator.press(GRACE, GENERAL, asked(scene)["ts"], action)
    view = scene.emulator.modals(GRACE)[-1]
    scene.emulator.submit_view(GRACE, view["id"], {"words": text})
    deliver(scene)


def test_an_edit_in_the_modal_is_what_leaves(scene: Scene) -> None:
    hold(scene)
    modal(scene, "review_edit", "Shall I show you what a left join keeps?")
    (message,) = scene.dm()
    assert "Shall I show you what a left join keeps?" in json.dumps(message)
    assert "Edited by" in json.dumps(asked(scene))


def test_an_edit_that_the_guards_refuse_says_why_to_the_curator(scene: Scene) -> None:
    hold(scene)
    scene.emulator.press(GRACE, GENERAL, asked(scene)["ts"], "review_edit")
    view = scene.emulator.modals(GRACE)[-1]
    words = "Shall I show you 99 left joins and what they keep?"
    answer = scene.emulator.submit_view(GRACE, view["id"], {"words": words})
    deliver(scene)
    assert scene.dm() == scene.dm(GRACE) == []
    assert "a number that the item does not contain" in answer["errors"]["words"]
    modal(scene, "review_note", "Too vague.")
    (review,) = scene.rows(tables.Review)
    assert (review.state, review.note) == ("answered", "Too vague.")


def test_who_is_no_curator_is_opened_no_modal(scene: Scene) -> None:
    hold(scene)
    scene.emulator.press(ADA, GENERAL, asked(scene)["ts"], "review_edit")
    (told,) = scene.emulator.modals(ADA)
    assert "Only curators may do that" in json.dumps(told)


def test_blanks_tell_nobody_what_is_wrong(scene: Scene) -> None:
    hold(scene)
    scene.emulator.press(GRACE, GENERAL, asked(scene)["ts"], "review_note")
    view = scene.emulator.modals(GRACE)[-1]
    assert ITEM.title in json.dumps(view), "what it is about stands above the words"
    answer = scene.emulator.submit_view(GRACE, view["id"], {"words": "  "})
    assert answer["errors"] == {"words": "Say what is wrong with it."}
    deliver(scene)
    assert [one.state for one in scene.rows(tables.Review)] == ["waiting"]


@pytest.mark.parametrize("decided", [True, False])
def test_a_press_on_what_does_not_wait_any_more_takes_its_buttons(
    scene: Scene, decided: bool
) -> None:
    hold(scene)
    with scene.writing() as unit:
        if decided:
            now = scene.clock.now()
            scene.app.reviewer.decide(unit, "op_one", "skipped", by="olga", now=now)
        else:
            unit.session.get_one(tables.Opener, "op_one").state = "expired"
    press(scene, GRACE, "review_ok")
    shown = asked(scene)
    assert actions_of(shown) == []
    said = json.dumps(shown, ensure_ascii=False)
    assert ("skipped by olga" if decided else "nobody decided in time") in said
    assert "Seen how joins count?" in said
    assert len(scene.dm()) == 0
