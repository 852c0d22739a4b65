"""What every act of a person has in common: may they, and did the bot take note of it?"""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import Any

from bot.emulator.messages import Message
from bot.emulator.payloads import interaction
from bot.emulator.site import Site
from bot.emulator.socket_mode import EnvelopeType, NotAcknowledgedError
from bot.emulator.workspace import Conversation, Person

Json = dict[str, Any]


class ActError(ValueError):
    """Something that a person could not do in Slack either. `code` names it for the page."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Acting:
    """A person's hands. Call these from any thread but the server's own."""

    _site: Site
    _ack_timeout: float
    _server_thread: threading.Thread | None = None

    def _who(self, user: str) -> Person:
        person = self._site.workspace.person(user)
        if person is None:
            raise ActError("user_not_found", f"nobody here has the id {user!r}")
        if person.deleted:
            raise ActError("user_deactivated", f"{user} is deactivated and cannot act")
        return person

    def _where(self, user: str, channel: str) -> Conversation:
        found = self._site.workspace.conversation(channel)
        if found is None:
            raise ActError("channel_not_found", f"there is no conversation {channel!r}")
        if user not in found.members:
            raise ActError("not_in_channel", f"{user} is not in {channel}")
        return found

    def _message(self, user: str, channel: str, ts: str) -> Message:
        self._where(user, channel)
        found = self._site.workspace.log.find(channel, ts)
        if found is None or found.only_for not in (None, user):
            raise ActError("message_not_found", f"{user} sees no message {ts} in {channel}")
        return found

    def _own(self, user: str, channel: str, ts: str) -> Message:
        self._who(user)
        message = self._message(user, channel, ts)
        if message.body.get("user") != user:
            raise ActError("not_yours", f"message {ts} in {channel} is not by {user}")
        return message

    def _heard(self, answer: Future[Json | None] | None) -> None:
        """Wait until an event is acknowledged. Without a connection it stays for the next one,
        and an event that nobody acknowledges in time is Slack's to repeat, not the person's."""
        self._not_on_the_server()
        if answer is None or self._site.hub.connections == 0:
            return
        try:
            answer.result(self._ack_timeout)
        except TimeoutError:
            return

    def _interact(self, kind: EnvelopeType, payload: Json) -> Json | None:
        """Deliver what needs an answer. Raises NotAcknowledgedError when none comes in time."""
        self._not_on_the_server()
        if self._site.hub.connections == 0:
            raise NotAcknowledgedError(
                "no Socket Mode connection is open: start the bot, then act again"
            )
        answer = self._site.hub.deliver(kind, payload)
        try:
            return answer.result(self._ack_timeout)
        except NotAcknowledgedError:
            raise
        except TimeoutError:
            raise NotAcknowledgedError(
                f"no acknowledgement of the {payload.get('type', kind)} payload within "
                f"{self._ack_timeout} s: is a listener registered, and does it call ack()?"
            ) from None

    def _interaction(self, kind: str, person: Person, view_id: str | None = None) -> Json:
        trigger = self._site.triggers.issue(person.id, view_id)
        return interaction(self._site.workspace, kind, person, trigger)

    def _response_url(self, channel: str, user: str, message_ts: str | None) -> str:
        return self._site.origin + self._site.response_urls.issue(channel, user, message_ts)

    def _not_on_the_server(self) -> None:
        if threading.current_thread() is self._server_thread:
            raise RuntimeError("an act waits for the server and cannot run on the server's thread")
