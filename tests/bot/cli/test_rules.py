"""`overture rules`, `overture pause` and `overture country`: what admins decide at the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.store import tables
from bot.store.database import Store, connect
from tests.bot.cli.conftest import AGREED, NOW, Overture


@pytest.fixture(autouse=True)
def open_to_all(overture: Overture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVERTURE_POLICY__PILOT_ONLY", "false")
    monkeypatch.setenv("OVERTURE_POLICY__WEEKDAYS", "0123456")


def reasons(overture: Overture) -> set[str]:
    code, told, _ = overture("run", "--dry-run", "--now", NOW, "--members", "U2", "--json")
    assert code == 0
    return {one["reason"] for one in json.loads(told)["silences"]}


def test_a_rule_is_saved_off_and_holds_once_it_is_on(stocked: Overture) -> None:
    assert stocked("rules", "save", "no-mondays", "weekday == 0", "--by", "ada")[0] == 0
    assert "admin_rule:no-mondays" not in reasons(stocked)
    assert "v1 is on" in stocked("rules", "on", "no-mondays", "--by", "ada")[1]
    assert reasons(stocked) == {"admin_rule:no-mondays"}
    stocked("rules", "save", "no-mondays", "weekday == 6")
    assert reasons(stocked) == {"admin_rule:no-mondays"}, "a new version is off"
    stocked("rules", "on", "no-mondays")
    assert "admin_rule:no-mondays" not in reasons(stocked)
    stocked("rules", "on", "no-mondays", "--version", "1")
    told = json.loads(stocked("rules", "show", "no-mondays", "--json")[1])["rules"]
    assert [(one["version"], one["is_on"]) for one in told] == [(1, True), (2, False)]
    stocked("rules", "off", "no-mondays")
    assert "admin_rule:no-mondays" not in reasons(stocked)
    entries = json.loads(stocked("audit", "list", "--json")[1])["entries"]
    log = [one for one in entries if one["action"].startswith("rule.")]
    assert [(one["action"], one["subject"]) for one in log] == [
        ("rule.saved", "no-mondays v1"), ("rule.on", "no-mondays v1"),
        ("rule.saved", "no-mondays v2"), ("rule.on", "no-mondays v2"),
        ("rule.on", "no-mondays v1"), ("rule.off", "no-mondays v1"),
    ]  # fmt: skip
    assert log[0]["details"]["expression"] == "weekday == 0"
    assert log[0]["who"] == "ada"


def test_a_wrong_one_is_not_saved_and_says_where(stocked: Overture) -> None:
    code, _, error = stocked("rules", "save", "odd", "weekday == 0 and huor < 9")
    assert code == 1
    assert "column 18: there is no fact 'huor'" in error
    code, _, error = stocked("rules", "save", "Odd Name", "true")
    assert code == 1
    assert "no name of a rule" in error
    assert "No rule yet" in stocked("rules", "list")[1]
    assert "no rule odd v0" in stocked("rules", "on", "odd")[2]


def test_it_is_tried_on_what_was_said(stocked: Overture, tmp_path: Path) -> None:
    store = Store(connect(f"sqlite:///{tmp_path / 'overture.db'}"))
    workspace = spoken(store)
    try_it = ("rules", "try", "short")
    code, told, _ = stocked(*try_it, "hour >= 11")
    assert code == 0
    assert "would have silenced 2 of 4 openers of the last 30 days, to 1 members" in told
    assert "Of 1 more too little is kept" in told
    told = json.loads(stocked(*try_it, "'bread' in topics and engages < 0.5", "--json")[1])
    assert (told["silenced"], told["openers"], told["unknown"]) == (1, 4, 1)
    assert "would have silenced 0 of 4" in stocked(*try_it, "month > 12")[1]
    assert "there is no rule 'short' yet" in stocked(*try_it)[2]
    with store.reading(workspace) as unit:
        assert not unit.session.query(tables.AdminRule).all(), "trying changes nothing"
    store.close()


def spoken(store: Store) -> str:
    """Four decisions to speak, at 9, 10, 11 and 12 today, and one from before inputs were kept."""
    from datetime import timedelta

    from bot.deciding.inputs import standing_record
    from bot.sending import SystemClock
    from tests.bot.policy.facts import standing

    today = SystemClock().now().replace(hour=0, minute=0) - timedelta(days=1)
    with store.reading("") as unit:
        workspace = unit.session.query(tables.Workspace).one().id
    with store.writing(workspace) as unit:
        unit.session.add(
            tables.Run(id="r", workspace_id=workspace, kind="plan", now=AGREED, summary={})
        )
        unit.session.flush()
        for number in range(5):
            at = today + timedelta(hours=9 + number)
            offered = {"item": "i", "title": "T", "kind": "k", "source": "s",
                       "topics": ["bread" if number < 2 else "python"]}  # fmt: skip
            inputs = {"standing": standing_record(standing(at)), "offered": offered}
            unit.session.add(
                tables.Decision(
                    id=f"de_{number}", workspace_id=workspace, run_id="r", member_id="U2",
                    slot=str(number), at=at, verdict="speak", reason="worth_it", rules=[],
                    arm="normal", seed=1, policy_version="p", engages=0.4 + 0.1 * number,
                    inputs=inputs if number < 4 else None,
                )
            )  # fmt: skip
        unit.commit()
    return workspace


def test_facts_are_listed(overture: Overture) -> None:
    code, told, _ = overture("rules", "facts")
    assert code == 0
    assert "hours_since_last" in told


@pytest.mark.parametrize(("code", "reason"), [("PT", set()), ("US", {"public_holiday"})])
def test_holidays_are_those_of_the_country(stocked: Overture, code: str, reason: set[str]) -> None:
    """The eleventh of November 2026 is a holiday in one of them."""
    assert f"holidays of {code}" in stocked("country", code)[1]
    at = "2026-11-11T15:00Z"
    told = stocked("run", "--dry-run", "--now", at, "--members", "U2", "--json")[1]
    silences = {one["reason"] for one in json.loads(told)["silences"]}
    assert silences & {"public_holiday"} == reason
    stocked("country", "FR", "--member", "U2")
    told = stocked("run", "--dry-run", "--now", at, "--members", "U2", "--json")[1]
    assert "public_holiday" in told, "a member's own country goes first"


def test_an_unknown_country_is_named(stocked: Overture, monkeypatch: pytest.MonkeyPatch) -> None:
    code, _, error = stocked("country", "Elbonia")
    assert code == 1
    assert "'ELBONIA' is not known: write an ISO 3166 code" in error
    assert "DE-BB" in stocked("country", "DE-XX")[2]
    monkeypatch.setenv("OVERTURE_POLICY__COUNTRY", "XX")
    code, _, error = stocked("country")
    assert code == 1
    assert "policy.country" in error


def test_a_pause_that_is_not_there_is_not_ended(stocked: Overture) -> None:
    assert "is not paused" in stocked("pause")[1]
    code, _, error = stocked("pause", "--resume")
    assert (code, "is not paused" in error) == (1, True)
