"""How many tokens a text is, about: for where no server tells."""

from __future__ import annotations

BYTES_A_TOKEN = 4
"""of UTF-8: about what English text and JSON take; other scripts take fewer bytes a token"""


def estimated(*texts: str) -> int:
    """About how many tokens the texts are together; never fewer than one."""
    return max(1, -(-sum(len(text.encode()) for text in texts) // BYTES_A_TOKEN))
