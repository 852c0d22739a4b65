"""`overture replay`: one decision made again, in words and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.emulator import Emulator
from bot.store.database import Store, connect
from bot.store.items import Items
from tests.bot.cli.conftest import AGREED, NOW, Overture, workspace_of


@pytest.fixture
def decided(stocked: Overture, emulated: Emulator, monkeypatch: pytest.MonkeyPatch) -> str:
    """U2's decision of a pass that was kept: silence below the threshold."""
    monkeypatch.setenv("OVERTURE_POLICY__PILOT_ONLY", "false")
    monkeypatch.setenv("OVERTURE_POLICY__THRESHOLD", "1")
    monkeypatch.setenv("OVERTURE_POLICY__EXPLORE_PER_DAY", "0")
    assert stocked("run", "--now", NOW)[0] == 0
    (mine,) = json.loads(stocked("why", "--member", "U2", "--json")[1])["decisions"]
    return str(mine["decision"])


def test_the_same_decision_comes_out(
    stocked: Overture, decided: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OVERTURE_POLICY__THRESHOLD", "0.1")  # the settings of then are what counts
    code, out, err = stocked("replay", decided[:14])
    assert (code, err) == (0, "")
    assert out.startswith(f"{decided}: It comes out the same.")
    told = json.loads(stocked("replay", decided, "--json")[1])
    assert (told["decision"], told["result"]) == (decided, "same")
    assert "slate hash" in told["compared"]


def test_what_changed_is_told(stocked: Overture, decided: str, tmp_path: Path) -> None:
    store = Store(connect(f"sqlite:///{tmp_path / 'overture.db'}"))
    with store.writing(workspace_of(store)) as unit:
        some = Items(unit).pool()[0].id
        Items(unit).reword(some, "Otherwise", "wholly other words", at=AGREED)
        unit.commit()
    store.close()
    code, out, _ = stocked("replay", decided)
    assert code == 1
    assert "It comes out otherwise." in out
    assert f"{some} was edited at" in out
    assert stocked("replay", decided, "--json")[0] == 1


def test_a_decision_that_does_not_exist_is_said(stocked: Overture, decided: str) -> None:
    code, out, err = stocked("replay", "de_404")
    assert (code, out) == (1, "")
    assert "decision 'de_404' does not exist" in err
