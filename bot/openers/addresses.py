"""What a client may turn into a link by itself: addresses with a scheme, host names, mail."""

from __future__ import annotations

import re

_GENERIC = (
    "com|net|org|info|biz|dev|app|online|site|top|club|shop|store|link|click|live|news|blog|page"
    "|cloud|zip|mov|tech|space|website|world|today|agency|email|support|team|work|works|zone|pro"
    "|name|edu|gov|mil|int|xyz|rocks|chat|social|digital|media|network|systems|software"
    "|solutions|services|group|company|land|life|run|fun|buzz|vip|icu|xn--[a-z0-9-]+"
)
_NO_COUNTRIES = "js|ts|hs|ex|cs|fs|db|jl|kt|vb|rb|tf|el"
"""Two letters that end files of code and are no country of the domain system."""

_OTHER_SCRIPT = r"(?=\w*[^\x00-\x7f])[^\W\d_]{2,}"
"""Endings in other alphabets, and those that only look like one of ours."""

DOMAIN = re.compile(
    r"(?<![\w.])(?:(?:[^\W_]|[\u2600-\u27bf\U0001f000-\U0001faff])[\w-]{0,62}\.)+"
    rf"(?:{_GENERIC}|(?!(?:{_NO_COUNTRIES})\b)[a-z]{{2}}|{_OTHER_SCRIPT})(?!\w)(?!\.[a-z])"
    r"(?:[/:?#]\S*)?",
    re.IGNORECASE,
)
SCHEME = re.compile(
    r"(?:\b[^\W\d_][\w+.-]{1,20}:[/\\]{1,3}|\bwww\."
    r"|\b(?:javascript|vbscript|data|mailto|tel|sms):)\S+",
    re.IGNORECASE,
)
MAIL = re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.-]+")
IP_ADDRESS = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")

_DOTS = str.maketrans("。．｡․", "....")


def addresses(text: str) -> tuple[str, ...]:
    """Everything in `text` that may become a link, as it stands there; dots in any script."""
    text = text.translate(_DOTS)
    patterns = (SCHEME, MAIL, IP_ADDRESS, DOMAIN)
    found = (match[0] for pattern in patterns for match in pattern.finditer(text))
    return tuple(dict.fromkeys(found))
