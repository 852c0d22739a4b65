"""Days of an export lived through again: nothing of later, nothing sent, nothing kept."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.policy.words import SILENCES
from bot.ports import BadInput
from bot.rehearsal import Rehearsal
from bot.rehearsal_findings import HELD_BACK, SAID, UNSAID, Findings
from bot.settings import PolicySettings, Settings
from recsys.encoder import Encoder
from tests.bot.pool.zips import export, said
from tests.bot.scene import hashing

START = datetime(2026, 3, 2, tzinfo=UTC)
"""a Monday"""
PEOPLE = [f"UP{n}" for n in range(6)]
USERS = [{"id": one, "name": one.lower(), "profile": {"real_name": one}} for one in PEOPLE]
CHANNELS = [{"id": "C1", "name": "general", "members": PEOPLE}]
WORDS = ("How does the decoder read an iterator?", "Who knows a good oven for sourdough flour?")
FIRST, LAST = date(2026, 3, 9), date(2026, 3, 11)
DAYS = 14


def chatter(days: int) -> dict[str, Any]:
    """Four threads a day; each person answers those of one subject, mostly."""
    dice = np.random.default_rng(0)
    files: dict[str, Any] = {"users.json": USERS, "channels.json": CHANNELS}
    for day in range(days):
        messages = []
        for n, hour in enumerate((6, 8, 10, 15)):
            root = (START + timedelta(days=day, hours=hour)).timestamp()
            author = int(dice.integers(6))
            about = n % 2
            messages.append(said(f"{root:.6f}", PEOPLE[author], WORDS[about]))
            for who, person in enumerate(PEOPLE):
                answers = dice.random() < (0.8 if who % 2 == about else 0.1)
                if who != author and answers:
                    at = root + float(dice.integers(3600, 20 * 3600))
                    messages.append(
                        said(f"{at:.6f}", person, WORDS[about], thread_ts=f"{root:.6f}")
                    )
        when = (START + timedelta(days=day)).date()
        files[f"general/{when}.json"] = sorted(messages, key=lambda one: str(one["ts"]))
    return files


def rehearsal(file: Path, home: Path, **changes: Any) -> Rehearsal:
    policy = PolicySettings(threshold=0.2, holdout=0.2, weekly_cap=5)
    plain: dict[str, Any] = {
        "file": file,
        "first": FIRST,
        "last": LAST,
        "settings": Settings(database_url="sqlite:///never.db", home=home, policy=policy),
        "encoder": Encoder("hashing", home / "vectors", open_model=hashing),
    }
    return Rehearsal(**{**plain, **changes})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where temporary folders are made while the module runs."""
    made = tmp_path_factory.mktemp("temporary")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(made))
        yield made


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export(tmp_path_factory.mktemp("exports") / "whole.zip", chatter(DAYS))


@pytest.fixture(scope="module")
def found(folder: Path, whole: Path, tmp_path_factory: pytest.TempPathFactory) -> Findings:
    return rehearsal(whole, tmp_path_factory.mktemp("home")).run()


def test_each_day_has_what_would_have_been_said_and_why_not(found: Findings) -> None:
    assert [day.day for day in found.days] == [FIRST, date(2026, 3, 10), LAST]
    assert found.openers
    assert all(one.text and one.title and one.went is not None for one in found.openers)
    # one slot for each of six people on each of three working days
    assert sum(day.openers + sum(day.silences.values()) for day in found.days) == 18
    assert set(found.silences) <= set(SILENCES)
    assert len(found.openers) == sum(day.openers for day in found.days)


def test_who_went_there_by_themselves_is_what_the_export_says(found: Findings) -> None:
    joined = {
        (one["user"], f"thread-C1-{one['thread_ts']}"): float(one["ts"])
        for name, messages in chatter(DAYS).items()
        if name.startswith("general/")
        for one in messages
        if "thread_ts" in one
    }
    wrong = []
    for one in found.choices:
        then = joined.get((one.member, one.item), 0.0)
        wrong += [one] if one.went != (0 < then - one.at.timestamp() <= 86_400) else []
    assert wrong == []
    assert {one.went for one in found.choices} == {True, False}
    went = [(one.member, one.item) for one in found.choices if one.went]
    out = {item: float(item.rpartition("-")[2]) for _, item in joined}
    chose = {member: [one.at.timestamp() for one in found.choices if one.member == member]
             for member, _ in joined}  # fmt: skip
    reach = {
        (member, item)
        for (member, item), then in joined.items()
        if any(out[item] <= one < then <= one + 86_400 for one in chose[member])
    }
    assert found.within_reach == len(reach)
    assert set(went) <= reach


def test_the_best_went_and_the_worst_did_not_the_surest_first(found: Findings) -> None:
    for went in (True, False):
        told = found.extremes(went)
        assert told
        assert all(one.went is went and one.kind == SAID for one in told)
        assert [one.engages for one in told] == sorted((o.engages for o in told), reverse=True)
    counts = [found.went(kind, seed=0)["decisions"] for kind in (SAID, HELD_BACK, UNSAID)]
    assert sum(counts) == len(found.choices)
    assert counts[1] > 0


def test_what_comes_later_changes_nothing(found: Findings, folder: Path, tmp_path: Path) -> None:
    cut = export(tmp_path / "cut.zip", chatter((LAST - START.date()).days + 1))
    shorter = rehearsal(cut, tmp_path).run()
    assert [(o.decision, o.item, o.engages, o.text) for o in shorter.openers] == [
        (o.decision, o.item, o.engages, o.text) for o in found.openers
    ]
    assert shorter.silences == found.silences
    # the day of the last openers is not over when this export ends
    assert {one.went for one in shorter.openers if one.at.date() == LAST} <= {True, None}


def test_what_came_before_does_change_it(found: Findings, folder: Path, tmp_path: Path) -> None:
    """The control: two such runs can differ."""
    files = chatter(DAYS)
    del files["general/2026-03-08.json"]
    other = rehearsal(export(tmp_path / "other.zip", files), tmp_path).run()
    assert [(o.decision, o.engages) for o in other.openers] != [
        (o.decision, o.engages) for o in found.openers
    ]


def test_nothing_is_kept(found: Findings, folder: Path) -> None:
    assert list(folder.iterdir()) == []


def test_nothing_is_kept_when_somebody_stops_it(folder: Path, whole: Path, tmp_path: Path) -> None:
    seen: list[Path] = []

    def impatient(what: str, done: int, total: int) -> None:
        if what.startswith("Day 1") and done == 3:
            seen.extend(folder.iterdir())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rehearsal(whole, tmp_path).run(impatient)
    assert len(seen) == 1
    assert list(folder.iterdir()) == []


def test_days_that_are_not_there_are_refused(folder: Path, whole: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="--from 2026-03-12 is after --to 2026-03-11"):
        rehearsal(whole, tmp_path, first=date(2026, 3, 12)).run()
    with pytest.raises(BadInput, match=r"--to 2026-05-01 is not in .* 2026-03-02 to 2026-03-1"):
        rehearsal(whole, tmp_path, last=date(2026, 5, 1)).run()
    with pytest.raises(BadInput, match="--from 2025-01-01 is not in"):
        rehearsal(whole, tmp_path, first=date(2025, 1, 1)).run()
    assert list(folder.iterdir()) == []
