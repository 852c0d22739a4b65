"""What two items have in common that are one thing told twice: their address, or their title."""

from __future__ import annotations

import re
from hashlib import blake2b
from urllib.parse import parse_qsl, urlencode, urlsplit

SHORTEST_TITLE = 3
"""words; a shorter title ("Release notes", "Weekly update") is no sign of anything"""
_TRACKING = re.compile(r"utm_\w+|fbclid|gclid|mc_[ce]id|igshid|ref|ref_src|source|cmpid", re.I)
_INDEX = re.compile(r"/(?:index\.(?:html?|php)|amp)?/*$", re.I)
_WORD = re.compile(r"\w+")


def normal_url(url: str) -> str:
    """An address as most people would call it the same: without scheme, www, tracking, fragment.

    Raises ValueError for one that is none.
    """
    parts = urlsplit(url.strip())
    host = (parts.hostname or "").removeprefix("www.")
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    asked = sorted(p for p in parse_qsl(parts.query) if not _TRACKING.fullmatch(p[0]))
    query = f"?{urlencode(asked)}" if asked else ""
    return f"{host}{port}{_INDEX.sub('', parts.path)}{query}"


def normal_title(title: str) -> str:
    """The words of a title, whatever their case and signs; empty for one that is too short."""
    words = _WORD.findall(title.casefold())
    return " ".join(words) if len(words) >= SHORTEST_TITLE else ""


def address_key(url: str | None) -> int:
    """A number that equal addresses share; 0 where there is none."""
    try:
        return _number(normal_url(url)) if url else 0
    except ValueError:
        return 0


def title_key(title: str) -> int:
    """A number that equal titles share; 0 for one that is short."""
    return _number(normal_title(title))


def _number(text: str) -> int:
    """63 bits: among a million texts two share a number once in ten million pools."""
    if not text:
        return 0
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest()) >> 1
