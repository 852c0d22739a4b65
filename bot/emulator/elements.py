"""Block Kit's limits for texts, options and elements.

Source: docs.slack.dev/reference/block-kit (block elements, composition objects).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

SELECTS = frozenset(
    f"{prefix}{kind}_select"
    for prefix in ("", "multi_")
    for kind in ("static", "external", "users", "conversations", "channels")
)
PICKERS = frozenset({"datepicker", "timepicker", "datetimepicker"})
CHOICES = frozenset({"radio_buttons", "checkboxes"})
TYPED = frozenset(
    {
        "plain_text_input",
        "email_text_input",
        "url_text_input",
        "number_input",
        "rich_text_input",
        "file_input",
    }
)
IN_ACTIONS = SELECTS | PICKERS | CHOICES | {"button", "overflow", "workflow_button"}
IN_SECTION = IN_ACTIONS | {"image"}
IN_INPUT = SELECTS | PICKERS | CHOICES | TYPED
IN_CONTEXT_ACTIONS = frozenset({"feedback_buttons", "icon_button"})


@dataclass
class Findings:
    """What is wrong with a payload, as Slack words it, and the identities already used in it."""

    messages: list[str] = field(default_factory=list)
    block_ids: set[str] = field(default_factory=set)
    action_ids: set[tuple[str, str]] = field(default_factory=set)

    def report(self, what: str, where: str) -> None:
        self.messages.append(f"[ERROR] {what} [json-pointer:{where}]")

    def length(self, value: object, limit: int, where: str, least: int = 0) -> None:
        """A string of `least` to `limit` characters."""
        if not isinstance(value, str):
            self.report("must provide a string", where)
        elif len(value) > limit:
            self.report(f"must be less than {limit + 1} characters", where)
        elif len(value) < least:
            self.report(f"must be more than {least - 1} characters", where)

    def optional(self, holder: Mapping[str, Any], key: str, limit: int, where: str) -> None:
        """The same for a field that may be missing."""
        if key in holder:
            self.length(holder[key], limit, f"{where}/{key}")

    def count(self, value: object, least: int, most: int, where: str) -> list[Any]:
        """The list's items when it is a list of an allowed length; nothing otherwise."""
        if not isinstance(value, list):
            self.report("must provide an array", where)
            return []
        if len(value) > most:
            self.report(f"no more than {most} items allowed", where)
            return []
        if len(value) < least:
            self.report(f"must contain at least {least} items", where)
        return value

    def text(self, value: object, limit: int, where: str, plain: bool = False) -> None:
        """A text object of 1 to `limit` characters."""
        if not isinstance(value, dict):
            self.report("missing required field: text" if value is None else "not an object", where)
            return
        kinds = ("plain_text",) if plain else ("plain_text", "mrkdwn")
        if value.get("type") not in kinds:  # a tuple, so that even a list is compared
            self.report(f"unsupported type: {value.get('type')}", f"{where}/type")
        self.length(value.get("text"), limit, f"{where}/text", least=1)
        if value.get("type") == "mrkdwn" and "emoji" in value:
            self.report("invalid additional property: emoji", where)


def _options(
    found: Findings, element: Mapping[str, Any], where: str, least: int, most: int
) -> None:
    plain = element["type"] not in CHOICES
    for n, option in enumerate(
        found.count(element.get("options"), least, most, f"{where}/options")
    ):
        here = f"{where}/options/{n}"
        if not isinstance(option, dict):
            found.report("not an object", here)
            continue
        found.text(option.get("text"), 75, f"{here}/text", plain=plain)
        if element["type"] == "overflow" and "value" not in option:
            found.report("missing required field: value", here)
        found.optional(option, "value", 150, here)
        if "description" in option:
            found.text(option["description"], 75, f"{here}/description", plain=plain)


def _button(found: Findings, element: Mapping[str, Any], where: str) -> None:
    found.text(element.get("text"), 75, f"{where}/text", plain=True)
    found.optional(element, "value", 2000, where)
    found.optional(element, "url", 3000, where)
    found.optional(element, "accessibility_label", 75, where)
    if element.get("style", "primary") not in ("primary", "danger"):
        found.report("must be a valid enum value", f"{where}/style")


def _overflow(found: Findings, element: Mapping[str, Any], where: str) -> None:
    _options(found, element, where, 1, 5)


def _choice(found: Findings, element: Mapping[str, Any], where: str) -> None:
    _options(found, element, where, 1, 10)


def _static_select(found: Findings, element: Mapping[str, Any], where: str) -> None:
    if "option_groups" not in element:
        _options(found, element, where, 1, 100)
        return
    groups = found.count(element["option_groups"], 1, 100, f"{where}/option_groups")
    for n, group in enumerate(groups):
        here = f"{where}/option_groups/{n}"
        if not isinstance(group, dict):
            found.report("not an object", here)
            continue
        found.text(group.get("label"), 75, f"{here}/label", plain=True)
        _options(found, {**group, "type": element["type"]}, here, 1, 100)


def _image(found: Findings, element: Mapping[str, Any], where: str) -> None:
    found.length(element.get("alt_text"), 2000, f"{where}/alt_text")
    if "slack_file" not in element:
        found.length(element.get("image_url"), 3000, f"{where}/image_url", least=1)


def _feedback(found: Findings, element: Mapping[str, Any], where: str) -> None:
    for side in ("positive_button", "negative_button"):
        button = element.get(side)
        if not isinstance(button, dict):
            found.report(f"missing required field: {side}", where)
            continue
        found.text(button.get("text"), 75, f"{where}/{side}/text", plain=True)
        found.length(button.get("value"), 2000, f"{where}/{side}/value")
        found.optional(button, "accessibility_label", 75, f"{where}/{side}")


def _icon_button(found: Findings, element: Mapping[str, Any], where: str) -> None:
    found.text(element.get("text"), 75, f"{where}/text", plain=True)
    found.optional(element, "value", 2000, where)
    if element.get("icon") != "trash":
        found.report("must be a valid enum value", f"{where}/icon")


def _anything(found: Findings, element: Mapping[str, Any], where: str) -> None:
    most = element.get("max_length", 1)
    if not isinstance(most, int) or not 1 <= most <= 3000:
        found.report("must be between 1 and 3000", f"{where}/max_length")


_CHECKS: dict[str, Callable[[Findings, Mapping[str, Any], str], None]] = {
    "button": _button,
    "overflow": _overflow,
    "radio_buttons": _choice,
    "checkboxes": _choice,
    "static_select": _static_select,
    "multi_static_select": _static_select,
    "image": _image,
    "feedback_buttons": _feedback,
    "icon_button": _icon_button,
}


def check_element(
    found: Findings, element: object, allowed: frozenset[str], where: str, block: str
) -> None:
    """Judge one element of a block; `block` is the block's identity, for doubled action ids."""
    if not isinstance(element, dict):
        found.report("missing required field: element", where)
        return
    kind = element.get("type")
    if not isinstance(kind, str) or kind not in allowed:
        found.report(f"unsupported type: {kind}", f"{where}/type")
        return
    _CHECKS.get(kind, _anything)(found, element, where)
    if "placeholder" in element:
        found.text(element["placeholder"], 150, f"{where}/placeholder", plain=True)
    if "confirm" in element:
        _confirm(found, element["confirm"], f"{where}/confirm")
    if "action_id" in element:
        found.length(element["action_id"], 255, f"{where}/action_id", least=1)
        identity = (block, str(element["action_id"]))
        if identity in found.action_ids:
            found.report("action_id already exists", f"{where}/action_id")
        found.action_ids.add(identity)


def _confirm(found: Findings, confirm: object, where: str) -> None:
    if not isinstance(confirm, dict):
        found.report("not an object", where)
        return
    found.text(confirm.get("title"), 100, f"{where}/title", plain=True)
    found.text(confirm.get("text"), 300, f"{where}/text")
    found.text(confirm.get("confirm"), 30, f"{where}/confirm", plain=True)
    found.text(confirm.get("deny"), 30, f"{where}/deny", plain=True)
