"""users.*, dnd.*, team.info: who there is, where, and whether they may be disturbed."""

from __future__ import annotations

from bot.emulator.people import user_object
from bot.emulator.web_api.call import Call, Json, SlackError, missing
from bot.emulator.workspace import Person

_MOST_DND = 50


def info(call: Call) -> Json:
    return {"user": user_object(call.site, call.person(), call.now) | _locale(call, call.person())}


def _locale(call: Call, person: Person) -> Json:
    """What is told only to those who ask for it."""
    return {"locale": person.locale} if call.flag("include_locale") else {}


def list_users(call: Call) -> Json:
    rows, cursor = call.page(call.site.workspace.everyone(), default=1_000)
    return {
        "members": [user_object(call.site, p, call.now) | _locale(call, p) for p in rows],
        "cache_ts": int(call.now),
        "response_metadata": {"next_cursor": cursor},
    }


def get_presence(call: Call) -> Json:
    return {"presence": call.person().presence}


def dnd_info(call: Call) -> Json:
    return _dnd(call, call.person())


def dnd_team_info(call: Call) -> Json:
    wanted = call.ids("users")
    if not wanted:
        raise missing("users")
    if len(wanted) > _MOST_DND:
        raise SlackError("too_many_users")
    people = [call.site.workspace.person(user) for user in wanted]
    return {"users": {p.id: _dnd(call, p) for p in people if p is not None}}


def _dnd(call: Call, person: Person) -> Json:
    window = person.next_dnd(call.now)
    if window is None:
        return {"dnd_enabled": False, "next_dnd_start_ts": 1, "next_dnd_end_ts": 1}
    start, end = (int(t) for t in window)
    return {"dnd_enabled": True, "next_dnd_start_ts": start, "next_dnd_end_ts": end}


def team_info(call: Call) -> Json:
    space = call.site.workspace
    return {
        "team": {
            "id": space.id,
            "name": space.name,
            "domain": space.domain,
            "url": f"https://{space.domain}.slack.com/",
            "email_domain": "",
            "icon": {"image_default": True},
        }
    }
