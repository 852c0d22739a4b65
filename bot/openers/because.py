"""Reasons in words: as a sentence for the member, as a clause inside another sentence."""

from __future__ import annotations

from collections.abc import Sequence


def clause(why: str) -> str:
    """The same reasons as part of a sentence: ``because …``; empty where there is none."""
    return "" if why == NO_REASON else (why[:1].lower() + why[1:]).removesuffix(".")


def sentence(reasons: Sequence[str]) -> str:
    """Reasons as one sentence; an honest one where there is none."""
    if not reasons:
        return NO_REASON
    first, *rest = reasons
    joined = first + "".join(f", and {one}" for one in rest)
    return joined[0].upper() + joined[1:] + "."


NO_REASON = "Nothing in particular that you did: of what is new, it came out first for you."
