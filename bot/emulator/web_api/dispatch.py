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
from bot.emulator.organisation import Organisation
from bot.emulator.site import Site
from bot.emulator.web_api.call import Call, Json, SlackError
from bot.emulator.web_api.methods import METHODS, Method
from bot.emulator.web_api.rates import RateLimits

Place = tuple[Site, Organisation | None]
"""a workspace, and the organisation whose token a call came with, where it did"""


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

    def _place_of(self, request: Request, args: Mapping[str, Any]) -> Place:
        """The workspace of a token or a code, and the organisation where it is that one's.

        The first workspace for what is nobody's.
        """
        told = (token_of(request, args), args.get("refresh_token"), args.get("code"))
        given = [str(one) for one in told if one]
        for site in self._sites:
            organisation = site.workspace.organisation
            for holder in (site, organisation):
                if holder is not None and any(
                    holder.tokens.knows(one) or holder.codes.knows(one) for one in given
                ):
                    return (site, None) if holder is site else self._within(organisation, args)
        return self._sites[0], None

    def _within(self, organisation: Organisation | None, args: Mapping[str, Any]) -> Place:
        """Which of its workspaces a call is about: the one it names, or that has what it names."""
        own = [site for site in self._sites if site.workspace.organisation is organisation]
        return next((site for site in own if _has_named(site, args)), own[0]), organisation

    async def endpoint(self, request: Request) -> Response:
        name = str(request.path_params["method"])
        try:
            args = await read_args(request)
        except SlackError as refusal:
            return JSONResponse(self._refused(refusal))
        place = self._place_of(request, args)
        fault = place[0].faults.take(name, args)
        if fault is None:
            return self._plain(place, name, args, request, None)
        return await self._under(place, fault, name, args, request)

    async def _under(
        self, place: Place, fault: Fault, name: str, args: Mapping[str, Any], request: Request
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
        answer = self._plain(place, name, args, request, fault)
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
        place: Place,
        name: str,
        args: Mapping[str, Any],
        request: Request,
        fault: Fault | None,
    ) -> Response:
        method = self._methods.get(name)
        if method is None:
            return JSONResponse(self._refused(SlackError("unknown_method", req_method=name)))
        site, organisation = place
        call = Call(site, name, {**client_of(request), **args}, fault, organisation)
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
        """Raise not_authed, invalid_auth, not_allowed_token_type, missing_scope, and what Slack
        answers to an organisation's token that names no workspace, or one that has no app."""
        if method.token == "any":
            return
        token = token_of(request, call.args)
        if not token:
            raise SlackError("not_authed")
        is_app = token == call.site.app_token
        problem = None if is_app else call.holder.tokens.problem(token)
        if problem is not None:
            raise SlackError(problem)
        if method.token != ("app" if is_app else "bot"):
            raise SlackError("not_allowed_token_type")
        if method.scopes:
            call.need(*method.scopes)
        if call.organisation is not None and not method.name.startswith("auth."):
            team = call.text("team_id")
            if method.by_team and team is None:
                raise SlackError("missing_argument")
            if not {team or call.site.workspace.id, call.site.workspace.id} <= (
                call.organisation.admits
            ):
                raise SlackError("team_access_not_granted")

    def _refused(self, refusal: SlackError) -> Json:
        return {"ok": False, "error": refusal.code, **refusal.more}


def _has_named(site: Site, args: Mapping[str, Any]) -> bool:
    """Whether a call names this workspace, or else something that is in it."""
    space = site.workspace
    if args.get("team_id"):
        return bool(args["team_id"] == space.id)
    channel = str(args.get("channel") or args.get("channel_id") or "")
    person = str(args.get("user") or args.get("users") or args.get("user_id") or "")
    return (
        space.conversation(channel) is not None
        or (not channel and space.person(person) is not None)
        or site.triggers.knows(str(args.get("trigger_id")))
        or site.views.get(str(args.get("view_id"))) is not None
    )


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
