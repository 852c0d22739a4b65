"""What one pass of the outbox did, and why what was withdrawn did not leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

_WITHDRAWN = "withdrawn:"


@dataclass(frozen=True, slots=True)
class Report:
    """How many rows ended how; `waiting` rows are still on their way after it."""

    sent: int = 0
    failed: int = 0
    withdrawn: int = 0
    expired: int = 0
    unresolved: int = 0
    waiting: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict, compare=False)
    """of those withdrawn: how many for which rule or state of the workspace"""

    @classmethod
    def of(cls, ends: Counter[str], waiting: int) -> Report:
        """A report of how often `end_of` said what."""
        reasons = {
            end.removeprefix(_WITHDRAWN): count
            for end, count in ends.items()
            if end.startswith(_WITHDRAWN)
        }
        return cls(
            sent=ends["sent"],
            failed=ends["failed"],
            withdrawn=sum(reasons.values()),
            expired=ends["expired"],
            unresolved=ends["unresolved"],
            waiting=waiting,
            reasons=reasons,
        )


def end_of(state: str, reason: str) -> str:
    """How a row ended, in one word; with the reason where it is one of ours, not an error's."""
    return _WITHDRAWN + reason if state == "withdrawn" else state
