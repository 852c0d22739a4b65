"""The moment of sending: do-not-disturb, status and the kill switch, on rows that are claimed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.delivery.recheck import Recheck
from bot.delivery.tally import Report
from bot.emulator import Emulator
from bot.emulator.faults import Fault
from bot.outbox import DISTURBED_SECONDS, Outbox
from bot.policy.facts import WrittenRule
from bot.reading.sight import Sight
from bot.reading.standing import Standings
from bot.slack.presence import SlackPresences
from bot.store import tables
from bot.store.consents import Consents
from bot.store.database import Store, connect
from bot.store.due import Due
from bot.store.outbox import OutboxRows, Row
from bot.store.rules import AdminRules
from tests.bot.outbox_bench import Wrapped, slack
from tests.bot.policy.facts import standing
from tests.bot.scene import NOW, WORKSPACE, Scene, policy, populate
from tests.bot.slack.conftest import settings_for, workspace

SOON = NOW + timedelta(minutes=1)
LATER = SOON + timedelta(seconds=DISTURBED_SECONDS)


class Bench:
    """An opener for Ana in the outbox, and a Slack in which she is Ada."""

    def __init__(self, scene: Scene, emulator: Emulator) -> None:
        self.scene, self.emulator = scene, emulator
        presences = SlackPresences(settings_for(emulator))
        self.sight: Sight | None = Sight(scene.store, WORKSPACE, "slack", presences)

    def outbox(self) -> Outbox:
        store = self.scene.store
        return Outbox(
            store,
            WORKSPACE,
            slack(self.emulator.api_url, self.emulator.bot_token, deadline=5.0),
            recheck=Recheck(store, WORKSPACE, Standings(self.scene.policy), self.sight),
            closes_at=lambda at: at + timedelta(hours=12),
            owner="one",
        )

    def sent(self) -> int:
        return len(self.emulator.journal.entries("chat.postMessage"))

    def row(self) -> Any:
        (row,) = self.scene.rows(tables.Outbox)
        return row


@pytest.fixture
def bench(sqlite_url: str, tmp_path: Path) -> Iterator[Bench]:
    store = Store(connect(sqlite_url))
    populate(store, members=("ana",))
    scene = Scene(store, tmp_path, policy())
    with store.writing(WORKSPACE) as unit:
        identity = unit.session.query(tables.Identity).one()
        unit.session.delete(identity)
        unit.session.flush()
        unit.session.add(
            tables.Identity(
                workspace_id=WORKSPACE, channel="slack", external_id="U1ADA", member_id="ana"
            )
        )
        unit.commit()
    assert scene.outreach().attempt("ana", NOW).speaks
    with Emulator(workspace(), clock=NOW.timestamp) as emulator:
        yield Bench(scene, emulator)
    store.close()


SHOWN: dict[str, tuple[dict[str, Any], str]] = {
    "do-not-disturb": (
        {"dnd_windows": ((NOW.timestamp(), LATER.timestamp()),)}, "do_not_disturb"
    ),
    "a status": ({"status_emoji": ":no_bell:"}, "busy"),
}  # fmt: skip


@pytest.mark.parametrize("what", SHOWN)
def test_whoever_shows_that_they_want_peace_is_waited_for(bench: Bench, what: str) -> None:
    shown, reason = SHOWN[what]
    bench.emulator.workspace.amend("U1ADA", **shown)
    assert bench.outbox().work(SOON) == Report(waiting=1)
    assert (bench.row().state, bench.row().reason) == ("queued", reason)
    bench.emulator.workspace.amend("U1ADA", dnd_windows=(), status_emoji="")
    assert bench.outbox().work(LATER - timedelta(seconds=1)) == Report(waiting=1)
    assert bench.outbox().work(LATER) == Report(sent=1)
    assert bench.sent() == 1


def test_without_looking_it_would_have_left(bench: Bench) -> None:
    bench.emulator.workspace.amend("U1ADA", **SHOWN["do-not-disturb"][0])
    bench.sight = None
    assert bench.outbox().work(SOON) == Report(sent=1)


def test_who_stays_undisturbed_hears_nothing_late(bench: Bench) -> None:
    night = NOW + timedelta(hours=9)
    bench.emulator.workspace.amend("U1ADA", dnd_windows=((NOW.timestamp(), night.timestamp()),))
    reports = [bench.outbox().work(NOW + timedelta(minutes=10 * n)) for n in range(1, 14)]
    assert reports[-1].waiting == 0
    assert sum(report.expired for report in reports) == 1
    assert (bench.sent(), bench.row().state) == (0, "expired")


def test_a_slack_that_does_not_answer_means_silence(bench: Bench) -> None:
    bench.emulator.faults.add(Fault("dnd.teamInfo", "error", error="missing_scope"))
    assert bench.outbox().work(SOON) == Report(waiting=1)
    assert bench.row().reason == "presence_unknown"
    assert bench.sent() == 0


def test_away_is_read_for_a_rule_that_names_it_and_refuses_by_that_rule_alone(
    bench: Bench,
) -> None:
    bench.emulator.workspace.amend("U1ADA", presence="away")
    with bench.scene.store.writing(WORKSPACE) as unit:
        AdminRules(unit).save("present", "away and hour < 24", at=NOW, by="ada")
        AdminRules(unit).switch("present", 1)
        unit.commit()
    assert bench.outbox().work(SOON) == Report(withdrawn=1)
    assert bench.row().reason == "admin_rule:present"


def test_away_alone_is_no_refusal(bench: Bench) -> None:
    bench.emulator.workspace.amend("U1ADA", presence="away")
    assert bench.outbox().work(SOON) == Report(sent=1)


def test_nobody_is_looked_at_whom_another_rule_protects(bench: Bench) -> None:
    bench.scene.change("ana", left_at=NOW)
    bench.emulator.faults.add(Fault("dnd.teamInfo", "status", times=9))
    assert bench.outbox().work(SOON) == Report(withdrawn=1)
    assert bench.emulator.faults.fired() == []


@pytest.mark.parametrize(("stops", "sent"), [(True, 0), (False, 1)], ids=["stopped", "control"])
def test_the_kill_switch_stops_a_row_that_is_claimed_already(
    bench: Bench, stops: bool, sent: int
) -> None:
    """It is thrown after the claim: between a worker taking a row and its call."""
    outbox = bench.outbox()
    inner = outbox._claim

    def claimed_then_stopped(*args: Any) -> Any:
        rows = inner(*args)
        with bench.scene.store.writing(WORKSPACE) as unit:
            if stops and rows:
                unit.session.get_one(tables.Workspace, WORKSPACE).killed_at = SOON
            unit.commit()
        return rows

    outbox._claim = claimed_then_stopped  # type: ignore[method-assign, assignment]
    report = outbox.work(SOON)
    assert (report.sent, report.withdrawn) == (sent, 1 - sent)
    assert bench.sent() == sent


def test_it_stops_a_row_that_was_checked_and_waits_for_its_turn(bench: Bench) -> None:
    outbox = bench.outbox()
    inner = outbox._begin

    def stopped_then_begun(*args: Any) -> Any:
        with bench.scene.store.writing(WORKSPACE) as unit:
            unit.session.get_one(tables.Workspace, WORKSPACE).killed_at = SOON
            unit.commit()
        return inner(*args)

    outbox._begin = stopped_then_begun  # type: ignore[method-assign, assignment]
    assert outbox.work(SOON) == Report(withdrawn=1)
    assert (bench.sent(), bench.row().reason) == (0, "workspace_stopped")


def test_a_row_that_is_withdrawn_while_it_is_claimed_is_lost_to_its_sender(bench: Bench) -> None:
    outbox = bench.outbox()
    inner = outbox._begin

    def withdrawn_then_begun(*args: Any) -> Any:
        with bench.scene.store.writing(WORKSPACE) as unit:
            assert OutboxRows(unit).withdraw("opted_out", "ana") == 1
            unit.commit()
        return inner(*args)

    outbox._begin = withdrawn_then_begun  # type: ignore[method-assign, assignment]
    assert outbox.work(SOON) == Report()
    assert (bench.sent(), bench.row().state) == (0, "withdrawn")


def consent_withdrawn(scene: Scene) -> None:
    with scene.store.writing(WORKSPACE) as unit:
        Consents(unit).withdraw("ana", at=SOON)
        unit.commit()


def deactivated(scene: Scene) -> None:
    scene.change("ana", deactivated_at=SOON)


@pytest.mark.parametrize("looks_again", [True, False], ids=["again", "control"])
@pytest.mark.parametrize(
    ("change", "reason"), [(consent_withdrawn, "no_consent"), (deactivated, "deactivated")]
)
def test_what_changes_while_the_conversation_is_opened(
    bench: Bench, change: Callable[[Scene], None], reason: str, looks_again: bool
) -> None:
    """Slack takes its time to open it, and something changes for her meanwhile."""
    outbox = bench.outbox()
    seconds = [0.0]

    def happens() -> None:
        seconds.append(5.0)
        change(bench.scene)

    judge = outbox._recheck
    looks: list[str | None] = []

    def look(row: Row, now: datetime) -> str | None:
        if not looks or looks_again:
            looks.append(judge(row, now))
        return looks[-1]

    outbox._recheck = look
    outbox._elapsed = lambda: seconds[-1]
    outbox._channel = _Slow(outbox._channel, happens)
    report = outbox.work(SOON)
    assert (report.sent, report.withdrawn) == ((0, 1) if looks_again else (1, 0))
    assert (bench.sent(), bench.row().reason) == ((0, reason) if looks_again else (1, ""))


def test_a_row_that_another_owner_left_claimed_is_checked_again(bench: Bench) -> None:
    with bench.scene.store.writing(WORKSPACE) as unit:
        lease = NOW + timedelta(seconds=30)
        assert Due(unit).claim("gone", NOW, lease, lambda owner: True)
        unit.session.get_one(tables.Workspace, WORKSPACE).killed_at = NOW
        unit.commit()
    assert bench.outbox().work(SOON).withdrawn == 1
    assert (bench.sent(), bench.row().reason) == (0, "workspace_stopped")


def test_who_is_next_is_read_together(bench: Bench) -> None:
    expected: list[Any] = []
    assert bench.sight is not None
    sight = replace(bench.sight, presences=_Noting(bench.sight.presences, expected))
    looked = sight.look(
        standing(SOON, member="ana", rules=(WrittenRule("r", 1, "hour < 9"),)), closely=True
    )
    assert (looked.dnd, looked.away, looked.unreadable) == (False, None, False)
    assert expected == [["U1ADA"]]


@dataclass
class _Slow(Wrapped):
    """A channel that opens a conversation only after something has happened."""

    happens: Callable[[], None]

    def address_of(self, external_id: str) -> str:
        self.happens()
        return super().address_of(external_id)


class _Noting:
    def __init__(self, inner: Any, expected: list[Any]) -> None:
        self.inner, self.expected = inner, expected

    def expect(self, people: Any) -> None:
        self.expected.append(list(people()))

    def look(self, *args: Any, **more: Any) -> Any:
        return self.inner.look(*args, **more)
