"""Each text is embedded once, by whichever process comes first."""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from recsys.encoder import CHUNK, Embeds, Encoder, EncoderError, digest, model_name
from recsys.types import Floats

WIDTH = 8


class Letters:
    """A small true embedding: counts of letters; remembers what it was asked."""

    def __init__(self) -> None:
        self.opened = 0
        self.asked: list[list[str]] = []

    def open(self, model: str | None) -> Embeds:
        self.opened += 1
        return self

    def __call__(self, texts: Sequence[str]) -> Floats:
        self.asked.append(list(texts))
        counts = [
            [1.0 + sum(ord(c) % WIDTH == k for c in text) for k in range(WIDTH)] for text in texts
        ]
        return np.array(counts, dtype=np.float32)


def encoder(letters: Letters, cache: Path | None = None, model: str = "letters") -> Encoder:
    return Encoder(model, cache, open_model=letters.open)


def test_vectors_have_unit_length_in_the_order_asked(tmp_path: Path) -> None:
    texts = ["banana", "a", "some longer text about bananas", "banana"]
    vectors = encoder(Letters(), tmp_path).encode(texts)
    assert vectors.shape == (4, WIDTH)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(vectors[0], vectors[3])
    alone = encoder(Letters()).encode(["a"])[0]
    np.testing.assert_allclose(vectors[1], alone, atol=1e-6)


def test_the_second_time_embeds_nothing(tmp_path: Path) -> None:
    texts = [f"text {n}" for n in range(20)]
    first, second = Letters(), Letters()
    fresh = encoder(first, tmp_path)
    vectors = fresh.encode(texts)
    assert (fresh.embedded, fresh.reused) == (20, 0)
    again = encoder(second, tmp_path)
    np.testing.assert_array_equal(again.encode(texts), vectors)
    assert (again.embedded, again.reused) == (0, 20)
    assert second.opened == 0


def test_only_what_is_new_is_embedded(tmp_path: Path) -> None:
    encoder(Letters(), tmp_path).encode(["one", "two"])
    letters = Letters()
    more = encoder(letters, tmp_path)
    more.encode(["two", "three", "one", "three"])
    assert letters.asked == [["three"]]
    assert (more.embedded, more.reused) == (1, 3)


def test_one_model_does_not_read_anothers_vectors(tmp_path: Path) -> None:
    encoder(Letters(), tmp_path, "one").encode(["word"])
    letters = Letters()
    encoder(letters, tmp_path, "other").encode(["word"])
    assert letters.asked == [["word"]]


def test_a_folder_is_another_model_when_its_files_change(tmp_path: Path) -> None:
    (tmp_path / "weights").write_bytes(b"one")
    before = model_name(str(tmp_path))
    assert model_name(str(tmp_path)) == before
    (tmp_path / "weights").write_bytes(b"other")
    assert model_name(str(tmp_path)) != before


def test_no_words_give_a_zero_row_and_no_work(tmp_path: Path) -> None:
    letters = Letters()
    small = encoder(letters, tmp_path)
    vectors = small.encode(["", "word", "  \n"])
    assert vectors.any(axis=1).tolist() == [False, True, False]
    assert letters.asked == [["word"]]
    assert (small.embedded, small.reused) == (1, 0)


def test_no_texts_give_no_rows(tmp_path: Path) -> None:
    assert encoder(Letters(), tmp_path).encode([]).shape == (0, WIDTH)


def test_texts_of_like_length_share_a_batch() -> None:
    letters = Letters()
    texts = ["x" * (1 + n % 50) + str(n) for n in range(CHUNK + 10)]
    encoder(letters).encode(texts)
    lengths = [len(text) for batch in letters.asked for text in batch]
    assert lengths == sorted(lengths)


def test_progress_counts_what_needs_the_model(tmp_path: Path) -> None:
    small = encoder(Letters(), tmp_path)
    small.encode(["known"])
    seen: list[tuple[int, int]] = []
    texts = ["known", *(f"text {n}" for n in range(CHUNK + 1))]
    small.encode(texts, lambda done, total: seen.append((done, total)))
    assert seen == [(CHUNK, CHUNK + 1), (CHUNK + 1, CHUNK + 1)]


def test_without_a_folder_it_remembers_for_its_life() -> None:
    letters = Letters()
    small = encoder(letters)
    small.encode(["a", "b"])
    small.encode(["b", "a"])
    assert [sorted(batch) for batch in letters.asked] == [["a", "b"]]


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf])
def test_a_vector_that_is_none_is_refused(tmp_path: Path, value: float) -> None:
    def broken(texts: Sequence[str]) -> Floats:
        return np.full((len(texts), WIDTH), value, dtype=np.float32)

    with pytest.raises(EncoderError, match="'broken' gave a vector"):
        Encoder("broken", tmp_path, open_model=lambda model: broken).encode(["a"])
    letters = Letters()
    encoder(letters, tmp_path, "broken").encode(["a"])
    assert letters.asked == [["a"]]  # nothing of it was remembered


def _fill(cache: str, start: int) -> None:
    for n in range(start, start + 30):
        encoder(Letters(), Path(cache)).encode([f"text {n}", f"text {n + 1}"])


def test_processes_share_a_cache(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_fill, args=(str(tmp_path), s)) for s in (0, 10, 20)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    letters = Letters()
    texts = [f"text {n}" for n in range(51)]
    vectors = encoder(letters, tmp_path).encode(texts)
    assert letters.asked == []
    np.testing.assert_allclose(vectors, encoder(Letters()).encode(texts), atol=1e-6)


SCRIPT = """
import json, sys
from pathlib import Path
from recsys.encoder import Encoder
small = Encoder(None, Path(sys.argv[1]))
vectors = small.encode(["a slow database query", "running in the rain"])
heavy = sorted({"sentence_transformers", "transformers", "torch"} & sys.modules.keys())
print(json.dumps({"heavy": heavy, "embedded": small.embedded, "shape": vectors.shape}))
"""


def _in_a_process_of_its_own(cache: Path) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(cache)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        env={"PATH": "", "HF_HUB_OFFLINE": "1", "HOME": str(cache)},
    )
    result: dict[str, object] = json.loads(done.stdout)
    return result


def test_what_is_known_needs_no_sentence_transformers(tmp_path: Path) -> None:
    first = _in_a_process_of_its_own(tmp_path)
    assert first["embedded"] == 2
    assert "sentence_transformers" in first["heavy"]  # type: ignore[operator]
    assert _in_a_process_of_its_own(tmp_path) == {"heavy": [], "embedded": 0, "shape": [2, 384]}


def test_the_packaged_model_knows_what_is_alike() -> None:
    packaged = Encoder()
    cat, kitten, tax = packaged.encode(
        ["A cat sleeps on the sofa", "A kitten naps on the couch", "The tax return is due in May"]
    )
    assert packaged.width == 384
    assert cat @ kitten > 0.5 > cat @ tax


def test_a_model_that_is_not_here_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(EncoderError, match=r"cannot open the embedding model .*give the folder"):
        Encoder(str(tmp_path / "empty")).encode(["a"])


def test_texts_with_the_same_digest_are_the_same_text() -> None:
    assert digest("a") == digest("a") != digest("a ")
    assert len(digest("\ud800")) == 32  # a lone surrogate is no error
