"""People who write, edit, delete, react, join and leave."""

from __future__ import annotations

import copy
import re
from dataclasses import replace
from typing import Any

from bot.emulator.acting import ActError, Acting
from bot.emulator.people import user_object
from bot.emulator.workspace import EmulatedWorkspace, Person

Json = dict[str, Any]
_TOKEN = re.compile(r"&lt;([@#])([A-Z0-9]+)(?:\|[^&|]*)?&gt;")
_NAMED = re.compile(r"(?<![\w<])@([a-z0-9._-]+)")
_LINK = re.compile(r"(?<![\w<|])(https?://[^\s<>|]+)")


def as_typed(workspace: EmulatedWorkspace, text: str) -> str:
    """What Slack stores for a typed text: `& < >` escaped, links wrapped, names as mentions."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    def keep(match: re.Match[str]) -> str:
        sign, target = match.groups()
        known = workspace.person(target) if sign == "@" else workspace.conversation(target)
        return f"<{sign}{target}>" if known is not None else match.group(0)

    names = {p.name: p.id for p in workspace.everyone()}

    def name(match: re.Match[str]) -> str:
        found = names.get(match.group(1))
        return f"<@{found}>" if found is not None else match.group(0)

    return _LINK.sub(r"<\1>", _NAMED.sub(name, _TOKEN.sub(keep, escaped)))


class Talking(Acting):
    """Messages by people, and reading what there is."""

    def open_dm(self, user: str) -> str:
        """The id of the direct message of `user` and the bot; it is made when there is none."""
        self._who(user)
        space = self._site.workspace
        return space.dm_between(user, space.bot.id, self._site.clock())[0].id

    def say(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> str:
        """Write a message as a person and wait until the bot has it. Returns its ts."""
        self._who(user)
        where = self._where(user, channel)
        if where.is_archived:
            raise ActError("is_archived", f"{channel} is archived")
        if where.kind == "im" and self._read_only():
            raise ActError(
                "messages_tab_read_only",
                "the manifest makes the messages tab read-only: set features.app_home."
                "messages_tab_read_only_enabled to false, or people cannot reply",
            )
        if not text.strip():
            raise ActError("no_text", "a message needs text")
        body = {
            **self._site.person_author(user),
            "text": as_typed(self._site.workspace, text),
        }
        if thread_ts is not None:
            parent = self._message(user, channel, thread_ts)
            body["thread_ts"] = parent.thread_ts or parent.ts
            root = self._site.workspace.log.find(channel, body["thread_ts"])
            body["parent_user_id"] = root.body.get("user", "") if root is not None else ""
        message, answer = self._site.post(where, body)
        self._site.read_marks[(user, channel)] = message.ts
        self._heard(answer)
        return message.ts

    def _read_only(self) -> bool:
        home = self._site.declared("features", "app_home", default={})
        return bool(home.get("messages_tab_read_only_enabled", False)) or not home.get(
            "messages_tab_enabled", True
        )

    def edit(self, user: str, channel: str, ts: str, text: str) -> None:
        """Change an own message."""
        message = self._own(user, channel, ts)
        event_ts = f"{self._site.clock():.6f}"
        changes = {
            "text": as_typed(self._site.workspace, text),
            "edited": {"user": user, "ts": event_ts},
        }
        self._heard(self._site.change(message, changes))

    def delete(self, user: str, channel: str, ts: str) -> None:
        """Delete an own message."""
        self._heard(self._site.remove(self._own(user, channel, ts)))

    def react(self, user: str, channel: str, ts: str, name: str) -> None:
        """Add an emoji to a message, by its name without colons."""
        self._who(user)
        if not self._site.react(self._message(user, channel, ts), user, name.strip(":")):
            raise ActError("already_reacted", f"{user} has reacted with {name} already")

    def toggle(self, user: str, channel: str, ts: str, name: str) -> None:
        """Add an emoji, or take it back when it is there, as a click on it does."""
        self._who(user)
        message, name = self._message(user, channel, ts), name.strip(":")
        if not self._site.react(message, user, name):
            self._site.unreact(message, user, name)

    def join(self, user: str, channel: str) -> None:
        """Enter a public channel."""
        self._who(user)
        found = self._site.workspace.conversation(channel)
        if found is None or found.kind != "public":
            raise ActError("channel_not_found", f"there is no public channel {channel!r}")
        if user in found.members:
            return
        joined = replace(found, members=(*found.members, user))
        self._site.workspace.put_conversation(joined)
        event = {
            "type": "member_joined_channel",
            "user": user,
            "channel": channel,
            "channel_type": "C",
            "team": self._site.workspace.id,
            "event_ts": f"{self._site.clock():.6f}",
        }
        self._heard(self._site.tell_in(joined, "member_joined_channel", event))

    def arrive(self, person: Person) -> None:
        """Somebody enters the workspace."""
        self._site.workspace.add_person(person)
        event = {
            "type": "team_join",
            "user": user_object(self._site, person, self._site.clock()),
            "event_ts": f"{self._site.clock():.6f}",
        }
        self._heard(self._site.tell("team_join", event))

    def leave(self, user: str, channel: str) -> None:
        """Leave a channel."""
        found = self._where(user, channel)
        rest = tuple(m for m in found.members if m != user)
        left = replace(found, members=rest)
        self._site.workspace.put_conversation(left)
        event = {
            "type": "member_left_channel",
            "user": user,
            "channel": channel,
            "channel_type": "C" if found.kind == "public" else "G",
            "team": self._site.workspace.id,
            "event_ts": f"{self._site.clock():.6f}",
        }
        self._heard(self._site.tell_in(left, "member_left_channel", event))

    def messages(self, channel: str, thread_ts: str | None = None) -> list[Json]:
        """Everything in a channel, or in one thread with its parent, oldest first, with metadata.
        Ephemeral messages are not among it."""
        with self._site.lock:
            log = self._site.workspace.log
            rows = log.top_level(channel)
            if thread_ts is not None:
                parent = log.find(channel, thread_ts)
                rows = ([parent] if parent else []) + log.replies(channel, thread_ts)
            return [copy.deepcopy(log.render(m, with_metadata=True)) for m in rows]
