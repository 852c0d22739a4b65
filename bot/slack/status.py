"""What a member's status says of being disturbed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

LASTS = 12 * 3600.0
"""seconds for which a status counts that does not say when it ends: longer ones are forgotten"""

_BUSY = re.compile(
    r"\b(?:focus(?:ed|ing)?|do not disturb|don'?t disturb|dnd|heads[ -]?down|deep[ -]?work"
    r"|no interruptions)\b",
    re.IGNORECASE,
)
_EMOJI = frozenset({":no_entry:", ":no_entry_sign:", ":no_bell:"})


def busy_until(profile: Mapping[str, Any], now: float) -> float | None:
    """Until when (epoch seconds) a profile's status asks for peace; None where it does not.

    Only whether it does is kept, never its words.
    """
    text, emoji = str(profile.get("status_text") or ""), str(profile.get("status_emoji") or "")
    if not (_BUSY.search(text) or emoji in _EMOJI):
        return None
    ends = float(profile.get("status_expiration") or 0)
    return ends if ends > 0 else now + LASTS
