"""The language model that a bench of replies talks to, in a process of its own.

    python -m bot.benching.replies_servers TOKEN_SECONDS

It tells as one line of JSON where it is, streams answers token by token until its standard input
ends, and then tells when the first token of each answer left, by the member that asked.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

ANSWER = (
    "Count skips nulls. A left join keeps every row of the left table. Rows without a match carry"
    " nulls on the right."
)
"""what the guards let pass for the item of the bench"""
MARK = re.compile(r"member (\d+) asks")


def tokens() -> list[str]:
    """The answer as a model gives it: about four characters a token."""
    return re.findall(r".{1,4}", ANSWER, re.S)


def _chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "fixed"}
    return f"data: {json.dumps({**head, 'choices': [choice]})}\n\n".encode()


def main(seconds: float) -> None:
    """Serve until the standard input ends."""
    first: dict[str, float] = {}

    async def complete(request: Request) -> Response:
        asked = MARK.search((await request.body()).decode())
        name = asked[1] if asked is not None else ""

        async def said() -> AsyncIterator[bytes]:
            for token in tokens():
                await asyncio.sleep(seconds)
                first.setdefault(name, time.monotonic())
                yield _chunk({"content": token})
            yield _chunk({}, "stop")
            yield b"data: [DONE]\n\n"

        return StreamingResponse(said(), media_type="text/event-stream")

    app = Starlette(routes=[Route("/v1/chat/completions", complete, methods=["POST"])])
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_level="error", lifespan="off", backlog=1024)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        print(json.dumps({"url": f"http://127.0.0.1:{listening.getsockname()[1]}/v1"}), flush=True)
        sys.stdin.read()
        server.should_exit = True
        thread.join(10)
    print(json.dumps({"first": first}), flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]))
