"""What the processes of `overture bench pipeline` do; each function is the life of one."""

from __future__ import annotations

import resource
import sys
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from recsys import snapshot
from recsys.bench import model as models
from recsys.bench import synthetic
from recsys.bench.recording import pipelines
from recsys.features import matrix
from recsys.indexes import Indexes, index_vectors
from recsys.keywords import build_keywords
from recsys.layout import KEYWORD_ARRAYS, POOL_ARRAYS
from recsys.pipeline import Pipeline
from recsys.pool import build, item_text
from recsys.state import empty_workspace
from recsys.types import Exposures, Pick, WorkspaceState

CHUNK = 25
"""members that one side is timed on before the other has its turn"""
WARM = 10
LESSONS = 40
"""members whose slates the trees are grown on"""


@dataclass(frozen=True)
class Plan:
    """What is measured, and where its files are."""

    folder: Path
    items: int
    members: int
    measured: int
    seed: int

    @property
    def root(self) -> Path:
        return self.folder / "snapshots"

    def numbers(self) -> list[int]:
        """The members that are measured, spread over all."""
        return [int(n) for n in np.linspace(0, self.members - 1, self.measured)]


@dataclass(frozen=True)
class Timed:
    """Seconds for each chunk of members on each side, and for each single pick."""

    pipeline: tuple[float, ...]
    bare: tuple[float, ...]
    picks: tuple[float, ...]
    chosen: tuple[Pick | None, ...]


@dataclass(frozen=True)
class Built:
    """What it took to build, in seconds by stage and in bytes, and what came of it."""

    stages: dict[str, float]
    peak_bytes: int
    index_bytes: int
    recall: float
    nprobe: int


def building(plan: Plan) -> Built:
    """Build the snapshot and grow the model."""
    marks = [perf_counter()]
    world = synthetic.world(plan.items, plan.seed)
    items = list(synthetic.items(world))
    vectors = synthetic.vectors(world)
    marks.append(perf_counter())
    pool = build(items, vectors)
    marks.append(perf_counter())
    dense = index_vectors(pool.vectors)
    marks.append(perf_counter())
    indexes = Indexes(dense, build_keywords(item_text(item) for item in items))
    marks.append(perf_counter())
    snapshot.save(plan.root, pool, indexes, items)
    marks.append(perf_counter())
    peak = peak_bytes()
    del items
    crowd = synthetic.Crowd(world, plan.members)
    workspace = crowd.workspace()
    _keep(plan, workspace)
    some = [crowd.query(n, workspace) for n in range(min(LESSONS, plan.members))]
    booster = models.grown(pool, indexes, some, plan.seed)
    (plan.folder / "model.txt").write_text(booster.model_to_string(), "utf-8")
    names = ("inventing", "columns", "vectors", "words", "saving")
    return Built(
        stages=dict(zip(names, np.diff(marks).tolist(), strict=True)),
        peak_bytes=peak,
        index_bytes=_held(plan.root),
        recall=indexes.dense.recall,
        nprobe=int(getattr(indexes.dense.main, "nprobe", 0)),
    )


def racing(plan: Plan, place: int, of: int, threads: int, start: Barrier) -> Timed:
    """Run this worker's share of the members on both sides, chunk by chunk, in step with others."""
    with threadpool_limits(threads, user_api="openmp"):
        world = synthetic.world(plan.items, plan.seed)
        opened = snapshot.open_current(plan.root)
        _, watched, recorder = pipelines(opened.pool, opened.indexes, _model(plan))
        crowd, workspace = synthetic.Crowd(world, plan.members), _kept(plan)
        mine = [
            plan.numbers()[first + place * CHUNK : first + (place + 1) * CHUNK]
            for first in range(0, plan.measured, CHUNK * of)
        ]
        for number in plan.numbers()[:WARM]:
            watched.run(crowd.query(number, workspace))
        recorder.take()
        sides: tuple[list[float], list[float]] = ([], [])
        picks: list[float] = []
        chosen: list[Pick | None] = []
        for members in mine:
            queries = [crowd.query(number, workspace) for number in members]
            start.wait()
            began = perf_counter()
            for query in queries:
                at = perf_counter()
                chosen.append(watched.run(query).chosen)
                picks.append(perf_counter() - at)
            sides[0].append(perf_counter() - began)
            calls = recorder.take()
            start.wait()
            began = perf_counter()
            for call in calls:
                call()
            sides[1].append(perf_counter() - began)
        return Timed(tuple(sides[0]), tuple(sides[1]), tuple(picks), tuple(chosen))


def scoring(plan: Plan, picks: int) -> tuple[float, float]:
    """Median seconds to build one matrix, and to ask all trees about it, on one thread.

    Of a member's interests the matrix finds what retrieval worked out, as it does in a pass.
    """
    with threadpool_limits(1, user_api="openmp"):
        opened = snapshot.open_current(plan.root)
        model = _model(plan)
        plain: Pipeline = pipelines(opened.pool, opened.indexes, model)[0]
        crowd = synthetic.Crowd(synthetic.world(plan.items, plan.seed), plan.members)
        workspace = _kept(plan)
        spent: list[tuple[float, float]] = []
        for number in plan.numbers()[: picks + WARM]:
            query = crowd.query(number, workspace)
            rows = plain.run(query).ranked.rows
            began = perf_counter()
            table = matrix(query, opened.pool, rows)
            built = perf_counter()
            model.engages.logits(table)
            spent.append((built - began, perf_counter() - built))
    features, predicting = np.median(spent[WARM:], axis=0).tolist()
    return features, predicting


def picking(plan: Plan, picks: int) -> int:
    """Only open the snapshot and pick, as a serving process does; returns the peak in bytes."""
    with threadpool_limits(1, user_api="openmp"):
        opened = snapshot.open_current(plan.root)
        plain: Pipeline = pipelines(opened.pool, opened.indexes, _model(plan))[0]
        crowd = synthetic.Crowd(synthetic.world(plan.items, plan.seed), plan.members)
        workspace = _kept(plan)
        for number in plan.numbers()[:picks]:
            plain.run(crowd.query(number, workspace))
        return peak_bytes()


def idling() -> int:
    """The peak of a process that has imported the same and does nothing."""
    return peak_bytes()


def peak_bytes() -> int:
    """The most memory that this process has held, mapped files that it touched included."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _held(root: Path) -> int:
    """What the indexes and the columns of the items hold, in bytes: no room, and no texts."""
    opened = snapshot.open_current(root)
    columns = sum(int(getattr(opened.pool, name).nbytes) for name in POOL_ARRAYS)
    others = ("dense.faiss", "columns.json", *(f"words_{name}.npy" for name in KEYWORD_ARRAYS))
    return columns + sum((opened.folder / name).stat().st_size for name in others)


def _model(plan: Plan) -> Any:
    return models.of((plan.folder / "model.txt").read_text("utf-8"))


def _keep(plan: Plan, state: WorkspaceState) -> None:
    columns = {name: getattr(state.exposures, name) for name in Exposures.__dataclass_fields__}
    touches = {f"t_{name}": getattr(state, f"touches_{name}") for name in ("at", "row", "member")}
    np.savez(plan.folder / "workspace.npz", members=np.array(state.members), **columns, **touches)


def _kept(plan: Plan) -> WorkspaceState:
    with np.load(plan.folder / "workspace.npz", allow_pickle=False) as held:
        exposures = Exposures(**{name: held[name] for name in Exposures.__dataclass_fields__})
        return WorkspaceState(
            tuple(held["members"].tolist()), exposures, held["t_at"], held["t_row"],
            held["t_member"],
        ) if len(held["members"]) else empty_workspace()  # fmt: skip
