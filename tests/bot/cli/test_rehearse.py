"""`overture rehearse`: everything in one picture of the days, and a complaint that helps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.policy.words import SILENCES
from recsys.encoder import Encoder
from tests.bot.cli.conftest import Overture
from tests.bot.pool.zips import export
from tests.bot.scene import hashing
from tests.bot.test_rehearsal import chatter


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Encoder.__init__

    def without_a_model(self: Encoder, name: str | None = None, *args: Any, **named: Any) -> None:
        plain(self, "hashing", *args, **{**named, "open_model": hashing})

    monkeypatch.setattr(Encoder, "__init__", without_a_model)


@pytest.mark.usefixtures("hashed")
def test_the_command_tells_it_all(
    overture: Overture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = export(tmp_path / "whole.zip", chatter(10))
    monkeypatch.setenv("OVERTURE_POLICY__THRESHOLD", "0.2")
    picture = tmp_path / "days.png"
    asked = ("rehearse", whole, "--from", "2026-03-09", "--to", "2026-03-09")
    code, printed, told = overture(*asked, "--json", "--plot", picture)
    assert code == 0
    assert "Consent is assumed" in told
    answer = json.loads(printed)
    assert answer["consent"] == "assumed"
    assert len(answer["openers"]) == answer["days"][0]["openers"] > 0
    assert set(answer["best"]) | set(answer["worst"]) <= {o["decision"] for o in answer["openers"]}
    assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    code, printed, _ = overture(*asked)
    assert code == 0
    assert "Consent is assumed" in printed
    assert answer["openers"][0]["text"].split()[0] in printed
    assert all(SILENCES[reason] in printed for reason in answer["silences"])


def test_the_command_refuses_what_is_no_export(overture: Overture, tmp_path: Path) -> None:
    days = ("--from", "2026-03-09", "--to", "2026-03-09")
    for name, wrong in (
        ("folder", tmp_path),
        ("text", tmp_path / "a.txt"),
        ("none", tmp_path / "b"),
    ):
        (tmp_path / "a.txt").write_text("no zip", encoding="utf-8")
        code, _, told = overture("rehearse", wrong, *days)
        assert (name, code) == (name, 1)
        assert str(wrong) in told
    code, _, told = overture("rehearse", tmp_path, *days, "--plot", tmp_path / "a.bmp")
    assert (code, ".png" in told) == (1, True)
    assert overture("rehearse", tmp_path, "--from", "yesterday", "--to", "2026-03-09")[0] == 2
