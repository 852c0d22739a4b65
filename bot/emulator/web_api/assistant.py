"""assistant.threads.*, reactions.add: the small signs around a conversation."""

from __future__ import annotations

import re

from bot.emulator.messages import Message
from bot.emulator.web_api.call import Call, Json, SlackError, missing

_MOST_PROMPTS = 4


def set_status(call: Call) -> Json:
    message = _thread(call)
    if "status" not in call.args:
        raise missing("status")
    event = {
        "type": "typing",
        "channel": message.channel,
        "thread_ts": message.ts,
        "status": call.text("status") or "",
    }
    call.site.feed.publish(event, call.site.sees(message.channel))
    return {}


def set_suggested_prompts(call: Call) -> Json:
    channel = call.joined("channel_id")
    prompts = call.parsed("prompts")
    if not isinstance(prompts, list) or not prompts:
        raise missing("prompts")
    if len(prompts) > _MOST_PROMPTS:
        raise SlackError("too_many_prompts")
    for prompt in prompts:
        if not isinstance(prompt, dict) or not prompt.get("title") or not prompt.get("message"):
            raise SlackError("invalid_arguments", ["[ERROR] a prompt needs title and message"])
    call.site.prompts[channel.id] = prompts
    event = {"type": "prompts", "channel": channel.id, "prompts": prompts}
    call.site.feed.publish(event, call.site.sees(channel.id))
    return {}


def set_title(call: Call) -> Json:
    _thread(call)
    call.required("title")
    return {}


def _thread(call: Call) -> Message:
    channel = call.joined("channel_id")
    message = call.site.workspace.log.find(channel.id, call.required("thread_ts"))
    if message is None or message.thread_ts is not None:
        raise SlackError("invalid_thread_ts")
    return message


def add_reaction(call: Call) -> Json:
    name = call.required("name").strip(":")
    if not re.fullmatch(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?", name):
        raise SlackError("invalid_name")
    channel = call.joined()
    message = call.site.workspace.log.find(channel.id, call.required("timestamp"))
    if message is None or message.only_for is not None:
        raise SlackError("message_not_found")
    if not call.site.react(message, call.bot, name):
        raise SlackError("already_reacted")
    return {}
