"""What was said: messages by channel, in the order of their timestamps, with their threads."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
_MICROS = 1_000_000


def to_ts(micros: int) -> str:
    """Microseconds since the epoch as Slack writes a ts: "seconds.micros"."""
    return f"{micros // _MICROS}.{micros % _MICROS:06d}"


def to_micros(ts: str) -> int:
    """The inverse of `to_ts`; also takes "seconds" alone. ValueError for anything else."""
    seconds, _, fraction = ts.partition(".")
    if not seconds.isdigit() or (fraction and not fraction.isdigit()):
        raise ValueError(f"not a Slack timestamp: {ts!r}")
    return int(seconds) * _MICROS + int((fraction or "0").ljust(6, "0")[:6])


@dataclass
class Message:
    """One message: `body` in Slack's shape, beside it what is told only on request."""

    channel: str
    body: Json
    metadata: Json | None = None
    only_for: str | None = None
    streaming: bool = False
    committed: float = field(default_factory=time.monotonic)

    @property
    def ts(self) -> str:
        return str(self.body["ts"])

    @property
    def thread_ts(self) -> str | None:
        """The parent's ts when this is a reply; None for a parent and for a single message."""
        parent = self.body.get("thread_ts")
        return None if parent is None or parent == self.ts else str(parent)


class MessageLog:
    """Messages of every channel. The workspace's lock guards it."""

    def __init__(self) -> None:
        self._messages: dict[str, dict[str, Message]] = {}
        self._replies: dict[tuple[str, str], list[str]] = {}
        self._newest: dict[str, int] = {}

    def mint(self, channel: str, now: float) -> str:
        """A ts that is unique in the channel and later than all before it."""
        micros = max(round(now * _MICROS), self._newest.get(channel, 0) + 1)
        self._newest[channel] = micros
        return to_ts(micros)

    def add(self, message: Message) -> Message:
        """Keep a message whose body bears a minted ts."""
        self._messages.setdefault(message.channel, {})[message.ts] = message
        if message.thread_ts is not None and message.only_for is None:
            self._replies.setdefault((message.channel, message.thread_ts), []).append(message.ts)
        return message

    def backdate(self, channel: str, body: Json, at: float) -> Message:
        """Keep a message at a time of the past; the channel stays sorted."""
        taken = self._messages.setdefault(channel, {})
        micros = round(at * _MICROS)
        while to_ts(micros) in taken:
            micros += 1
        self._newest[channel] = max(self._newest.get(channel, 0), micros)
        last = next(reversed(taken), None)
        message = self.add(Message(channel, {**body, "ts": to_ts(micros)}, committed=0.0))
        if last is not None and to_micros(last) > micros:
            self._messages[channel] = dict(sorted(taken.items(), key=lambda i: to_micros(i[0])))
        return message

    def find(self, channel: str, ts: str) -> Message | None:
        return self._messages.get(channel, {}).get(ts)

    def remove(self, message: Message) -> None:
        self._messages[message.channel].pop(message.ts, None)
        if message.thread_ts is not None:
            siblings = self._replies.get((message.channel, message.thread_ts), [])
            if message.ts in siblings:
                siblings.remove(message.ts)

    def all_in(self, channel: str) -> list[Message]:
        """Everything said in a channel, ephemeral messages and replies too, oldest first."""
        return list(self._messages.get(channel, {}).values())

    def top_level(self, channel: str) -> list[Message]:
        """What the channel itself shows (parents and single messages), oldest first."""
        return [
            m
            for m in self._messages.get(channel, {}).values()
            if m.only_for is None
            and (m.thread_ts is None or m.body.get("subtype") == "thread_broadcast")
        ]

    def replies(self, channel: str, thread_ts: str) -> list[Message]:
        """The replies under a parent, oldest first, without the parent."""
        held = self._messages.get(channel, {})
        return [held[ts] for ts in self._replies.get((channel, thread_ts), ()) if ts in held]

    def render(self, message: Message, with_metadata: bool = False) -> Json:
        """A message as Slack's history tells it: thread counts added, metadata on request."""
        body = dict(message.body)
        replies = self.replies(message.channel, message.ts)
        if replies:
            authors = list(dict.fromkeys(str(r.body.get("user", "")) for r in replies))
            body |= {
                "thread_ts": message.ts,
                "reply_count": len(replies),
                "reply_users_count": len(authors),
                "reply_users": authors,
                "latest_reply": replies[-1].ts,
                "is_locked": False,
                "subscribed": False,
            }
        if with_metadata and message.metadata is not None:
            body["metadata"] = message.metadata
        return body
