"""The forms of the home tab, each purpose by itself, pauses, and what was saved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.policy.pauses import OPEN_END
from bot.policy.purposes import NAMES, OPENERS
from bot.ports import Arrival
from bot.slack.arrivals.events import from_event
from bot.slack.arrivals.us import Us
from bot.store import tables
from bot.store.outbox import OutboxRows
from bot.store.outcomes import Outcomes
from bot.store.topics import Topics
from recsys.types import OutcomeKind
from tests.bot.conversation.test_shelving import shelve
from tests.bot.conversation_scene import ADA, ITEM, Scene, said_in, staged

GOOD: dict[str, Any] = {
    "daily": "2", "weekly": "5", "days": ["0", "2"], "starts": "10:00", "ends": "16:00",
    "zone": "Europe/Lisbon",
}  # fmt: skip


@pytest.fixture
def scene(tmp_path: Path, sqlite_url: str) -> Iterator[Scene]:
    with staged(tmp_path, sqlite_url) as made:
        made.agree(ADA)
        yield made


def home(scene: Scene) -> str:
    scene.emulator.open_home(ADA, wait=0)
    scene.drain()
    return json.dumps(scene.emulator.home(ADA), ensure_ascii=False)


def press(scene: Scene, action: str) -> None:
    scene.emulator.press_home(ADA, action)
    scene.drain()


def form(scene: Scene, action: str) -> dict[str, Any]:
    home(scene)
    scene.emulator.press_home(ADA, action)
    return scene.emulator.modals(ADA)[-1]


def test_limits_are_changed_in_a_form_that_shows_what_holds(scene: Scene) -> None:
    view = form(scene, "rhythm")
    assert [block["block_id"] for block in view["blocks"] if block["type"] == "input"] == list(GOOD)
    assert scene.emulator.submit_view(ADA, view["id"], GOOD) == {}
    scene.drain()
    member = scene.member()
    assert (member.daily_cap, member.weekly_cap) == (2, 5)
    assert (member.day_starts, member.day_ends, member.weekdays) == (600, 960, "02")
    assert member.zone == "Europe/Lisbon"
    assert "At most two a day and five a week, Monday, Wednesday, 10:00 to 16:00" in home(scene)


@pytest.mark.parametrize(("chosen", "holds"), [("Asia/Tokyo", "Asia/Tokyo"), (None, "Asia/Dubai")])
def test_a_zone_that_somebody_chose_outweighs_that_of_their_profile(
    scene: Scene, chosen: str | None, holds: str
) -> None:
    """Slack tells of a profile whenever a status changes, and all of it with each start."""
    view = form(scene, "rhythm")
    zone = chosen or scene.member().zone
    assert scene.emulator.submit_view(ADA, view["id"], {**GOOD, "zone": zone}) == {}
    scene.drain()
    user = {"id": ADA, "team_id": scene.app.workspace, "tz": "Asia/Dubai", "profile": {}}
    body = {"event_id": "Ev1", "event": {"type": "user_change", "user": user, "event_ts": "1"}}
    arrival = from_event(body, Us(scene.app.workspace, "U0BOT"))
    assert arrival is not None
    scene.app.receive(arrival)
    scene.drain()
    assert scene.member().zone == holds


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"days": []}, {"days": "Please complete this required field."}),
        ({"ends": "09:00"}, {"ends": "Choose a time after 10:00, when the day starts."}),
        ({"weekly": "1"}, {"weekly": "Choose at least 2: "}),
    ],
    ids=["no day", "the end before the start", "fewer a week than a day"],
)
def test_a_form_that_is_wrong_stays_open_and_changes_nothing(
    scene: Scene, changes: dict[str, Any], wrong: dict[str, str]
) -> None:
    view = form(scene, "rhythm")
    found = scene.emulator.submit_view(ADA, view["id"], {**GOOD, **changes})["errors"]
    assert found.keys() == wrong.keys()
    assert all(found[field].startswith(words) for field, words in wrong.items())
    scene.drain()
    assert scene.member().weekdays is None
    assert [one for one in scene.rows(tables.Inbox) if one.kind == "view"] == []
    assert scene.emulator.submit_view(ADA, view["id"], GOOD) == {}


def test_a_count_that_was_said_in_words_may_stay_in_the_form(scene: Scene) -> None:
    scene.write("at most four a week please")
    scene.write("yes")
    assert scene.member().weekly_cap == 4
    view = form(scene, "rhythm")
    assert "4 messages" in json.dumps(view)
    assert scene.emulator.submit_view(ADA, view["id"], {**GOOD, "weekly": "4"}) == {}
    scene.drain()
    assert (scene.member().weekly_cap, scene.member().weekdays) == (4, "02")


def test_more_often_is_never_less(scene: Scene) -> None:
    _, ref = scene.write("more often please")
    assert "I did not see what to change" in said_in(
        scene.below(scene.emulator.open_dm(ADA), ref)[-1]
    ), "the workspace allows 99 a week"


def test_topics_are_followed_and_muted_but_not_both(scene: Scene) -> None:
    view = form(scene, "topics")
    both = {"follows": ["sql", "rust"], "mutes": ["rust"]}
    found = scene.emulator.submit_view(ADA, view["id"], both)
    assert found["errors"] == {"mutes": "You follow Rust as well: choose one of the two."}
    assert (
        scene.emulator.submit_view(ADA, view["id"], {"follows": ["sql"], "mutes": ["rust"]}) == {}
    )
    scene.drain()
    with scene.app.store.reading(scene.app.workspace) as unit:
        chosen = Topics(unit).choices(ADA)
    assert (chosen.follows, chosen.mutes) == (frozenset({"sql"}), frozenset({"rust"}))
    assert "You follow: SQL" in home(scene)
    assert "You muted: Rust" in home(scene)
    assert "• You told me what you muted: Rust." in home(scene)


def test_without_topics_there_is_nothing_to_save(scene: Scene) -> None:
    with scene.writing() as unit:
        unit.session.query(tables.Topic).delete()
    view = form(scene, "topics")
    assert "There are no topics here yet" in str(view["blocks"])
    assert view.get("submit") is None


def test_each_purpose_is_taken_back_by_one_press_and_given_back_by_another(scene: Scene) -> None:
    home(scene)
    press(scene, "disallow:reactions")
    assert scene.granted() == frozenset(NAMES) - {"reactions"}
    assert "Reactions: no." in home(scene)
    press(scene, "allow:reactions")
    assert scene.granted() == frozenset(NAMES)
    assert "Reactions: yes." in home(scene)
    assert scene.dm() == [], "the home tab says it by itself"


def test_it_says_how_long_each_is_kept(scene: Scene) -> None:
    said = home(scene)
    assert (
        "Tools of your team: yes. Events from tools that your team connects may prompt me." in said
    )
    assert said.count("Kept for 180 days at most.") == 3
    assert "Kept for 365 days at most." in said


def queue(scene: Scene, name: str = "one") -> None:
    """An opener on its way, chosen with all that she agreed to."""
    scene.speak()
    with scene.writing() as unit:
        decision = unit.session.get_one(tables.Decision, "de_one")
        decision.inputs = {"standing": {"purposes": list(NAMES)}}
        OutboxRows(unit).add(
            member=ADA, kind="opener", dedupe_key=f"again:{name}", content={"text": "Hello?"},
            opener_id="op_one", expires_at=scene.clock.now() + timedelta(hours=2),
            now=scene.clock.now(),
        )  # fmt: skip


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        ("disallow:reactions", "purpose_withdrawn"),
        ("disallow:openers", "no_consent"),
        ("pause:today", "paused"),
        ("withdraw", "opted_out"),
        ("allow:reactions", ""),
    ],
)
def test_what_is_queued_goes_with_what_it_was_chosen_by(
    scene: Scene, act: str, reason: str
) -> None:
    """Its control is the last case: a press that takes nothing back lets it leave."""
    if act.startswith("allow"):
        home(scene)
        press(scene, "disallow:reactions")
    queue(scene)
    if act.startswith("allow"):
        with scene.writing() as unit:
            decision = unit.session.get_one(tables.Decision, "de_one")
            decision.inputs = {"standing": {"purposes": sorted(set(NAMES) - {"reactions"})}}
    scene.emulator.open_home(ADA, wait=0)
    scene.app.inbox.work(scene.clock.now())
    scene.emulator.press_home(ADA, act)
    scene.app.inbox.work(scene.clock.now())
    (row,) = [one for one in scene.rows(tables.Outbox) if one.dedupe_key == "again:one"]
    assert (row.state, row.reason) == (("withdrawn", reason) if reason else ("queued", ""))


@pytest.mark.parametrize("kept", [NAMES, tuple(set(NAMES) - {"reactions"})], ids=["kept", "gone"])
def test_it_is_looked_at_again_when_it_leaves(scene: Scene, kept: tuple[str, ...]) -> None:
    """As after a restore, or in a process that had claimed it: the rows alone decide."""
    queue(scene)
    with scene.writing() as unit:
        for row in unit.session.query(tables.Consent).all():
            if row.purpose not in kept:
                row.withdrawn_at = scene.clock.now()
    scene.drain()
    (row,) = [one for one in scene.rows(tables.Outbox) if one.dedupe_key == "again:one"]
    gone = "reactions" not in kept
    assert (row.state, row.reason) == (("withdrawn", "purpose_withdrawn") if gone else ("sent", ""))


def test_what_waits_on_the_shelf_goes_too(scene: Scene) -> None:
    shelve(scene)
    assert ITEM.title in home(scene)
    press(scene, "disallow:reactions")
    assert ITEM.title not in home(scene)
    assert scene.rows(tables.Shelved) == []


@pytest.mark.parametrize(
    ("length", "said"),
    [("today", "I am silent until"), ("week", "I am silent until"), ("open", "until you say so.")],
)
def test_a_pause_of_any_length_is_told_and_ended(scene: Scene, length: str, said: str) -> None:
    home(scene)
    press(scene, f"pause:{length}")
    until = scene.member().paused_until
    assert until is not None
    assert (until == OPEN_END) is (length == "open")
    assert said in home(scene)
    press(scene, "resume")
    assert scene.member().paused_until is None


def test_what_was_saved_is_told_again_or_taken_off_the_list(scene: Scene) -> None:
    opener = scene.speak()
    assert "Saved for later" not in home(scene)
    with scene.writing() as unit:
        Outcomes(unit).record(opener, OutcomeKind.SAVED, scene.clock.now())
    assert "Saved for later" in home(scene)
    press(scene, "saved_open:op_one")
    assert said_in(scene.dm()[-1]).startswith("A left join keeps every row")
    press(scene, "saved_done:op_one")
    assert "Saved for later" not in home(scene)
    assert scene.outcomes() == [("saved", "done")], "that it was saved stands"


def test_somebody_elses_list_is_left_alone(scene: Scene) -> None:
    opener = scene.speak()
    with scene.writing() as unit:
        Outcomes(unit).record(opener, OutcomeKind.SAVED, scene.clock.now())
    scene.agree("U2GRACE")
    scene.emulator.open_home("U2GRACE", wait=0)
    scene.drain()
    forged = {"member": "U2GRACE", "action": "saved_done", "value": "op_one", "opener": "",
              "at": scene.clock.now().timestamp()}  # fmt: skip
    scene.app.receive(Arrival("forged", "press", "home:U2GRACE", forged))
    scene.drain()
    assert scene.outcomes() == [("saved", "")]


def test_openers_purpose_alone_can_be_taken_back(scene: Scene) -> None:
    home(scene)
    press(scene, f"disallow:{OPENERS}")
    assert "I write to nobody who has not agreed" in home(scene)
    assert scene.granted() == frozenset(NAMES) - {OPENERS}
