"""Snapshots: what comes back is what was saved, or nothing of it is used."""

from __future__ import annotations

import json
import shutil
from dataclasses import fields
from mmap import mmap
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recsys import snapshot
from recsys.assembly import SOURCES
from recsys.indexes import Indexes, approximate
from recsys.snapshot import SnapshotError
from recsys.types import Pool
from tests.contracts.test_source_contract import busy_pool, busy_query
from tests.recsys.builders import item, topical_items, topical_vectors, unit, world

FILES = ("columns.json", "dense.faiss", "pool_vectors.npy", "words_data.npy", "manifest.json")


def save(root: Path, pool: Pool, indexes: Indexes) -> str:
    return snapshot.save(root, pool, indexes, [item(name) for name in pool.ids], "hashing")


def two(root: Path) -> tuple[str, str]:
    """A former snapshot and the current one."""
    former = save(root, *world(topical_items(9), topical_vectors(9)))
    return former, save(root, *busy_pool())


def same(one: Pool, other: Pool) -> None:
    for field in fields(Pool):
        left, right = getattr(one, field.name), getattr(other, field.name)
        if isinstance(left, np.ndarray):
            np.testing.assert_array_equal(left, right)
            assert left.dtype == right.dtype, field.name
        else:
            assert left == right, field.name


def test_what_comes_back_is_what_was_saved(tmp_path: Path) -> None:
    pool, indexes = busy_pool()
    name = save(tmp_path, pool, indexes)
    opened = snapshot.open_current(tmp_path)
    assert (opened.name, opened.problems) == (name, ())
    same(opened.pool, pool)
    for source in SOURCES:
        before = source(pool, indexes).fetch(busy_query())
        after = source(opened.pool, opened.indexes).fetch(busy_query())
        np.testing.assert_array_equal(before.rows, after.rows)
        np.testing.assert_array_equal(before.scores, after.scores)


def test_large_columns_are_mapped_not_read(tmp_path: Path) -> None:
    save(tmp_path, *busy_pool())
    opened = snapshot.open_current(tmp_path)
    held: object = opened.pool.vectors
    while isinstance(held, np.ndarray):
        held = held.base
    assert isinstance(held, mmap)
    assert not opened.pool.vectors.flags.writeable


def test_an_approximate_index_comes_back_too(tmp_path: Path) -> None:
    vectors = unit(np.random.default_rng(0).normal(size=(400, 16)))
    pool, exact = world([item(str(n)) for n in range(400)], vectors)
    built = approximate(vectors)
    dense: Any = built.main
    dense.nprobe = 2
    save(tmp_path, pool, Indexes(built, exact.keywords))
    back: Any = snapshot.open_current(tmp_path).indexes.dense.main
    assert back.nprobe == 2
    np.testing.assert_array_equal(back.search(vectors[:5], 7)[1], dense.search(vectors[:5], 7)[1])


def test_an_empty_pool_can_be_kept(tmp_path: Path) -> None:
    save(tmp_path, *world([]))
    assert len(snapshot.open_current(tmp_path).pool) == 0


def test_the_same_content_has_the_same_name(tmp_path: Path) -> None:
    first = save(tmp_path / "a", *busy_pool())
    assert save(tmp_path / "b", *busy_pool()) == first
    assert save(tmp_path / "a", *busy_pool()) == first
    other = save(tmp_path / "a", *world(topical_items(9), topical_vectors(9)))
    assert other != first


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("damage", ["one bit", "cut", "gone", "swapped"])
def test_a_damaged_file_refuses_and_the_former_serves(
    tmp_path: Path, file: str, damage: str
) -> None:
    former, current = two(tmp_path)
    path = tmp_path / current / file
    content = bytearray(path.read_bytes())
    if damage == "one bit":
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    elif damage == "cut":
        path.write_bytes(content[:-1])
    elif damage == "gone":
        path.unlink()
    else:
        shutil.copy(tmp_path / former / file, path)
    with pytest.raises(SnapshotError):
        snapshot.load(tmp_path, current)
    opened = snapshot.open_current(tmp_path)
    assert opened.name == former
    assert len(opened.pool) == 9
    assert len(opened.problems) == 1
    assert current in opened.problems[0]


def test_undamaged_the_current_one_serves(tmp_path: Path) -> None:
    _, current = two(tmp_path)
    assert snapshot.open_current(tmp_path).name == current


def test_two_files_that_changed_places_are_noticed(tmp_path: Path) -> None:
    _, current = two(tmp_path)
    one, other = tmp_path / current / "pool_author.npy", tmp_path / current / "pool_channel.npy"
    np.save(one, np.arange(30, dtype=np.int32))
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)
    with pytest.raises(SnapshotError, match="damaged or from elsewhere"):
        snapshot.load(tmp_path, current)


def test_a_manifest_that_was_made_to_fit_is_noticed(tmp_path: Path) -> None:
    _, current = two(tmp_path)
    manifest = tmp_path / current / "manifest.json"
    known = json.loads(manifest.read_text())
    (tmp_path / current / "columns.json").write_text("{}")
    known["files"]["columns.json"] = snapshot._sha256(tmp_path / current / "columns.json")
    manifest.write_text(json.dumps(known, indent=1, sort_keys=True))
    with pytest.raises(SnapshotError, match="its manifest is not the one"):
        snapshot.load(tmp_path, current)


def test_a_file_too_many_is_noticed(tmp_path: Path) -> None:
    _, current = two(tmp_path)
    (tmp_path / current / "extra.npy").write_bytes(b"")
    with pytest.raises(SnapshotError, match=r"missing or unknown files: extra\.npy"):
        snapshot.load(tmp_path, current)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"names": [1, "../../etc"]}'])
def test_a_damaged_pointer_never_leads_outside(tmp_path: Path, content: bytes) -> None:
    _, current = two(tmp_path)
    (tmp_path / "current").write_bytes(content)
    if content.startswith(b'{"names'):
        with pytest.raises(SnapshotError, match="there is none yet"):
            snapshot.open_current(tmp_path)
    else:
        assert snapshot.open_current(tmp_path).name == current


def test_saving_again_mends_a_damaged_snapshot(tmp_path: Path) -> None:
    name = save(tmp_path, *busy_pool())
    (tmp_path / name / "dense.faiss").write_bytes(b"")
    assert save(tmp_path, *busy_pool()) == name
    assert snapshot.open_current(tmp_path).problems == ()


def test_only_the_latest_stay_and_nothing_half_built(tmp_path: Path) -> None:
    names = [save(tmp_path, *world(topical_items(n), topical_vectors(n))) for n in range(3, 9)]
    (tmp_path / ".building-dead").mkdir()
    names.append(save(tmp_path, *busy_pool()))
    folders = {path.name for path in tmp_path.iterdir() if path.is_dir()}
    assert folders == set(names[-snapshot.KEEP :])


def test_a_save_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = save(tmp_path, *busy_pool())

    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(snapshot, "write_parts", full)
    with pytest.raises(OSError, match="no space"):
        save(tmp_path, *world(topical_items(9), topical_vectors(9)))
    assert snapshot.open_current(tmp_path).name == name
    assert not list(tmp_path.glob(".building-*"))


def test_where_there_is_none_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="there is none yet; build one"):
        snapshot.open_current(tmp_path / "nowhere")


def test_a_name_is_no_path(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="no snapshot's name"):
        snapshot.load(tmp_path, "../elsewhere")
