"""What was allowed when it was queued may not be any more: the policy at the moment of sending."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.delivery.recheck import Recheck
from bot.delivery.tally import Report
from bot.emulator import Emulator
from bot.outbox import Outbox
from bot.store import tables
from bot.store.channels import Channels
from bot.store.consents import Consents
from bot.store.database import Store, Unit
from bot.store.items import Items
from bot.store.openers import Openers
from bot.store.outbox import OutboxRows
from bot.store.topics import Subject, Topics
from recsys.types import Audience
from tests.bot.outbox_bench import allowed, slack
from tests.bot.scene import NOW, WORKSPACE, Scene, item, policy, populate, shown
from tests.bot.slack.conftest import workspace

SOON = NOW + timedelta(minutes=1)
LAST_MINUTE = NOW.replace(hour=17, minute=59)


@dataclass
class Sending:
    """A scene with an opener for Ana in its outbox, and an emulated Slack to send it to."""

    scene: Scene
    emulator: Emulator

    def outbox(self, recheck: Any = None) -> Outbox:
        scene = self.scene
        return Outbox(
            scene.store,
            WORKSPACE,
            slack(self.emulator.api_url, self.emulator.bot_token),
            recheck=recheck or Recheck(scene.store, WORKSPACE, scene.standings),
            closes_at=lambda at: at + timedelta(hours=12),
            owner="one",
        )

    def posts(self) -> int:
        return len(self.emulator.journal.entries("chat.postMessage"))

    def write(self, change: Callable[[Unit], object]) -> None:
        with self.scene.store.writing(WORKSPACE) as unit:
            change(unit)
            unit.commit()

    @property
    def opener(self) -> Any:
        (opener,) = self.scene.rows(tables.Opener)
        return opener


@pytest.fixture
def sending(store: Store, tmp_path: Path) -> Iterator[Sending]:
    told_in_private = item("only", audience=Audience("channels", frozenset({"G1"})))
    populate(store, members=("ana",), pool=[told_in_private])
    scene = Scene(store, tmp_path, policy())
    with Emulator(workspace(), clock=NOW.timestamp) as emulator:
        made = Sending(scene, emulator)
        made.write(lambda unit: Channels(unit).set_members("G1", ["ana"]))
        made.write(_known_to_slack)
        assert scene.outreach().attempt("ana", NOW).speaks
        yield made


def _known_to_slack(unit: Unit) -> None:
    identity = unit.session.query(tables.Identity).filter_by(member_id="ana").one()
    unit.session.delete(identity)
    unit.session.flush()
    unit.session.add(
        tables.Identity(
            workspace_id=WORKSPACE, channel="slack", external_id="U1ADA", member_id="ana"
        )
    )


def _member(**values: Any) -> Callable[[Unit], None]:
    def change(unit: Unit) -> None:
        row = unit.session.get_one(tables.Member, (WORKSPACE, "ana"))
        for name, value in values.items():
            setattr(row, name, value)

    return change


def _item(**values: Any) -> Callable[[Unit], None]:
    def change(unit: Unit) -> None:
        row = unit.session.get_one(tables.Item, (WORKSPACE, "only"))
        for name, value in values.items():
            setattr(row, name, value)

    return change


def _killed(unit: Unit) -> None:
    unit.session.get_one(tables.Workspace, WORKSPACE).killed_at = NOW


def _touchy(unit: Unit) -> None:
    Topics(unit).save([Subject("python", "Python", sensitive=True)])
    Topics(unit).choose("ana", "python", None, at=NOW)


CHANGES: dict[str, tuple[Callable[[Unit], object], str]] = {
    "consent withdrawn": (lambda u: Consents(u).withdraw("ana", ["openers"], at=NOW), "no_consent"),
    "paused": (_member(paused_until=NOW + timedelta(hours=1)), "paused"),
    "opted out": (_member(left_at=NOW), "opted_out"),
    "deactivated": (_member(deactivated_at=NOW), "deactivated"),
    "became a guest": (_member(is_guest=True), "not_a_member"),
    "wants fewer": (_member(daily_cap=0), "daily_cap"),
    "moved to another zone": (_member(zone="Asia/Tokyo"), "quiet_hours"),
    "workspace stopped": (_killed, "workspace_stopped"),
    "item withdrawn": (lambda u: Items(u).withdraw(["only"], at=NOW), "item_withdrawn"),
    "item reworded": (
        lambda u: Items(u).reword("only", "Other", "Other words", at=NOW),
        "not_approved",
    ),
    "item unapproved": (_item(approved_at=None), "not_approved"),
    "item expired": (_item(expires_at=SOON), "expired"),
    "item embargoed": (_item(not_before=SOON + timedelta(hours=1)), "embargoed"),
    "item for somebody else": (_item(addressed_to="bo"), "not_visible"),
    "item of unknown audience": (_item(audience_kind="unknown"), "not_visible"),
    "item for others": (_item(audience_kind="members", audience_ids=["bo"]), "not_visible"),
    "channel left": (lambda u: Channels(u).set_members("G1", ()), "not_visible"),
    "topic is sensitive, and not chosen any more": (_touchy, "sensitive_topic"),
    "topic muted": (lambda u: Topics(u).choose("ana", "python", "mute", at=NOW), "muted_topic"),
}


def test_what_is_still_allowed_leaves_and_does_not_count_against_itself(sending: Sending) -> None:
    assert sending.outbox().work(SOON) == Report(sent=1)
    assert sending.posts() == 1
    assert (sending.opener.state, sending.opener.sent_at) == ("sent", SOON)


@pytest.mark.parametrize("what", CHANGES)
def test_what_changed_meanwhile_holds_it_back(sending: Sending, what: str) -> None:
    change, reason = CHANGES[what]
    sending.write(change)
    assert sending.outbox().work(SOON) == Report(withdrawn=1)
    assert sending.posts() == 0
    assert (sending.opener.state, sending.opener.sent_at) == ("withdrawn", None)
    (row,) = sending.scene.rows(tables.Outbox)
    assert (row.state, row.reason) == ("withdrawn", reason)
    with sending.scene.store.reading(WORKSPACE) as unit:
        assert not Openers(unit).window_closed(NOW + timedelta(days=9))  # so no label either


def test_without_the_check_all_of_it_would_have_left(sending: Sending) -> None:
    sending.write(lambda unit: Consents(unit).withdraw("ana", at=NOW))
    assert sending.outbox(recheck=allowed).work(SOON) == Report(sent=1)


@pytest.mark.parametrize(
    ("minute", "sent"), [(LAST_MINUTE, 1), (LAST_MINUTE + timedelta(minutes=1), 0)]
)
def test_a_row_of_the_last_minute_does_not_leave_in_the_evening(
    store: Store, tmp_path: Path, minute: datetime, sent: int
) -> None:
    populate(store, members=("ana",))
    scene = Scene(store, tmp_path, policy())
    with Emulator(workspace(), clock=NOW.timestamp) as emulator:
        made = Sending(scene, emulator)
        made.write(_known_to_slack)
        assert scene.outreach().attempt("ana", LAST_MINUTE).speaks
        report = made.outbox().work(minute)
        assert (report.sent, report.withdrawn) == (sent, 1 - sent)
        assert made.posts() == sent


def test_another_opener_does_count(sending: Sending) -> None:
    shown(sending.scene.store, "other", at=NOW)
    assert sending.outbox().work(SOON) == Report(withdrawn=1)
    (row,) = sending.scene.rows(tables.Outbox)
    assert row.reason == "daily_cap"


def _put(kind: str) -> Callable[[Unit], object]:
    return lambda unit: OutboxRows(unit).add(
        member="ana", kind=kind, dedupe_key=kind, content={"text": "Hello.", "purposes": []},
        expires_at=NOW + timedelta(hours=2), now=NOW,
    )  # fmt: skip


def test_a_welcome_does_not_ask_who_has_answered(sending: Sending) -> None:
    sending.write(_put("welcome"))
    assert sending.outbox().work(SOON).withdrawn == 1
    reasons = {row.kind: row.reason for row in sending.scene.rows(tables.Outbox)}
    assert reasons["welcome"] == "answered_already"


def test_an_answer_leaves_at_any_hour_but_not_from_a_stopped_workspace(sending: Sending) -> None:
    night = NOW + timedelta(hours=1, minutes=30)
    sending.write(_member(zone="Asia/Tokyo", left_at=NOW))
    sending.write(_put("answer"))
    assert sending.outbox().work(night) == Report(sent=1, withdrawn=1)
    sending.write(_killed)
    sending.write(
        lambda unit: OutboxRows(unit).add(
            member="ana", kind="answer", dedupe_key="later", content={"text": "Hello."},
            expires_at=NOW + timedelta(hours=9), now=NOW,
        )
    )  # fmt: skip
    assert sending.outbox().work(night + timedelta(minutes=1)) == Report(withdrawn=1)
