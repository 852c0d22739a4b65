"""Modals that were saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.ports import Arrival, Asked
from bot.slack.arrivals.us import Payload, Us, key_of
from bot.slack.modals import MODALS, place_of


def from_view(body: Payload, us: Us, at: float) -> Arrival | None:
    """A `view_submission`; Slack sends no time with it, so `at` is when it came.

    ``values`` holds what each input says, by its block's id: a text, or a list of what is ticked.
    """
    user, view = body["user"], body["view"]
    if not us.are_of(user.get("team_id")) or view.get("callback_id") not in MODALS:
        return None
    member = str(user["id"])
    subject, address, ref = place_of(view)
    inputs = (view.get("state") or {}).get("values") or {}
    parent = str(view.get("previous_view_id") or "")
    return Arrival(
        key_of("view", member, str(view["id"]), str(view.get("hash") or "")),
        "view",
        address or f"home:{member}",
        {
            "member": member,
            "callback": str(view["callback_id"]),
            "subject": subject,
            "address": address,
            "message_ref": ref,
            "values": {str(block): _said(fields) for block, fields in inputs.items()},
            "at": at,
            "view": str(view["id"]),
            **({"parent": parent} if parent else {}),
        },
    )


def submitted(arrival: Arrival) -> Asked:
    """What a form that was saved asks to be answered with at once: errors, or the next modal."""
    payload = arrival.payload
    return Asked(
        member=str(payload["member"]),
        action=f"submit:{payload['callback']}",
        subject=str(payload["subject"]),
        address=str(payload["address"]),
        message_ref=str(payload["message_ref"]),
        values=payload["values"],
    )


def _said(fields: Payload) -> str | list[str]:
    """What an input block says; it has one element."""
    element: Payload = next(iter(fields.values()), {})
    for name, read in _READ.items():
        if name in element:
            return read(element[name])
    return ""


def _options(chosen: Any) -> list[str]:
    return [str(option["value"]) for option in chosen or ()]


def _option(chosen: Any) -> str:
    return str((chosen or {}).get("value") or "")


def _text(value: Any) -> str:
    return str(value or "")


def _texts(values: Any) -> list[str]:
    return [str(value) for value in values or ()]


_READ: Mapping[str, Callable[[Any], str | list[str]]] = {
    "selected_options": _options,
    "selected_option": _option,
    "selected_date": _text,
    "selected_time": _text,
    "selected_conversation": _text,
    "selected_channel": _text,
    "selected_user": _text,
    "selected_conversations": _texts,
    "selected_channels": _texts,
    "selected_users": _texts,
    "value": _text,
}
"""Where an element of a submitted view keeps what was chosen, and how that is read."""
