"""People who press buttons, choose from menus, type commands and use shortcuts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.emulator import payloads
from bot.emulator.acting import ActError, Acting
from bot.emulator.blocks import elements_of
from bot.emulator.messages import Message
from bot.emulator.organisation import Organisation
from bot.emulator.people import STRANGERS
from bot.emulator.responding import respond
from bot.emulator.response_urls import ResponseUrl
from bot.emulator.workspace import Conversation

Json = dict[str, Any]


def find_element(
    blocks: Sequence[Json], action_id: str, value: object, block_id: str | None
) -> tuple[Json, Json]:
    """The (block, element) that a press means. ActError when there is none."""
    found = [
        (block, element)
        for block, element in elements_of(list(blocks))
        if element["action_id"] == action_id and block_id in (None, block["block_id"])
    ]
    if len(found) > 1 and value is not None:
        found = [pair for pair in found if pair[1].get("value") in (None, value)]
    if not found:
        offered = sorted({e["action_id"] for _, e in elements_of(list(blocks))})
        raise ActError(
            "action_not_found", f"nothing there has the action {action_id!r}; there is {offered}"
        )
    return found[0]


class Pressing(Acting):
    """Interactivity in messages."""

    def press(
        self,
        user: str,
        channel: str,
        message_ts: str,
        action_id: str,
        value: str | None = None,
        block_id: str | None = None,
    ) -> None:
        """Press a button, or choose the option with that value from a menu, in a message.

        Raises ActError when the person sees no such thing, NotAcknowledgedError when the bot
        does not acknowledge.
        """
        person = self._who(user)
        message = self._message(user, channel, message_ts)
        where = self._where(user, channel)
        blocks = message.body.get("blocks", [])
        block, element = find_element(blocks, action_id, value, block_id)
        payload = self._interaction("block_actions", person)
        payload |= self._place(where, message)
        payload["state"] = {"values": {}}
        payload["response_url"] = self._response_url(channel, user, message_ts)
        payload["actions"] = [self._action(block, element, value)]
        self._interact("interactive", payload)

    def _action(self, block: Json, element: Json, value: object) -> Json:
        action_ts = self._site.workspace.log.mint("actions", self._site.clock())
        try:
            return payloads.action(block, element, value, action_ts)
        except LookupError as missing:
            raise ActError("option_not_found", str(missing.args[0])) from None

    def _place(self, where: Conversation, message: Message) -> Json:
        container: Json = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": where.id,
            "is_ephemeral": message.only_for is not None,
        }
        if message.thread_ts is not None:
            container["thread_ts"] = message.thread_ts
        place: Json = {"container": container, "channel": _channel_of(where)}
        if message.only_for is None:
            place["message"] = self._site.workspace.log.render(message)
        return place

    def shortcut(self, user: str, channel: str, message_ts: str, callback_id: str) -> None:
        """Use a message shortcut of the app on a message; what it opens is laid before `user`."""
        person = self._who(user)
        declared = self._site.declared("features", "shortcuts", default=[])
        known = {one["callback_id"] for one in declared if one.get("type") == "message"}
        if self._site.manifest is not None and callback_id not in known:
            raise ActError("unknown_shortcut", f"{callback_id} is no shortcut of the manifest")
        message = self._message(user, channel, message_ts)
        payload = self._interaction("message_action", person)
        payload |= {
            "callback_id": callback_id,
            "message_ts": message_ts,
            "message": self._site.workspace.log.render(message),
            "channel": _channel_of(self._where(user, channel)),
            "response_url": self._response_url(channel, user, message_ts),
            "action_ts": self._site.workspace.log.mint("actions", self._site.clock()),
        }
        self._interact("interactive", payload)

    def command(self, user: str, channel: str, command: str, text: str = "") -> None:
        """Type a slash command; what the bot answers in its acknowledgement is shown."""
        person = self._who(user)
        where = self._where(user, channel)
        declared = self._site.declared("features", "slash_commands")
        if self._site.manifest is not None and command not in {
            c.get("command") for c in declared or ()
        }:
            raise ActError("invalid_command", f"{command} is not a command of the manifest")
        space = self._site.workspace
        payload = {
            "token": "emulated",
            "team_id": STRANGERS if person.is_stranger else space.id,
            "team_domain": space.domain,
            "channel_id": channel,
            "channel_name": _channel_of(where)["name"],
            "user_id": user,
            "user_name": person.name,
            "command": command,
            "text": text,
            "api_app_id": space.app_id,
            "is_enterprise_install": "true" if space.by_org is not None else "false",
            **_under(space.organisation),
            "response_url": self._response_url(channel, user, None),
            "trigger_id": self._site.triggers.issue(user),
        }
        answer = self._interact("slash_commands", payload)
        if answer:
            target = ResponseUrl(channel, user, None, 0.0)
            problem = respond(self._site, target, answer, via="slash_commands")
            if problem is not None:
                raise ActError(problem, f"the answer to {command} is no message: {problem}")


def _channel_of(where: Conversation) -> Json:
    names = {"im": "directmessage", "private": "privategroup"}
    return {"id": where.id, "name": names.get(where.kind, where.name)}


def _under(organisation: Organisation | None) -> Json:
    """The fields of a command that a workspace without an organisation has not."""
    if organisation is None:
        return {}
    return {"enterprise_id": organisation.id, "enterprise_name": organisation.name}
