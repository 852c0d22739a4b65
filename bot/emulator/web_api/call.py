"""One Web API call: its arguments, read the way Slack reads them, and the way to refuse it."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.emulator.faults import Fault
from bot.emulator.messages import to_micros
from bot.emulator.organisation import Organisation
from bot.emulator.site import Site
from bot.emulator.workspace import Conversation, Person

Json = dict[str, Any]
SCOPE_FAMILY = {"public": "channels", "private": "groups", "im": "im", "mpim": "mpim"}


class SlackError(Exception):
    """`ok: false` with Slack's error code and what else it tells."""

    def __init__(self, code: str, messages: list[str] | None = None, **more: Any) -> None:
        super().__init__(code)
        self.code = code
        self.more = more
        if messages:
            self.more["response_metadata"] = {"messages": messages}


def missing(name: str) -> SlackError:
    return SlackError("invalid_arguments", [f"[ERROR] missing required field: {name}"])


@dataclass(frozen=True)
class Call:
    """A call under way."""

    site: Site
    method: str
    args: Mapping[str, Any]
    fault: Fault | None = None
    organisation: Organisation | None = None
    """whose token or code it came with, where it is no workspace's"""

    @property
    def holder(self) -> Site | Organisation:
        """Whose tokens and codes those of this call are."""
        return self.organisation or self.site

    def text(self, name: str) -> str | None:
        """An argument as a string; None when it is missing or empty."""
        value = self.args.get(name)
        if value is None or value == "":
            return None
        return value if isinstance(value, str) else json.dumps(value)

    def required(self, name: str) -> str:
        value = self.text(name)
        if value is None:
            raise missing(name)
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.args.get(name)
        if value is None:
            return default
        return str(value).lower() in ("1", "true", "t", "yes")

    def number(self, name: str, default: int) -> int:
        value = self.args.get(name)
        if value is None or value == "":
            return default
        try:
            return int(str(value))
        except ValueError:
            raise SlackError("invalid_arguments", [f"[ERROR] must be an integer: {name}"]) from None

    def parsed(self, name: str, error: str = "invalid_arguments") -> Any:
        """A structured argument, sent as JSON or, in a form, as JSON text."""
        value = self.args.get(name)
        if not isinstance(value, str) or value == "":
            return None if value == "" else value
        try:
            return json.loads(value)
        except ValueError:
            raise SlackError(error) from None

    def micros(self, name: str) -> int | None:
        value = self.text(name)
        if value is None:
            return None
        try:
            return to_micros(value)
        except ValueError:
            raise SlackError(f"invalid_ts_{name}") from None

    def ids(self, name: str) -> list[str]:
        """A list of ids, as an array or separated by commas."""
        value = self.args.get(name)
        parts = value if isinstance(value, list) else str(value or "").split(",")
        return [str(p).strip() for p in parts if str(p).strip()]

    def person(self, name: str = "user") -> Person:
        found = self.site.workspace.person(self.required(name))
        if found is None:
            raise SlackError("user_not_found")
        return found

    def conversation(self, name: str = "channel") -> Conversation:
        """A conversation that the bot may know of."""
        found = self.site.workspace.conversation(self.required(name))
        if found is None or (found.kind != "public" and self.bot not in found.members):
            raise SlackError("channel_not_found")
        return found

    def joined(self, name: str = "channel") -> Conversation:
        """A conversation that the bot is in."""
        found = self.conversation(name)
        if self.bot not in found.members:
            raise SlackError("not_in_channel")
        return found

    @property
    def bot(self) -> str:
        return self.site.workspace.bot.id

    @property
    def now(self) -> float:
        return self.site.clock()

    def need(self, *scopes: str) -> None:
        """Refuse the call unless the manifest asks for one of these scopes."""
        granted = self.site.granted_scopes()
        if granted is not None and not granted.intersection(scopes):
            provided = ",".join(sorted(granted))
            raise SlackError("missing_scope", needed=scopes[0], provided=provided)

    def page(self, rows: list[Any], default: int, most: int = 1_000) -> tuple[list[Any], str]:
        """(one page of rows, the cursor of the next), by `limit` and `cursor`."""
        limit = self.number("limit", default) or default
        if not 1 <= limit <= most:
            raise SlackError("invalid_limit")
        start = self.offset()
        end = start + limit
        return rows[start:end], cursor_at("next", end) if end < len(rows) else ""

    def offset(self, kind: str = "next") -> int:
        """The number inside the cursor; 0 without a cursor."""
        cursor = self.text("cursor")
        if cursor is None:
            return 0
        try:
            word, _, number = base64.b64decode(cursor, validate=True).decode().partition(":")
            if word == kind:
                return int(number)
        except (ValueError, binascii.Error):
            pass
        raise SlackError("invalid_cursor")


def cursor_at(kind: str, number: int) -> str:
    """An opaque cursor."""
    return base64.b64encode(f"{kind}:{number}".encode()).decode()
