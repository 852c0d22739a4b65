"""Answers that grow in their thread while they are written: begun, added to, and closed once.

A stream bears no id of ours until it is closed, for Slack takes metadata only then. So a message
of ours without one, in the thread of an answer, is a stream that was begun and never closed.

Source: docs.slack.dev/reference/methods/chat.startStream, appendStream and stopStream.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.ports import Ambiguous, Delivery, Permanent, Receipt, Transient
from bot.settings import SlackSettings
from bot.slack import blocks
from bot.slack.plainly import drawn_or_plain
from bot.slack.transport import BoundedClient, TokenSource

EVENT_TYPE = "overture_delivery"
REST_SECONDS = 600.0
"""how long no stream is begun where Slack does not know them"""
SKEW_SECONDS = 120.0


def metadata_of(delivery: Delivery) -> dict[str, Any]:
    """What a message of ours is found by: ids only, for any app can read it."""
    return {"event_type": EVENT_TYPE, "event_payload": {"delivery": delivery.id}}


class SlackStreams:
    """`bot.ports.Streams` over Slack's Web API; safe to use from several threads."""

    def __init__(
        self, settings: SlackSettings, token: TokenSource | None = None, team: str | None = None
    ) -> None:
        self._client = BoundedClient(settings, token=token)
        self._team = team
        self._rests_until = 0.0

    def begin(self, delivery: Delivery, person: str) -> SlackStream:
        """Begin an answer in the thread that `delivery` names.

        Raises:
            Transient: it was certainly not begun; Slack wants no more streams for a while.
            Permanent: it was certainly not begun; there are none here.
            Ambiguous: it may have been begun.
        """
        if time.monotonic() < self._rests_until:
            raise Transient("Slack chat.startStream: rests")
        try:
            answer = self._client.within(
                "chat.startStream",
                lambda c: c.chat_startStream(
                    channel=delivery.address,
                    thread_ts=str(delivery.content["thread"]),
                    recipient_user_id=person,
                    recipient_team_id=self._team,
                ),
            )
        except Transient as error:
            self._rests_until = time.monotonic() + max(error.retry_after, 1.0)
            raise
        except Permanent:
            self._rests_until = time.monotonic() + REST_SECONDS
            raise
        ref = answer.get("ts")
        if not isinstance(ref, str) or not ref:
            raise Ambiguous("Slack chat.startStream: an answer without ts")
        return SlackStream(self._client, delivery.address, ref)


class SlackStream:
    """One answer under way."""

    def __init__(self, client: BoundedClient, address: str, ref: str) -> None:
        self._client = client
        self._address = address
        self.message_ref = ref
        self._late = ""

    def add(self, words: str) -> None:
        """Show more words. What Slack does not take now goes with what comes next.

        Raises:
            Permanent: the stream is over.
            Ambiguous: they may be shown; nothing more can be added.
        """
        text = self._late + str(blocks.markdown(words)["text"])
        try:
            self._client.within(
                "chat.appendStream",
                lambda c: c.chat_appendStream(
                    channel=self._address, ts=self.message_ref, markdown_text=text
                ),
            )
        except Transient:
            self._late = text
        else:
            self._late = ""

    def close(self, delivery: Delivery) -> None:
        """End it: from now on it is a message like any other, with its buttons and its id.

        Raises ChannelError where that is not certain; `complete` makes up for it.
        """
        self._client.within(
            "chat.stopStream",
            lambda c: c.chat_stopStream(
                channel=self._address,
                ts=self.message_ref,
                markdown_text=self._late or None,
                blocks=blocks.below_answer(delivery.content) or None,
                metadata=metadata_of(delivery),
            ),
        )


def complete(client: BoundedClient, delivery: Delivery, ref: str) -> Receipt:
    """Make a message that was begun as a stream say all of `delivery`; as often as need be.

    Raises ChannelError, and Ambiguous where it may be done.
    """
    # it may have ended already; else the next call says what is wrong
    with contextlib.suppress(Permanent, Ambiguous):
        client.within(
            "chat.stopStream", lambda c: c.chat_stopStream(channel=delivery.address, ts=ref)
        )
    client.within(
        "chat.update",
        lambda c: drawn_or_plain(
            lambda shown: c.chat_update(
                channel=delivery.address,
                ts=ref,
                text=blocks.fallback(str(delivery.content["text"])),
                blocks=shown,
                metadata=metadata_of(delivery),
                parse="none",
            ),
            blocks.answer(delivery.content),
            bare=(),
        ),
    )
    return Receipt(delivery.address, ref)


def unfinished(client: BoundedClient, address: str, thread: str, since: datetime) -> str | None:
    """The message in a thread that was begun as a stream after `since` and never closed.

    Raises ChannelError.
    """
    oldest = f"{since.timestamp() - SKEW_SECONDS:.6f}"
    answer = client.within(
        "conversations.replies",
        lambda c: c.conversations_replies(
            channel=address, ts=thread, oldest=oldest, limit=15, include_all_metadata=True
        ),
    )
    for message in answer.get("messages") or []:
        if _is_begun(message) and float(message["ts"]) >= since.timestamp() - 1.0:
            return str(message["ts"])
    return None


def _is_begun(message: Mapping[str, Any]) -> bool:
    ours = bool(message.get("bot_id")) and message.get("ts") != message.get("thread_ts")
    return ours and (message.get("metadata") or {}).get("event_type") != EVENT_TYPE
