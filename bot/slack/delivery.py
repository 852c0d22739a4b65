"""Slack as a channel of delivery: direct messages that are sent once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from slack_sdk.web import SlackResponse

from bot.ports import Ambiguous, Asked, Delivery, Page, Receipt
from bot.settings import SlackSettings
from bot.slack import blocks
from bot.slack.home import home_view
from bot.slack.plainly import drawn_or_plain
from bot.slack.showing import drawn
from bot.slack.streams import EVENT_TYPE, complete, metadata_of, unfinished
from bot.slack.transport import BoundedClient, TokenSource

SKEW_SECONDS = 120.0
"""how far Slack's clock and ours may be apart when a message is looked for"""
PAGE = 15
"""messages a page: what an app with the lowest limit of Slack's may read at once"""

_DRAWN: Mapping[str, Callable[[Mapping[str, Any]], list[blocks.Block]]] = {
    "opener": blocks.opener,
    "welcome": blocks.welcome,
    "answer": blocks.answer,
}


class SlackChannel:
    """`bot.ports.Channel` over Slack's Web API, with `settings.api_url` as its only address."""

    def __init__(self, settings: SlackSettings, token: TokenSource | None = None) -> None:
        self._client = BoundedClient(settings, token=token)
        self._addresses: dict[str, str] = {}

    @property
    def name(self) -> str:
        return "slack"

    @property
    def call_deadline(self) -> float:
        return self._client.deadline + 1.0

    def address_of(self, external_id: str) -> str:
        """The direct message with a member; Slack opens it once and then names the same."""
        if external_id not in self._addresses:
            answer = self._client.within(
                "conversations.open", lambda c: c.conversations_open(users=external_id)
            )
            self._addresses[external_id] = _named(answer, "conversations.open", "channel", "id")
        return self._addresses[external_id]

    def send(self, delivery: Delivery) -> Receipt:
        """Post one message. Raises `Transient`, `Permanent` or `Ambiguous`; never tries again."""
        content = delivery.content
        begun = self._begun(delivery)
        if begun is not None:
            return complete(self._client, delivery, begun)
        answer = self._client.within(
            "chat.postMessage",
            lambda c: drawn_or_plain(
                lambda shown: c.chat_postMessage(
                    channel=delivery.address,
                    text=blocks.fallback(blocks.spoken(content)),
                    blocks=shown,
                    thread_ts=content.get("thread") or None,
                    metadata=metadata_of(delivery),
                    unfurl_links=False,
                    unfurl_media=False,
                    mrkdwn=False,
                    parse="none",
                ),
                _DRAWN[delivery.kind](content),
            ),
        )
        where = str(answer.get("channel") or delivery.address)
        return Receipt(where, _named(answer, "chat.postMessage", "ts"))

    def _begun(self, delivery: Delivery) -> str | None:
        """The message that an answer was begun in, where it may have been. Raises ChannelError."""
        content = delivery.content
        if content.get("begun"):
            return str(content["begun"])
        if not content.get("begun_since"):
            return None
        since = datetime.fromisoformat(str(content["begun_since"]))
        return unfinished(self._client, delivery.address, str(content["thread"]), since)

    def read(
        self,
        address: str,
        since: datetime,
        thread: str | None = None,
        further: str | None = None,
    ) -> Page:
        """One page of a conversation, or of the thread under a message. Raises ChannelError."""
        oldest = f"{since.timestamp() - SKEW_SECONDS:.6f}"
        answer = self._page(address, oldest, further, thread)
        found = {
            delivery: Receipt(address, str(message["ts"]))
            for message in answer.get("messages") or []
            if (delivery := _delivery_of(message)) is not None
        }
        return Page(found, (answer.get("response_metadata") or {}).get("next_cursor") or None)

    def _page(
        self, address: str, oldest: str, cursor: str | None, thread: str | None
    ) -> SlackResponse:
        if thread is not None:
            return self._client.within(
                "conversations.replies",
                lambda c: c.conversations_replies(
                    channel=address,
                    ts=thread,
                    oldest=oldest,
                    cursor=cursor,
                    limit=PAGE,
                    include_all_metadata=True,
                ),
            )
        return self._client.within(
            "conversations.history",
            lambda c: c.conversations_history(
                channel=address,
                oldest=oldest,
                cursor=cursor,
                limit=PAGE,
                include_all_metadata=True,
            ),
        )

    def show_outcome(
        self, receipt: Receipt, content: Mapping[str, Any], note: str, undo: bool
    ) -> None:
        """Redraw an opener: the same words, what happened to it, and a way back.

        `content` may name the ``outcome`` that Undo takes back, and further ``buttons``. An answer
        (it has a ``thread``, or ``answer`` is true) only gets the note.
        """
        if content.get("thread") or content.get("answer"):
            shown = blocks.answer({**content, "note": note})
        else:
            shown = blocks.outcome(content, note, undo)
        self._client.within(
            "chat.update",
            lambda c: c.chat_update(
                channel=receipt.address,
                ts=receipt.message_ref,
                text=blocks.fallback(blocks.spoken(content)),
                blocks=shown,
                parse="none",
            ),
        )

    def show_home(self, external_id: str, home: Mapping[str, Any]) -> None:
        """Draw the member's home tab. Raises `ChannelError`."""
        view = home_view(home)
        self._client.within(
            "views.publish", lambda c: c.views_publish(user_id=external_id, view=view)
        )

    def redraw_modal(self, view: str, content: Mapping[str, Any], asked: Asked) -> None:
        """Draw a modal anew that somebody has open; see `bot.slack.modals.MODALS`."""
        made = drawn(content, asked)
        self._client.within("views.update", lambda c: c.views_update(view_id=view, view=made))

    def suggest(self, address: str, thread: str | None, prompts: Sequence[tuple[str, str]]) -> None:
        """Show prompts where the conversation is begun; a press sends its message."""
        shown = [{"title": label, "message": message} for label, message in prompts]
        self._client.within(
            "assistant.threads.setSuggestedPrompts",
            lambda c: c.assistant_threads_setSuggestedPrompts(
                channel_id=address, thread_ts=thread, prompts=shown
            ),
        )

    def hand_over(self, address: str, name: str, data: bytes, words: str) -> None:
        """Upload a file into the conversation. Raises `ChannelError`.

        Slack gives an address, takes the bytes there, and shows the file once it is told to.
        """
        answer = self._client.within(
            "files.getUploadURLExternal",
            lambda c: c.files_getUploadURLExternal(filename=name, length=len(data)),
        )
        url = _named(answer, "files.getUploadURLExternal", "upload_url")
        file = _named(answer, "files.getUploadURLExternal", "file_id")
        self._client.upload(url, data)
        self._client.within(
            "files.completeUploadExternal",
            lambda c: c.files_completeUploadExternal(
                files=[{"id": file, "title": name}], channel_id=address, initial_comment=words
            ),
        )


def _delivery_of(message: Mapping[str, Any]) -> str | None:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return None
    return str((metadata.get("event_payload") or {}).get("delivery"))


def _named(answer: SlackResponse, what: str, *path: str) -> str:
    found: Any = answer.data
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    if not isinstance(found, str) or not found:
        raise Ambiguous(f"Slack {what}: an answer without {'.'.join(path)}")
    return found
