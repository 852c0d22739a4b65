"""A desk in an emulated workspace: Ada curates, and a feed server stands beside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings import PoolSettings
from bot.store.roles import Name, Roles
from recsys.encoder import Encoder
from tests.bot.conversation_scene import ADA, Scene, staged
from tests.bot.curating.feed_server import FeedServer, feed_server
from tests.bot.scene import hashing


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with feed_server() as running:
        yield running


@pytest.fixture
def scene(tmp_path: Path, sqlite_url: str) -> Iterator[Scene]:
    """Feeds may be read from this machine here, and nowhere but in tests."""
    with staged(tmp_path, sqlite_url, pool=PoolSettings(private_hosts=("127.0.0.1",))) as made:
        be(made, ADA, "curator")
        vectors = tmp_path / "vectors"
        made.app.__dict__["encoder"] = Encoder("hashing", vectors, open_model=hashing)
        yield made


def be(scene: Scene, member: str, role: Name) -> None:
    """Give somebody a role."""
    with scene.writing() as unit:
        Roles(unit).put(member, role, at=scene.clock.now(), by="test")
