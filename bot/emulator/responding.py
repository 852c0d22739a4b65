"""Answers by response URL or in the acknowledgement of a command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.emulator.journal import Entry
from bot.emulator.response_urls import ResponseUrl
from bot.emulator.site import Site
from bot.emulator.web_api.call import Call, SlackError
from bot.emulator.web_api.content import content


def respond(
    site: Site, target: ResponseUrl, answer: Mapping[str, Any], via: str = "response_url"
) -> str | None:
    """Replace, delete or add a message. Returns the name of Slack's error, if any; the journal
    names `via` as the method."""
    channel = site.workspace.conversation(target.channel)
    if channel is None:
        return "channel_not_found"
    original = site.workspace.log.find(target.channel, target.message_ts or "")
    if _true(answer.get("delete_original")) and original is not None:
        site.remove(original)
        _note(site, target, original.ts, via)
        return None
    try:
        body = content(Call(site, "response_url", answer))
    except SlackError as refusal:
        return refusal.code
    if _true(answer.get("replace_original")) and original is not None:
        site.change(original, {"blocks": [], **body})
        _note(site, target, original.ts, via)
        return None
    public = answer.get("response_type") == "in_channel"
    whole = {**site.bot_author(), **body}
    if answer.get("thread_ts"):
        whole["thread_ts"] = answer["thread_ts"]
    if not public:
        whole["is_ephemeral"] = True
    message, _ = site.post(channel, whole, only_for=None if public else target.user)
    _note(site, target, message.ts, via)
    return None


def _note(site: Site, target: ResponseUrl, ts: str, via: str) -> None:
    site.journal.note(Entry(ts, via, target.channel))


def _true(value: object) -> bool:
    return str(value).lower() == "true"
