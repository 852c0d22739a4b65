"""Slack's payloads as arrivals: pure functions, one for each kind of payload.

None means that a payload is of no concern: bots, other teams, what a message's own redrawing
causes, a press that only opens a link. Values of buttons are ``action|opener|extra``, see
`bot.slack.blocks.value`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.ports import Arrival
from bot.slack.modals import CALLBACK
from bot.slack.status import busy_until

Payload = Mapping[str, Any]

REVIEWED_IN_WORDS = frozenset({"review_edit", "review_note"})
"""presses of a reviewer that ask for words"""
AT_ONCE = frozenset({"choose"}) | REVIEWED_IN_WORDS
"""presses that open a modal while their trigger lives, and change nothing yet"""
UNHEARD = frozenset({"open"})
"""presses that only lead elsewhere"""
_SPOKEN = frozenset({None, "file_share", "me_message", "thread_broadcast"})
"""subtypes of messages that a person wrote"""
_MARKUP = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")


@dataclass(frozen=True, slots=True)
class Us:
    """Who we are in the workspace, as `auth.test` tells."""

    team: str
    user: str
    bot: str = ""
    enterprise: str = ""

    def are_of(self, team: object) -> bool:
        """Whether a person of `team` belongs here; Slack leaves the team out for its own."""
        return not team or team in {self.team, self.enterprise}


def from_event(body: Payload, us: Us) -> Arrival | None:
    """An `event_callback` of the Events API."""
    event = body.get("event") or {}
    read = _EVENTS.get(str(event.get("type")))
    found = read(event, us) if read is not None else None
    if found is None:
        return None
    kind, conversation, payload = found
    return Arrival(f"event:{body['event_id']}", kind, conversation, payload)


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
            "text": readable(str(event.get("text") or "")),
            "direct": event.get("channel_type") == "im",
            "at": float(event["ts"]),
        },
    )


def _edit(event: Payload, us: Us) -> _Read:
    message, old = event.get("message") or {}, event.get("previous_message") or {}
    if message.get("subtype") == "tombstone":  # a deleted parent that keeps its replies
        return _delete(event, us, str(message["ts"]))
    if not _is_person(message, us) or message.get("text") == old.get("text"):
        return None
    address = str(event["channel"])
    return "edit", address, _amended(event, str(message["ts"]), str(message.get("text") or ""))


def _delete(event: Payload, us: Us, ref: str) -> _Read:
    old = event.get("previous_message") or {}
    if old and not _is_person(old, us):
        return None
    return "delete", str(event["channel"]), _amended(event, ref, "")


def _amended(event: Payload, ref: str, text: str) -> dict[str, Any]:
    return {
        "address": str(event["channel"]),
        "message_ref": ref,
        "text": readable(text),
        "at": float(event["event_ts"]),
    }


def _home(event: Payload, us: Us) -> _Read:
    if event.get("tab", "home") != "home":
        return None
    member = str(event["user"])
    return "home", f"home:{member}", {"member": member, "at": float(event["event_ts"])}


def _joined(event: Payload, us: Us) -> _Read:
    if not us.are_of(event.get("team")):
        return None
    channel = str(event["channel"])
    payload = {"member": str(event["user"]), "channel": channel, "at": float(event["event_ts"])}
    return "joined", channel, payload


def _user(event: Payload, us: Us) -> _Read:
    user = event.get("user") or {}
    if not us.are_of(user.get("team_id")) or user.get("is_stranger"):
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
            "deleted": bool(user.get("deleted")),
            "is_bot": bool(user.get("is_bot")),
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


_EVENTS = {
    "message": _message,
    "app_home_opened": _home,
    "member_joined_channel": _joined,
    "team_join": _user,
    "user_change": _user,
    "app_uninstalled": _gone,
    "tokens_revoked": _gone,
}


def from_press(body: Payload, us: Us) -> Arrival | None:
    """A `block_actions` payload: a button or a menu's entry, on a message or the home tab."""
    user, pressed = body["user"], body["actions"][0]
    action, opener, extra = pressed_value(pressed)
    if not us.are_of(user.get("team_id")) or action in AT_ONCE | UNHEARD or not action:
        return None
    container = body.get("container") or {}
    address = str((body.get("channel") or {}).get("id") or container.get("channel_id") or "")
    ref = str((body.get("message") or {}).get("ts") or container.get("message_ts") or "")
    member, action_ts = str(user["id"]), str(pressed["action_ts"])
    return Arrival(
        _key("press", member, str(pressed["action_id"]), action_ts, ref),
        "press",
        address or f"home:{member}",
        {
            "member": member,
            "action": action,
            "value": extra,
            "opener": opener,
            "address": address,
            "message_ref": ref,
            "at": float(action_ts),
        },
    )


def pressed_value(pressed: Payload) -> tuple[str, str, str]:
    """(action, opener, extra) of one entry of `actions`; the action is empty for a link."""
    chosen = pressed.get("selected_option") or pressed
    action, opener, extra = (*str(chosen.get("value") or "").split("|", 2), "", "", "")[:3]
    return action, opener, extra


def from_view(body: Payload, us: Us, at: float) -> Arrival | None:
    """A `view_submission`; Slack sends no time with it, so `at` is when it came."""
    user, view = body["user"], body["view"]
    if not us.are_of(user.get("team_id")):
        return None
    if view.get("callback_id") in REVIEWED_IN_WORDS:
        return _review(user, view, at)
    if view.get("callback_id") != CALLBACK:
        return None
    member = str(user["id"])
    inputs = (view.get("state") or {}).get("values") or {}
    values = {name: _selected(inputs, name) for name in ("purposes", "topics")}
    return Arrival(
        _key("view", member, str(view["id"]), str(view.get("hash") or "")),
        "view",
        f"home:{member}",
        {"member": member, "callback": CALLBACK, "values": values, "at": at},
    )


def _review(user: Payload, view: Payload, at: float) -> Arrival:
    """A reviewer's words about an opener; the modal knows which one, and where it stands."""
    member = str(user["id"])
    opener, address, ref = (*str(view.get("private_metadata") or "").split("|"), "", "", "")[:3]
    inputs = (view.get("state") or {}).get("values") or {}
    text = ((inputs.get("words") or {}).get("words") or {}).get("value") or ""
    return Arrival(
        _key("view", member, str(view["id"]), str(view.get("hash") or "")),
        "view",
        f"review:{opener}",
        {
            "member": member,
            "callback": str(view["callback_id"]),
            "action": str(view["callback_id"]),
            "opener": opener,
            "text": str(text),
            "address": address,
            "message_ref": ref,
            "at": at,
        },
    )


def from_command(body: Payload, us: Us, at: float) -> Arrival | None:
    """A slash command; Slack sends no time with it, so `at` is when it came."""
    if not us.are_of(body.get("team_id")):
        return None
    member, address = str(body["user_id"]), str(body["channel_id"])
    return Arrival(
        _key("command", member, str(body["command"]), str(body["trigger_id"])),
        "command",
        address,
        {
            "member": member,
            "text": str(body.get("text") or "").strip(),
            "address": address,
            "at": at,
        },
    )


def name_of(user: Payload) -> str:
    """What a person wants to be called."""
    profile = user.get("profile") or {}
    choices = (profile.get("display_name"), profile.get("real_name"), user.get("real_name"))
    return next((str(name) for name in choices if name), str(user.get("name") or user["id"]))


def readable(text: str) -> str:
    """Slack's escaped text as a person typed it: links, mentions and channels become words."""
    words = _MARKUP.sub(_word, text)
    return words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _word(found: re.Match[str]) -> str:
    target, label = found[1], found[2] or ""
    sign = target[:1]
    if sign in ("@", "#"):
        return sign + (label or target[1:])
    if sign == "!":
        return label or "@" + target[1:].partition("^")[0]
    return label or target


def _is_person(message: Payload, us: Us) -> bool:
    author = message.get("user")
    if not author or message.get("bot_id") or author in (us.user, "USLACKBOT"):
        return False
    return us.are_of(message.get("user_team") or message.get("source_team") or message.get("team"))


def _selected(inputs: Payload, name: str) -> list[str]:
    chosen = ((inputs.get(name) or {}).get(name) or {}).get("selected_options") or []
    return [str(option["value"]) for option in chosen]


def _key(kind: str, *parts: str) -> str:
    digest = hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()
    return f"{kind}:{digest}"
