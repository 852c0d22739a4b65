"""The payloads that Slack sends to an app, built from what is in the workspace."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.emulator.messages import Message
from bot.emulator.workspace import Conversation, EmulatedWorkspace, Person

Json = dict[str, Any]
_SELECTED_MANY = frozenset({"checkboxes", "multi_static_select"})
_SELECTED_ONE = frozenset({"overflow", "static_select", "radio_buttons"})
_PLAIN_VALUES = {
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "multi_users_select": "selected_users",
    "multi_conversations_select": "selected_conversations",
    "multi_channels_select": "selected_channels",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
}


def event_callback(workspace: EmulatedWorkspace, event: Json, event_id: str, at: float) -> Json:
    """The outer body of the Events API around one event."""
    roof, by_org = workspace.organisation, workspace.by_org
    authorization = {
        "enterprise_id": roof.id if roof is not None else None,
        "team_id": None if by_org is not None else workspace.id,
        "user_id": workspace.bot.id,
        "is_bot": True,
        "is_enterprise_install": by_org is not None,
    }
    return {
        "token": "emulated",
        "team_id": workspace.id,
        **({"enterprise_id": roof.id} if roof is not None else {}),
        "api_app_id": workspace.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": int(at),
        "authorizations": [authorization],
        "is_ext_shared_channel": False,
    }


def message_event(conversation: Conversation, message: Message) -> Json:
    """A `message` event; what a person typed also comes as rich text, as Slack sends it."""
    body = dict(message.body)
    if "blocks" not in body and "bot_id" not in body:
        section = {
            "type": "rich_text_section",
            "elements": [{"type": "text", "text": body.get("text", "")}],
        }
        body["blocks"] = [{"type": "rich_text", "block_id": "typed", "elements": [section]}]
    if message.metadata is not None:
        body["metadata"] = message.metadata
    return {
        **body,
        "channel": message.channel,
        "event_ts": message.ts,
        "channel_type": conversation.event_kind,
    }


def changed_event(conversation: Conversation, new: Json, old: Json, event_ts: str) -> Json:
    return {
        "type": "message",
        "subtype": "message_changed",
        "message": new,
        "previous_message": old,
        "channel": conversation.id,
        "hidden": True,
        "ts": event_ts,
        "event_ts": event_ts,
        "channel_type": conversation.event_kind,
    }


def deleted_event(conversation: Conversation, old: Json, event_ts: str) -> Json:
    return {
        "type": "message",
        "subtype": "message_deleted",
        "previous_message": old,
        "channel": conversation.id,
        "hidden": True,
        "deleted_ts": old["ts"],
        "ts": event_ts,
        "event_ts": event_ts,
        "channel_type": conversation.event_kind,
    }


def mentions(text: str, user: str) -> bool:
    """Whether `text` addresses `user` by id."""
    return re.search(rf"<@{re.escape(user)}(\|[^>]*)?>", text) is not None


def interaction(workspace: EmulatedWorkspace, kind: str, person: Person, trigger: str) -> Json:
    """What every interactive payload has in common."""
    return {
        "type": kind,
        "team": {"id": workspace.id, "domain": workspace.domain},
        "user": {
            "id": person.id,
            "username": person.name,
            "name": person.name,
            "team_id": workspace.id,
        },
        "api_app_id": workspace.app_id,
        "token": "emulated",
        "trigger_id": trigger,
        "enterprise": workspace.organisation.named if workspace.organisation else None,
        "is_enterprise_install": workspace.by_org is not None,
    }


def action(block: Json, element: Json, value: object, action_ts: str) -> Json:
    """One entry of `actions`. For a menu, `value` is the chosen option's value.

    Raises LookupError when the element offers no such choice.
    """
    kind = element["type"]
    entry: Json = {
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "type": kind,
        "action_ts": action_ts,
    }
    if kind in ("button", "workflow_button", "icon_button"):
        entry |= {k: element[k] for k in ("text", "value", "style", "icon") if k in element}
        if value is not None and value != element.get("value"):
            raise LookupError(
                f"button {element['action_id']!r} has the value {element.get('value')!r}, "
                f"not {value!r}"
            )
        return entry
    if kind == "feedback_buttons":
        sides = [element["positive_button"], element["negative_button"]]
        return entry | _one([{"text": s["text"], "value": s["value"]} for s in sides], value)
    return entry | state_of(element, value)


def state_of(element: Mapping[str, Any], value: object) -> Json:
    """What `view.state.values` holds for an input with this value, without its type."""
    kind = element["type"]
    if kind in _SELECTED_ONE:
        return {"selected_option": _one(options_of(element), value) if value is not None else None}
    if kind in _SELECTED_MANY:
        wanted = value if isinstance(value, list | tuple) else () if value is None else (value,)
        return {"selected_options": [_one(options_of(element), each) for each in wanted]}
    return {_PLAIN_VALUES.get(kind, "value"): value}


def initial_value(element: Mapping[str, Any]) -> object:
    """The value that an input shows before anyone touches it, as `state_of` takes it."""
    if "initial_option" in element:
        return element["initial_option"]["value"]
    if "initial_options" in element:
        return [o["value"] for o in element["initial_options"]]
    starts = ("initial_value", "initial_user", "initial_users", "initial_conversation")
    times = ("initial_channel", "initial_date", "initial_time", "initial_date_time")
    return next((element[key] for key in (*starts, *times) if key in element), None)


def value_of(state: Mapping[str, Any]) -> object:
    """The inverse of `state_of`: the bare value of an entry of `view.state.values`."""
    if "selected_options" in state:
        return [o["value"] for o in state["selected_options"] or ()]
    if "selected_option" in state:
        return (state["selected_option"] or {}).get("value")
    return next((state[key] for key in ("value", *_PLAIN_VALUES.values()) if key in state), None)


def options_of(element: Mapping[str, Any]) -> list[Json]:
    groups = element.get("option_groups")
    if groups:
        return [o for group in groups for o in group["options"]]
    return list(element.get("options", ()))


def _one(options: list[Json], value: object) -> Json:
    for option in options:
        if option.get("value") == value:
            return option
    raise LookupError(f"no option with the value {value!r}: {[o.get('value') for o in options]}")
