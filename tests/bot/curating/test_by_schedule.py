"""Two replicas on one database: feeds are asked, and links tried, by one of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.app import App, build
from bot.schedule import Schedule
from bot.settings import PoolSettings, Settings, SlackSettings
from bot.store import tables
from bot.store.database import Store
from recsys.encoder import Encoder
from tests.bot.curating.feed_server import FeedServer, feed_server
from tests.bot.scene import BEST_ONLY, NOW, WORKSPACE, hashing, item, policy, populate
from tests.bot.test_at_once import at_once


@dataclass
class Standing:
    time: datetime = NOW

    def now(self) -> datetime:
        return self.time


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with feed_server() as running:
        yield running


@pytest.fixture
def pair(
    store: Store, sqlite_url: str, tmp_path: Path, server: FeedServer
) -> Iterator[tuple[App, App, Standing]]:
    populate(store, members=("ana",), pool=[item("python-0", url=server.at("/page"))])
    clock = Standing()
    settings = Settings(
        database_url=sqlite_url, home=tmp_path, policy=policy(), recommender=BEST_ONLY,
        pool=PoolSettings(private_hosts=("127.0.0.1",)), sealing=False,
        slack=SlackSettings(bot_token=SecretStr("xoxb-1"), api_url="http://127.0.0.1:9/api/"),
    )  # fmt: skip
    apps = [build(settings, clock) for _ in range(2)]
    for app in apps:
        app.__dict__["encoder"] = Encoder("hashing", tmp_path / "vectors", open_model=hashing)
    yield apps[0], apps[1], clock
    for app in apps:
        app.close()


def add(app: App, server: FeedServer) -> None:
    with app.store.writing(WORKSPACE) as unit:
        unit.session.add(
            tables.Feed(
                workspace_id=WORKSPACE, id="fd_1", url=server.url, topics=[], added_by="t",
                audience_kind="workspace", audience_ids=[], added_at=NOW, next_at=NOW,
                approves=True,
            )
        )  # fmt: skip
        unit.commit()


def test_a_feed_is_asked_by_one_of_two(pair: tuple[App, App, Standing], server: FeedServer) -> None:
    one, other, clock = pair
    add(one, server)
    schedules = Schedule(one), Schedule(other)
    at_once(schedules[0].feeds, schedules[1].feeds)
    assert len(server.asked) == 1
    clock.time += timedelta(minutes=14)
    schedules[1].feeds()
    assert len(server.asked) == 1  # the same quarter of an hour
    clock.time += timedelta(hours=1)
    schedules[1].feeds()
    assert len(server.asked) == 2
    assert server.asked[-1][2]["If-None-Match"] == server.etag


def test_what_came_is_compared_and_its_links_are_tried(
    pair: tuple[App, App, Standing], server: FeedServer
) -> None:
    one, _, _ = pair
    add(one, server)
    server.statuses = {"/page": 404}
    schedule = Schedule(one)
    schedule.feeds()
    schedule.compare()
    schedule.links()
    schedule.links()
    with one.store.reading(WORKSPACE) as unit:
        rows = {row.id: row for row in unit.session.query(tables.Item)}
        runs = [(run.job, run.summary) for run in unit.session.query(tables.JobRun)]
    assert rows["python-0"].link_dead_at is not None
    assert all(row.compared_at is not None for row in rows.values())
    assert dict(runs)["feeds"] == {"asked": 1, "new": 1, "failed": 0}
    assert [job for job, _ in runs].count("links") == 1


def test_every_job_is_scheduled(pair: tuple[App, App, Standing]) -> None:
    named = {job.__name__ for job, *_ in Schedule(pair[0]).jobs}
    assert {"feeds", "compare", "links"} <= named
