"""Keys change while the bot writes: everything is sealed anew, nothing is lost or left behind."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.ports import Refused
from bot.store import rotating
from bot.store.database import Store
from bot.store.opening import open_store, sealing_keys
from bot.store.rotating import rotate
from bot.store.sealing import name_of
from tests.bot.store.test_sealing import NEW, OLD, PHRASE, everything, said, settings, talk


@pytest.fixture(autouse=True)
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotating, "AT_ONCE", 3)


def test_everything_is_sealed_with_the_newest_key(database_url: str, tmp_path: Path) -> None:
    for keys in ((), (OLD,)):
        store = open_store(settings(database_url, tmp_path, *keys, sealing=bool(keys)))
        for k in range(4):
            talk(store, k + 4 * len(keys))
        store.close()
    store = open_store(settings(database_url, tmp_path, NEW, OLD))
    before = said(store)
    done = rotate(store)
    assert (done.changed, done.same, done.key) == (4 * 8, 0, name_of(NEW))
    assert set(sealing_keys(store.engine)) == {name_of(NEW)}
    assert rotate(store).changed == 0
    store.close()
    store = open_store(settings(database_url, tmp_path, NEW))
    assert said(store) == before
    if store.engine.dialect.name == "postgresql":  # SQLite's journal goes with its checkpoint
        assert PHRASE.encode() not in everything(store)
    store.close()


def test_what_was_stopped_halfway_goes_on(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(settings(database_url, tmp_path, OLD))
    for k in range(5):
        talk(store, k)
    store.close()
    store = open_store(settings(database_url, tmp_path, NEW, OLD))

    def stop(what: str, done: int, total: int) -> None:
        if len(set(sealing_keys(store.engine))) == 2:  # some of it is done, some is not
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotate(store, stop)
    assert set(sealing_keys(store.engine)) == {name_of(OLD), name_of(NEW)}
    before = said(store)
    done = rotate(store)
    assert done.changed > 0
    assert done.same > 0
    assert said(store) == before
    assert set(sealing_keys(store.engine)) == {name_of(NEW)}
    store.close()


def test_a_bot_that_writes_meanwhile_loses_nothing(database_url: str, tmp_path: Path) -> None:
    store = open_store(settings(database_url, tmp_path, OLD))
    for k in range(6):
        talk(store, k)
    store.close()
    bot = open_store(settings(database_url, tmp_path, NEW, OLD))
    other = open_store(settings(database_url, tmp_path, NEW, OLD))

    def write() -> None:
        for k in range(6, 18):
            talk(bot, k)

    writes = threading.Thread(target=write)
    writes.start()
    rotate(other)
    writes.join()
    rotate(other)
    assert said(bot)[:18] == [f"{PHRASE} {k}" for k in range(18)]
    assert set(sealing_keys(bot.engine)) == {name_of(NEW)}
    bot.close()
    other.close()


def test_a_lost_key_stops_it_by_name(store: Store, database_url: str, tmp_path: Path) -> None:
    sealed = open_store(settings(database_url, tmp_path, OLD))
    talk(sealed)
    with sealed.engine.begin() as connection:
        connection.execute(text("UPDATE signals SET text = 'ovt1:00000000:gAAAA'"))
    sealed.engine.dispose()
    opened = Store(sealed.engine)
    with pytest.raises(Refused, match="key 00000000, which is not among OVERTURE_KEYS"):
        rotate(opened)
    with pytest.raises(Refused, match="Sealing is off"):
        rotate(store)
