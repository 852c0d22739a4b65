"""Presses of buttons and entries of menus.

Their values are ``action|opener|extra``, see `bot.slack.blocks.value`.
"""

from __future__ import annotations

from bot.ports import Arrival, Asked
from bot.slack.arrivals.us import Payload, Us, key_of, name_of
from bot.slack.modals import MODALS, THINKING, place_of

UNHEARD = frozenset({"open"})
"""presses that only lead elsewhere"""
RETURNS = "start_over"
"""the press of somebody of whom nothing is known: it has to say what they are called"""


def from_press(body: Payload, us: Us, shown: str = "") -> Arrival | None:
    """A `block_actions` payload: a button or a menu's entry, on a message, the home tab, a modal.

    `shown` is the id of the view that was drawn for it at once, where it takes some thinking too.
    """
    user, pressed = body["user"], body["actions"][0]
    action, opener, extra = pressed_value(pressed)
    only_shows = action in MODALS and not (action in THINKING and shown)
    if not us.are_of(user.get("team_id")) or action in UNHEARD or only_shows or not action:
        return None
    container = body.get("container") or {}
    address = str((body.get("channel") or {}).get("id") or container.get("channel_id") or "")
    ref = str((body.get("message") or {}).get("ts") or container.get("message_ts") or "")
    member, action_ts = str(user["id"]), str(pressed.get("action_ts") or "")
    trigger = str(body.get("trigger_id") or "")
    return Arrival(
        key_of("press", member, str(pressed["action_id"]), action_ts or trigger, ref),
        "press",
        address or f"home:{member}",
        {
            "member": member,
            "action": action,
            "value": extra,
            "opener": opener,
            "address": address,
            "message_ref": ref,
            "at": float(action_ts or 0),
            **({"name": name_of(user)} if action == RETURNS else {}),
            **_within(body, shown),
        },
    )


def _within(body: Payload, shown: str) -> dict[str, str]:
    """The modal that something was pressed in, or that was drawn for it, and the one below."""
    view = modal_of(body)
    if view is None:
        return {"view": shown} if shown else {}
    subject, state, _ = place_of(view)
    parent = str(view.get("previous_view_id") or "")
    return {"view": shown or str(view["id"]), "parent": parent, "subject": subject, "state": state}


def modal_of(body: Payload) -> Payload | None:
    """The modal that something was pressed in; None where it was none."""
    view = body.get("view") or {}
    return view if view.get("type") == "modal" else None


def pressed_value(pressed: Payload) -> tuple[str, str, str]:
    """(action, opener, extra) of one entry of `actions`; the action is empty for a link.

    What somebody typed is the extra of the input's own action, and never an action.
    """
    if pressed.get("type") == "plain_text_input":
        return str(pressed.get("action_id") or ""), "", str(pressed.get("value") or "")
    chosen = pressed.get("selected_option") or pressed
    action, opener, extra = (*str(chosen.get("value") or "").split("|", 2), "", "", "")[:3]
    return action, opener, extra


def asked(body: Payload, us: Us) -> Asked | None:
    """A press that asks for a modal: it must open while its trigger lives, and changes nothing."""
    user = body["user"]
    action, subject, value = pressed_value(body["actions"][0])
    if action not in MODALS or not us.are_of(user.get("team_id")):
        return None
    container, view = body.get("container") or {}, modal_of(body)
    address = str(container.get("channel_id") or "")
    if view is not None:  # what lies below is where it was asked
        shows, below, _ = place_of(view)
        subject, address = (subject, shows) if subject else (shows, below)
    return Asked(
        member=str(user["id"]),
        action=action,
        subject=subject,
        value=value,
        address=address,
        message_ref=str(container.get("message_ts") or ""),
    )
