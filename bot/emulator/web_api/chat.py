"""chat.*: posting, changing and removing messages."""

from __future__ import annotations

from bot.emulator.journal import Entry
from bot.emulator.messages import Message
from bot.emulator.web_api.call import Call, Json, SlackError
from bot.emulator.web_api.content import content, metadata
from bot.emulator.workspace import Conversation


def post_message(call: Call) -> Json:
    channel = writable(call)
    body = content(call)
    meta = metadata(call)
    thread_ts = parent_of(call, channel)
    if thread_ts is not None:
        body["thread_ts"] = thread_ts
        if call.flag("reply_broadcast"):
            body["subtype"] = "thread_broadcast"
    message, _ = call.site.post(channel, {**call.site.bot_author(), **body}, metadata=meta or None)
    note(call, message)
    return {"channel": channel.id, "ts": message.ts, "message": told(message)}


def update(call: Call) -> Json:
    channel = call.conversation()
    message = own_message(call, channel, "cant_update_message")
    if message.streaming:
        raise SlackError("streaming_state_conflict")
    body = content(call)
    if "blocks" not in body:  # Slack drops the old blocks when only a text comes, and says edited
        body |= {"blocks": [], "edited": {"user": call.bot, "ts": message.ts}}
    call.site.change(message, body, metadata(call))
    note(call, message)
    answer = {"channel": channel.id, "ts": message.ts, "text": message.body.get("text", "")}
    return {**answer, "message": told(message)}


def delete(call: Call) -> Json:
    channel = call.conversation()
    message = own_message(call, channel, "cant_delete_message")
    call.site.remove(message)
    note(call, message)
    return {"channel": channel.id, "ts": message.ts}


def post_ephemeral(call: Call) -> Json:
    channel = writable(call)
    person = call.person()
    if person.id not in channel.members:
        raise SlackError("user_not_in_channel")
    body = content(call)
    thread_ts = parent_of(call, channel)
    if thread_ts is not None:
        body["thread_ts"] = thread_ts
    whole = {**call.site.bot_author(), **body, "is_ephemeral": True}
    message, _ = call.site.post(channel, whole, only_for=person.id)
    note(call, message)
    return {"message_ts": message.ts}


def get_permalink(call: Call) -> Json:
    channel = call.conversation()
    ts = call.required("message_ts")
    message = call.site.workspace.log.find(channel.id, ts)
    if message is None:
        raise SlackError("message_not_found")
    space = call.site.workspace
    link = f"https://{space.domain}.slack.com/archives/{channel.id}/p{ts.replace('.', '')}"
    if message.thread_ts is not None:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def writable(call: Call) -> Conversation:
    """The conversation to post to; a member's id stands for the direct message with them."""
    target = call.required("channel")
    space = call.site.workspace
    person = space.person(target)
    if person is not None:
        if person.is_bot:
            raise SlackError("cannot_dm_bot")
        channel, _ = space.dm_between(target, call.bot, call.now)
    else:
        channel = call.conversation()
    if channel.is_archived:
        raise SlackError("is_archived")
    if call.bot not in channel.members:
        granted = call.site.granted_scopes()
        if granted is None or "chat:write.public" not in granted:
            raise SlackError("not_in_channel")
    home = call.site.declared("features", "app_home", "messages_tab_enabled", default=True)
    if channel.kind == "im" and not home:
        raise SlackError("messages_tab_disabled")
    return channel


def parent_of(call: Call, channel: Conversation) -> str | None:
    """The ts of the thread that this call replies in; a reply's own ts leads to its parent."""
    thread_ts = call.text("thread_ts")
    if thread_ts is None:
        return None
    parent = call.site.workspace.log.find(channel.id, thread_ts)
    if parent is None or parent.only_for is not None:
        raise SlackError("thread_not_found")
    return parent.thread_ts or parent.ts


def own_message(call: Call, channel: Conversation, refusal: str) -> Message:
    """The bot's own message of that ts; ephemeral ones cannot be reached this way."""
    message = call.site.workspace.log.find(channel.id, call.required("ts"))
    if message is None or message.only_for is not None:
        raise SlackError("message_not_found")
    if message.body.get("bot_id") != call.site.workspace.bot_id:
        raise SlackError(refusal)
    return message


def told(message: Message) -> Json:
    """The message as its author's answer shows it."""
    if message.metadata is None:
        return message.body
    return {**message.body, "metadata": message.metadata}


def note(call: Call, message: Message) -> None:
    """Write a committed call down."""
    entry = Entry(
        message.ts,
        call.method,
        message.channel,
        message.metadata,
        str(message.body.get("text", "")),
        message.thread_ts,
    )
    call.site.journal.note(entry)
