"""`overture run`: what it prints, what it refuses, and that a dry run leaves no trace."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.emulator import Emulator, Person
from tests.bot.cli.conftest import NOW, Overture, dump
from tests.bot.slack.conftest import workspace

EAGER = {"PILOT_ONLY": "false", "THRESHOLD": "0", "HOLDOUT": "0"}
FOR_ALL = ("run", "--dry-run", "--assume-consent", "--now", NOW)


@pytest.fixture
def at_emulator(stocked: Overture, emulated: Emulator) -> Overture:
    """Settings that point at an emulated Slack."""
    return stocked


def test_a_dry_run_writes_nothing_and_says_all(stocked: Overture, tmp_path: Path) -> None:
    before = dump(tmp_path)
    code, out, err = stocked(*FOR_ALL)
    assert (code, dump(tmp_path)) == (0, before)
    assert "ASSUMED CONSENT" in err
    assert "ASSUMED CONSENT" not in out
    assert "would be sent, to 6 members due" in out
    assert "not_a_member" in out


def test_a_dry_run_as_json(stocked: Overture, tmp_path: Path) -> None:
    before = dump(tmp_path)
    code, out, _ = stocked(*FOR_ALL, "--json")
    found = json.loads(out)
    assert (code, dump(tmp_path)) == (0, before)
    assert (found["assumed_consent"], found["sent"], found["model"]) == (True, None, "prior")
    told = {one["member"] for one in found["openers"]}
    silent = {one["member"]: one["reason"] for one in found["silences"]}
    assert told | set(silent) == {"U1", "U2", "U3", "U4", "U5", "U9"}
    assert all(silent[one] == "not_a_member" for one in ("U3", "U4", "U5", "U9"))
    assert found["prepared"]["items"] == 8


def test_a_second_run_embeds_nothing_again(stocked: Overture) -> None:
    stocked(*FOR_ALL)
    found = json.loads(stocked(*FOR_ALL, "--json")[1])
    assert found["prepared"]["texts_embedded"] == 0
    assert found["prepared"]["texts_reused"] > 0


def test_without_assumed_consent_only_who_agreed_is_considered(stocked: Overture) -> None:
    found = json.loads(stocked("run", "--dry-run", "--now", NOW, "--json")[1])
    silent = {one["member"]: one["reason"] for one in found["silences"]}
    assert silent["U1"] == "no_consent"
    assert silent.get("U2") != "no_consent"


def test_only_some_members(stocked: Overture) -> None:
    found = json.loads(stocked(*FOR_ALL, "--json", "--members", " U1, U3 ")[1])
    assert {one["member"] for one in [*found["openers"], *found["silences"]]} == {"U1", "U3"}


def test_an_unknown_member_is_named(stocked: Overture, tmp_path: Path) -> None:
    before = dump(tmp_path)
    code, _, err = stocked("run", "--dry-run", "--members", "U1,U404", "--now", NOW)
    assert code == 1
    assert "U404" in err
    assert "U1" not in err
    assert dump(tmp_path) == before


@pytest.mark.parametrize("nobody", ["", " , "])
def test_naming_nobody_does_not_mean_everybody(stocked: Overture, nobody: str) -> None:
    code, _, err = stocked("run", "--dry-run", "--members", nobody)
    assert code == 2
    assert "names nobody" in err


def test_assumed_consent_sends_nothing(stocked: Overture, tmp_path: Path) -> None:
    before = dump(tmp_path)
    code, out, err = stocked("run", "--assume-consent")
    assert (code, out) == (2, "")
    assert "--dry-run" in err
    assert dump(tmp_path) == before


def test_now_goes_to_an_emulator_alone(
    stocked: Overture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-none")
    before = dump(tmp_path)
    code, _, err = stocked("run", "--now", NOW)
    assert code == 1
    assert "https://slack.com/api/" in err
    assert "--dry-run" in err
    monkeypatch.setenv("OVERTURE_SLACK__API_URL", "http://127.0.0.1.evil.example/api/")
    assert stocked("run", "--now", NOW)[0] == 1
    assert dump(tmp_path) == before


def test_without_a_token_nothing_is_decided(stocked: Overture, tmp_path: Path) -> None:
    before = dump(tmp_path)
    code, _, err = stocked("run")
    assert code == 1
    assert "SLACK_BOT_TOKEN" in err
    assert dump(tmp_path) == before


@pytest.mark.parametrize(
    ("now", "said"),
    [("2026-03-09T11:00", "write 2026-03-09T11:00Z"), ("tomorrow", "2026-09-07T09:00Z")],
)
def test_a_moment_without_a_zone_is_refused_with_its_mend(
    stocked: Overture, now: str, said: str
) -> None:
    code, _, err = stocked("run", "--dry-run", "--now", now)
    assert code == 2
    assert said in err


def test_a_run_is_kept_and_a_second_one_finds_its_slots_used(at_emulator: Overture) -> None:
    first = json.loads(at_emulator("run", "--now", NOW, "--members", "U1,U3", "--json")[1])
    assert first["decisions"]["silent"] == {"no_consent": 1, "not_a_member": 1}
    assert first["sent"] == 0
    code, out, _ = at_emulator("run", "--now", NOW, "--members", "U1,U3", "--json")
    assert code == 0
    again = json.loads(out)
    assert again["slots_used_before"] == 1
    assert again["decisions"]["silent"] == {"no_consent": 1}, "they may agree within the hour"


def test_an_opener_reaches_the_emulator(
    stocked: Overture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lesson = {"title": "How joins keep rows", "summary": "A join, drawn.", "addressed_to": "U2"}
    pool = tmp_path / "more.jsonl"
    published = {"kind": "lesson", "topics": ["sql"], "published": "2026-03-09T08:00:00Z"}
    pool.write_text(json.dumps(lesson | published), encoding="utf-8")
    assert stocked("import", "pool", pool, "--approve")[0] == 0
    with Emulator(workspace(), clock=lambda: 1_773_054_000.0) as emulator:
        emulator.workspace.add_person(Person("U2", "ben"))
        monkeypatch.setenv("OVERTURE_SLACK__API_URL", emulator.api_url)
        monkeypatch.setenv("SLACK_BOT_TOKEN", emulator.bot_token)
        for name, value in EAGER.items():
            monkeypatch.setenv(f"OVERTURE_POLICY__{name}", value)
        code, out, _ = stocked("run", "--now", NOW, "--members", "U2", "--json")
        found = json.loads(out)
        assert (code, found["sent"]) == (0, 1)
        (said,) = emulator.messages(emulator.open_dm("U2"))
    assert said["text"] == found["openers"][0]["text"]
    code, out, _ = stocked("why", found["openers"][0]["decision"])
    assert code == 0
    assert found["openers"][0]["text"] in out
