"""Slack's side of an installation: the page that asks a person, and the codes it gives out.

Source: docs.slack.dev/authentication/installing-with-oauth.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

if TYPE_CHECKING:
    from bot.emulator.site import Site

CODE_SECONDS = 600.0


@dataclass(frozen=True)
class Code:
    """What a code was given out for."""

    redirect: str
    scopes: tuple[str, ...]
    person: str
    ends: float


class Codes:
    """Codes that are good for one exchange, within ten minutes."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[str, Code] = {}
        self._used: set[str] = set()

    def issue(self, redirect: str, scopes: Sequence[str], person: str) -> str:
        code = secrets.token_urlsafe(24)
        with self._lock:
            ends = self._clock() + CODE_SECONDS
            self._open[code] = Code(redirect, tuple(scopes), person, ends)
        return code

    def knows(self, code: str) -> bool:
        return code in self._open or code in self._used

    def trade(self, code: str, redirect: str | None) -> Code | str:
        """What it was for; else Slack's word against it."""
        with self._lock:
            if code in self._used:
                return "code_already_used"
            found = self._open.get(code)
            if found is None or self._clock() >= found.ends:
                return "invalid_code"
            if redirect != found.redirect:
                return "bad_redirect_uri"
            del self._open[code]
            self._used.add(code)
            return found


class AuthorizePage:
    """`/oauth/v2/authorize`: one link a workspace or organisation that may be installed to, and
    one that declines.

    Links instead of Slack's form: a form's redirect would need a policy of its own.
    """

    def __init__(self, sites: Callable[[], Sequence[Site]]) -> None:
        self._sites = sites

    async def ask(self, request: Request) -> Response:
        given = request.query_params
        problem = self._problem(given.get("client_id", ""), given.get("scope", ""))
        if problem is not None:
            return HTMLResponse(_page("Something went wrong", f"<p>{escape(problem)}</p>"), 400)
        scopes = "".join(f"<li>{escape(one)}</li>" for one in given.get("scope", "").split(","))
        links = "".join(
            f'<p><a id="allow-{escape(place)}" href="{_link(request, place)}">'
            f"Allow in {escape(name)}</a></p>"
            for place, (name, _, _) in self._places().items()
        )
        no = escape(_back(given.get("redirect_uri", ""), error="access_denied", **_state(request)))
        told = f'<ul>{scopes}</ul>{links}<p><a id="cancel" href="{no}">Cancel</a></p>'
        return HTMLResponse(_page("An app asks for access to a workspace", told))

    async def allow(self, request: Request) -> Response:
        given = request.query_params
        place = self._places().get(given.get("team", ""))
        if place is None:
            return HTMLResponse(_page("Something went wrong", "<p>no such workspace</p>"), 404)
        redirect = given.get("redirect_uri", "")
        scopes = given.get("scope", "").split(",")
        _, codes, installer = place
        code = codes.issue(redirect, scopes, given.get("user") or installer)
        return RedirectResponse(_back(redirect, code=code, **_state(request)), 302)

    def _problem(self, client: str, scope: str) -> str | None:
        """Slack's words against what an app asks for."""
        site = self._sites()[0]
        if client != site.workspace.app_id:
            return "Invalid client_id parameter"
        if not scope:
            return "No scopes requested"
        declared = site.granted_scopes()
        unknown = set(scope.split(",")) - declared if declared is not None else set()
        return f"Invalid permissions requested: {', '.join(sorted(unknown))}" if unknown else None

    def _places(self) -> dict[str, tuple[str, Codes, str]]:
        """What may be installed to, by id: its name, its codes and who agrees."""
        found: dict[str, tuple[str, Codes, str]] = {}
        for site in self._sites():
            space, roof = site.workspace, site.workspace.organisation
            found[space.id] = (space.name, site.codes, site.installer)
            if roof is not None:
                found.setdefault(roof.id, (roof.name, roof.codes, site.installer))
        return found


def _link(request: Request, place: str) -> str:
    query = {**request.query_params, "team": place}
    return escape(f"/oauth/v2/authorize/allow?{urlencode(query)}")


def _state(request: Request) -> dict[str, str]:
    return {"state": request.query_params.get("state", "")}


def _back(redirect: str, **query: str) -> str:
    return f"{redirect}{'&' if '?' in redirect else '?'}{urlencode(query)}"


def _page(title: str, told: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>'
        f"{escape(title)}</title></head><body><main><h1>{escape(title)}</h1>{told}</main></body>"
    )
