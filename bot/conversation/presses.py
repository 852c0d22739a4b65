"""What the buttons of an opener and of answers about it mean."""

from __future__ import annotations

from collections.abc import Mapping

from recsys.types import OutcomeKind

HELPED = "You said: that helped. Thank you."
REASONS = (("reason|topic", "Not my topic"), ("reason|timing", "Bad moment"),
           ("reason|frequency", "Too often"), ("reason|facts", "Wrong facts"))  # fmt: skip

NOTES: Mapping[str, str] = {
    "more": "You asked for more; it is in the thread.",
    "not_for_me": "Noted: not for you. What was wrong? It helps me choose better.",
    "not_now": "All right, not now.",
    "person": "You asked for a person; it is in the thread.",
    "pause": "I am silent for a week.",
    "reason": "Thank you. I will choose with that in mind.",
}
OUTCOMES: Mapping[str, OutcomeKind] = {
    "more": OutcomeKind.FOLLOWED_UP,
    "not_for_me": OutcomeKind.DISMISSED,
    "not_now": OutcomeKind.DISMISSED,
    "person": OutcomeKind.HANDED_OFF,
    "pause": OutcomeKind.DISMISSED,
    "reason": OutcomeKind.DISMISSED,
    "helped": OutcomeKind.RESOLVED,
}
WHY: Mapping[str, str] = {"not_now": "timing", "pause": "frequency"}
"""the reason that an action implies"""
SPOKEN = ("more", "why", "person", "helped")
"""actions that a turn of ours follows"""
SHOWN_BELOW = ("person",)
"""actions after which an answer keeps its buttons: what comes of them stands right below it"""
