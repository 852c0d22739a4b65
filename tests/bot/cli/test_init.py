"""`overture init`: a file that the settings accept, and that nothing overwrites by accident."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from bot import settings
from tests.bot.cli.conftest import Overture

ANSWERS = ("health", 'sqlite:///elsewhere/"odd" näme.db', "U1, U2 ,", "http://127.0.0.1:11434/v1",
           "elbonia", "de-by")  # fmt: skip


@pytest.fixture
def asked(overture: Overture, monkeypatch: pytest.MonkeyPatch) -> Overture:
    """The command with a person who answers, one line a question."""

    def run(*args: object) -> tuple[int, str, str]:
        answers, *more = args
        monkeypatch.setattr(sys, "stdin", io.StringIO(str(answers)))
        return overture("init", *more)

    return run


def test_what_is_suggested_is_accepted(asked: Overture, tmp_path: Path) -> None:
    code, out, _ = asked("\n\n\n\n\n")
    assert code == 0
    assert "overture db upgrade" in out
    written = settings.load()
    fresh = (tmp_path / "none.toml").read_text(encoding="utf-8")
    assert "for learning to start with" in fresh
    assert written.policy == settings.PolicySettings()
    assert written.model.base_url is None
    assert "xoxb" not in fresh


def test_what_was_answered_is_read_back(asked: Overture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OVERTURE_DATABASE_URL")
    assert asked("\n".join(ANSWERS) + "\n")[0] == 0
    written = settings.load()
    assert written.database_url == ANSWERS[1]
    assert written.policy.pilot == ("U1", "U2")
    assert written.policy.threshold > settings.PolicySettings().threshold
    assert written.model.base_url == ANSWERS[3]
    assert written.policy.country == "DE-BY", "an unknown one is asked for again"


def test_a_file_that_is_there_stays(asked: Overture, tmp_path: Path) -> None:
    path = tmp_path / "none.toml"
    path.write_text("health_port = 1\n", encoding="utf-8")
    code, _, err = asked("\n\n\n\n\n")
    assert code == 1
    assert "--force" in err
    assert path.read_text(encoding="utf-8") == "health_port = 1\n"
    assert asked("\n\n\n\n\n", "--force")[0] == 0
    assert "daily_cap" in path.read_text(encoding="utf-8")


def test_a_broken_file_can_be_written_anew(asked: Overture, tmp_path: Path) -> None:
    (tmp_path / "none.toml").write_text("[[[", encoding="utf-8")
    assert asked("\n\n\n\n\n", "--force")[0] == 0
    assert settings.load().policy.daily_cap == 1


def test_a_folder_that_is_not_there_is_named(
    asked: Overture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OVERTURE_CONFIG", str(tmp_path / "no" / "overture.toml"))
    code, _, err = asked("\n\n\n\n\n")
    assert code == 1
    assert "OVERTURE_CONFIG" in err


def test_whoever_stops_writes_nothing(asked: Overture, tmp_path: Path) -> None:
    code, _, err = asked("learning\n")
    assert code == 130
    assert "Stopped." in err
    assert not (tmp_path / "none.toml").exists()
