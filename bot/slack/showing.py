"""Modals: opened, laid on another, or drawn anew in place, while a trigger lives."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from bot.ports import Asked, ChannelError
from bot.slack.arrivals.presses import modal_of
from bot.slack.blocks import Block
from bot.slack.modals import MODALS
from bot.slack.transport import BoundedClient

log = logging.getLogger("overture.slack")


def drawn(content: Mapping[str, Any], asked: Asked) -> Block:
    """The view of a modal; `content` may itself name another one, to be shown instead."""
    return MODALS[str(content.get("modal") or asked.action)](content, asked)


def show(
    client: BoundedClient, content: Mapping[str, Any], asked: Asked, body: Mapping[str, Any]
) -> str:
    """Show what somebody asked for; the id of its view, empty where Slack did not take it.

    What is asked for inside of a modal is laid on it; the same modal again takes its own place.
    """
    view, trigger, within = drawn(content, asked), str(body.get("trigger_id")), modal_of(body)
    try:
        if within is None:
            answer = client.within(
                "views.open", lambda c: c.views_open(trigger_id=trigger, view=view)
            )
        elif within.get("callback_id") == view["callback_id"]:
            place = str(within["id"])
            answer = client.within(
                "views.update", lambda c: c.views_update(view_id=place, view=view)
            )
        else:
            answer = client.within(
                "views.push", lambda c: c.views_push(trigger_id=trigger, view=view)
            )
    except ChannelError as error:  # they press again; the button is still there
        log.warning("a modal could not be shown: %s", error)
        return ""
    shown: Mapping[str, Any] = answer.get("view") or {}
    return str(shown.get("id") or "")


def answered(content: Mapping[str, Any] | None, asked: Asked) -> dict[str, Any]:
    """How a form that was saved is acknowledged: with errors, with the next modal, or closed."""
    if content and content.get("errors"):
        return {"response_action": "errors", "errors": dict(content["errors"])}
    if content and content.get("modal"):
        return {"response_action": "update", "view": drawn(content, asked)}
    return {}
