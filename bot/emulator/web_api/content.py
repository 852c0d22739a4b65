"""What a message consists of: text, blocks and metadata, checked as Slack checks them."""

from __future__ import annotations

import json
from typing import Any

from bot.emulator.blocks import check_blocks
from bot.emulator.web_api.call import Call, Json, SlackError

LONGEST_TEXT = 40_000
LONGEST_MARKDOWN = 12_000
LARGEST_METADATA = 16_384


def content(call: Call) -> Json:
    """`text`, `blocks`, `attachments` of a call, as they stand in the message.

    Raises SlackError: no_text, msg_too_long, invalid_blocks_format, invalid_blocks.
    """
    text = call.text("text")
    markdown = call.text("markdown_text")
    blocks = call.parsed("blocks", "invalid_blocks_format")
    attachments = call.parsed("attachments", "invalid_attachments")
    if markdown is not None and (text is not None or blocks):
        raise SlackError("markdown_text_conflict")
    if text is not None and len(text) > LONGEST_TEXT:
        raise SlackError("msg_too_long")
    if markdown is not None and len(markdown) > LONGEST_MARKDOWN:
        raise SlackError("msg_too_long")
    if blocks is not None:
        check(blocks)
    if not (text or blocks or attachments or markdown):
        raise SlackError("no_text")
    body: Json = {"text": text if text is not None else markdown or ""}
    if markdown is not None:
        blocks = [{"type": "markdown", "text": markdown}]
    if blocks is not None:
        body["blocks"] = blocks
    if attachments:
        body["attachments"] = attachments
    return body


def check(blocks: Any) -> None:
    """Raise invalid_blocks when Slack would."""
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    problems = check_blocks(blocks, "message")
    if problems:
        raise SlackError("invalid_blocks", problems)


def metadata(call: Call) -> Json | None:
    """The metadata of a call. Raises SlackError: invalid_metadata_format, metadata_too_large."""
    given = call.parsed("metadata", "invalid_metadata_format")
    if given is None:
        return None
    if given == {}:
        return {}
    if (
        not isinstance(given, dict)
        or not isinstance(given.get("event_type"), str)
        or not given["event_type"]
        or not isinstance(given.get("event_payload"), dict)
    ):
        raise SlackError("invalid_metadata_format")
    if len(json.dumps(given)) > LARGEST_METADATA:
        raise SlackError("metadata_too_large")
    return given
