"""conversations.*: channels, who is in them, and opening direct messages."""

from __future__ import annotations

from dataclasses import replace

from bot.emulator.web_api.call import SCOPE_FAMILY, Call, Json, SlackError, missing
from bot.emulator.workspace import Conversation

_TYPES = {
    "public_channel": "public",
    "private_channel": "private",
    "im": "im",
    "mpim": "mpim",
}


def conversation_object(call: Call, conversation: Conversation) -> Json:
    """A conversation as conversations.info tells it."""
    base: Json = {
        "id": conversation.id,
        "created": conversation.created,
        "is_archived": conversation.is_archived,
        "is_im": conversation.kind == "im",
        "is_org_shared": False,
        "context_team_id": call.site.workspace.id,
        "updated": conversation.created * 1000,
    }
    if conversation.kind == "im":
        other = next((m for m in conversation.members if m != call.bot), call.bot)
        person = call.site.workspace.person(other)
        gone = person is not None and person.deleted
        return base | {"user": other, "is_user_deleted": gone, "priority": 0}
    return base | {
        "name": conversation.name,
        "name_normalized": conversation.name,
        "is_channel": conversation.kind == "public",
        "is_group": conversation.kind == "private",
        "is_mpim": conversation.kind == "mpim",
        "is_private": conversation.kind != "public",
        "is_general": conversation.name == "general",
        "is_shared": conversation.is_ext_shared,
        "is_ext_shared": conversation.is_ext_shared,
        "is_member": call.bot in conversation.members,
        "creator": conversation.members[0] if conversation.members else "",
        "topic": {"value": conversation.topic, "creator": "", "last_set": 0},
        "purpose": {"value": conversation.purpose, "creator": "", "last_set": 0},
        "num_members": len(conversation.members),
    }


def open_conversation(call: Call) -> Json:
    users = call.ids("users")
    if not users and call.text("channel") is None:
        raise SlackError("users_list_not_supplied")
    if not users:
        found = call.conversation()
        if found.kind not in ("im", "mpim"):
            raise SlackError("method_not_supported_for_channel_type")
        return _opened(call, found, there=True)
    for user in users:
        _check_partner(call, user)
    call.need("im:write" if len(users) == 1 else "mpim:write")
    space = call.site.workspace
    if len(users) == 1:
        channel, there = space.dm_between(users[0], call.bot, call.now)
    else:
        channel, there = space.group_of((*sorted(users), call.bot), call.now)
    return _opened(call, channel, there)


def _check_partner(call: Call, user: str) -> None:
    person = call.site.workspace.person(user)
    if person is None:
        raise SlackError("user_not_found")
    if person.is_bot:
        raise SlackError("cannot_dm_bot")
    if person.deleted:
        raise SlackError("user_disabled")


def _opened(call: Call, channel: Conversation, there: bool) -> Json:
    whole = call.flag("return_im")
    answer: Json = {"channel": conversation_object(call, channel) if whole else {"id": channel.id}}
    return answer | ({"no_op": True, "already_open": True} if there else {})


def list_conversations(call: Call) -> Json:
    wanted = call.ids("types") or ["public_channel"]
    for name in wanted:
        if name not in _TYPES:
            raise SlackError("invalid_types")
        call.need(f"{SCOPE_FAMILY[_TYPES[name]]}:read")
    kinds = {_TYPES[name] for name in wanted}
    hidden = call.flag("exclude_archived")
    rows = [
        c
        for c in call.site.workspace.channels()
        if c.kind in kinds
        and (c.kind == "public" or call.bot in c.members)
        and not (hidden and c.is_archived)
    ]
    page, cursor = call.page(rows, default=100)
    return {
        "channels": [conversation_object(call, c) for c in page],
        "response_metadata": {"next_cursor": cursor},
    }


def info(call: Call) -> Json:
    channel = call.conversation()
    call.need(f"{SCOPE_FAMILY[channel.kind]}:read")
    return {"channel": conversation_object(call, channel)}


def members(call: Call) -> Json:
    channel = call.conversation()
    call.need(f"{SCOPE_FAMILY[channel.kind]}:read")
    page, cursor = call.page(list(channel.members), default=100)
    return {"members": page, "response_metadata": {"next_cursor": cursor}}


def join(call: Call) -> Json:
    if call.text("channel") is None:
        raise missing("channel")
    channel = call.conversation()
    if channel.kind != "public":
        raise SlackError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackError("is_archived")
    if call.bot not in channel.members:
        channel = replace(channel, members=(*channel.members, call.bot))
        call.site.workspace.put_conversation(channel)
        event = {
            "type": "member_joined_channel",
            "user": call.bot,
            "channel": channel.id,
            "channel_type": "C",
            "team": call.site.workspace.id,
            "event_ts": f"{call.now:.6f}",
        }
        call.site.tell_in(channel, "member_joined_channel", event)
    return {"channel": conversation_object(call, channel)}
