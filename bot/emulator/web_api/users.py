"""users.*, dnd.*, team.info: who there is, where, and whether they may be disturbed."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.emulator.web_api.call import Call, Json, SlackError, missing
from bot.emulator.workspace import Person

_MOST_DND = 50


def user_object(call: Call, person: Person) -> Json:
    """A person as users.info tells it; deleted ones keep hardly more than their name."""
    team = call.site.workspace.id
    user: Json = {
        "id": person.id,
        "team_id": "T0STRANGER" if person.is_stranger else team,
        "name": person.name,
        "deleted": person.deleted,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "updated": 0,
        "profile": _profile(call, person),
    }
    if person.is_stranger:
        user["is_stranger"] = True
    if person.deleted:
        return user
    zone = datetime.fromtimestamp(call.now, ZoneInfo(person.tz))
    return user | {
        "real_name": person.real_name,
        "tz": person.tz,
        "tz_label": zone.tzname() or person.tz,
        "tz_offset": person.tz_offset(call.now),
        "is_admin": person.is_admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": person.is_restricted or person.is_ultra_restricted,
        "is_ultra_restricted": person.is_ultra_restricted,
        "is_email_confirmed": True,
    }


def _profile(call: Call, person: Person) -> Json:
    profile: Json = {
        "real_name": person.real_name,
        "real_name_normalized": person.real_name,
        "display_name": person.name,
        "display_name_normalized": person.name,
        "title": person.title,
        "status_text": person.status_text,
        "status_emoji": person.status_emoji,
        "status_expiration": 0,
        "avatar_hash": "",
        "team": call.site.workspace.id,
    }
    granted = call.site.granted_scopes()
    if person.email and (granted is None or "users:read.email" in granted):
        profile["email"] = person.email
    if person.is_bot:
        profile |= {"bot_id": call.site.workspace.bot_id, "api_app_id": call.site.workspace.app_id}
    return profile


def info(call: Call) -> Json:
    return {"user": user_object(call, call.person()) | _locale(call, call.person())}


def _locale(call: Call, person: Person) -> Json:
    """What is told only to those who ask for it."""
    return {"locale": person.locale} if call.flag("include_locale") else {}


def list_users(call: Call) -> Json:
    rows, cursor = call.page(call.site.workspace.everyone(), default=1_000)
    return {
        "members": [user_object(call, p) | _locale(call, p) for p in rows],
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
