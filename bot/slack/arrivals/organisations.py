"""What Slack tells of an organisation that installed the app, and not of one of its workspaces.

Source: docs.slack.dev/reference/events/team_access_granted and team_access_revoked. Their examples
wrap the event once more than others do; both ways are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from bot.slack.arrivals.us import Payload

GRANTED, REVOKED = "team_access_granted", "team_access_revoked"
ENDS = frozenset({"app_uninstalled", "tokens_revoked"})


@dataclass(frozen=True, slots=True)
class OrgNews:
    """Workspaces that an organisation lets us into, or not any more; or it took the app out."""

    org: str
    kind: Literal["granted", "revoked", "gone"]
    teams: tuple[str, ...]
    at: float
    """epoch seconds; 0 where Slack does not say"""
    why: str


def org_news(body: Payload, org: str | None, team: str | None) -> OrgNews | None:
    """None for what is not about an organisation; `team` is the workspace that Slack names."""
    event: Any = body.get("event")
    if isinstance(event, dict) and isinstance(event.get("event"), dict):
        org = org or event.get("enterprise_id")
        event = event["event"]
    if not isinstance(event, dict) or not org:
        return None
    why, at = str(event.get("type")), float(event.get("event_ts") or body.get("event_time") or 0)
    if why in (GRANTED, REVOKED):
        teams = tuple(str(one) for one in event.get("team_ids") or () if one)
        return OrgNews(org, "granted" if why == GRANTED else "revoked", teams, at, why)
    ours = why == "app_uninstalled" or bool((event.get("tokens") or {}).get("bot"))
    if why in ENDS and ours and team in (None, org):
        return OrgNews(org, "gone", (), at, why)
    return None
