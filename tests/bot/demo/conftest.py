"""The bundle, and a past that was lived in its world once for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.demo.chatter import Phrases, read_phrases
from bot.demo.history import Past, live
from bot.demo.load import Bundle, read
from bot.demo.worlds import world_of
from recsys.world import DefaultWorld

DATA = Path(__file__).resolve().parents[3] / "data"
WORKSPACE, POOL, PHRASES = DATA / "workspace.json", DATA / "pool", DATA / "phrases.json"


@pytest.fixture(scope="session")
def bundle() -> Bundle:
    return read(WORKSPACE, POOL)


@pytest.fixture(scope="session")
def phrases() -> Phrases:
    return read_phrases(PHRASES)


@pytest.fixture(scope="session")
def lived(bundle: Bundle, phrases: Phrases) -> tuple[DefaultWorld, Past]:
    world = world_of(bundle, 1)
    return world, live(world, bundle, phrases, 1)


@pytest.fixture
def world(lived: tuple[DefaultWorld, Past]) -> DefaultWorld:
    """The world after its past, for one test to go on in."""
    return lived[0].copy()


@pytest.fixture(scope="session")
def past(lived: tuple[DefaultWorld, Past]) -> Past:
    return lived[1]
