"""The cache's files: damage is noticed and mended, and they do not become many."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from recsys.types import Floats
from recsys.vectors import MAX_SEGMENTS, Digest, StoredVectors
from tests.recsys.builders import unit


def digests(count: int, start: int = 0) -> list[Digest]:
    return [hashlib.sha256(str(n).encode()).digest() for n in range(start, start + count)]


def vectors(count: int, seed: int = 0) -> Floats:
    return unit(np.random.default_rng(seed).normal(size=(count, 6)))


def test_what_was_added_is_there_for_the_next(tmp_path: Path) -> None:
    StoredVectors(tmp_path).add(digests(3), vectors(3))
    store = StoredVectors(tmp_path)
    assert store.width == 6
    assert store.missing(digests(5)) == digests(2, 3)
    np.testing.assert_array_equal(store.get(digests(3)[::-1]), vectors(3)[::-1])


def test_an_open_store_sees_what_another_adds(tmp_path: Path) -> None:
    mine, other = StoredVectors(tmp_path), StoredVectors(tmp_path)
    assert mine.missing(digests(1)) == digests(1)
    other.add(digests(1), vectors(1))
    assert mine.missing(digests(1)) == []


def test_segments_are_merged_before_they_become_many(tmp_path: Path) -> None:
    late = StoredVectors(tmp_path)
    store = StoredVectors(tmp_path)
    for n in range(MAX_SEGMENTS):
        store.add(digests(1, n), vectors(1, n))
    assert late.missing(digests(MAX_SEGMENTS)) == []
    store.add(digests(1, 500), vectors(1, 500))
    assert len(list(tmp_path.glob("*.npy"))) == 2
    everything = [*digests(MAX_SEGMENTS), *digests(1, 500)]
    expected = np.concatenate([vectors(1, n) for n in [*range(MAX_SEGMENTS), 500]])
    for each in (store, late, StoredVectors(tmp_path)):
        assert each.missing(everything) == []
        np.testing.assert_array_equal(each.get(everything), expected)


@pytest.mark.parametrize("kind", ["keys", "vectors"])
@pytest.mark.parametrize("damage", ["cut", "empty", "garbage", "gone"])
def test_a_damaged_segment_is_unknown_and_mended(tmp_path: Path, kind: str, damage: str) -> None:
    StoredVectors(tmp_path).add(digests(4), vectors(4))
    [path] = tmp_path.glob(f"*.{kind}.npy")
    if damage == "gone":
        path.unlink()
    else:
        whole = path.read_bytes()
        path.write_bytes({"cut": whole[:-40], "empty": b"", "garbage": b"x" * 300}[damage])
    store = StoredVectors(tmp_path)
    assert store.missing(digests(4)) == digests(4)
    store.add(digests(4), vectors(4))
    assert StoredVectors(tmp_path).missing(digests(4)) == []
    np.testing.assert_array_equal(StoredVectors(tmp_path).get(digests(4)), vectors(4))


def test_a_vector_that_lost_its_length_is_unknown(tmp_path: Path) -> None:
    StoredVectors(tmp_path).add(digests(3), vectors(3))
    [path] = tmp_path.glob("*.vectors.npy")
    content = bytearray(path.read_bytes())
    content[-24:] = b"\0" * 24  # the last of three vectors
    path.write_bytes(content)
    assert StoredVectors(tmp_path).missing(digests(3)) == digests(1, 2)


def test_an_object_array_is_never_unpickled(tmp_path: Path) -> None:
    StoredVectors(tmp_path).add(digests(1), vectors(1))
    [path] = tmp_path.glob("*.keys.npy")
    with path.open("wb") as file:
        np.save(file, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    assert StoredVectors(tmp_path).missing(digests(1)) == digests(1)


def test_nothing_half_written_is_left(tmp_path: Path) -> None:
    StoredVectors(tmp_path).add(digests(2), vectors(2))
    assert not list(tmp_path.glob("*.part"))
    assert not list(tmp_path.glob(".*.part"))


def test_what_is_forgotten_is_in_no_file_and_the_rest_stays(tmp_path: Path) -> None:
    store = StoredVectors(tmp_path)
    keys = [bytes([n]) * 32 for n in range(4)]
    vectors = np.eye(4, dtype=np.float32)
    store.add(keys[:2], vectors[:2])
    store.add(keys[2:], vectors[2:])
    other = StoredVectors(tmp_path)
    assert other.missing(keys) == []
    assert store.forget([keys[1], keys[2], b"x" * 32]) == 2
    held = b"".join(file.read_bytes() for file in tmp_path.glob("*.npy"))
    assert keys[1] not in held
    assert keys[0] in held
    assert other.missing(keys) == [keys[1], keys[2]], "another process sees it, too"
    assert (store.get([keys[3]]) == vectors[3]).all()
    assert StoredVectors(tmp_path / "none").forget(keys) == 0
