"""Every decision of a demo's day, silence and speech, comes out the same when it is made again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.app import build
from bot.deciding.replaying import SAME, Replayer
from bot.demo.headless import live
from bot.settings import Settings
from bot.store import tables


@pytest.mark.slow
def test_a_day_replays_to_the_same(tmp_path: Path, embeddings: Path) -> None:
    shutil.copytree(embeddings, tmp_path / "embeddings")
    settings = Settings(home=tmp_path)
    live(1, 0, tmp_path, settings)
    database = f"sqlite:///{tmp_path / 'demo.db'}"
    app = build(settings.model_copy(update={"database_url": database}))
    with app.store.reading(app.workspace) as unit:
        made = [one for one in unit.session.query(tables.Decision) if one.inputs is not None]
    replayer = Replayer(app.store, app.workspace, app.recommender, app.registry)
    done = [replayer.replay(decision) for decision in made]
    app.close()
    assert [one for one in done if one.result != SAME] == []
    assert {decision.verdict for decision in made} == {"speak", "silent"}
    assert sum("slate hash" in one.compared for one in done) >= 10
