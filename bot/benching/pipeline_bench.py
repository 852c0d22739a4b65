"""The pipeline beside the bare loop of its library calls, and what it takes to hold a pool."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.benching import worker
from bot.benching.worker import Built, Plan, Timed
from bot.ports import Progress

MEASURED = 1_000
"""members that are timed at most, spread over all: more of them change no figure"""
PICKS = 500
"""picks of the process whose memory is looked at"""
SCORED = 200
"""matrices whose making is timed beside the trees"""
WAYS: dict[str, tuple[int, int]] = {
    "2 threads": (1, 2),
    "2 workers with 1 thread each": (2, 1),
}
"""workers, and threads of each; both sides take what suits them best"""


@dataclass(frozen=True)
class Race:
    """How one way of sharing out two cores went."""

    pipeline_per_s: float
    bare_per_s: float
    picks: tuple[float, ...]
    chosen: tuple[str, ...]


def run(items: int, members: int, seed: int, folder: Path, progress: Progress) -> dict[str, Any]:
    """Build, race, open and pick, each in processes of their own; the figures as JSON."""
    plan = Plan(folder, items, members, min(members, MEASURED), seed)
    steps = ["building", *WAYS, "scoring", "memory"]
    progress("Building the pool and its indexes", 0, len(steps))
    built: Built
    (built,) = _processes(worker.building, [(plan,)])
    races = {}
    for done, (way, (workers, threads)) in enumerate(WAYS.items(), start=1):
        progress(f"Racing with {way}", done, len(steps))
        races[way] = _race(plan, workers, threads)
    progress("Timing features beside trees", len(steps) - 2, len(steps))
    ((features, predicting),) = _processes(worker.scoring, [(plan, SCORED)])
    progress("Looking at memory", len(steps) - 1, len(steps))
    (peak,), (idle,) = _processes(worker.picking, [(plan, PICKS)]), _processes(worker.idling, [()])
    pipeline = max(race.pipeline_per_s for race in races.values())
    bare = max(race.bare_per_s for race in races.values())
    picks = np.array(races["2 threads"].picks) * 1e3
    return {
        "items": items,
        "members": members,
        "measured_members": plan.measured,
        "seed": seed,
        "cores": os.cpu_count(),
        "pipeline_members_per_s": round(pipeline, 2),
        "bare_members_per_s": round(bare, 2),
        "ratio": round(pipeline / bare, 4),
        "ways": {
            way: {
                "pipeline_members_per_s": round(race.pipeline_per_s, 2),
                "bare_members_per_s": round(race.bare_per_s, 2),
            }
            for way, race in races.items()
        },
        "pick_ms": {
            "p50": round(float(np.percentile(picks, 50)), 3),
            "p99": round(float(np.percentile(picks, 99)), 3),
        },
        "features_ms": round(features * 1e3, 3),
        "predict_ms": round(predicting * 1e3, 3),
        "recall@1000": round(built.recall, 4),
        "nprobe": built.nprobe,
        "peak_bytes": peak - idle,
        "index_bytes": built.index_bytes,
        "peak_ratio": round((peak - idle) / built.index_bytes, 3),
        "build": {
            "seconds": round(sum(built.stages.values()), 1),
            "stages": {name: round(seconds, 1) for name, seconds in built.stages.items()},
            "peak_bytes": built.peak_bytes - idle,
        },
    }


def _race(plan: Plan, workers: int, threads: int) -> Race:
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager:
        start: Any = manager.Barrier(workers)
        given = [(plan, place, workers, threads, start) for place in range(workers)]
        timed: list[Timed] = _processes(worker.racing, given)
    return Race(
        pipeline_per_s=plan.measured / _together([one.pipeline for one in timed]),
        bare_per_s=plan.measured / _together([one.bare for one in timed]),
        picks=tuple(second for one in timed for second in one.picks),
        chosen=tuple(str(pick.item if pick else None) for one in timed for pick in one.chosen),
    )


def _together(sides: Sequence[Sequence[float]]) -> float:
    """Seconds of a side: each step takes as long as the slowest of those who took it."""
    return float(np.max(np.array(sides), axis=0).sum())


def _processes(task: Callable[..., Any], given: Sequence[tuple[Any, ...]]) -> list[Any]:
    """Run a task once for each of `given`, each in a fresh process, all at once."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(len(given), mp_context=context, max_tasks_per_child=1) as pool:
        futures: list[Future[Any]] = [pool.submit(task, *one) for one in given]
        return [future.result() for future in futures]
