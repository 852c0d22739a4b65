"""Block Kit's limits for blocks and views, and a finder of the elements that people press.

Source: docs.slack.dev/reference/block-kit/blocks and /reference/views.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

from bot.emulator.elements import (
    IN_ACTIONS,
    IN_CONTEXT_ACTIONS,
    IN_INPUT,
    IN_SECTION,
    Findings,
    check_element,
)

Json = dict[str, Any]
Surface = Literal["message", "home", "modal"]
MOST_BLOCKS: dict[Surface, int] = {"message": 50, "home": 100, "modal": 100}
MARKDOWN_LIMIT = 12_000
_EVERYWHERE = frozenset(
    {"section", "header", "divider", "image", "actions", "context", "input", "rich_text", "video"}
)
_MESSAGE_ONLY = frozenset(
    {
        "markdown",
        "context_actions",
        "file",
        "call",
        "table",
        "task_card",
        "plan",
        "alert",
        "card",
        "container",
        "carousel",
    }
)


def check_blocks(blocks: object, surface: Surface) -> list[str]:
    """Everything that Slack would refuse about these blocks, in its words; empty when fine."""
    found = Findings()
    _check_blocks(found, blocks, surface, "/blocks")
    return found.messages


def _check_blocks(found: Findings, blocks: object, surface: Surface, where: str) -> None:
    markdown = 0
    for n, block in enumerate(found.count(blocks, 0, MOST_BLOCKS[surface], where)):
        here = f"{where}/{n}"
        if not isinstance(block, dict):
            found.report("not an object", here)
            continue
        kind = block.get("type")
        allowed = _EVERYWHERE | (_MESSAGE_ONLY if surface == "message" else frozenset())
        if not isinstance(kind, str) or kind not in allowed:
            found.report(f"unsupported type: {kind}", f"{here}/type")
            continue
        _check_id(found, block, here)
        _BLOCKS.get(kind, _unchecked)(found, block, here)
        markdown += len(str(block.get("text", ""))) if kind == "markdown" else 0
    if markdown > MARKDOWN_LIMIT:
        found.report(f"must be less than {MARKDOWN_LIMIT + 1} characters", where)


def _check_id(found: Findings, block: Mapping[str, Any], where: str) -> None:
    if "block_id" not in block:
        return
    found.length(block["block_id"], 255, f"{where}/block_id")
    if str(block["block_id"]) in found.block_ids:
        found.report("block_id already exists", f"{where}/block_id")
    found.block_ids.add(str(block["block_id"]))


def _section(found: Findings, block: Mapping[str, Any], where: str) -> None:
    if "text" not in block and "fields" not in block:
        found.report("missing required field: text", where)
    if "text" in block:
        found.text(block["text"], 3000, f"{where}/text")
    if "fields" in block:
        for n, each in enumerate(found.count(block["fields"], 1, 10, f"{where}/fields")):
            found.text(each, 2000, f"{where}/fields/{n}")
    if "accessory" in block:
        check_element(found, block["accessory"], IN_SECTION, f"{where}/accessory", where)


def _header(found: Findings, block: Mapping[str, Any], where: str) -> None:
    found.text(block.get("text"), 150, f"{where}/text", plain=True)


def _actions(found: Findings, block: Mapping[str, Any], where: str) -> None:
    for n, element in enumerate(found.count(block.get("elements"), 1, 25, f"{where}/elements")):
        check_element(found, element, IN_ACTIONS, f"{where}/elements/{n}", where)


def _context_actions(found: Findings, block: Mapping[str, Any], where: str) -> None:
    for n, element in enumerate(found.count(block.get("elements"), 1, 5, f"{where}/elements")):
        check_element(found, element, IN_CONTEXT_ACTIONS, f"{where}/elements/{n}", where)


def _context(found: Findings, block: Mapping[str, Any], where: str) -> None:
    for n, element in enumerate(found.count(block.get("elements"), 1, 10, f"{where}/elements")):
        here = f"{where}/elements/{n}"
        if isinstance(element, dict) and element.get("type") == "image":
            check_element(found, element, frozenset({"image"}), here, where)
        else:
            found.text(element, 3000, here)


def _input(found: Findings, block: Mapping[str, Any], where: str) -> None:
    found.text(block.get("label"), 2000, f"{where}/label", plain=True)
    if "hint" in block:
        found.text(block["hint"], 2000, f"{where}/hint", plain=True)
    check_element(found, block.get("element"), IN_INPUT, f"{where}/element", where)


def _image(found: Findings, block: Mapping[str, Any], where: str) -> None:
    check_element(found, {**block}, frozenset({"image"}), where, where)
    if "title" in block:
        found.text(block["title"], 2000, f"{where}/title", plain=True)


def _markdown(found: Findings, block: Mapping[str, Any], where: str) -> None:
    found.length(block.get("text"), MARKDOWN_LIMIT, f"{where}/text", least=1)


def _rich_text(found: Findings, block: Mapping[str, Any], where: str) -> None:
    found.count(block.get("elements"), 0, 1000, f"{where}/elements")


def _unchecked(found: Findings, block: Mapping[str, Any], where: str) -> None:
    """Blocks whose inside the emulator takes as it comes."""


_BLOCKS: dict[str, Callable[[Findings, Mapping[str, Any], str], None]] = {
    "section": _section,
    "header": _header,
    "actions": _actions,
    "context_actions": _context_actions,
    "context": _context,
    "input": _input,
    "image": _image,
    "markdown": _markdown,
    "rich_text": _rich_text,
}


def check_view(view: object) -> list[str]:
    """Everything that Slack would refuse about a modal or a home tab; empty when fine."""
    found = Findings()
    if not isinstance(view, dict):
        found.report("must be an object", "/view")
        return found.messages
    kind = view.get("type")
    if kind not in ("modal", "home"):
        found.report("must be a valid enum value", "/view/type")
        return found.messages
    if "blocks" not in view:
        found.report("missing required field: blocks", "/view")
    _check_blocks(found, view.get("blocks", []), kind, "/view/blocks")
    found.optional(view, "private_metadata", 3000, "/view")
    found.optional(view, "callback_id", 255, "/view")
    found.optional(view, "external_id", 255, "/view")
    if kind == "modal":
        found.text(view.get("title"), 24, "/view/title", plain=True)
        for key in ("submit", "close"):
            if view.get(key) is not None:
                found.text(view[key], 24, f"/view/{key}", plain=True)
        if _has_inputs(view.get("blocks")) and not view.get("submit"):
            found.report("submit is required when an input block is within blocks", "/view")
    return found.messages


def _has_inputs(blocks: object) -> bool:
    if not isinstance(blocks, list):
        return False
    return any(isinstance(b, dict) and b.get("type") == "input" for b in blocks)


def elements_of(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """(block, element) for every element that has an action or holds an input."""
    for block in blocks:
        held = [block.get("accessory"), block.get("element")]
        elements = block.get("elements")
        held += elements if isinstance(elements, list) else []
        for element in held:
            if isinstance(element, dict) and "action_id" in element:
                yield block, element


def name_blocks(blocks: list[Json], mint: Callable[[], str]) -> list[Json]:
    """A copy in which every block and every element has its identity, as Slack adds them."""
    named = []
    for block in blocks:
        block = {**block, "block_id": block.get("block_id") or mint()}
        for key in ("accessory", "element"):
            if isinstance(block.get(key), dict):
                block[key] = _name(block[key], mint)
        if block["type"] in ("actions", "context_actions"):
            block["elements"] = [_name(e, mint) for e in block["elements"]]
        named.append(block)
    return named


def _name(element: Json, mint: Callable[[], str]) -> Json:
    if element.get("type") == "image" or "action_id" in element:
        return element
    return {**element, "action_id": mint()}
