"""Slash commands."""

from __future__ import annotations

from bot.ports import Arrival
from bot.slack.arrivals.us import Payload, Us, key_of


def from_command(body: Payload, us: Us, at: float) -> Arrival:
    """A slash command; Slack sends no time with it, so `at` is when it came.

    That of somebody from another organisation says so (``stranger``): they are told why not.
    """
    member, address = str(body["user_id"]), str(body["channel_id"])
    once = str(body.get("trigger_id") or body.get("response_url") or at)
    return Arrival(
        key_of("command", member, str(body["command"]), once),
        "command",
        address,
        {
            "member": member,
            "text": str(body.get("text") or "").strip(),
            "address": address,
            "at": at,
            **({} if us.are_of(body.get("team_id")) else {"stranger": True}),
        },
    )
