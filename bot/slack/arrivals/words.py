"""Slack's escaped text as a person typed it."""

from __future__ import annotations

import re

_MARKUP = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")


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
