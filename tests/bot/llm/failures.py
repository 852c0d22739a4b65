"""Every way in which a model server fails, by name."""

from __future__ import annotations

import gzip
from collections.abc import Mapping

from tests.bot.llm.server import Behaviour, Exchange


def cut_off(exchange: Exchange) -> None:
    handler = exchange.handler
    handler.send_response(200)
    handler.send_header("content-type", "application/json")
    handler.send_header("content-length", "5000")
    handler.end_headers()
    handler.wfile.write(b'{"id": "c1", "choices": [{"mess')


def enormous(exchange: Exchange) -> None:
    handler = exchange.handler
    handler.send_response(200)
    handler.send_header("content-type", "application/json")
    handler.end_headers()
    for _ in range(4000):
        handler.wfile.write(b"x" * 65536)


def bomb(exchange: Exchange) -> None:
    body = gzip.compress(b" " * 50_000_000)
    exchange.send(200, body, content_encoding="gzip")


def hang_up(exchange: Exchange) -> None:
    exchange.handler.connection.close()


def drip_error(exchange: Exchange) -> None:
    exchange.handler.send_response(500)
    exchange.handler.send_header("content-type", "text/plain")
    exchange.handler.end_headers()
    while not exchange.stopping.wait(0.05):
        exchange.handler.wfile.write(b".")
        exchange.handler.wfile.flush()


def silent(exchange: Exchange) -> None:
    exchange.stopping.wait(30)


def cut_chunks(exchange: Exchange) -> None:
    handler = exchange.handler
    handler.send_response(200)
    handler.send_header("content-type", "application/json")
    handler.send_header("transfer-encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b'8\r\n{"id": 1\r\n40\r\n, ')


FAILURES: Mapping[str, Behaviour] = {
    "too many requests": lambda it: it.fail(429),
    "too many requests for two minutes": lambda it: it.fail(429, retry_after="110"),
    "server error": lambda it: it.fail(500),
    "unavailable": lambda it: it.fail(503, retry_after="Wed, 21 Oct 2099 07:28:00 GMT"),
    "unauthorised": lambda it: it.fail(401),
    "unknown model": lambda it: it.fail(404),
    "refuses every wording": lambda it: it.fail(400),
    "redirect": lambda it: it.send(307, b"", location="http://127.0.0.1:9/elsewhere"),
    "dripping body": lambda it: it.drip(),
    "dripping head": lambda it: it.drip(b"x-a: b\r\n", head=False),
    "dripping error": drip_error,
    "silent": silent,
    "cut off": cut_off,
    "cut chunks": cut_chunks,
    "hung up": hang_up,
    "broken json": lambda it: it.send(200, b'{"id": '),
    "no json": lambda it: it.send(200, b"<html>hello</html>", content_type="text/html"),
    "other json": lambda it: it.send(200, b"[1, 2]"),
    "no utf-8": lambda it: it.send(200, b'{"a": "\xff\xfe"}'),
    "deep json": lambda it: it.send(200, b"[" * 100_000),
    "odd choices": lambda it: it.send(200, b'{"object": "chat.completion", "choices": 5}'),
    "no choices": lambda it: it.send(200, b'{"object": "chat.completion", "choices": []}'),
    "bare choice": lambda it: it.send(200, b'{"object": "chat.completion", "choices": [{}]}'),
    "wrong schema": lambda it: it.say('{"text": ["a"], "withhold": "perhaps"}'),
    "prose": lambda it: it.say("I think you should say hello."),
    "deep answer": lambda it: it.say('{"a":' * 50_000),
    "refusal": lambda it: it.say(None, refusal="I will not."),
    "filtered": lambda it: it.say("", "content_filter"),
    "too long": lambda it: it.say('{"text": "In the', "length"),
    "empty content": lambda it: it.say(""),
    "null content": lambda it: it.say(None),
    "empty body": lambda it: it.send(200, b""),
    "enormous": enormous,
    "enormous answer": lambda it: it.say('{"text": "' + "w " * 700_000 + '"}'),
    "compression bomb": bomb,
}

COUNTED_AS: Mapping[str, str] = {
    **dict.fromkeys(FAILURES, "unusable"),
    **dict.fromkeys(("too many requests", "too many requests for two minutes"), "rate_limited"),
    **dict.fromkeys(("server error", "unavailable"), "server_error"),
    **dict.fromkeys(
        ("unauthorised", "unknown model", "refuses every wording", "redirect"), "refused_request"
    ),
    **dict.fromkeys(("dripping body", "dripping head", "dripping error", "silent"), "timeout"),
    **dict.fromkeys(("cut off", "cut chunks", "hung up"), "unreachable"),
    **dict.fromkeys(("wrong schema", "prose", "deep answer"), "wrong_shape"),
    **dict.fromkeys(("refusal", "filtered"), "refusal"),
    **dict.fromkeys(("empty content", "null content"), "empty"),
    **dict.fromkeys(("odd choices", "no choices", "bare choice"), "empty"),
    **dict.fromkeys(("enormous", "enormous answer", "compression bomb"), "too_large"),
    "too long": "cut_off",
}
"""What each is counted as."""
