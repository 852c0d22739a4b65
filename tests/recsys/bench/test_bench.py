"""The bench's world and its bare side: the same for both sides, and the calls that were made."""

from __future__ import annotations

from functools import cache

import numpy as np

from recsys.bench import model as models
from recsys.bench import synthetic
from recsys.bench.recording import pipelines
from recsys.bench.synthetic import CENTRES, NOISE, Crowd, World
from recsys.catalogue import Catalogue, lay_out
from recsys.types import WorkspaceState

ITEMS, MEMBERS = 1_500, 30


@cache
def small() -> tuple[World, Catalogue, Crowd, WorkspaceState]:
    world = synthetic.world(ITEMS, 3)
    items = list(synthetic.items(world))
    crowd = Crowd(world, MEMBERS)
    return world, lay_out(items, synthetic.vectors(world), "none"), crowd, crowd.workspace()


def test_a_seed_gives_one_world() -> None:
    world, made, _, _ = small()
    again = synthetic.world(ITEMS, 3)
    np.testing.assert_array_equal(synthetic.vectors(again), made.pool.vectors)
    assert [item.text for item in synthetic.items(again)] == [item.text for item in made.items]
    assert not np.array_equal(synthetic.world(ITEMS, 4).centre, world.centre)


def test_vectors_scatter_around_centres_of_unequal_popularity() -> None:
    world, made, _, _ = small()
    vectors = made.pool.vectors
    near = np.vecdot(vectors, world.centres[world.centre])
    assert abs(float(near.mean()) - 1 / np.hypot(1, NOISE)) < 0.01
    counts = np.bincount(synthetic.world(200_000, 3).centre, minlength=CENTRES)
    assert counts[:10].mean() / counts[490:510].mean() > 10


def test_the_recorded_pipeline_picks_the_same_and_its_calls_can_be_made_again() -> None:
    _, made, crowd, workspace = small()
    queries = [crowd.query(number, workspace) for number in range(12)]
    booster = models.grown(made.pool, made.indexes, queries[:4], 3, trees=30)
    model = models.of(booster.model_to_string())
    plain, watched, recorder = pipelines(made.pool, made.indexes, model)
    for query in queries[:3]:
        one, other = plain.run(query), watched.run(query)
        assert one.failures == other.failures == ()
        assert one.chosen == other.chosen is not None
        np.testing.assert_array_equal(one.ranked.engages, other.ranked.engages)
        calls = recorder.take()
        assert len(calls) == 4  # the interests at once, the words, two heads of the ranker
        searched, worded, engages, dismisses = (call() for call in calls)
        assert isinstance(searched, tuple)
        assert isinstance(worded, tuple)
        assert np.all(np.diff(worded[1]) <= 0)
        assert np.asarray(engages).shape == (len(one.ranked),)
        assert np.asarray(dismisses).shape == (50,)
    assert recorder.take() == []


def test_members_know_different_things() -> None:
    _, _, crowd, workspace = small()
    one, other = crowd.query(0, workspace), crowd.query(1, workspace)
    assert not np.array_equal(one.member.signals.vectors, other.member.signals.vectors)
    assert len(workspace.members) == MEMBERS
    assert (np.diff(workspace.touches_at) >= 0).all()
