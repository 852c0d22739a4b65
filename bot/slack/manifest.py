"""What Overture asks of a Slack workspace: `deploy/manifest.json`, read in one place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bot.ports import BadInput

MANIFEST = Path(__file__).resolve().parents[2] / "deploy" / "manifest.json"


def load(path: Path = MANIFEST) -> dict[str, Any]:
    """The whole manifest, as Slack's page for new apps takes it.

    Raises:
        BadInput: the file is missing or is no JSON object.
    """
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(f"{path}: cannot be read as JSON: {error}. Restore it from Git.") from None
    if not isinstance(manifest, dict):
        raise BadInput(f"{path}: should be a JSON object. Restore it from Git.")
    return manifest


def for_requests(url: str, path: Path = MANIFEST) -> dict[str, Any]:
    """The manifest of an app that is sent requests at `url`, and installed by OAuth there.

    Its tokens rotate: those of many workspaces in one database are worth more than those of one.
    """
    whole, at = load(path), url.rstrip("/")
    events = f"{at}/slack/events"
    for command in whole["features"].get("slash_commands", ()):
        command["url"] = events
    whole["oauth_config"]["redirect_urls"] = [f"{at}/slack/oauth_redirect"]
    settings = whole["settings"]
    settings["event_subscriptions"]["request_url"] = events
    settings["interactivity"]["request_url"] = events
    settings["socket_mode_enabled"], settings["token_rotation_enabled"] = False, True
    return whole


def scopes(path: Path = MANIFEST) -> frozenset[str]:
    """The bot scopes that Overture works with, and no others."""
    return frozenset(load(path)["oauth_config"]["scopes"]["bot"])


def events(path: Path = MANIFEST) -> frozenset[str]:
    """The events that Overture subscribes to."""
    return frozenset(load(path)["settings"]["event_subscriptions"]["bot_events"])
