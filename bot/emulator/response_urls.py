"""Response URLs: how an app answers a press or a command later, without a token."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

USES = 5
SECONDS = 1_800.0


@dataclass
class ResponseUrl:
    """Where an answer goes: the conversation, the person, and the message that was pressed."""

    channel: str
    user: str
    message_ts: str | None
    issued: float
    uses: int = 0


class ResponseUrls:
    """Issued addresses by their secret: five uses each, within thirty real minutes."""

    def __init__(self) -> None:
        self._issued: dict[str, ResponseUrl] = {}

    def issue(self, channel: str, user: str, message_ts: str | None) -> str:
        """The path of a new address."""
        secret = secrets.token_urlsafe(18)
        self._issued[secret] = ResponseUrl(channel, user, message_ts, time.monotonic())
        return f"/actions/{secret}"

    def use(self, secret: str) -> ResponseUrl | str:
        """The target, or the name of Slack's error."""
        found = self._issued.get(secret)
        if found is None:
            return "invalid_url"
        if time.monotonic() - found.issued > SECONDS:
            return "expired_url"
        found.uses += 1
        return found if found.uses <= USES else "used_url"
