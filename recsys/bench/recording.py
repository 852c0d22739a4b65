"""The library calls that a pipeline makes, written down so that they can be made again, bare."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from recsys.assembly import assemble
from recsys.indexes import Indexes, VectorIndex
from recsys.keywords import KeywordIndex
from recsys.model import Head, LoadedModel, Manifest, Model
from recsys.pipeline import Pipeline
from recsys.ranker import BoosterScorer
from recsys.types import Floats, Pool, Rows, Version

Call = Callable[[], object]


@dataclass
class Recorder:
    """Keeps every call as something that can be called again."""

    calls: list[Call] = field(default_factory=list)

    def take(self) -> list[Call]:
        """What was recorded since the last time."""
        taken, self.calls = self.calls, []
        return taken


class _Recorded:
    """A library's object, whose method `name` is written down as it is called."""

    def __init__(self, inner: Any, name: str, recorder: Recorder) -> None:
        self._inner, self._name, self._recorder = inner, name, recorder

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name != self._name:
            return found

        def called(*args: Any, **kwargs: Any) -> Any:
            # trees are asked a few at a time; bare is one call for all of them
            first = kwargs.get("start_iteration", 0)
            whole = {k: v for k, v in kwargs.items() if not k.endswith("_iteration")}
            if not first:
                self._recorder.calls.append(lambda: found(*args, **whole))
            return found(*args, **kwargs)

        return called


@dataclass(frozen=True)
class _RecordedWords(KeywordIndex):
    recorder: Recorder = field(default_factory=Recorder)
    limit: int = 1000

    def matches(self, word_ids: Sequence[int]) -> tuple[Rows, Floats]:
        def bare() -> object:
            rows, scores = super(_RecordedWords, self).matches(word_ids)
            if rows.size > self.limit:
                best = np.argpartition(-scores, self.limit)[: self.limit]
                rows, scores = rows[best], scores[best]
            order = np.argsort(-scores, kind="stable")
            return rows[order], scores[order]

        self.recorder.calls.append(bare)
        return super().matches(word_ids)


def pipelines(pool: Pool, indexes: Indexes, model: Model) -> tuple[Pipeline, Pipeline, Recorder]:
    """The pipeline as it serves, the same with its calls written down, and where they are."""
    recorder = Recorder()
    words = indexes.keywords
    dense: Any = _Recorded(indexes.dense.main, "search", recorder)
    watched = Indexes(
        VectorIndex(dense),
        _RecordedWords(words.words, words.main, words.usual_length, None, recorder),
    )
    return (
        assemble(pool, indexes, _scorer(model, pool)),
        assemble(pool, watched, _scorer(_watched(model, recorder), pool)),
        recorder,
    )


def _watched(model: Model, recorder: Recorder) -> Model:
    def head(one: Head) -> Head:
        booster: Any = _Recorded(one.booster, "predict", recorder)
        return replace(one, booster=booster)

    return replace(model, engages=head(model.engages), dismisses=head(model.dismisses))


def _scorer(model: Model, pool: Pool) -> BoosterScorer:
    version = Version("synthetic")
    nothing = Manifest(version, 0.0, "", "", "", 0, "", (0.0, 0.0), {}, {}, "", "", {})
    return BoosterScorer(LoadedModel(version, model, nothing), pool)
