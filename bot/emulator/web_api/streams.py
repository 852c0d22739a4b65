"""chat.startStream, appendStream, stopStream: an answer that grows while it is written."""

from __future__ import annotations

from bot.emulator.messages import Message
from bot.emulator.web_api.call import Call, Json, SlackError, missing
from bot.emulator.web_api.chat import note, own_message, parent_of, told, writable
from bot.emulator.web_api.content import LONGEST_MARKDOWN, check, metadata


def start(call: Call) -> Json:
    channel = writable(call)
    if call.text("thread_ts") is None:
        raise missing("thread_ts")
    if channel.kind not in ("im", "mpim") and call.text("recipient_user_id") is None:
        raise SlackError("missing_recipient_user_id")
    thread_ts = parent_of(call, channel)
    body = {**call.site.bot_author(), "text": written(call), "thread_ts": thread_ts}
    message, _ = call.site.post(channel, body, streaming=True)
    note(call, message)
    return {"channel": channel.id, "ts": message.ts}


def append(call: Call) -> Json:
    message = _streaming(call)
    more = written(call)
    if not more and not call.args.get("chunks"):
        raise missing("markdown_text")
    call.site.change(message, {"text": _joined(message, more)})
    note(call, message)
    return {"channel": message.channel, "ts": message.ts}


def stop(call: Call) -> Json:
    message = _streaming(call)
    blocks = call.parsed("blocks", "invalid_blocks_format")
    if blocks is not None:
        check(blocks)
    meta = metadata(call)
    changes: Json = {"text": _joined(message, written(call))}
    if blocks:
        changes["blocks"] = [{"type": "markdown", "text": changes["text"]}, *blocks]
        if not changes["text"]:
            changes["blocks"] = blocks
    call.site.change(message, changes, meta)
    message.streaming = False
    call.site.show(message)
    channel = call.conversation()
    call.site.tell_message(channel, message)
    note(call, message)
    return {"channel": message.channel, "ts": message.ts, "message": told(message)}


def written(call: Call) -> str:
    """The Markdown that this call adds, from `markdown_text` or from text chunks."""
    parts = [call.text("markdown_text") or ""]
    chunks = call.parsed("chunks") or []
    if not isinstance(chunks, list):
        raise SlackError("invalid_chunks")
    for chunk in chunks:
        if not isinstance(chunk, dict) or "type" not in chunk:
            raise SlackError("invalid_chunks")
        if chunk["type"] == "markdown_text":
            parts.append(str(chunk.get("text", "")))
    text = "".join(parts)
    if len(text) > LONGEST_MARKDOWN:
        raise SlackError("msg_too_long")
    return text


def _joined(message: Message, more: str) -> str:
    text = str(message.body.get("text", "")) + more
    if len(text) > LONGEST_MARKDOWN:
        raise SlackError("msg_too_long")
    return text


def _streaming(call: Call) -> Message:
    message = own_message(call, call.conversation(), "message_not_owned_by_app")
    if not message.streaming:
        raise SlackError("message_not_in_streaming_state")
    return message
