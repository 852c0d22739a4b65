"""THE list of Web API methods: who answers, with which token, under which scope.

Scopes that depend on the kind of conversation are checked where the conversation is known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from bot.emulator.web_api import (
    assistant,
    auth,
    chat,
    conversations,
    files,
    history,
    streams,
    users,
    views,
)
from bot.emulator.web_api.call import Call, Json


@dataclass(frozen=True)
class Method:
    """One method. `scopes`: any one of them will do. `per_minute`: Slack's rate tier. Of a method
    `by_team` an organisation's token has to say for which of its workspaces."""

    name: str
    answer: Callable[[Call], Json]
    scopes: tuple[str, ...] = ()
    per_minute: int = 50
    token: Literal["bot", "app", "any"] = "bot"
    by_team: bool = False


METHODS: tuple[Method, ...] = (
    Method("api.test", auth.api_test, per_minute=1_000, token="any"),
    Method("auth.test", auth.auth_test, per_minute=1_000),
    Method("auth.revoke", auth.revoke),
    Method("auth.teams.list", auth.list_teams, per_minute=20),
    Method("oauth.v2.access", auth.oauth_access, token="any"),
    Method("apps.connections.open", auth.open_connection, token="app"),
    Method("team.info", users.team_info, ("team:read",)),
    Method("users.info", users.info, ("users:read",), 100),
    Method("users.list", users.list_users, ("users:read",), 20, by_team=True),
    Method("users.getPresence", users.get_presence, ("users:read",)),
    Method("dnd.info", users.dnd_info, ("dnd:read",), by_team=True),
    Method("dnd.teamInfo", users.dnd_team_info, ("dnd:read",), 20, by_team=True),
    Method("conversations.open", conversations.open_conversation),
    Method("conversations.list", conversations.list_conversations, per_minute=20, by_team=True),
    Method("conversations.info", conversations.info),
    Method("conversations.members", conversations.members, per_minute=100),
    Method("conversations.join", conversations.join, ("channels:join",)),
    Method("conversations.history", history.history),
    Method("conversations.replies", history.replies),
    Method("chat.postMessage", chat.post_message, ("chat:write",)),
    Method("chat.update", chat.update, ("chat:write",)),
    Method("chat.delete", chat.delete, ("chat:write",)),
    Method("chat.postEphemeral", chat.post_ephemeral, ("chat:write",), 100),
    Method("chat.getPermalink", chat.get_permalink, per_minute=1_000),
    Method("chat.startStream", streams.start, ("chat:write",), 20),
    Method("chat.appendStream", streams.append, ("chat:write",), 100),
    Method("chat.stopStream", streams.stop, ("chat:write",), 20),
    Method("reactions.add", assistant.add_reaction, ("reactions:write",)),
    Method("views.open", views.open_view, per_minute=100),
    Method("views.push", views.push, per_minute=100),
    Method("views.update", views.update, per_minute=100),
    Method("views.publish", views.publish, per_minute=100),
    Method("assistant.threads.setStatus", assistant.set_status, ("assistant:write", "chat:write")),
    Method(
        "assistant.threads.setSuggestedPrompts",
        assistant.set_suggested_prompts,
        ("assistant:write",),
    ),
    Method("assistant.threads.setTitle", assistant.set_title, ("assistant:write",)),
    Method("files.getUploadURLExternal", files.get_upload_url, ("files:write",)),
    Method("files.completeUploadExternal", files.complete_upload, ("files:write",)),
)
