"""conversations.history and conversations.replies: reading back, page by page."""

from __future__ import annotations

import time

from bot.emulator.messages import Message, to_micros
from bot.emulator.web_api.call import SCOPE_FAMILY, Call, Json, SlackError, cursor_at
from bot.emulator.workspace import Conversation

_DEFAULT_LIMIT = 100
_MOST = 999


def history(call: Call) -> Json:
    """Newest first; metadata only with include_all_metadata."""
    channel = _readable(call)
    before = call.offset("next_ts") if call.text("cursor") else None
    rows = [m for m in reversed(call.site.workspace.log.top_level(channel.id)) if _shown(call, m)]
    if before is not None:
        rows = [m for m in rows if to_micros(m.ts) <= before]
    page, following = _cut(call, rows)
    answer: Json = {"messages": _told(call, page), "has_more": bool(following), "pin_count": 0}
    if following:
        answer["response_metadata"] = {"next_cursor": _cursor(following[0])}
    return answer


def replies(call: Call) -> Json:
    """The parent, then its replies, oldest first."""
    channel = _readable(call)
    log = call.site.workspace.log
    start = log.find(channel.id, call.required("ts"))
    if start is None or start.only_for is not None or _lagging(call, start):
        raise SlackError("thread_not_found")
    parent = log.find(channel.id, start.thread_ts or start.ts)
    if parent is None:
        raise SlackError("thread_not_found")
    rows = [m for m in log.replies(channel.id, parent.ts) if _shown(call, m)]
    if call.text("cursor"):
        after = call.offset("next_ts")
        rows = [m for m in rows if to_micros(m.ts) >= after]
    else:
        rows = [parent, *rows]
    page, following = _cut(call, rows)
    answer: Json = {"messages": _told(call, page), "has_more": bool(following)}
    if following:
        answer["response_metadata"] = {"next_cursor": _cursor(following[0])}
    return answer


def _readable(call: Call) -> Conversation:
    channel = call.joined()
    call.need(f"{SCOPE_FAMILY[channel.kind]}:history")
    for bound in ("oldest", "latest"):
        call.micros(bound)  # a bound that is no timestamp is refused even in an empty channel
    return channel


def _cut(call: Call, rows: list[Message]) -> tuple[list[Message], list[Message]]:
    limit = call.number("limit", _DEFAULT_LIMIT) or _DEFAULT_LIMIT
    if not 1 <= limit <= _MOST:
        raise SlackError("invalid_limit")
    return rows[:limit], rows[limit:]


def _told(call: Call, rows: list[Message]) -> list[Json]:
    with_metadata = call.flag("include_all_metadata")
    return [call.site.workspace.log.render(m, with_metadata) for m in rows]


def _shown(call: Call, message: Message) -> bool:
    """Within `oldest` and `latest`, which are left out themselves unless `inclusive`."""
    if _lagging(call, message):
        return False
    inclusive = call.flag("inclusive")
    at = to_micros(message.ts)
    oldest, latest = call.micros("oldest"), call.micros("latest")
    if oldest is not None and (at < oldest or (at == oldest and not inclusive)):
        return False
    return latest is None or at < latest or (at == latest and inclusive)


def _lagging(call: Call, message: Message) -> bool:
    """Under a history_lag fault, what was just committed cannot be read yet."""
    if call.fault is None or call.fault.kind != "history_lag":
        return False
    return time.monotonic() - message.committed < call.fault.seconds


def _cursor(message: Message) -> str:
    return cursor_at("next_ts", to_micros(message.ts))
