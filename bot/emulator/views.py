"""Modals and home tabs: who sees which, and the triggers that may open one."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.emulator.blocks import name_blocks

Json = dict[str, Any]
TRIGGER_SECONDS = 3.0
MOST_STACKED = 3
_KEPT = (
    "callback_id",
    "private_metadata",
    "title",
    "submit",
    "close",
    "external_id",
    "clear_on_close",
    "notify_on_close",
)


class Triggers:
    """Trigger ids: good for three real seconds and for one use."""

    def __init__(self, mint: Callable[[str], str]) -> None:
        self._mint = mint
        self._issued: dict[str, tuple[str, float, str | None]] = {}
        self._used: set[str] = set()

    def issue(self, user: str, view_id: str | None = None) -> str:
        """A trigger for what `user` just did, within the modal `view_id` when it was in one."""
        trigger = f"{self._mint('')}.{self._mint('')}"
        self._issued[trigger] = (user, time.monotonic(), view_id)
        return trigger

    def knows(self, trigger: str) -> bool:
        return trigger in self._issued

    def exchange(self, trigger: str) -> tuple[str, str | None] | str:
        """(user, view id) of a trigger that still holds, else the name of Slack's error."""
        if trigger in self._used:
            return "exchanged_trigger_id"
        if trigger not in self._issued:
            return "invalid_trigger_id"
        user, issued, view_id = self._issued[trigger]
        if time.monotonic() - issued > TRIGGER_SECONDS:
            return "expired_trigger_id"
        self._used.add(trigger)
        return user, view_id


@dataclass
class ViewStore:
    """Every view that is open, under the workspace's lock."""

    team_id: str
    app_id: str
    bot_id: str
    mint: Callable[[str], str]

    def __post_init__(self) -> None:
        self._homes: dict[str, Json] = {}
        self._stacks: dict[str, list[Json]] = {}
        self.home_version: dict[str, int] = {}
        self.home_published: dict[str, float] = {}

    def home(self, user: str) -> Json | None:
        return self._homes.get(user)

    def stack(self, user: str) -> list[Json]:
        """The user's modals, the one on top last."""
        return list(self._stacks.get(user, ()))

    def owner(self, view_id: str) -> str | None:
        """Whose view this is, home tab or modal; None when it is no longer open."""
        for user, stack in self._stacks.items():
            if any(v["id"] == view_id for v in stack):
                return user
        return next((u for u, v in self._homes.items() if v["id"] == view_id), None)

    def get(self, view_id: str) -> Json | None:
        for stack in (*self._stacks.values(), list(self._homes.values())):
            for view in stack:
                if view["id"] == view_id:
                    return view
        return None

    def by_external_id(self, external_id: str) -> Json | None:
        for stack in (*self._stacks.values(), list(self._homes.values())):
            for view in stack:
                if external_id and view["external_id"] == external_id:
                    return view
        return None

    def publish(self, user: str, source: Json) -> Json:
        old = self._homes.get(user)
        view = self._build(source, old["id"] if old else self.mint("V"))
        self._homes[user] = view
        self.home_version[user] = self.home_version.get(user, 0) + 1
        self.home_published[user] = time.monotonic()
        return view

    def open(self, user: str, source: Json) -> Json:
        """Start a stack with one modal, in place of what was there."""
        view = self._build(source, self.mint("V"))
        self._stacks[user] = [view]
        return view

    def push(self, user: str, source: Json) -> Json | None:
        """Put a modal on top; None when three are stacked already."""
        stack = self._stacks.setdefault(user, [])
        if len(stack) >= MOST_STACKED:
            return None
        view = self._build(source, self.mint("V"))
        if stack:
            view |= {"root_view_id": stack[0]["id"], "previous_view_id": stack[-1]["id"]}
        stack.append(view)
        return view

    def replace(self, view_id: str, source: Json) -> Json:
        """New content for an open view, under its old id. KeyError when it is not open."""
        for holder in self._stacks.values():
            for n, old in enumerate(holder):
                if old["id"] == view_id:
                    links = {k: old[k] for k in ("root_view_id", "previous_view_id")}
                    holder[n] = self._build(source, view_id) | links
                    return holder[n]
        for user, home in self._homes.items():
            if home["id"] == view_id:
                return self.publish(user, source)
        raise KeyError(view_id)

    def close(self, user: str, view_id: str) -> None:
        """Take one modal off the stack."""
        self._stacks[user] = [v for v in self._stacks.get(user, ()) if v["id"] != view_id]

    def clear(self, user: str) -> None:
        self._stacks.pop(user, None)

    def _build(self, source: Json, view_id: str) -> Json:
        view: Json = {
            "id": view_id,
            "team_id": self.team_id,
            "type": source["type"],
            "blocks": name_blocks(source["blocks"], lambda: self.mint("b")),
            "state": {"values": {}},
            "hash": self.mint("h"),
            "previous_view_id": None,
            "root_view_id": view_id,
            "app_id": self.app_id,
            "app_installed_team_id": self.team_id,
            "bot_id": self.bot_id,
        }
        empty = {"clear_on_close": False, "notify_on_close": False}
        titles = {"title": None, "submit": None, "close": None}
        for key in _KEPT:
            default = {**empty, **titles}.get(key, "")
            view[key] = source.get(key, default) if source.get(key) is not None else default
        return view
