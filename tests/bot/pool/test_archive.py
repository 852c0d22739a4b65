"""Zips that mean harm are refused, by what they hold and not by what they declare."""

from __future__ import annotations

import stat
import struct
import zipfile
from pathlib import Path

import pytest

from bot.pool.archive import Archive, Limits
from bot.pool.leftout import Flaw, Sieve
from bot.ports import BadInput

SMALL = Limits(entries=5, total=4_000, one=3_000, ratio=10, ratio_from=1_000)


def _zip(path: Path, entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def test_an_honest_archive_is_read(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"b/": b"", "b/c.json": b"[]", "a.json": b"{}"})
    with Archive(path, Sieve()) as archive:
        assert archive.names == ("a.json", "b/c.json")
        assert archive.read("b/c.json") == b"[]"


@pytest.mark.parametrize("content", [b"", b"no zip at all", b"PK\x03\x04 cut off"])
def test_a_broken_zip_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"a\.zip: cannot be read as a zip"):
        Archive(path, Sieve())


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no such file"):
        Archive(tmp_path / "none.zip", Sieve())


@pytest.mark.parametrize(
    "name", ["../out.json", "a/../../out.json", "/etc/out", "C:/out", "..\\out", "\\\\host\\out"]
)
def test_a_path_that_leaves_the_archive_is_refused(tmp_path: Path, name: str) -> None:
    path = _zip(tmp_path / "a.zip", {name: b"x", "fine.json": b"[]"})
    with pytest.raises(BadInput, match="leaves the archive"):
        Archive(path, Sieve())
    sieve = Sieve(skip_bad=True)
    with Archive(path, sieve) as archive:
        assert archive.names == ("fine.json",)
    assert "leaves the archive" in str(sieve.left_out[0])


def test_links_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.json")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(BadInput, match="link or a special file"):
        Archive(tmp_path / "a.zip", Sieve())


def test_encrypted_entries_are_refused(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"a.json": b"[]"})
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    path.write_bytes(data)
    with pytest.raises(BadInput, match="is encrypted"):
        Archive(path, Sieve())


def test_too_many_entries_are_refused(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {f"{n}.json": b"[]" for n in range(6)})
    with pytest.raises(BadInput, match="has 6 entries; 5 are allowed"):
        Archive(path, Sieve(), SMALL)
    Archive(path, Sieve()).__exit__(None, None, None)


def test_a_declared_bomb_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"a.json": b" " * 2_900})
    with pytest.raises(BadInput, match="more than 10 times its size"):
        Archive(path, Sieve(), SMALL)
    stored = _zip(tmp_path / "b.zip", {f"{n}": b"x" * 1_500 for n in range(3)}, zipfile.ZIP_STORED)
    with pytest.raises(BadInput, match="more than 4,000 bytes"):
        Archive(stored, Sieve(), SMALL)


def test_what_is_read_counts_and_not_what_is_declared(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"a.json": b"x" * 2_500}, zipfile.ZIP_STORED)
    with Archive(path, Sieve(), SMALL) as archive:
        archive.read("a.json")
        with pytest.raises(BadInput, match="more than 4,000 bytes"):
            archive.read("a.json")


def test_one_entry_may_not_be_too_large(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"a.json": b"x" * 3_500}, zipfile.ZIP_STORED)
    with Archive(path, Sieve(), SMALL) as archive, pytest.raises(Flaw, match="3,000 bytes"):
        archive.read("a.json")


def test_a_lie_about_the_size_is_found(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"a.json": b" " * 900_000})
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 24, 10)
    path.write_bytes(data)
    with Archive(path, Sieve(), SMALL) as archive, pytest.raises(Flaw, match="is damaged"):
        archive.read("a.json")


def test_a_damaged_entry_is_a_flaw(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"a.json": b"[1, 2, 3]"}, zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"[1, 2", b"[1, 9"))
    with Archive(path, Sieve()) as archive, pytest.raises(Flaw, match="is damaged"):
        archive.read("a.json")


def test_an_entry_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.json", "[]")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.json", "[1]")
    with pytest.raises(BadInput, match="is there twice"):
        Archive(path, Sieve())
