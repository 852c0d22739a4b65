"""The health endpoint of a process, on loopback: `/health`, `/ready` and `/metrics`."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from sqlalchemy import text

from bot.ports import Refused
from bot.store.database import Store

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Answer = tuple[int, Mapping[str, Any]]


class Health:
    """`/health`: the process lives; `/ready`: it can do its work, as `ready` says.

    `/metrics`: what `metrics` gives, for Prometheus.
    """

    def __init__(
        self, port: int, ready: Callable[[], Answer], metrics: Callable[[], bytes]
    ) -> None:
        class Handler(BaseHTTPRequestHandler):
            answers: ClassVar[Mapping[str, Callable[[], Answer]]] = {
                "/health": lambda: (200, {"status": "alive"}),
                "/ready": ready,
            }

            def do_GET(self) -> None:
                if self.path == "/metrics":
                    self._tell(200, METRICS_TYPE, metrics())
                    return
                answer = self.answers.get(self.path)
                status, body = answer() if answer is not None else (404, {"error": "not found"})
                self._tell(status, "application/json", json.dumps(body).encode())

            def _tell(self, status: int, kind: str, told: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)

            def log_message(self, format: str, *args: Any) -> None:
                return

        try:
            self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        except OSError as error:
            raise Refused(
                f"the health endpoint cannot listen on port {port}: {error}."
                " Set OVERTURE_HEALTH_PORT to a free one (0 finds one)."
            ) from None
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/health"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def readiness(parts: Mapping[str, bool], more: Mapping[str, Any]) -> Answer:
    """200 where every part is well, else 503; with what else there is to say."""
    return 200 if all(parts.values()) else 503, {**parts, **more}


def database_answers(store: Store) -> bool:
    try:
        with store.engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except Exception:  # whatever the driver raises, the answer is the same
        return False
    return True
