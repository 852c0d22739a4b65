"""Slack's escaped text as a person typed it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_MARKUP = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")


def words_of(message: Mapping[str, Any]) -> str:
    """The words of a message; those of its rich text, where it bears no plain one."""
    said = readable(str(message.get("text") or ""))
    rich = [one for one in message.get("blocks") or () if one.get("type") == "rich_text"]
    return (
        said if said.strip() else "".join(piece for one in rich for piece in _pieces(one)).strip()
    )


def _pieces(part: Mapping[str, Any]) -> Iterator[str]:
    """What each element of a rich text says; each of its sections ends a line."""
    sign = {"user": "@", "channel": "#"}.get(str(part.get("type")), "")
    if sign:
        yield sign + str(part.get(f"{part['type']}_id") or "")
    elif part.get("type") == "emoji":
        yield f":{part.get('name', '')}:"
    elif part.get("elements"):
        for element in part["elements"]:
            yield from _pieces(element)
        yield "\n"
    else:
        yield str(part.get("text") or part.get("url") or "")


def readable(text: str) -> str:
    """Slack's escaped text as a person typed it: links, mentions and channels become words."""
    words = _MARKUP.sub(_word, text)
    return words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _word(found: re.Match[str]) -> str:
    target, label = found[1], found[2] or ""
    sign = target[:1]
    if sign in ("@", "#"):
        return sign + (label or target[1:])
    if sign == "!":
        return label or "@" + target[1:].partition("^")[0]
    return label or target
