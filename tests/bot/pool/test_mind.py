"""MIND folders: read as they are, refused with file and line where they are not."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from bot.pool.mind import read
from bot.ports import BadInput

NEWS = (
    "N1\tsports\tgolf\tA <b>round</b> &amp; more\tAbout it.\thttps://x\t[]\t[]\n"
    "N2\tnews\t\tPlain\t\t\t[]\t[]\n"
)
BEHAVIORS = (
    "7\tU7\t11/15/2019 2:14:46 PM\tN1 N2\tN1-0 N2-1\n8\tU8\t11/15/2019 12:00:00 AM\t\tN1-1\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "news.tsv").write_text(NEWS, encoding="utf-8")
    (tmp_path / "behaviors.tsv").write_text(BEHAVIORS, encoding="utf-8")
    return tmp_path


def test_reads_news_and_impressions(folder: Path) -> None:
    found = read(folder)
    assert found.items["N1"].title == "A round & more"
    assert found.items["N1"].topics == ("sports", "golf")
    assert found.items["N2"].topics == ("news",)
    assert math.isnan(found.items["N1"].published)
    first, second = found.impressions
    assert (first.user, first.history, first.shown) == ("U7", ("N1", "N2"), ("N1", "N2"))
    assert first.clicked == (False, True)
    assert first.at == 1_573_827_286.0
    assert (second.history, second.clicked) == ((), (True,))


@pytest.mark.parametrize("name", ["news.tsv", "behaviors.tsv"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(BadInput, match=f"{name}: is not there"):
        read(folder)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("9\tU9\n", "line 3: has 2 columns"),
        ("9\tU9\tyesterday\tN1\tN1-0\n", "line 3: 'yesterday' is no time"),
        ("9\tU9\t11/15/2019 2:14:46 PM\tN1\tN1-x\n", "line 3: 'N1-x' is no candidate"),
        ("9\tU9\t11/15/2019 2:14:46 PM\tN1\tN1\n", "line 3: 'N1' is no candidate"),
    ],
)
def test_a_bad_line_is_named(folder: Path, line: str, told: str) -> None:
    (folder / "behaviors.tsv").write_text(BEHAVIORS + line, encoding="utf-8")
    with pytest.raises(BadInput, match=told):
        read(folder)


def test_what_is_no_text_is_refused(folder: Path) -> None:
    (folder / "news.tsv").write_bytes(b"N1\xff\xfe")
    with pytest.raises(BadInput, match="is not UTF-8"):
        read(folder)
