"""What the page asks for: the workspace as one member sees it, and acting as that member."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.emulator.acting import ActError
from bot.emulator.controls import BusyError, Controls
from bot.emulator.extension import MOST_BYTES, AskError, Extension, Given
from bot.emulator.messages import Message, to_micros
from bot.emulator.page_acts import PageActs
from bot.emulator.security import PageToken
from bot.emulator.site import Site
from bot.emulator.socket_mode import NotAcknowledgedError
from bot.emulator.viewing import Viewing
from bot.emulator.web_api.dispatch import whole
from bot.emulator.workspace import Conversation, Person

Json = dict[str, Any]
_HOME_QUIET_SECONDS = 2.0


class PageError(Exception):
    """A 4xx with a name and a sentence."""

    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(message)
        self.status, self.error, self.message = status, error, message


class PageApi:
    """Endpoints under /page, except the event stream."""

    def __init__(
        self,
        site: Site,
        viewer: Viewing,
        acts: PageActs,
        controls: Controls,
        token: PageToken,
        pool: Executor,
        notice: str,
        extension: Extension | None = None,
    ) -> None:
        self._site, self._viewer, self._acts, self._controls = site, viewer, acts, controls
        self._token, self._pool, self._notice = token, pool, notice
        self._extension = extension
        self._home_asked: dict[str, float] = {}

    def guarded(
        self, endpoint: Callable[[Request], Awaitable[Json | Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """Behind the token, with errors as the page reads them."""

        async def answer(request: Request) -> Response:
            try:
                if not self._token.admits(request):
                    raise PageError(403, "no_token", "open the address that was printed, token too")
                found = await endpoint(request)
                return found if isinstance(found, Response) else JSONResponse(found)
            except PageError as e:
                return JSONResponse({"error": e.error, "message": e.message}, status_code=e.status)

        return answer

    def _user(self, request: Request) -> str:
        user = request.query_params.get("user", "")
        person = self._site.workspace.person(user)
        if person is None or person.is_bot:
            raise PageError(404, "user_not_found", f"nobody here has the id {user!r}")
        return user

    async def boot(self, request: Request) -> Json:
        space = self._site.workspace
        return {
            "workspace": {"name": space.name, "id": space.id},
            "notice": self._notice,
            "people": [person_of(p) for p in space.everyone()],
            "bot_user": space.bot.id,
            "controls": self._controls.offered(),
            "shortcuts": self._shortcuts(),
            "clock": self._site.clock(),
            "busy": self._site.feed.busy,
            "extended": self._extension is not None,
        }

    def _shortcuts(self) -> list[Json]:
        """The message shortcuts that the app declares, as Slack's menu of a message has them."""
        declared = self._site.declared("features", "shortcuts", default=[])
        return [
            {"callback_id": one["callback_id"], "name": one["name"]}
            for one in declared
            if one.get("type") == "message"
        ]

    async def sidebar(self, request: Request) -> Json:
        user = self._user(request)
        space = self._site.workspace
        with self._site.lock:
            space.dm_between(user, space.bot.id, self._site.clock())
            mine = [c for c in space.channels() if user in c.members and not c.is_archived]
            channels = [self._channel(user, c) for c in mine if c.kind != "im"]
            dms = [self._dm(user, c) for c in mine if c.kind == "im"]
        dms.sort(key=lambda d: (d["user"] != space.bot.id, -float(d["last_ts"] or 0)))
        channels.sort(key=lambda c: str(c["name"]))
        return {"channels": channels, "dms": dms, "clock": self._site.clock()}

    def _channel(self, user: str, channel: Conversation) -> Json:
        return {
            "id": channel.id,
            "name": channel.name,
            "is_private": channel.kind != "public",
            "unread": len(self._unread(user, channel.id)),
        }

    def _dm(self, user: str, channel: Conversation) -> Json:
        said = [m for m in self._site.workspace.log.all_in(channel.id) if m.only_for is None]
        return {
            "id": channel.id,
            "user": next((m for m in channel.members if m != user), user),
            "unread": len(self._unread(user, channel.id)),
            "last_ts": said[-1].ts if said else None,
        }

    def _unread(self, user: str, channel: str) -> list[Message]:
        mark = to_micros(self._site.read_marks.get((user, channel), "0"))
        return [
            m
            for m in self._site.workspace.log.all_in(channel)
            if to_micros(m.ts) > mark and m.only_for is None and m.body.get("user") != user
        ]

    async def messages(self, request: Request) -> Json:
        user = self._user(request)
        channel = request.query_params.get("channel", "")
        thread_ts = request.query_params.get("thread_ts")
        log = self._site.workspace.log
        with self._site.lock:
            found = self._site.workspace.conversation(channel)
            if found is None or user not in found.members:
                raise PageError(403, "not_in_channel", f"{user} is not in {channel!r}")
            everything = log.all_in(channel)
            rows = [m for m in everything if _belongs(m, user, thread_ts)]
            if everything:
                self._site.read_marks[(user, channel)] = everything[-1].ts
            prompts = self._site.prompts.get(channel, ()) if thread_ts is None else ()
            return {"messages": [self._told(m) for m in rows], "prompts": list(prompts)}

    def _told(self, message: Message) -> Json:
        body = self._site.workspace.log.render(message)
        return body | {
            "channel": message.channel,
            "streaming": message.streaming,
            "ephemeral": message.only_for is not None,
        }

    async def home(self, request: Request) -> Json:
        """Opens the home tab. A reading that follows a publication at once is the page refreshing
        itself and tells the bot nothing, or the two would go in circles; so does `peek`."""
        user = self._user(request)
        published = self._site.views.home_published.get(user, -_HOME_QUIET_SECONDS)
        last = max(published, self._home_asked.get(user, -_HOME_QUIET_SECONDS))
        recent = time.monotonic() - last < _HOME_QUIET_SECONDS
        if request.query_params.get("peek") or recent:
            return {"view": self._viewer.home(user)}
        self._home_asked[user] = time.monotonic()
        return {"view": await self._off_loop(self._viewer.open_home, user)}

    async def file(self, request: Request) -> Response:
        """A file that the bot put into a conversation which this person is in."""
        user, wanted = self._user(request), request.query_params.get("id", "")
        held = self._site.uploads.get(wanted)
        there = self._site.workspace.conversation(str((held or {}).get("channel", "")))
        if held is None or there is None or user not in there.members:
            raise PageError(404, "file_not_found", f"no file {wanted!r} here")
        name = quote(str(held["name"]))
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
        return Response(held["data"], media_type="application/octet-stream", headers=headers)

    async def modals(self, request: Request) -> Json:
        return {"views": self._viewer.modals(self._user(request))}

    async def act(self, request: Request) -> Json:
        body = await _body(request)
        try:
            return {"ok": True, **await self._off_loop(self._acts.perform, body)}
        except ActError as refusal:
            return {"ok": False, "error": refusal.code, "message": str(refusal)}
        except NotAcknowledgedError as silence:
            return {"ok": False, "error": "operation_timeout", "message": str(silence)}

    async def control(self, request: Request) -> Json:
        body = await _body(request)
        try:
            self._controls.run(str(body.get("name", "")))
        except BusyError as busy:
            raise PageError(409, "busy", str(busy)) from None
        except KeyError:
            raise PageError(404, "no_such_control", f"no control {body.get('name')!r}") from None
        return {"ok": True}

    async def ask(self, request: Request) -> Json:
        """A question to the extension: JSON values, or a file as the body with its name."""
        name, extension = str(request.path_params["name"]), self._extension
        try:
            given = await self._given(request)
            if extension is None:
                raise KeyError(name)
            answer: Json = await self._off_loop(lambda one: extension.answer(name, one), given)
            return answer
        except AskError as refusal:
            raise PageError(422, "refused", str(refusal)) from None
        except KeyError:
            raise PageError(404, "no_such_question", f"nobody answers {name!r}") from None

    async def _given(self, request: Request) -> Given:
        user = self._user(request) if request.query_params.get("user") else ""
        if request.headers.get("content-type", "").startswith("application/json"):
            return Given(user, await _body(request))
        parts, size = [], 0
        async for part in request.stream():
            size += len(part)
            if size > MOST_BYTES:
                raise AskError(f"the file is larger than {MOST_BYTES // 2**20} MiB")
            parts.append(part)
        return Given(user, {}, b"".join(parts), request.query_params.get("name", "file"))

    async def _off_loop(self, work: Callable[[Any], Any], argument: Any) -> Any:
        """Acts wait for the bot, so they must not hold up the server."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, argument)


def person_of(person: Person) -> Json:
    return {
        **person.extra,
        "id": person.id,
        "name": person.name,
        "real_name": person.real_name,
        "title": person.title,
        "tz": person.tz,
        "is_bot": person.is_bot,
        "deleted": person.deleted,
        "is_guest": person.is_restricted or person.is_ultra_restricted,
        "presence": person.presence,
        "status_text": person.status_text,
    }


def _belongs(message: Message, user: str, thread_ts: str | None) -> bool:
    if message.only_for not in (None, user):
        return False
    if thread_ts is not None:
        return thread_ts in (message.ts, message.thread_ts)
    return message.thread_ts is None or message.body.get("subtype") == "thread_broadcast"


async def _body(request: Request) -> Json:
    try:
        body = whole(await request.json())
    except ValueError:
        raise PageError(400, "invalid_json", "the body is no JSON") from None
    if not isinstance(body, dict):
        raise PageError(400, "invalid_json", "the body must be a JSON object")
    return body
