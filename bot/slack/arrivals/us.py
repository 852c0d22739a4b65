"""Who we are, who others are, and what makes an arrival unique."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Us:
    """Who we are in the workspace, as `auth.test` tells."""

    team: str
    user: str
    bot: str = ""
    enterprise: str = ""

    def are_of(self, team: object) -> bool:
        """Whether a person of `team` belongs here; Slack leaves the team out for its own."""
        return not team or team in {self.team, self.enterprise}

    def have(self, user: Payload) -> bool:
        """Whether a person, as Slack describes them, is of this workspace.

        In an organisation the team named may be another one that they are in as well.
        """
        others = (user.get("enterprise_user") or {}).get("teams") or ()
        return self.are_of(user.get("team_id")) or self.team in others


def name_of(user: Payload) -> str:
    """What a person wants to be called."""
    profile = user.get("profile") or {}
    choices = (profile.get("display_name"), profile.get("real_name"), user.get("real_name"))
    return next((str(name) for name in choices if name), str(user.get("name") or user["id"]))


def is_admin(user: Payload) -> bool:
    """Whether a person administers the workspace, or owns it."""
    return any(bool(user.get(name)) for name in ("is_admin", "is_owner", "is_primary_owner"))


def key_of(kind: str, *parts: str) -> str:
    """The same payload delivered again has the same key; any other has another."""
    digest = hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()
    return f"{kind}:{digest}"
