"""api.test, auth.test, apps.connections.open: whether and as whom one is connected."""

from __future__ import annotations

from bot.emulator.web_api.call import Call, Json, SlackError


def api_test(call: Call) -> Json:
    args = {k: v for k, v in call.args.items() if k != "token"}
    if "error" in args:
        raise SlackError(str(args["error"]), args=args)
    return {"args": args}


def auth_test(call: Call) -> Json:
    space = call.site.workspace
    return {
        "url": f"https://{space.domain}.slack.com/",
        "team": space.name,
        "user": space.bot.name,
        "team_id": space.id,
        "user_id": space.bot.id,
        "bot_id": space.bot_id,
        "is_enterprise_install": False,
    }


def open_connection(call: Call) -> Json:
    if not call.site.declared("settings", "socket_mode_enabled", default=True):
        raise SlackError("not_allowed", ["[ERROR] Socket Mode is not enabled in the manifest"])
    if call.site.hub.stopping:
        raise SlackError("internal_error")
    ticket = call.site.hub.issue_ticket()
    return {"url": f"{call.site.origin.replace('http', 'ws', 1)}/link?ticket={ticket}"}
