"""What holds for all features: no future, one value live and in replay, one schema."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from recsys.features import FEATURES, SCHEMA_HASH, matrix
from recsys.features.catalog import COLUMN, schema_hash
from recsys.pool import build
from recsys.state import as_of
from recsys.types import Exposures, Flags, Floats, OutcomeKind, Query, Topic, WorkspaceState
from tests.recsys.builders import NOW, WIDTH, axis, item, unit
from tests.recsys.features.scene import (
    ALL,
    ITEMS,
    LOOPS,
    MINE,
    PACES,
    TYPES,
    did,
    pool,
    query,
    told,
)

YES, NO = OutcomeKind.ACCEPTED, OutcomeKind.DISMISSED
FAMILIES = ("what", "when", "how", "who", "pair", "fatigue")


def lived() -> Query:
    """A past in which every feature has something to say."""
    dice = np.random.default_rng(3)
    deeds = [
        (float(days), int(row), unit(dice.normal(size=WIDTH)), int(channel))
        for days, row, channel in zip(
            np.sort(dice.uniform(0.05, 40, 60))[::-1],
            dice.choice([-1, LOOPS, PACES, TYPES], 60),
            dice.choice([-1, 0, 1], 60),
            strict=True,
        )
    ]
    openers = [(20.0, LOOPS, NO), (9.0, TYPES, YES), (2.0, MINE, NO)]
    return query(
        deeds,
        openers,
        to_all=[(21.0, PACES, YES), *openers, (0.5, LOOPS, YES)],
        touches=[(30.0, MINE, 2), (3.0, LOOPS, 1), (0.2, PACES, 2)],
        follows=frozenset({Topic("python")}),
    )


def with_future(asked: Query, moment: float) -> Query:
    """The same past, and after `moment` as much again of everything."""
    days = (NOW - moment) / 86_400.0
    later = did([(days - 0.5, PACES, axis(1), 0), (days - 1.5, MINE, axis(3), 1)])
    own = told([(days - 0.2, PACES, YES), (days - 1.0, LOOPS, NO), (days - 1.2, TYPES, NO)])
    member, workspace = asked.member, asked.workspace
    signals = replace(
        member.signals,
        **{
            name: np.concatenate([getattr(member.signals, name), getattr(later, name)])
            for name in ("at", "kind", "row", "channel", "vectors")
        },
    )
    columns = tuple(Exposures.__dataclass_fields__)

    def joined(before: Exposures, after: Exposures) -> dict[str, Any]:
        return {
            name: np.concatenate([getattr(before, name), getattr(after, name)]) for name in columns
        }

    return replace(
        asked,
        member=replace(
            member,
            signals=signals,
            exposures=replace(member.exposures, **joined(member.exposures, own)),
        ),
        workspace=WorkspaceState(
            workspace.members,
            replace(workspace.exposures, **joined(workspace.exposures, own)),
            np.append(workspace.touches_at, [moment + 60.0, moment + 120.0]),
            np.append(workspace.touches_row, np.array([PACES, MINE], np.int32)),
            np.append(workspace.touches_member, np.array([1, 2], np.int32)),
        ),
    )


def changed(first: Floats, second: Floats) -> Flags:
    return np.asarray((first != second).any(axis=0))


@pytest.mark.parametrize("position", range(len(FEATURES)), ids=lambda n: FEATURES[n].name)
def test_no_feature_moves_when_the_future_is_planted(position: int) -> None:
    asked = lived()
    there = matrix(with_future(asked, NOW), pool(), ALL)
    assert not changed(matrix(asked, pool(), ALL), there)[position]


def test_no_feature_moves_when_items_come_later() -> None:
    """A night's training looks back over a pool that holds what came since."""
    coming = item("coming", topics=(Topic("python"), Topic("rowing")), published=NOW + 60.0)
    more = build([*ITEMS, coming], np.stack([axis(0), axis(1), axis(2), axis(3), axis(4)]))
    there = matrix(lived(), more, ALL)
    assert there.tobytes() == matrix(lived(), pool(), ALL).tobytes()
    later = replace(lived(), now=NOW + 120.0)
    moved = changed(matrix(later, more, ALL), matrix(later, pool(), ALL))
    assert moved[COLUMN["topic_lift"]], "once it has come, it is heard of"


def test_the_planted_future_would_be_seen_by_a_later_question() -> None:
    """Negative control: what was planted does move features once it has happened."""
    moved = np.zeros(len(FEATURES), np.bool_)
    for days in (2.0, 8.4, 27.0):  # some look back a day, some whole weeks, some a month
        later = NOW + days * 86_400.0
        without = matrix(replace(lived(), now=later), pool(), ALL)
        planted = replace(with_future(lived(), NOW), now=later)
        moved |= changed(without, matrix(planted, pool(), ALL))
    names = {FEATURES[n].name for n in np.flatnonzero(moved)}
    still = {
        "follows_topic",
        "freshness_hours",
        "local_hour",
        "addressed",
        "names_them",
        "names_others",
        "level_gap",
        "substance",
        "length",
        "asks",
        "author_begun",
        "same_team",
    }
    assert names == set(COLUMN) - still - {"groundwork_done"}


def test_an_outcome_still_to_come_reads_as_open() -> None:
    moment = NOW - 2.0 * 86_400.0 + 60.0  # a minute after an opener that is refused in an hour
    open_then = replace(lived(), now=moment)
    refused = matrix(open_then, pool(), ALL)[:, COLUMN["dismissals_14d"]]
    assert refused.max() == 0
    assert matrix(lived(), pool(), ALL)[:, COLUMN["dismissals_14d"]].max() == 1


@pytest.mark.parametrize("days", [0.0, 1.0, 5.0, 15.0])
def test_live_equals_replay_to_the_last_bit(days: float) -> None:
    whole, moment = lived(), NOW - days * 86_400.0
    live = replace(
        whole,
        now=moment,
        member=as_of(whole.member, moment),
        workspace=as_of(whole.workspace, moment),
    )
    replayed = replace(whole, now=moment)
    assert matrix(live, pool(), ALL).tobytes() == matrix(replayed, pool(), ALL).tobytes()


def test_a_row_is_the_same_alone_and_among_others() -> None:
    whole = matrix(lived(), pool(), ALL)
    for row in ALL:
        alone = matrix(lived(), pool(), np.array([row], np.int32))
        assert alone.tobytes() == whole[row : row + 1].tobytes()
    backwards = matrix(lived(), pool(), ALL[::-1].copy())
    assert backwards.tobytes() == whole[::-1].tobytes()


def test_no_candidates_give_an_empty_matrix() -> None:
    assert matrix(lived(), pool(), ALL[:0]).shape == (0, len(FEATURES))


def test_every_family_is_there_and_every_feature_documented() -> None:
    families = {feature.compute.__module__.rsplit(".", 1)[1] for feature in FEATURES}
    assert families == set(FAMILIES)
    assert len({feature.name for feature in FEATURES}) == len(FEATURES) >= 18
    assert all(
        feature.unit and feature.sentence and feature.compute.__doc__ for feature in FEATURES
    )


def test_the_schema_hash_follows_order_and_meaning() -> None:
    assert schema_hash(FEATURES) == SCHEMA_HASH
    assert schema_hash(FEATURES[::-1]) != SCHEMA_HASH
    assert schema_hash(FEATURES[:-1]) != SCHEMA_HASH
    renamed = (replace(FEATURES[0], unit="degrees"), *FEATURES[1:])
    assert schema_hash(renamed) != SCHEMA_HASH
