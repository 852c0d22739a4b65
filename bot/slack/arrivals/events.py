"""Payloads of the Events API."""

from __future__ import annotations

import json
from typing import Any

from bot.ports import Arrival
from bot.slack.arrivals.us import Payload, Us, is_admin, key_of, name_of
from bot.slack.arrivals.words import words_of
from bot.slack.status import busy_until

_SPOKEN = frozenset({None, "file_share", "me_message", "thread_broadcast"})
"""subtypes of messages that a person wrote"""


def from_event(body: Payload, us: Us) -> Arrival | None:
    """An `event_callback` of the Events API."""
    inner = body.get("event") or {}
    # not every event says when it happened; what is around it does
    event = {**inner, "event_ts": inner.get("event_ts") or body.get("event_time") or 0}
    read = EVENTS.get(str(event.get("type")))
    found = read(event, us) if read is not None else None
    if found is None:
        return None
    kind, conversation, payload = found
    name = body.get("event_id") or key_of("of", json.dumps(inner, sort_keys=True, default=str))
    return Arrival(f"event:{name}", kind, conversation, payload)


_Read = tuple[Any, str, dict[str, Any]] | None


def _message(event: Payload, us: Us) -> _Read:
    subtype = event.get("subtype")
    if subtype == "message_changed":
        return _edit(event, us)
    if subtype == "message_deleted":
        return _delete(event, us, str(event["deleted_ts"]))
    if subtype not in _SPOKEN or not _is_person(event, us):
        return None
    address = str(event["channel"])
    return (
        "message",
        address,
        {
            "member": str(event["user"]),
            "address": address,
            "thread": event.get("thread_ts"),
            "message_ref": str(event["ts"]),
            "text": words_of(event),
            "direct": _is_direct(event),
            "at": float(event["ts"]),
        },
    )


def _edit(event: Payload, us: Us) -> _Read:
    message, old = event.get("message") or {}, event.get("previous_message") or {}
    if message.get("subtype") == "tombstone":  # a deleted parent that keeps its replies
        return _delete(event, us, str(message["ts"]))
    text = words_of(message)
    if not _is_person(message, us) or (old and text == words_of(old)):
        return None
    address = str(event["channel"])
    whose = {"member": str(message["user"]), "direct": _is_direct(event)}
    amended = _amended(event, str(message["ts"]), text)
    return "edit", address, {**amended, **whose}


def _delete(event: Payload, us: Us, ref: str) -> _Read:
    old = event.get("previous_message") or {}
    if old and not _is_person(old, us):
        return None
    return "delete", str(event["channel"]), _amended(event, ref, "")


def _amended(event: Payload, ref: str, text: str) -> dict[str, Any]:
    return {
        "address": str(event["channel"]),
        "message_ref": ref,
        "text": text,
        "at": float(event["event_ts"]),
    }


def _home(event: Payload, us: Us) -> _Read:
    member = str(event["user"])
    if event.get("tab", "home") != "home":
        return _begun(member, str(event.get("channel") or ""), None, float(event["event_ts"]))
    return "home", f"home:{member}", {"member": member, "at": float(event["event_ts"])}


def _thread(event: Payload, us: Us) -> _Read:
    """A conversation with an assistant is begun: the surface before `agent_view`."""
    begun = event.get("assistant_thread") or {}
    if not begun.get("user_id"):
        return None
    member, address = str(begun["user_id"]), str(begun.get("channel_id") or "")
    return _begun(member, address, begun.get("thread_ts"), float(event["event_ts"]))


def _begun(member: str, address: str, thread: Any, at: float) -> _Read:
    if not address:
        return None
    payload = {"member": member, "address": address, "thread": thread, "at": at}
    return "opened", f"opened:{member}", payload


def _joined(event: Payload, us: Us) -> _Read:
    if not us.are_of(event.get("team")):
        return None
    channel = str(event["channel"])
    payload = {"member": str(event["user"]), "channel": channel, "at": float(event["event_ts"])}
    return "joined", channel, payload


def _user(event: Payload, us: Us) -> _Read:
    user = event.get("user") or {}
    if not user.get("id") or not us.have(user) or user.get("is_stranger"):
        return None
    profile = user.get("profile") or {}
    member = str(user["id"])
    at = float(event.get("event_ts") or user.get("updated") or 0)
    return (
        "user",
        f"user:{member}",
        {
            "member": member,
            "name": name_of(user),
            "title": str(profile.get("title") or ""),
            "zone": str(user.get("tz") or ""),
            "locale": str(user.get("locale") or ""),
            "deleted": bool(user.get("deleted")),
            "is_bot": bool(user.get("is_bot")),
            "is_admin": is_admin(user),
            "is_restricted": bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
            "at": at,
            "busy_until": busy_until(profile, at),
        },
    )


def _gone(event: Payload, us: Us) -> _Read:
    """The app was taken out of the workspace, or its bot's token no longer works."""
    if event.get("type") == "tokens_revoked" and not (event.get("tokens") or {}).get("bot"):
        return None  # that of a person: the bot has none of those
    at = float(event.get("event_ts") or 0)
    return "uninstalled", "workspace", {"why": str(event["type"]), "at": at}


EVENTS = {
    "message": _message,
    "app_home_opened": _home,
    "assistant_thread_started": _thread,
    "member_joined_channel": _joined,
    "team_join": _user,
    "user_change": _user,
    "app_uninstalled": _gone,
    "tokens_revoked": _gone,
}


def _is_direct(event: Payload) -> bool:
    """Whether it was said to us alone; the id tells it where the kind of channel is left out."""
    kind = event.get("channel_type")
    return kind == "im" if kind else str(event["channel"]).startswith("D")


def _is_person(message: Payload, us: Us) -> bool:
    author = message.get("user")
    if not author or message.get("bot_id") or author in (us.user, "USLACKBOT"):
        return False
    return us.are_of(message.get("user_team") or message.get("source_team") or message.get("team"))
