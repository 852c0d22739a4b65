"""From an HTTP request to a method's answer: token, scopes, rate, faults, Slack's envelope."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from bot.emulator.connections import ConnectionTable
from bot.emulator.faults import Fault
from bot.emulator.site import Site
from bot.emulator.web_api.call import Call, Json, SlackError
from bot.emulator.web_api.methods import METHODS, Method
from bot.emulator.web_api.rates import RateLimits


class WebApi:
    """Answers /api/METHOD."""

    def __init__(self, site: Site, connections: ConnectionTable, rate_limits: bool) -> None:
        self._sites = [site]
        self._connections = connections
        self._rates = RateLimits(rate_limits)
        self._methods = {m.name: m for m in METHODS}

    def beside(self, site: Site) -> None:
        """Answer for another workspace too, whose tokens tell it apart."""
        self._sites.append(site)

    @property
    def sites(self) -> list[Site]:
        return list(self._sites)

    def _site_of(self, request: Request, args: Mapping[str, Any]) -> Site:
        """The workspace of a token or a code; the first one for what is nobody's."""
        told = (token_of(request, args), args.get("refresh_token"), args.get("code"))
        given = [str(one) for one in told if one]
        for site in self._sites:
            if any(site.tokens.knows(one) or site.codes.knows(one) for one in given):
                return site
        return self._sites[0]

    async def endpoint(self, request: Request) -> Response:
        name = str(request.path_params["method"])
        try:
            args = await read_args(request)
        except SlackError as refusal:
            return JSONResponse(self._refused(refusal))
        site = self._site_of(request, args)
        fault = site.faults.take(name, args)
        if fault is None:
            return self._plain(site, name, args, request, None)
        return await self._under(site, fault, name, args, request)

    async def _under(
        self, site: Site, fault: Fault, name: str, args: Mapping[str, Any], request: Request
    ) -> Response:
        """A call that meets a fault."""
        if fault.kind == "rate_limited":
            return rate_limited(fault.retry_after)
        if fault.kind == "error":
            return JSONResponse(self._refused(SlackError(fault.error)))
        if fault.kind == "drop_before":
            return await self._connections.drop(request)
        if fault.kind == "status" and not fault.after_commit:
            return _broken(fault)
        if fault.kind == "delay" and not fault.after_commit:
            await asyncio.sleep(fault.seconds)
        answer = self._plain(site, name, args, request, fault)
        if fault.kind == "drop_after_commit":
            return await self._connections.drop(request)
        if fault.kind == "status":
            return _broken(fault)
        if fault.kind == "delay" and fault.after_commit:
            await asyncio.sleep(fault.seconds)
        if fault.kind == "drip":
            return StreamingResponse(
                _drip(bytes(answer.body), fault.seconds), media_type="application/json"
            )
        return answer

    def _plain(
        self,
        site: Site,
        name: str,
        args: Mapping[str, Any],
        request: Request,
        fault: Fault | None,
    ) -> Response:
        method = self._methods.get(name)
        if method is None:
            return JSONResponse(self._refused(SlackError("unknown_method", req_method=name)))
        call = Call(site, name, {**client_of(request), **args}, fault)
        wait = self._rates.wait_for(name, method.per_minute, call.text("channel"))
        if wait:
            return rate_limited(wait)
        try:
            self._admit(method, call, request)
            with site.lock:
                answer = {"ok": True, **method.answer(call)}
        except SlackError as refusal:
            answer = self._refused(refusal)
        granted = site.granted_scopes()
        headers = {"x-oauth-scopes": ",".join(sorted(granted or ())), "x-slack-req-id": "emulated"}
        return JSONResponse(answer, headers=headers)

    def _admit(self, method: Method, call: Call, request: Request) -> None:
        """Raise not_authed, invalid_auth, not_allowed_token_type or missing_scope."""
        if method.token == "any":
            return
        token = token_of(request, call.args)
        if not token:
            raise SlackError("not_authed")
        is_app = token == call.site.app_token
        problem = None if is_app else call.site.tokens.problem(token)
        if problem is not None:
            raise SlackError(problem)
        if method.token != ("app" if is_app else "bot"):
            raise SlackError("not_allowed_token_type")
        if method.scopes:
            call.need(*method.scopes)

    def _refused(self, refusal: SlackError) -> Json:
        return {"ok": False, "error": refusal.code, **refusal.more}


def client_of(request: Request) -> dict[str, str]:
    """The app's id and secret of a basic authorization, as `oauth.v2.access` takes them."""
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return {}
    try:
        client, _, secret = base64.b64decode(given, validate=True).decode().partition(":")
    except (ValueError, binascii.Error):
        return {}
    return {"client_id": client, "client_secret": secret}


def token_of(request: Request, args: Mapping[str, Any]) -> str:
    """The token of the header, else of the field `token`."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else str(args.get("token") or "")


async def read_args(request: Request) -> dict[str, Any]:
    """Arguments from the address and from a form or JSON body; JSON's nulls are left out."""
    args: dict[str, Any] = dict(request.query_params)
    body = await request.body()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not body:
        return args
    if kind == "application/json":
        try:
            given = whole(json.loads(body))
        except ValueError:
            raise SlackError("invalid_json") from None
        if not isinstance(given, dict):
            raise SlackError("json_not_object")
        return args | {k: v for k, v in given.items() if v is not None}
    if kind == "application/x-www-form-urlencoded":
        try:
            return args | dict(parse_qsl(body.decode(), keep_blank_values=True))
        except ValueError:
            raise SlackError("invalid_charset") from None
    raise SlackError("invalid_post_type")


def whole(value: Any) -> Any:
    """The same JSON with halves of surrogate pairs, which no answer could carry, replaced."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    return value


def rate_limited(seconds: int) -> Response:
    body = {"ok": False, "error": "ratelimited"}
    return JSONResponse(body, status_code=429, headers={"Retry-After": str(seconds)})


def _broken(fault: Fault) -> Response:
    return JSONResponse({"ok": False, "error": fault.error}, status_code=fault.status)


async def _drip(body: bytes, seconds: float) -> AsyncIterator[bytes]:
    pause = seconds / max(len(body), 1)
    for n in range(len(body)):
        await asyncio.sleep(pause)
        yield body[n : n + 1]
