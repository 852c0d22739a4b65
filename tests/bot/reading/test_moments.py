"""Stored moments become the same seconds, however the database hands them over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from sqlalchemy import select, type_coerce

from bot.reading.moments import seconds
from bot.store import tables
from bot.store.signals import Signals
from bot.store.types import Stored
from tests.bot.scene import NOW, WORKSPACE, Scene, said

ODD = [NOW + timedelta(days=n * 37, microseconds=n * 123_457 + 1) for n in range(-400, 40)]


def test_texts_and_objects_are_the_same_to_the_last_bit() -> None:
    texts = [one.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f") for one in ODD]
    exact = [one.timestamp() for one in ODD]
    assert seconds(texts).tolist() == seconds(ODD).tolist() == exact
    assert seconds([]).shape == (0,)


def test_what_is_unknown_is_no_moment() -> None:
    found = seconds([None, "2026-09-07 10:00:00.000000", None])
    assert np.isnan(found).tolist() == [True, False, True]
    assert found[1] == datetime(2026, 9, 7, 10, tzinfo=UTC).timestamp()


def test_they_are_read_as_they_were_written(populated: Scene) -> None:
    with populated.store.writing(WORKSPACE) as unit:
        Signals(unit).save([said("ana", n, key=f"odd {n}", at=at) for n, at in enumerate(ODD)])
        unit.commit()
    with populated.store.reading(WORKSPACE) as unit:
        at, order = tables.Signal.at, tables.Signal.id
        read = unit.session.scalars(select(at).order_by(order)).all()
        stored = unit.session.scalars(select(type_coerce(at, Stored)).order_by(order)).all()
    assert seconds(stored).tolist() == [one.timestamp() for one in read]
    assert len(read) > len(ODD)
