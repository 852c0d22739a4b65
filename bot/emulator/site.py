"""The emulated Slack itself: what it holds, and what follows from a message or a view.

Web API methods, people's acts and the page all go through here, so that each effect (a message in
the log, an event to the bot, a notice to the page) happens in one place.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Container, Mapping
from concurrent.futures import Future
from itertools import count
from typing import Any
from uuid import UUID

from bot.emulator import payloads
from bot.emulator.blocks import name_blocks
from bot.emulator.faults import Faults
from bot.emulator.feed import Feed
from bot.emulator.journal import Journal
from bot.emulator.messages import Message
from bot.emulator.oauth import Codes
from bot.emulator.response_urls import ResponseUrls
from bot.emulator.socket_mode import SocketHub
from bot.emulator.tokens import BotTokens
from bot.emulator.views import Triggers, ViewStore
from bot.emulator.workspace import Conversation, EmulatedWorkspace

Json = dict[str, Any]
_EVENT_NAMES = {
    "channel": "message.channels",
    "group": "message.groups",
    "im": "message.im",
    "mpim": "message.mpim",
}


class Site:
    """State and effects. `origin` is known once the server has its port."""

    def __init__(
        self,
        workspace: EmulatedWorkspace,
        clock: Callable[[], float],
        manifest: Mapping[str, Any] | None,
        redeliver_after: float,
        redeliver: Container[str],
        token_seconds: int | None = None,
    ) -> None:
        self.workspace = workspace
        self.clock = clock
        self.manifest = manifest
        self.origin = ""
        self.tokens = BotTokens(clock, token_seconds)
        self.codes = Codes(clock)
        self.installer = ""
        """who agrees to installations at the page that asks"""
        self.client_secret = secrets.token_hex(16)
        self.app_token = f"xapp-1-{workspace.app_id}-{secrets.token_hex(12)}"
        self.signing_secret = secrets.token_hex(16)
        self.hub = SocketHub(workspace.app_id, redeliver_after, redeliver)
        self.feed = Feed()
        self.faults = Faults()
        self.journal = Journal()
        self._counters: dict[str, Any] = {}
        self.triggers = Triggers(self.mint)
        self.views = ViewStore(workspace.id, workspace.app_id, workspace.bot_id, self.mint)
        self.response_urls = ResponseUrls()
        self.uploads: dict[str, Json] = {}
        self.prompts: dict[str, list[Json]] = {}
        """what the bot suggests, by the conversation"""
        self.read_marks: dict[tuple[str, str], str] = {}

    def share(self, other: Site) -> None:
        """Be another workspace of the same app: what belongs to the app is the same."""
        self.app_token, self.signing_secret = other.app_token, other.signing_secret
        self.client_secret = other.client_secret
        self._counters = other._counters

    @property
    def lock(self) -> Any:
        return self.workspace.lock

    def mint(self, prefix: str) -> str:
        """The next identity of a kind; counted, so that a run can be repeated exactly."""
        with self.lock:
            number = next(self._counters.setdefault(prefix, count(1)))
        return f"{prefix}{number:010d}" if prefix != "b" else f"b{number}"

    def granted_scopes(self) -> frozenset[str] | None:
        """The bot's scopes by the manifest; None without a manifest, when all are granted."""
        if self.manifest is None:
            return None
        return frozenset(self.manifest.get("oauth_config", {}).get("scopes", {}).get("bot", ()))

    def declared(self, *path: str, default: Any = None) -> Any:
        """A value of the manifest by its path; `default` without a manifest or such an entry."""
        found: Any = self.manifest
        for key in path:
            if not isinstance(found, Mapping) or key not in found:
                return default
            found = found[key]
        return found

    def subscribed(self, event: str) -> bool:
        if self.manifest is None:
            return True
        return event in self.declared("settings", "event_subscriptions", "bot_events", default=())

    def bot_author(self) -> Json:
        """The fields that mark a message as the bot's."""
        space = self.workspace
        return {
            "user": space.bot.id,
            "bot_id": space.bot_id,
            "app_id": space.app_id,
            "team": space.id,
            "bot_profile": {
                "id": space.bot_id,
                "app_id": space.app_id,
                "name": space.bot.real_name,
                "team_id": space.id,
                "deleted": False,
            },
        }

    def person_author(self, user: str) -> Json:
        number = int(self.mint("")) << 64
        return {
            "user": user,
            "team": self.workspace.id,
            "client_msg_id": str(UUID(int=number)),
        }

    def post(
        self,
        channel: Conversation,
        body: Json,
        *,
        metadata: Json | None = None,
        only_for: str | None = None,
        streaming: bool = False,
    ) -> tuple[Message, Future[Json | None] | None]:
        """Commit a message; returns it and the acknowledgement of its event, when one was sent."""
        with self.lock:
            ts = self.workspace.log.mint(channel.id, self.clock())
            if body.get("blocks"):
                body = {**body, "blocks": name_blocks(body["blocks"], lambda: self.mint("b"))}
            whole = {"type": "message", **body, "ts": ts}
            message = Message(channel.id, whole, metadata, only_for, streaming)
            self.workspace.log.add(message)
        self.show(message)
        if only_for is not None or streaming:
            return message, None
        return message, self.tell_message(channel, message)

    def tell_message(self, channel: Conversation, message: Message) -> Future[Json | None] | None:
        """Send the event of a new message to the bot, if it would get it from Slack."""
        event = payloads.message_event(channel, message)
        bot = self.workspace.bot.id
        own = message.body.get("user") == bot
        addressed = not own and payloads.mentions(str(event.get("text", "")), bot)
        if channel.kind != "im" and addressed and bot in channel.members:
            mention = {**event, "type": "app_mention"}
            mention.pop("channel_type")
            self.tell("app_mention", mention)
        if own and self.hub.connections == 0:
            return None
        return self.tell_in(channel, _EVENT_NAMES[channel.event_kind], event)

    def tell_in(self, channel: Conversation, name: str, event: Json) -> Future[Json | None] | None:
        """Send an event of a conversation, if the bot is in it and subscribed."""
        if self.workspace.bot.id not in channel.members:
            return None
        return self.tell(name, event)

    def tell(self, name: str, event: Json) -> Future[Json | None] | None:
        by_org = self.workspace.by_org
        if by_org is not None and not by_org.tells(self.workspace.id, name):
            return None
        if not self.subscribed(name):
            return None
        body = payloads.event_callback(self.workspace, event, self.mint("Ev"), self.clock())
        return self.hub.deliver("events_api", body)

    def change(
        self, message: Message, changes: Json, metadata: Json | None = None
    ) -> Future[Json | None] | None:
        """Commit an edit and tell the bot of it."""
        with self.lock:
            if changes.get("blocks"):
                named = name_blocks(changes["blocks"], lambda: self.mint("b"))
                changes = {**changes, "blocks": named}
            old = dict(message.body)
            message.body = {k: v for k, v in {**old, **changes}.items() if v != []}
            if metadata is not None:
                message.metadata = metadata or None
        self.show(message)
        return self._tell_edit(message, old)

    def _tell_edit(self, message: Message, old: Json) -> Future[Json | None] | None:
        channel = self.workspace.conversation(message.channel)
        bot_alone = old.get("user") == self.workspace.bot.id and self.hub.connections == 0
        if channel is None or message.only_for is not None or message.streaming or bot_alone:
            return None
        event_ts = self.workspace.log.mint(channel.id, self.clock())
        event = payloads.changed_event(channel, message.body, old, event_ts)
        return self.tell_in(channel, _EVENT_NAMES[channel.event_kind], event)

    def remove(self, message: Message) -> Future[Json | None] | None:
        """Delete a message: a parent with replies leaves a tombstone, as in Slack."""
        channel = self.workspace.conversation(message.channel)
        with self.lock:
            old = dict(message.body)
            if self.workspace.log.replies(message.channel, message.ts):
                message.metadata = None
                message.body = {
                    "type": "message",
                    "subtype": "tombstone",
                    "text": "This message was deleted.",
                    "user": "USLACKBOT",
                    "hidden": True,
                    "ts": message.ts,
                    "thread_ts": message.ts,
                }
            else:
                self.workspace.log.remove(message)
        self.show(message)
        if channel is None or message.only_for is not None:
            return None
        event_ts = self.workspace.log.mint(channel.id, self.clock())
        event = payloads.deleted_event(channel, old, event_ts)
        return self.tell_in(channel, _EVENT_NAMES[channel.event_kind], event)

    def react(self, message: Message, user: str, name: str) -> bool:
        """Add a reaction and tell the bot of it; False when this user had it there already."""
        with self.lock:
            held = [dict(r) for r in message.body.get("reactions", ())]
            mine = next((r for r in held if r["name"] == name), None)
            if mine is None:
                mine = {"name": name, "users": [], "count": 0}
                held.append(mine)
            if user in mine["users"]:
                return False
            mine |= {"users": [*mine["users"], user], "count": mine["count"] + 1}
            message.body = {**message.body, "reactions": held}
        self._tell_reaction("reaction_added", message, user, name)
        return True

    def unreact(self, message: Message, user: str, name: str) -> None:
        """Take a reaction away and tell the bot of it."""
        with self.lock:
            rest = [
                {**r, "users": [u for u in r["users"] if u != user], "count": r["count"] - 1}
                if r["name"] == name and user in r["users"]
                else r
                for r in message.body.get("reactions", ())
            ]
            message.body = {**message.body, "reactions": [r for r in rest if r["count"] > 0]}
        self._tell_reaction("reaction_removed", message, user, name)

    def _tell_reaction(self, kind: str, message: Message, user: str, name: str) -> None:
        self.show(message)
        channel = self.workspace.conversation(message.channel)
        if channel is not None:
            event = {
                "type": kind,
                "user": user,
                "reaction": name,
                "item_user": message.body.get("user", ""),
                "item": {"type": "message", "channel": channel.id, "ts": message.ts},
                "event_ts": f"{self.clock():.6f}",
            }
            self.tell_in(channel, kind, event)

    def show(self, message: Message) -> None:
        """Tell the pages of those who can see a message that it came, changed or went."""
        event = {
            "type": "message",
            "channel": message.channel,
            "ts": message.ts,
            "thread_ts": message.thread_ts,
        }
        self.feed.publish(event, self.sees(message.channel, message.only_for))

    def sees(self, channel: str, only_for: str | None = None) -> Callable[[str], bool]:
        def concerned(user: str) -> bool:
            if only_for is not None:
                return user == only_for
            found = self.workspace.conversation(channel)
            return found is not None and user in found.members

        return concerned
