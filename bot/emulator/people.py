"""A person as Slack tells of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.emulator.site import Site
from bot.emulator.workspace import Person

Json = dict[str, Any]
STRANGERS = "T0STRANGER"
"""the workspace of those who are seen in shared channels alone"""


def user_object(site: Site, person: Person, at: float) -> Json:
    """A person as users.info tells it; deleted ones keep hardly more than their name."""
    team = site.workspace.id
    user: Json = {
        "id": person.id,
        "team_id": STRANGERS if person.is_stranger else team,
        "name": person.name,
        "deleted": person.deleted,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "updated": 0,
        "profile": _profile(site, person),
    }
    organisation = site.workspace.organisation
    if person.is_stranger:
        user["is_stranger"] = True
    elif organisation is not None:
        user["enterprise_user"] = organisation.person(person.id)
    if person.deleted:
        return user
    zone = datetime.fromtimestamp(at, ZoneInfo(person.tz))
    return user | {
        "real_name": person.real_name,
        "tz": person.tz,
        "tz_label": zone.tzname() or person.tz,
        "tz_offset": person.tz_offset(at),
        "is_admin": person.is_admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": person.is_restricted or person.is_ultra_restricted,
        "is_ultra_restricted": person.is_ultra_restricted,
        "is_email_confirmed": True,
    }


def _profile(site: Site, person: Person) -> Json:
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
        "team": site.workspace.id,
    }
    granted = site.granted_scopes()
    if person.email and (granted is None or "users:read.email" in granted):
        profile["email"] = person.email
    if person.is_bot:
        profile |= {"bot_id": site.workspace.bot_id, "api_app_id": site.workspace.app_id}
    return profile
