"""Slack exports for tests, made on the spot."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

USERS: list[dict[str, Any]] = [
    {"id": "U1", "name": "ana", "profile": {"display_name": "Ana", "title": "Engineer"}},
    {"id": "U2", "name": "ben", "tz": "Europe/Lisbon", "profile": {"real_name": "Ben"}},
    {"id": "U3", "name": "helper", "is_bot": True, "profile": {}},
    {"id": "U4", "name": "guest", "is_restricted": True, "deleted": True, "profile": {}},
    {"id": "U5", "name": "far", "is_stranger": True, "profile": {}},
]
CHANNELS: list[dict[str, Any]] = [{"id": "C1", "name": "general", "members": ["U1", "U2", "U9"]}]


def said(ts: str, user: Any = "U1", text: Any = "Does anybody know this?", **more: Any) -> Any:
    return {"type": "message", "user": user, "text": text, "ts": ts, **more}


def export(path: Path, files: dict[str, Any] | None = None) -> Path:
    """A zip with two lists and what else is given: strings as they are, the rest as JSON."""
    whole: dict[str, Any] = {"users.json": USERS, "channels.json": CHANNELS, **(files or {})}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in whole.items():
            if content is not None:
                text = content if isinstance(content, str) else json.dumps(content, indent=1)
                archive.writestr(name, text)
    return path
