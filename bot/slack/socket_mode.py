"""Slack's events over a connection that we open: no port, for one workspace."""

from __future__ import annotations

import contextlib
import socket
import time

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk.socket_mode.builtin import SocketModeClient

from bot.ports import Refused
from bot.slack.transport import BoundedClient

STOP_SECONDS = 10.0


class SocketMode:
    """One connection; slack_sdk opens it again when it breaks."""

    def __init__(self, app: App, app_token: str, client: BoundedClient) -> None:
        self._handler = SocketModeHandler(app, app_token, web_client=client, ping_interval=2)
        self._handler.client.proxy = client.proxy
        _let_go_of_former_sessions(self._handler.client)

    @property
    def connected(self) -> bool:
        return bool(self._handler.client.is_connected())

    def start(self) -> None:
        """Connect, and hear from then on. Raises Refused where Slack opens no connection."""
        try:
            self._handler.connect()  # type: ignore[no-untyped-call]
        except Exception as error:
            self.stop()
            raise Refused(
                f"Slack opens no connection: {error}. Check OVERTURE_SLACK__APP_TOKEN, that Socket"
                " Mode is on, and that the network lets us reach it."
            ) from None

    def stop(self) -> None:
        """Disconnect; what is being stored is stored, and no thread stays behind."""
        client = self._handler.client
        client.closed, client.auto_reconnect_enabled = True, False
        client.message_queue.put(None)  # the reader sleeps up to a second otherwise
        client.message_processor.shutdown()  # type: ignore[no-untyped-call]
        client.message_workers.shutdown(wait=True)  # what is being stored is acknowledged yet
        _end_session(client)
        self._handler.close()  # type: ignore[no-untyped-call]
        self._handler.app.listener_runner.listener_executor.shutdown(wait=True)


def _let_go_of_former_sessions(client: SocketModeClient) -> None:
    """Let no session that cannot be closed keep the one that follows it from being read.

    slack_sdk closes the former one before it takes the new one for its own. Where the former's
    reader closes it in that moment, closing fails, and Slack would talk to a connection that
    nobody listens to.
    """
    connect = client.connect

    def connecting() -> None:
        former = client.current_session
        if former is not None:
            close = former.close

            def closing() -> None:
                with contextlib.suppress(AttributeError, OSError):
                    close()

            former.close = closing  # type: ignore[method-assign]
        connect()

    client.connect = connecting  # type: ignore[method-assign]


def _end_session(client: SocketModeClient) -> None:
    """Wake and end the thread that reads the connection, even one that is just starting."""
    runner = client.current_session_runner
    runner.event.set()
    end = time.monotonic() + STOP_SECONDS
    while runner.is_alive() and time.monotonic() < end:
        client.current_session_state.terminated = True  # a session that starts clears it
        session = client.current_session
        reading = session.sock if session is not None else None
        if reading is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(reading, socket.SHUT_RDWR)
        runner.thread.join(0.02)
