"""api.test, auth.test, oauth.v2.access, apps.connections.open: as whom one is connected."""

from __future__ import annotations

from bot.emulator.tokens import Refreshed
from bot.emulator.web_api.call import Call, Json, SlackError


def api_test(call: Call) -> Json:
    args = {k: v for k, v in call.args.items() if k != "token"}
    if "error" in args:
        raise SlackError(str(args["error"]), args=args)
    return {"args": args}


def auth_test(call: Call) -> Json:
    space, organisation = call.site.workspace, call.organisation
    roof = {"enterprise_id": space.organisation.id} if space.organisation is not None else {}
    return {
        "url": f"https://{space.domain}.slack.com/",
        "team": space.name if organisation is None else organisation.name,
        "user": space.bot.name,
        "team_id": space.id if organisation is None else organisation.id,
        "user_id": space.bot.id,
        "bot_id": space.bot_id,
        "is_enterprise_install": organisation is not None,
        **roof,
    }


def list_teams(call: Call) -> Json:
    """The workspaces that the token is for."""
    organisation = call.organisation
    admitted = [call.site.workspace] if organisation is None else organisation.admitted
    teams, cursor = call.page([{"id": one.id, "name": one.name} for one in admitted], 100)
    return {"teams": teams, "response_metadata": {"next_cursor": cursor}}


def oauth_access(call: Call) -> Json:
    """An installation's code, or a refresh token, against tokens."""
    space, site = call.site.workspace, call.site
    if call.text("client_id") != space.app_id:
        raise SlackError("invalid_client_id")
    if call.text("client_secret") != site.client_secret:
        raise SlackError("bad_client_secret")
    grant = call.text("grant_type") or "authorization_code"
    if grant == "authorization_code":
        return _installed(call)
    if grant != "refresh_token":
        raise SlackError("invalid_grant_type")
    if not call.holder.tokens.rotate:
        raise SlackError("token_rotation_not_enabled")
    given = call.holder.tokens.trade(call.required("refresh_token"))
    if given is None:
        raise SlackError("invalid_refresh_token")
    return _granted(call, given, site.granted_scopes() or frozenset())


def _installed(call: Call) -> Json:
    code = call.holder.codes.trade(call.required("code"), call.text("redirect_uri"))
    if isinstance(code, str):
        raise SlackError(code)
    if call.organisation is not None:
        call.organisation.has_app = True
    answer = _granted(call, call.holder.tokens.install(), frozenset(code.scopes))
    return {**answer, "authed_user": {"id": code.person}}


def _granted(call: Call, given: Refreshed, scopes: frozenset[str]) -> Json:
    space = call.site.workspace
    answer: Json = {
        "access_token": given.access,
        "token_type": "bot",
        "scope": ",".join(sorted(scopes)),
        "bot_user_id": space.bot.id,
        "app_id": space.app_id,
        "team": {"id": space.id, "name": space.name} if call.organisation is None else None,
        "enterprise": space.organisation.named if space.organisation is not None else None,
        "is_enterprise_install": call.organisation is not None,
    }
    if given.seconds:
        answer |= {"refresh_token": given.refresh, "expires_in": given.seconds}
    return answer


def revoke(call: Call) -> Json:
    """All tokens of the app in this workspace, or in the organisation, end."""
    call.holder.tokens.revoke()
    return {"revoked": True}


def open_connection(call: Call) -> Json:
    if not call.site.declared("settings", "socket_mode_enabled", default=True):
        raise SlackError("not_allowed", ["[ERROR] Socket Mode is not enabled in the manifest"])
    if call.site.hub.stopping:
        raise SlackError("internal_error")
    ticket = call.site.hub.issue_ticket()
    return {"url": f"{call.site.origin.replace('http', 'ws', 1)}/link?ticket={ticket}"}
