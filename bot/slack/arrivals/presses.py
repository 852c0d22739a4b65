"""Presses of buttons and entries of menus.

Their values are ``action|opener|extra``, see `bot.slack.blocks.value`.
"""

from __future__ import annotations

from bot.ports import Arrival, Asked
from bot.slack.arrivals.us import Payload, Us, key_of
from bot.slack.modals import MODALS

UNHEARD = frozenset({"open"})
"""presses that only lead elsewhere"""


def from_press(body: Payload, us: Us) -> Arrival | None:
    """A `block_actions` payload: a button or a menu's entry, on a message or the home tab."""
    user, pressed = body["user"], body["actions"][0]
    action, opener, extra = pressed_value(pressed)
    if not us.are_of(user.get("team_id")) or action in UNHEARD or action in MODALS or not action:
        return None
    container = body.get("container") or {}
    address = str((body.get("channel") or {}).get("id") or container.get("channel_id") or "")
    ref = str((body.get("message") or {}).get("ts") or container.get("message_ts") or "")
    member, action_ts = str(user["id"]), str(pressed["action_ts"])
    return Arrival(
        key_of("press", member, str(pressed["action_id"]), action_ts, ref),
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


def asked(body: Payload, us: Us) -> Asked | None:
    """A press that asks for a modal: it must open while its trigger lives, and changes nothing."""
    user = body["user"]
    action, subject, value = pressed_value(body["actions"][0])
    if action not in MODALS or not us.are_of(user.get("team_id")):
        return None
    container = body.get("container") or {}
    return Asked(
        member=str(user["id"]),
        action=action,
        subject=subject,
        value=value,
        address=str(container.get("channel_id") or ""),
        message_ref=str(container.get("message_ts") or ""),
    )
