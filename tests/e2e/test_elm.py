"""A real community's export, imported and passed over as a user would, without sending a word.

Texts become bags of hashed words here: what a pass may see and write does not depend on meaning,
and 16,000 texts are embedded in a second.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import zlib
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.app import App, build
from bot.cli import main
from bot.cli.run import as_record
from bot.settings import Settings
from bot.store.schema import upgrade
from recsys.encoder import Encoder
from recsys.types import Floats

NOW = datetime(2019, 5, 20, 9, tzinfo=UTC)
WIDTH = 64
COUNTS = {"members": 618, "messages": 14_510, "threads": 1_800}


def bag_of_words(texts: Sequence[str]) -> Floats:
    """(n, WIDTH) counts of hashed words."""
    vectors = np.full((len(texts), WIDTH), 0.01, np.float32)
    for row, text in enumerate(texts):
        for word in re.findall(r"\w{3,}", text.lower()):
            vectors[row, zlib.crc32(word.encode()) % WIDTH] += 1.0
    return vectors


def app_on(folder: Path) -> App:
    settings = Settings(
        database_url=f"sqlite:///{folder / 'overture.db'}", home=folder / "var", workspace=None
    )
    app = build(settings)
    app.__dict__["encoder"] = Encoder(open_model=lambda model: bag_of_words)
    return app


def rehearse(folder: Path) -> dict[str, Any]:
    """A dry run for everybody, as `overture run --json` tells of it, with each decision beside."""
    app = app_on(folder)
    try:
        app.refresh(NOW, assume_consent=True)
        done = app.plan(NOW, keeps=False, assume_consent=True, wait_for_moment=False)
        decisions = {attempt.decision.member_id: attempt.decision for attempt in done.attempts}
        return {**as_record(app, done, None, True), "all": decisions}
    finally:
        app.close()


def dump(folder: Path) -> str:
    with closing(sqlite3.connect(folder / "overture.db")) as connection:
        return "\n".join(connection.iterdump())


@pytest.fixture(scope="module")
def elm(datasets: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the imported and approved export."""
    folder = tmp_path_factory.mktemp("elm")
    upgrade(f"sqlite:///{folder / 'overture.db'}")
    with pytest.MonkeyPatch.context() as patch:
        _import(datasets, folder, patch)
    return folder


@pytest.fixture(scope="module")
def rehearsed(elm: Path) -> tuple[str, dict[str, Any]]:
    """The database as it was before, and what a dry run told."""
    return dump(elm), rehearse(elm)


def test_importing_twice_changes_nothing(
    elm: Path,
    datasets: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with closing(sqlite3.connect(elm / "overture.db")) as connection:
        for name, table in (("members", "members"), ("threads", "items")):
            (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
            assert count == COUNTS[name]
        (approved,) = connection.execute("SELECT count(approved_at) FROM items").fetchone()
        assert approved == COUNTS["threads"]
    before = dump(elm)
    capsys.readouterr()
    _import(datasets, elm, monkeypatch)
    found = json.loads(capsys.readouterr().out)
    for name, count in COUNTS.items():
        assert found[name] == {"total": count, "new": 0, "changed": 0, "same": count} | {
            key: 0 for key in found[name] if key == "unapproved"
        }
    assert dump(elm) == before


def test_a_dry_run_writes_nothing(elm: Path, rehearsed: tuple[str, dict[str, Any]]) -> None:
    before, told = rehearsed
    assert told["sent"] is None
    assert dump(elm) == before


def test_it_speaks_to_some_and_gives_a_reason_for_every_silence(
    rehearsed: tuple[str, dict[str, Any]],
) -> None:
    _, told = rehearsed
    spoken = {one["member"] for one in told["openers"]}
    silent = {one["member"]: one["reason"] for one in told["silences"]}
    assert spoken
    assert not spoken & set(silent)
    assert len(spoken) + len(silent) == COUNTS["members"]
    assert all(silent.values())
    assert all(one["text"] and one["why"] and one["about"] for one in told["openers"])


def test_nothing_later_is_offered(elm: Path, rehearsed: tuple[str, dict[str, Any]]) -> None:
    _, told = rehearsed
    seen = {
        one["item"]
        for decision in told["all"].values()
        if decision.slate is not None
        for one in decision.slate["top"]
    }
    with closing(sqlite3.connect(elm / "overture.db")) as connection:
        rows = connection.execute("SELECT id, published_at FROM items").fetchall()
    published = {item: datetime.fromisoformat(at).replace(tzinfo=UTC) for item, at in rows}
    assert seen
    assert max(published[item] for item in seen) <= NOW
    assert max(published.values()) > NOW


def test_a_world_without_a_future_decides_the_same(
    elm: Path, rehearsed: tuple[str, dict[str, Any]], tmp_path: Path
) -> None:
    with (
        closing(sqlite3.connect(elm / "overture.db")) as whole,
        closing(sqlite3.connect(tmp_path / "overture.db")) as past,
    ):
        whole.backup(past)
        later = f"{NOW:%Y-%m-%d %H:%M:%S}"
        gone = past.execute("DELETE FROM signals WHERE at > ?", (later,)).rowcount
        gone += past.execute("DELETE FROM items WHERE published_at > ?", (later,)).rowcount
        past.commit()
    assert gone > 1000
    _, told = rehearsed
    (tmp_path / "var").mkdir()
    shutil.copy(elm / "var" / "keys", tmp_path / "var" / "keys")
    again = rehearse(tmp_path)
    assert again["openers"] == told["openers"]
    assert again["silences"] == told["silences"]


def _import(datasets: Path, folder: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("OVERTURE_DATABASE_URL", f"sqlite:///{folder / 'overture.db'}")
    patch.setenv("OVERTURE_HOME", str(folder / "var"))
    patch.setenv("OVERTURE_CONFIG", str(folder / "none.toml"))
    archive = datasets / "slack" / "elm-general-2019.zip"
    with pytest.raises(SystemExit) as ended:
        main(["import", "slack-export", str(archive), "--approve", "--json"])
    assert not ended.value.code
