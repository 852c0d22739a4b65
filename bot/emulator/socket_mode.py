"""Socket Mode: connections, envelopes, acknowledgement, redelivery.

Everything here runs on the server's event loop, except `deliver`, which any thread may call.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections import deque
from collections.abc import Container
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Literal
from uuid import UUID

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.emulator.request_url import RequestUrl

Json = dict[str, Any]
EnvelopeType = Literal["events_api", "interactive", "slash_commands"]
MOST_CONNECTIONS = 10
MOST_RETRIES = 3
MOST_WAITING = 1_000


class NotAcknowledgedError(TimeoutError):
    """The bot did not acknowledge in time; a person would see a warning sign in Slack."""


@dataclass
class Envelope:
    """One payload on its way. `answer` resolves with the acknowledgement's payload, if any."""

    id: str
    kind: EnvelopeType
    payload: Json
    answer: Future[Json | None] = field(default_factory=Future)
    attempt: int = 0
    sent: bool = False
    sent_at: float = 0.0
    timer: asyncio.TimerHandle | None = None

    def wire(self) -> str:
        body: Json = {
            "envelope_id": self.id,
            "type": self.kind,
            "accepts_response_payload": self.kind != "events_api",
            "payload": self.payload,
        }
        if self.kind == "events_api":
            body |= {
                "retry_attempt": self.attempt,
                "retry_reason": "timeout" if self.attempt else "",
            }
        return json.dumps(body)


class SocketHub:
    """Open connections and the envelopes that wait for one of them.

    `redeliver` names the envelope types that are sent again when nobody acknowledges them. Slack
    itself repeats only events; the default repeats all, since a bot must bear a doubled press.
    """

    def __init__(self, app_id: str, redeliver_after: float, redeliver: Container[str]) -> None:
        self.app_id = app_id
        self.redeliver_after = redeliver_after
        self.redeliver = redeliver
        self.given_up: list[Envelope] = []
        self.acknowledged: list[tuple[EnvelopeType, float]] = []
        self.sent = 0
        self.stopping = False
        self.loop: asyncio.AbstractEventLoop | None = None
        self.requests: RequestUrl | None = None
        """where payloads go instead, once the app has such an address"""
        self._tickets: set[str] = set()
        self._links: dict[int, asyncio.Queue[str | None]] = {}
        self._turn = count()
        self._numbers = count(1)
        self._pending: dict[str, Envelope] = {}
        self._waiting: deque[Envelope] = deque(maxlen=MOST_WAITING)

    @property
    def connections(self) -> int:
        return len(self._links) if self.requests is None else 1

    def waiting_events(self) -> list[Json]:
        return [e.payload["event"] for e in list(self._waiting) if e.kind == "events_api"]

    def issue_ticket(self) -> str:
        """A ticket that opens one connection."""
        ticket = secrets.token_urlsafe(16)
        self._tickets.add(ticket)
        return ticket

    def deliver(self, kind: EnvelopeType, payload: Json) -> Future[Json | None]:
        """Hand a payload to any open connection, or keep it for the next one."""
        envelope = Envelope(str(UUID(int=next(self._numbers))), kind, payload)
        if self.requests is not None:
            self.requests.send(kind, payload, envelope.answer)
        elif self.loop is None:
            self._waiting.append(envelope)
        else:
            self.loop.call_soon_threadsafe(self._send, envelope)
        return envelope.answer

    async def serve(self, socket: WebSocket) -> None:
        """One connection, from its ticket to its end."""
        ticket = socket.query_params.get("ticket", "")
        if ticket not in self._tickets or len(self._links) >= MOST_CONNECTIONS:
            await socket.close(code=1008)
            return
        self._tickets.discard(ticket)
        await socket.accept()
        number, outgoing = next(self._turn), asyncio.Queue[str | None]()
        outgoing.put_nowait(self._hello(len(self._links) + 1))
        self._links[number] = outgoing
        writer = asyncio.ensure_future(self._write(socket, outgoing))
        waiting, self._waiting = self._waiting, deque(maxlen=MOST_WAITING)
        for envelope in waiting:
            self._send(envelope)
        try:
            while True:
                self._acknowledge(await socket.receive_text())
        except (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            self._links.pop(number, None)
            outgoing.put_nowait(None)
            with contextlib.suppress(Exception):
                await writer

    async def _write(self, socket: WebSocket, outgoing: asyncio.Queue[str | None]) -> None:
        while (text := await outgoing.get()) is not None:
            try:
                await socket.send_text(text)
            except (WebSocketDisconnect, RuntimeError):
                return
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await socket.close()

    def _hello(self, number: int) -> str:
        info = {"host": "127.0.0.1", "build_number": 1, "approximate_connection_time": 18060}
        return json.dumps(
            {
                "type": "hello",
                "num_connections": number,
                "connection_info": {"app_id": self.app_id},
                "debug_info": info,
            }
        )

    def _send(self, envelope: Envelope) -> None:
        if envelope.answer.done():
            return
        if not self._links:
            self._waiting.append(envelope)
            return
        assert self.loop is not None
        if envelope.sent:
            envelope.attempt += 1
        else:
            envelope.sent, envelope.sent_at = True, self.loop.time()
        self._pending[envelope.id] = envelope
        links = list(self._links.values())
        links[next(self._turn) % len(links)].put_nowait(envelope.wire())
        self.sent += 1
        envelope.timer = self.loop.call_later(self.redeliver_after, self._overdue, envelope)

    def _overdue(self, envelope: Envelope) -> None:
        if self._pending.pop(envelope.id, None) is None:
            return
        if envelope.kind in self.redeliver and envelope.attempt < MOST_RETRIES:
            self._pending[envelope.id] = envelope
            self._send(envelope)
            return
        self.given_up.append(envelope)
        envelope.answer.set_exception(
            NotAcknowledgedError(
                f"{envelope.kind} envelope {envelope.id} was sent {envelope.attempt + 1} times "
                "and never acknowledged: is the listener registered, and does it call ack()?"
            )
        )

    def _acknowledge(self, text: str) -> None:
        try:
            answer = json.loads(text)
            envelope = self._pending.pop(answer["envelope_id"], None)
        except (ValueError, KeyError, TypeError):
            return
        if envelope is None:
            return
        if envelope.timer is not None:
            envelope.timer.cancel()
        assert self.loop is not None
        self.acknowledged.append((envelope.kind, self.loop.time() - envelope.sent_at))
        payload = answer.get("payload")
        envelope.answer.set_result(payload if isinstance(payload, dict) else None)

    def gave_up(self, kind: EnvelopeType, payload: Json) -> None:
        """Note what nobody acknowledged, though it was sent as a request."""
        self.given_up.append(Envelope("", kind, payload))

    def disconnect(self, reason: str | None) -> None:
        """Close every connection: politely with a `disconnect` message, or abruptly (None)."""
        for outgoing in self._links.values():
            if reason is not None:
                info = {"host": "127.0.0.1"}
                notice = {"type": "disconnect", "reason": reason, "debug_info": info}
                outgoing.put_nowait(json.dumps(notice))
            outgoing.put_nowait(None)
        self._links.clear()

    def stop(self) -> None:
        """End all of it: timers, connections, envelopes that nobody will answer."""
        self.stopping = True
        for envelope in (*self._pending.values(), *self._waiting):
            if envelope.timer is not None:
                envelope.timer.cancel()
            if not envelope.answer.done():
                envelope.answer.set_exception(NotAcknowledgedError("the emulator has stopped"))
        self._pending.clear()
        self._waiting.clear()
        self.disconnect("warning")
