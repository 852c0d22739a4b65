"""What a bench of delivery talks to, in processes of their own: a Slack and a language model.

    python -m bot.benching.delivery_servers slack MEMBERS TIERS FAILING
    python -m bot.benching.delivery_servers model SECONDS FAILING

Each tells as one line of JSON where it is, serves until its standard input ends, and then tells
what it saw. FAILING is how many calls of a hundred fail.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bot.emulator import EmulatedWorkspace, Emulator, Fault, Person
from bot.sending import SystemClock

ANSWER = {
    "text": "Left joins keep what has no match, which is easy to forget when counting."
    " Would you like to see how to count them?",
    "withhold": False,
    "reason": "",
}
"""an opener that the guards let pass for the item of the bench"""


def member(number: int) -> str:
    return f"U{number:06d}"


def every(percent: int) -> Callable[[Mapping[str, Any]], bool]:
    """True for so many of a hundred calls, evenly spread."""
    numbers = count(1)
    return lambda _: (number := next(numbers)) * percent // 100 > (number - 1) * percent // 100


def _now() -> float:
    return SystemClock().now().timestamp()


def _slack(members: int, tiers: bool, failing: int) -> None:
    people = [Person(member(number), f"m{number}") for number in range(members)]
    emulator = Emulator(EmulatedWorkspace(people=people), clock=_now, rate_limits=tiers)
    if failing:  # the worst that can fail: it happens, and the answer does not say so
        lost = Fault(
            "chat.postMessage", "status", times=members, after_commit=True, when=every(failing)
        )
        emulator.faults.add(lost)
    with emulator:
        _tell({"url": emulator.api_url, "token": emulator.bot_token})
        sys.stdin.read()
        log = emulator.workspace.log
        posts = emulator.journal.entries("chat.postMessage")
        when = [log.find(post.channel, post.ts) for post in posts]
        last = max((found.committed for found in when if found is not None), default=0.0)
        doubled = len(emulator.journal.doubles("delivery"))
        _tell({"posts": len(posts), "last": last, "doubled": doubled})


def _model(seconds: float, failing: int) -> None:
    fails = every(failing)
    asked = count(1)

    async def complete(request: Request) -> JSONResponse:
        await request.body()
        next(asked)
        await asyncio.sleep(seconds)
        if failing and fails({}):
            return JSONResponse({"error": {"message": "on purpose", "type": "server"}}, 500)
        message = {"role": "assistant", "content": json.dumps(ANSWER), "refusal": None}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        usage = {"prompt_tokens": 400, "completion_tokens": 20, "total_tokens": 420}
        return JSONResponse(
            {"id": "c", "object": "chat.completion", "created": 1, "model": "fixed",
             "choices": [choice], "usage": usage}
        )  # fmt: skip

    app = Starlette(routes=[Route("/v1/chat/completions", complete, methods=["POST"])])
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_level="error", lifespan="off", backlog=1024)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        _tell({"url": f"http://127.0.0.1:{listening.getsockname()[1]}/v1"})
        sys.stdin.read()
        server.should_exit = True
        thread.join(10)
    _tell({"asked": next(asked) - 1})


def _tell(what: Mapping[str, Any]) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    kind, *rest = sys.argv[1:]
    if kind == "slack":
        _slack(int(rest[0]), rest[1] == "tiers", int(rest[2]))
    else:
        _model(float(rest[0]), int(rest[1]))
