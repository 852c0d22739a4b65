"""`overture dataset export`: two files, and what they hold in a line each."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq

from tests.bot.cli.conftest import NOW, Overture


def test_it_writes_both_files(stocked: Overture, tmp_path: Path) -> None:
    code, printed, _ = stocked("dataset", "export", "--to", tmp_path / "set", "--json")
    assert code == 0
    assert json.loads(printed)["decisions"] == 0
    assert pq.read_table(tmp_path / "set" / "decisions.parquet").num_rows == 0
    code, printed, _ = stocked("dataset", "export", "--to", tmp_path / "set", "--since", NOW)
    assert code == 0
    assert "0 candidates in" in printed


def test_a_file_in_the_place_of_the_folder_is_refused(stocked: Overture, tmp_path: Path) -> None:
    (tmp_path / "set").write_text("mine", encoding="utf-8")
    code, _, told = stocked("dataset", "export", "--to", tmp_path / "set")
    assert code == 2
    assert "set" in told
    assert (tmp_path / "set").read_text(encoding="utf-8") == "mine"
