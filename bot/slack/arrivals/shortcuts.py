"""What asks for a modal without a button: a message's shortcut, and a command."""

from __future__ import annotations

from bot.ports import Arrival, Asked
from bot.slack.arrivals.us import Payload, Us
from bot.slack.modals import BY_COMMAND, MODALS


def from_shortcut(body: Payload, us: Us) -> Asked | None:
    """A shortcut used on a message; its callback id is the action of the modal that it opens."""
    user, message, channel = body["user"], body.get("message") or {}, body.get("channel") or {}
    action = str(body.get("callback_id") or "")
    if action not in MODALS or not us.are_of(user.get("team_id")):
        return None
    by_person = not message.get("bot_id") and message.get("user") != us.user
    return Asked(
        member=str(user["id"]),
        action=action,
        address=str(channel.get("id") or ""),
        message_ref=str(message.get("ts") or body.get("message_ts") or ""),
        text=str(message.get("text") or ""),
        author=str(message.get("user") or "") if by_person else "",
        where=str(channel.get("name") or ""),
    )


def asked_by(command: Arrival) -> Asked | None:
    """The modal that a command opens; None for one that is answered in words."""
    if command.payload.get("stranger"):
        return None
    words = str(command.payload["text"]).lower().split()
    action = BY_COMMAND.get(" ".join(words))
    return None if action is None else Asked(str(command.payload["member"]), *action, typed=True)
