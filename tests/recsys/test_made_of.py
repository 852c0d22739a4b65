"""A matrix is kept for as long as all that it was made of is the same, and not longer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
import pytest

from recsys import dataset, made_of
from recsys.features import matrix
from recsys.labels import lessons
from recsys.made_of import Kept, Key, MadeOf
from recsys.pool import build
from recsys.state import as_of
from recsys.stored_items import prints_of
from recsys.types import (
    ChannelId,
    Exposures,
    Floats,
    Item,
    ItemId,
    MemberId,
    MemberState,
    OutcomeKind,
    Pool,
    Query,
    Rows,
    Signals,
    Topic,
    WorkspaceState,
)
from tests.recsys import classroom
from tests.recsys.builders import (
    DAY,
    ME,
    NOW,
    axis,
    exposures,
    item,
    member,
    signals,
    topical_items,
    topical_vectors,
)

OTHER = MemberId("U-OTHER")
ROWS = np.array([3, 4], np.int32)
SPOKE, ANSWERED = NOW - DAY, NOW - DAY / 2


def _items() -> list[Item]:
    return [replace(one, channel=ChannelId("C1")) for one in topical_items()]


def _me() -> MemberState:
    heard = replace(signals([(SPOKE, 1, None), (SPOKE + 60, 2, axis(0))]), channel=np.zeros(2, int))
    return member(signals=heard, exposures=_told(), follows=frozenset({Topic("python")}))


def _told() -> Exposures:
    return exposures([(SPOKE, 5, OutcomeKind.ACCEPTED, ANSWERED)])


def _workspace(told: Exposures | None = None) -> WorkspaceState:
    row, who = np.array([7], np.int32), np.array([1], np.int32)
    return WorkspaceState((ME, OTHER), told or _told(), np.array([SPOKE]), row, who)


@dataclass(frozen=True)
class Scene:
    """What a key is of: one query of somebody of whom a little is known."""

    items: Sequence[Item] = field(default_factory=_items)
    me: MemberState = field(default_factory=_me)
    workspace: WorkspaceState = field(default_factory=_workspace)

    def key(self, now: float = NOW, rows: Rows = ROWS) -> Key:
        pool, vectors = self.items, topical_vectors(len(self.items))
        made = MadeOf([self.me], self.workspace, build(pool, vectors), prints_of(pool))
        return made.key(Query(as_of(self.me, now), as_of(self.workspace, now), now), rows)


def _other(name: str, value: Any) -> Any:
    """Another value of a field."""
    others = {
        "member": OTHER, "team": "tools", "zone": "Asia/Tokyo",
        "signals": empty(_me().signals), "exposures": empty(_told()),
    }  # fmt: skip
    if isinstance(value, np.ndarray):
        changed = value.copy()
        changed[0] = -1 if value.dtype.kind == "i" and value.flat[0] >= 0 else value.flat[0] + 1
        return changed
    return value | {"new"} if isinstance(value, frozenset) else others[name]


def empty(of: Any) -> Any:
    return replace(of, **{each.name: getattr(of, each.name)[:0] for each in fields(of)})


def test_the_same_past_read_again_has_the_same_key() -> None:
    assert Scene().key() == Scene().key()


@pytest.mark.parametrize("name", [each.name for each in fields(Signals)])
def test_every_field_of_a_signal_counts(name: str) -> None:
    heard = _me().signals
    other = replace(heard, **{name: _other(name, getattr(heard, name))})
    assert Scene(me=replace(_me(), signals=other)).key() != Scene().key()


@pytest.mark.parametrize("name", [each.name for each in fields(Exposures)])
def test_every_field_of_an_opener_counts(name: str) -> None:
    value = getattr(_told(), name)
    changed: Any = np.array([1], np.int32) if name == "member" else _other(name, value)
    other = replace(_told(), **{name: changed})
    assert Scene(me=replace(_me(), exposures=other)).key() != Scene().key()
    assert Scene(workspace=replace(_workspace(), exposures=other)).key() != Scene().key()


@pytest.mark.parametrize("name", [each.name for each in fields(MemberState)])
def test_every_field_of_a_member_counts(name: str) -> None:
    other = replace(_me(), **{name: _other(name, getattr(_me(), name))})
    assert Scene(me=other).key() != Scene().key()


@pytest.mark.parametrize("name", ["touches_at", "touches_row", "touches_member"])
def test_every_field_of_a_touch_counts(name: str) -> None:
    space = _workspace()
    value = getattr(space, name)
    changed: Any = np.array([0], np.int32) if name == "touches_member" else _other(name, value)
    assert Scene(workspace=replace(space, **{name: changed})).key() != Scene().key()


def test_neither_what_comes_later_nor_where_rows_stand_counts() -> None:
    waits = exposures([(SPOKE, 5, OutcomeKind.OPEN, np.inf)])
    before = Scene(me=replace(_me(), exposures=waits), workspace=_workspace(waits))
    told = exposures([(SPOKE, 6, OutcomeKind.ACCEPTED, NOW), (NOW, 7, OutcomeKind.OPEN, np.inf)])
    heard, space = _me().signals, _workspace(told)
    after = Scene(
        [item("a-first", published=NOW + 1), *_items()],
        replace(
            _me(),
            signals=_joined(
                replace(heard, row=heard.row + 1), signals([(NOW, 3, axis(1))], kind=1)
            ),
            exposures=told,
        ),
        replace(
            space,
            touches_at=np.array([SPOKE, NOW]),
            touches_row=np.array([8, 9], np.int32),
            touches_member=np.array([1, 0], np.int32),
        ),
    )
    assert after.key(rows=ROWS + 1) == before.key()
    assert after.key(NOW + 1, rows=ROWS + 1)[1:] != before.key(NOW + 1)[1:]


def test_an_item_counts_from_its_publication_and_by_what_it_says() -> None:
    now = NOW - 5 * 3600.0  # the seventh was there, the first was not
    assert Scene(_reworded(7)).key(now) != Scene().key(now)
    assert Scene(_reworded(0)).key(now) == Scene().key(now)
    assert Scene(_reworded(int(ROWS[0]))).key(0.0) != Scene().key(0.0)


def test_what_an_item_builds_on_counts() -> None:
    items = _items()
    items[3] = replace(items[3], builds_on=(ItemId("late"),))
    late = item("late", published=NOW + DAY)
    assert Scene([*items, late]).key() != Scene(items).key()


def test_a_second_night_works_out_only_what_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    states, workspace = classroom.told(classroom.lessons_gladly, members=4)
    pool = classroom.pool()
    worked: list[Query] = []

    def counting(query: Query, pool: Pool, rows: Any) -> Floats:
        worked.append(query)
        return matrix(query, pool, rows)

    monkeypatch.setattr(made_of, "matrix", counting)

    def night(now: float, known: dict[Key, Floats]) -> tuple[str, Kept]:
        prints = np.arange(len(pool) * 16, dtype=np.uint8).reshape(-1, 16)
        kept = Kept(MadeOf(states, workspace, pool, prints), known)
        taught = lessons(states, workspace, now)
        data = dataset.build(taught, pool, origin="outcome", now=now, features=kept)
        return data.fingerprint(), kept

    _, first = night(NOW - 20 * DAY, {})
    many = len(worked)
    found, second = night(NOW, first.asked)
    assert 0 < many < len(worked) == len(second.asked)
    plain = dataset.build(lessons(states, workspace, NOW), pool, origin="outcome", now=NOW)
    assert found == plain.fingerprint()
    monkeypatch.setattr(made_of, "MOST_ROWS", 3)
    assert len(night(NOW, {})[1].asked) == 3


def _reworded(number: int) -> list[Item]:
    items = _items()
    items[number] = replace(items[number], text="something else")
    return items


def _joined(one: Signals, other: Signals) -> Signals:
    names = [each.name for each in fields(Signals)]
    return Signals(*(np.concatenate([getattr(one, n), getattr(other, n)]) for n in names))
