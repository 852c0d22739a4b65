"""`overture kill-switch`: one command silences a workspace, and one ends that."""

from __future__ import annotations

import json

from tests.bot.cli.conftest import NOW, Overture


def reasons(overture: Overture) -> set[str]:
    code, told, _ = overture("run", "--dry-run", "--now", NOW, "--members", "U2", "--json")
    assert code == 0
    return {one["reason"] for one in json.loads(told)["silences"]}


def test_it_silences_everybody_until_it_is_off(stocked: Overture) -> None:
    assert "is off" in stocked("kill-switch")[1]
    assert "workspace_stopped" not in reasons(stocked)
    code, told, _ = stocked("kill-switch", "on", "--by", "ada")
    assert code == 0
    assert "by ada" in told
    assert reasons(stocked) == {"workspace_stopped"}
    assert "by ada" in stocked("kill-switch", "on", "--by", "bo")[1], "the first to stop it is kept"
    assert "is off" in stocked("kill-switch", "off")[1]
    assert "workspace_stopped" not in reasons(stocked)


def test_a_mistyped_state_is_named(stocked: Overture) -> None:
    code, _, error = stocked("kill-switch", "of")
    assert code == 2
    assert "'on', 'off', 'show'" in error
