"""The acts that the page may ask for, by their `kind`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.emulator.acting import ActError
from bot.emulator.talking import Talking
from bot.emulator.viewing import Viewing

Json = dict[str, Any]


class Hands(Talking, Viewing):
    """Everything that a person can do."""


class PageActs:
    """From {"user", "kind", ...} to the act."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self._kinds: dict[str, Callable[[str, Json], Mapping[str, Any] | None]] = {
            "message": self._say,
            "press": self._press,
            "press_home": self._press_home,
            "press_modal": self._press_modal,
            "submit_view": self._submit,
            "close_view": lambda user, b: hands.close_view(user, _need(b, "view_id")),
            "command": self._command,
            "shortcut": lambda user, b: hands.shortcut(
                user, *_needs(b, "channel", "ts", "callback_id")
            ),
            "react": lambda user, b: hands.toggle(user, *_needs(b, "channel", "ts", "name")),
            "edit": lambda user, b: hands.edit(user, *_needs(b, "channel", "ts", "text")),
            "delete": lambda user, b: hands.delete(user, *_needs(b, "channel", "ts")),
            "open_messages": lambda user, b: hands.open_messages(user),
        }

    def perform(self, body: Json) -> Json:
        """Do it. Raises ActError for what cannot be done, NotAcknowledgedError for silence."""
        user, kind = _need(body, "user"), _need(body, "kind")
        if kind not in self._kinds:
            raise ActError("unknown_kind", f"no act {kind!r}; there is {sorted(self._kinds)}")
        return dict(self._kinds[kind](user, body) or {})

    def _say(self, user: str, body: Json) -> Json:
        channel, text = _needs(body, "channel", "text")
        return {"ts": self._hands.say(user, channel, text, body.get("thread_ts"))}

    def _press(self, user: str, body: Json) -> None:
        ts = body.get("message_ts") or _need(body, "ts")
        channel, action_id = _needs(body, "channel", "action_id")
        self._hands.press(
            user, channel, str(ts), action_id, body.get("value"), body.get("block_id")
        )

    def _press_home(self, user: str, body: Json) -> None:
        self._hands.press_home(
            user, _need(body, "action_id"), body.get("value"), body.get("block_id")
        )

    def _press_modal(self, user: str, body: Json) -> None:
        view_id, action_id = _needs(body, "view_id", "action_id")
        self._hands.press_modal(
            user,
            view_id,
            action_id,
            value=body.get("value"),
            block_id=body.get("block_id"),
            values=body.get("values"),
        )

    def _submit(self, user: str, body: Json) -> Json:
        values = body.get("values") or {}
        if not isinstance(values, dict):
            raise ActError("invalid_arguments", "values must be an object")
        result = self._hands.submit_view(user, _need(body, "view_id"), values)
        if "errors" in result:
            return {"ok": False, "error": "invalid_input", **result}
        return result

    def _command(self, user: str, body: Json) -> None:
        channel, command = _needs(body, "channel", "command")
        self._hands.command(user, channel, command, str(body.get("text", "")))


def _need(body: Json, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise ActError("invalid_arguments", f"the act needs {name!r}, a string")
    return value


def _needs(body: Json, *names: str) -> list[str]:
    return [_need(body, name) for name in names]
