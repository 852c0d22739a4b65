"""`overture member`, as an operator uses it."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from tests.bot.cli.conftest import Overture
from tests.bot.cli.test_audit import actions

MEMBER = "U2"
"""who agreed to everything, and said something that was imported"""


def test_a_member_is_exported_and_erased(stocked: Overture, tmp_path: Path) -> None:
    file = tmp_path / "hers.zip"
    code, told, _ = stocked("member", "export", MEMBER, "--to", str(file), "--json")
    assert code == 0
    assert json.loads(told)["bytes"] == file.stat().st_size
    with zipfile.ZipFile(file) as made:
        assert sorted(made.namelist()) == ["data.json", "your-data.html"]
    code, told, _ = stocked("member", "erase", MEMBER, "--yes", "--json", "--by", "ada")
    assert (code, json.loads(told)) == (0, {"member": MEMBER, "done": True})
    code, _, error = stocked("member", "export", MEMBER)
    assert code == 1
    assert "there is no member" in error
    assert actions(stocked)[-1] == ("member.erased", "")
    assert stocked("audit", "verify")[0] == 0
    assert MEMBER not in stocked("audit", "list")[1]


def test_an_import_does_not_bring_them_back(stocked: Overture, tmp_path: Path) -> None:
    code, _, _ = stocked("member", "erase", MEMBER, "--yes")
    assert code == 0
    again = tmp_path / "e.zip"
    assert stocked("import", "slack-export", again)[0] == 0
    assert "there is no member" in stocked("member", "export", MEMBER)[2]


def test_it_asks_once_more(stocked: Overture, tmp_path: Path) -> None:
    code, _, asked = stocked("member", "erase", MEMBER)
    assert code == 1
    assert "for good?" in asked or "Aborted" in asked
    assert stocked("member", "export", MEMBER, "--to", tmp_path / "there.zip")[0] == 0
