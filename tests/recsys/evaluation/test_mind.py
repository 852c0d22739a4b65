"""The news protocol: what may be known of an impression, and what comes out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from recsys.evaluation.mind import FOLDS, Folder, Impression, evaluate, fold
from recsys.evaluation.unusable import Unusable
from recsys.types import Floats, Item, ItemId, Topic
from tests.recsys.builders import TOPICS, WORDS, axis, unit

NOON = 1_573_819_200.0  # every impression bears the same time, as in the published samples
NEWS = 60


def quiet(what: str, done: int, total: int) -> None:
    """Nobody waits for a test."""


def news() -> dict[str, Item]:
    return {
        f"N{n}": Item(
            id=ItemId(f"N{n}"),
            kind="news",
            title=f"{WORDS[TOPICS[n % 3]]} {n}",
            topics=(Topic(TOPICS[n % 3]),),
            published=float("nan"),
        )
        for n in range(NEWS)
    }


def encode(texts: Sequence[str]) -> Floats:
    """Each topic's words along an axis of their own, with some noise of the text's own."""
    centres = [axis(next(n for n in range(3) if WORDS[TOPICS[n]] in text)) for text in texts]
    noise = np.random.default_rng(len(texts)).normal(0, 0.2, (len(texts), axis(0).size))
    return unit(np.array(centres) + noise)


def impressions(count: int, seed: int) -> tuple[Impression, ...]:
    """Readers of one topic each, who click it more often, and one article that all like."""
    dice = np.random.default_rng(seed)
    made = []
    for n in range(count):
        taste = int(dice.integers(3))
        history = [f"N{3 * int(k) + taste}" for k in dice.integers(0, NEWS // 3, 5)]
        shown = [f"N{k}" for k in dice.choice(NEWS, 10, replace=False)]
        chance = [0.4 if int(s[1:]) % 3 == taste else 0.08 for s in shown]
        clicked = dice.random(10) < np.where(np.array(shown) == "N7", 0.9, chance)
        made.append(
            Impression(
                f"{seed}-{n}",
                f"R{seed}-{n}",
                NOON,
                tuple(history),
                tuple(shown),
                tuple(bool(c) for c in clicked),
            )
        )
    return tuple(made)


TRAIN = Folder(news(), impressions(240, 1))
TEST = Folder(news(), impressions(100, 2))


def run(train: Folder = TRAIN, test: Folder = TEST, seed: int = 5) -> dict[str, Any]:
    return evaluate([train], test, encode, seed=seed, progress=quiet)


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return run()


def test_learns_what_readers_open(found: dict[str, Any]) -> None:
    assert found["metrics"]["auc"]["low"] > 0.6
    assert found["gains"]["random"]["auc"]["low"] > 0.1
    assert found["gains"]["popularity"]["auc"]["low"] > 0


def test_the_shape_is_that_of_the_benchmarks(found: dict[str, Any]) -> None:
    assert set(found) == {"n", "seed", "metrics", "baselines", "gains", "model", "excluded"}
    names = {"random", "popularity", "category_share", "embedding", "keyword"}
    assert set(found["baselines"]) == set(found["gains"]) == names
    assert all(list(f) == ["auc", "mrr", "ndcg@5", "ndcg@10"] for f in found["baselines"].values())
    json.dumps(found, allow_nan=False)


def test_the_same_seed_gives_the_same_figures(found: dict[str, Any]) -> None:
    assert run() == found


def test_labels_of_the_test_folder_are_not_read_before_they_are_scored(
    found: dict[str, Any],
) -> None:
    """Turned upside down, they turn every area over to its complement: no score has moved."""
    upside_down = replace(
        TEST,
        impressions=tuple(
            replace(one, clicked=tuple(not c for c in one.clicked)) for one in TEST.impressions
        ),
    )
    turned = run(test=upside_down)
    assert turned["n"] == found["n"]
    for figures, others in (
        (found["metrics"], turned["metrics"]),
        *((found["baselines"][name], turned["baselines"][name]) for name in found["baselines"]),
    ):
        assert figures["auc"]["value"] + others["auc"]["value"] == pytest.approx(1.0)


def test_other_impressions_of_the_test_folder_say_nothing(found: dict[str, Any]) -> None:
    """Each part alone gets the scores that it got in the whole."""
    halves = [TEST.impressions[:40], TEST.impressions[40:]]
    parts = [run(test=replace(TEST, impressions=part)) for part in halves]
    told = sum(part["n"] * part["metrics"]["auc"]["value"] for part in parts)
    assert told / found["n"] == pytest.approx(found["metrics"]["auc"]["value"])


def test_articles_of_the_test_folder_that_nobody_is_shown_say_nothing() -> None:
    """However many there are: no figure is taken over that folder."""

    def alone(texts: Sequence[str]) -> Floats:
        return np.concatenate([encode([text]) for text in texts])

    first = news()["N0"]
    more = {
        f"X{n}": replace(
            first,
            id=ItemId(f"X{n}"),
            title=f"{WORDS[TOPICS[n % 2]]} other {n}",
            topics=(Topic(TOPICS[2 - n % 2]),),
        )
        for n in range(30)
    }
    few = evaluate([TRAIN], TEST, alone, seed=5, progress=quiet)
    many = replace(TEST, items={**TEST.items, **more})
    assert evaluate([TRAIN], many, alone, seed=5, progress=quiet) == few


def test_a_reader_is_in_the_same_fifth_always() -> None:
    parts = [fold(f"U{n}") for n in range(500)]
    assert set(parts) == set(range(FOLDS))
    assert parts == [fold(f"U{n}") for n in range(500)]


def test_what_cannot_be_used_is_counted(found: dict[str, Any]) -> None:
    first, second, third, fourth, *rest = TEST.impressions
    odd = (
        replace(first, shown=("N99999", *first.shown[1:])),
        replace(second, clicked=(False,) * 10),
        replace(third, clicked=(True,) * 10),
        replace(fourth, history=("N88888", *fourth.history)),
        *rest,
    )
    usual, strange = found, run(test=replace(TEST, impressions=odd))
    more = {
        reason: count - usual["excluded"].get(reason, 0)
        for reason, count in strange["excluded"].items()
    }
    assert more["test impressions with a candidate that is unknown news"] == 1
    assert more["test impressions in which everything was clicked"] == 1
    assert more["test clicks of histories on unknown news"] == 1
    assert strange["n"] < usual["n"]


@pytest.mark.parametrize("side", ["train", "test"])
def test_one_class_only_is_said(side: str) -> None:
    silent = Folder(
        news(), tuple(replace(one, clicked=(False,) * 10) for one in TRAIN.impressions[:20])
    )
    with pytest.raises(Unusable, match=f"no {side} impression"):
        run(train=silent) if side == "train" else run(test=silent)


def test_one_impression_alone_teaches_nothing() -> None:
    """Of two, one is learned from and the other judges; figures of one would be no numbers."""
    few = [replace(TRAIN, impressions=TRAIN.impressions[:count]) for count in (1, 2)]
    with pytest.raises(Unusable, match=r"1 train impression .* at least 2 are needed"):
        run(train=few[0])
    told = run(train=few[1])
    assert json.loads(json.dumps(told, allow_nan=False)) == told
