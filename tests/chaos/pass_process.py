"""A planning pass as a process of its own, which a damaged file could end."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bot.app import build
from bot.settings import Settings
from recsys import artifacts, snapshot
from recsys.delta import Delta
from recsys.encoder import Encoder
from tests.bot.scene import hashing
from tests.chaos.timepiece import Timepiece


@dataclass(frozen=True)
class Planned:
    """What a pass served from, and how many openers it queued."""

    model: str
    problems: tuple[str, ...]
    snapshot: str
    openers: int


def _unverified(path: Path, digest: str) -> bytes:
    return path.read_bytes()


def _any_manifest(folder: Path, name: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((folder / "manifest.json").read_bytes())
    return told


SWITCHED_OFF: dict[str, tuple[object, str, Callable[..., Any]]] = {
    "the model's checksum": (artifacts, "_verified", _unverified),
    "the snapshot's checksum": (snapshot, "_verify", _any_manifest),
}


def plan_pass(
    settings: Settings, moment: Path, without: str, grown: bool, pipe: Connection
) -> None:
    """Refresh and plan; where the pool has `grown`, it is laid down in a new snapshot before."""
    clock = Timepiece(moment)
    encoder = Encoder("hashing", settings.home / "embeddings", open_model=hashing)
    app = build(settings, clock, encoder=encoder)
    with ExitStack() as stack:
        if without:
            owner, name, instead = SWITCHED_OFF[without]
            stack.enter_context(patch.object(owner, name, instead))
        if grown:
            stack.enter_context(patch.object(Delta, "is_due", lambda *_: True))
        view = app.refresh(clock.now())
    done = app.plan(clock.now(), wait_for_moment=False)
    standing = view.origin.catalogue.snapshot
    pipe.send(Planned(view.version, view.problems, standing, len(done.openers)))
    app.close()
