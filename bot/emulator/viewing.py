"""People who look at the home tab and fill in modals."""

from __future__ import annotations

import copy
import time
from collections.abc import Mapping
from typing import Any

from bot.emulator import payloads
from bot.emulator.acting import ActError
from bot.emulator.blocks import check_view
from bot.emulator.pressing import Pressing, find_element

Json = dict[str, Any]
HOME_WAIT_SECONDS = 1.0


class Viewing(Pressing):
    """Home tab and modals."""

    def home(self, user: str) -> Json | None:
        """The home tab as last published for `user`."""
        return copy.deepcopy(self._site.views.home(user))

    def modals(self, user: str) -> list[Json]:
        """The open modals of `user`, the one on top last."""
        return copy.deepcopy(self._site.views.stack(user))

    def open_home(self, user: str, wait: float = HOME_WAIT_SECONDS) -> Json | None:
        """Look at the home tab, and give the bot `wait` seconds to publish a fresh view."""
        self._who(user)
        views = self._site.views
        before = views.home_version.get(user, 0)
        event: Json = {
            "type": "app_home_opened",
            "user": user,
            "channel": self._dm(user),
            "tab": "home",
            "event_ts": f"{self._site.clock():.6f}",
        }
        if views.home(user) is not None:
            event["view"] = views.home(user)
        answer = self._site.tell("app_home_opened", event)
        self._heard(answer)
        deadline = time.monotonic() + wait
        waits = answer is not None and self._site.hub.connections > 0
        while waits and views.home_version.get(user, 0) == before:
            if time.monotonic() > deadline:
                break
            time.sleep(0.002)
        return self.home(user)

    def open_messages(self, user: str) -> None:
        """Look at the messages with the bot: tells it, as a fresh conversation does."""
        self._who(user)
        event = {
            "type": "app_home_opened",
            "user": user,
            "channel": self._dm(user),
            "tab": "messages",
            "event_ts": f"{self._site.clock():.6f}",
        }
        self._heard(self._site.tell("app_home_opened", event))

    def prompts(self, user: str) -> list[Json]:
        """What the bot suggests to ask in its conversation with `user`, as it last said."""
        return copy.deepcopy(self._site.prompts.get(self._dm(user), []))

    def _dm(self, user: str) -> str:
        space = self._site.workspace
        return space.dm_between(user, space.bot.id, self._site.clock())[0].id

    def press_home(
        self, user: str, action_id: str, value: str | None = None, block_id: str | None = None
    ) -> None:
        """Press something on the home tab."""
        view = self._site.views.home(user)
        if view is None:
            raise ActError("view_not_found", f"no home tab is published for {user}")
        self._press_in(user, view, action_id, value, block_id, {})

    def press_modal(
        self,
        user: str,
        view_id: str,
        action_id: str,
        value: str | None = None,
        block_id: str | None = None,
        values: Mapping[str, Any] | None = None,
    ) -> None:
        """Press something in a modal; `values` is what its inputs hold at that moment."""
        view = self._modal(user, view_id)
        self._press_in(user, view, action_id, value, block_id, values or {})

    def _press_in(
        self,
        user: str,
        view: Json,
        action_id: str,
        value: str | None,
        block_id: str | None,
        values: Mapping[str, Any],
    ) -> None:
        person = self._who(user)
        block, element = find_element(view["blocks"], action_id, value, block_id)
        action = self._action(block, element, value)
        payload = self._interaction("block_actions", person, view["id"])
        payload |= {
            "container": {"type": "view", "view_id": view["id"]},
            "view": {**view, "state": {"values": self._state(view, values)}},
            "actions": [action],
        }
        self._interact("interactive", payload)

    def submit_view(self, user: str, view_id: str, values: Mapping[str, Any]) -> Json:
        """Submit a modal. `values` maps an action id (or block id) to a string, an option's value
        or a list of them.

        Returns {} when the modal closed, {"errors": {block id: text}} when it stays open, and
        otherwise the response action ({"response_action": "update" | "push" | "clear"}).
        """
        person = self._who(user)
        view = self._modal(user, view_id)
        state = self._state(view, values)
        errors = _unfilled(view, state)
        if errors:
            return {"errors": errors}
        payload = self._interaction("view_submission", person, view_id)
        payload |= {"view": {**view, "state": {"values": state}}, "response_urls": []}
        answer = self._interact("interactive", payload) or {}
        return self._follow(user, view_id, answer)

    def _follow(self, user: str, view_id: str, answer: Json) -> Json:
        """Do what the acknowledgement of a submission says."""
        views, action = self._site.views, answer.get("response_action")
        if action == "errors":
            return {"errors": dict(answer.get("errors", {}))}
        if action in ("update", "push"):
            problems = check_view(answer.get("view"))
            if problems:
                raise ActError("invalid_view", f"the response action's view: {problems}")
            if action == "update":
                views.replace(view_id, answer["view"])
            elif views.push(user, answer["view"]) is None:
                raise ActError("push_limit_reached", "three modals are stacked already")
        elif action == "clear":
            views.clear(user)
        else:
            views.close(user, view_id)
        self._show(user)
        return {"response_action": action} if action else {}

    def close_view(self, user: str, view_id: str) -> None:
        """Dismiss a modal; the bot hears of it if the view asks for that."""
        person = self._who(user)
        view = self._modal(user, view_id)
        self._site.views.close(user, view_id)
        self._show(user)
        if view["notify_on_close"]:
            payload = self._interaction("view_closed", person)
            payload |= {"view": view, "is_cleared": False}
            self._interact("interactive", payload)

    def _modal(self, user: str, view_id: str) -> Json:
        for view in self._site.views.stack(user):
            if view["id"] == view_id:
                return view
        raise ActError("view_not_found", f"{user} has no open modal {view_id!r}")

    def _show(self, user: str) -> None:
        self._site.feed.publish({"type": "modal"}, lambda reader: reader == user)

    def _state(self, view: Json, values: Mapping[str, Any]) -> Json:
        """`view.state.values` for these inputs; untouched ones keep their initial value."""
        state: Json = {}
        for block in view["blocks"]:
            element = block.get("element") or block.get("accessory")
            if not isinstance(element, dict) or "action_id" not in element:
                continue
            if element["type"] in ("button", "overflow"):
                continue
            try:
                entry = payloads.state_of(element, _chosen(block, element, values))
            except LookupError as missing:
                raise ActError("option_not_found", str(missing.args[0])) from None
            entry["type"] = element["type"]
            state.setdefault(block["block_id"], {})[element["action_id"]] = entry
        return state


def _chosen(block: Json, element: Json, values: Mapping[str, Any]) -> object:
    """An input's value: by block or action id, bare or as `view.state.values` has it."""
    for key in (block["block_id"], element["action_id"]):
        if key not in values:
            continue
        held = values[key]
        if key == block["block_id"] and isinstance(held, Mapping) and "type" not in held:
            held = held.get(element["action_id"])
        return payloads.value_of(held) if isinstance(held, Mapping) else held
    return payloads.initial_value(element)


def _unfilled(view: Json, state: Json) -> dict[str, str]:
    """What Slack's own client asks for before it sends a submission."""
    errors = {}
    for block in view["blocks"]:
        if block["type"] != "input" or block.get("optional"):
            continue
        entry = state[block["block_id"]][block["element"]["action_id"]]
        if not any(v for k, v in entry.items() if k != "type"):
            errors[block["block_id"]] = "Please complete this required field."
    return errors
