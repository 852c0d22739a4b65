"""The facts that admins' rules may read: what they are called, what they mean, where they are from.

Nothing that a member said is among them, and neither is the clock: time is a fact like the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bot.policy.facts import Standing
from recsys.types import Item, Pick

NEVER = 9999.0
"""hours since the last opener, of somebody who never got one"""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: its type, in words for admins, and what it says."""

    type: Literal["number", "text", "yes or no", "list of texts"]
    meaning: str


_OF_MEMBER: Mapping[str, Fact] = {
    "member": Fact("text", "the member's id"),
    "team": Fact("text", "their team; empty where it is not known"),
    "zone": Fact("text", "their time zone, such as `Europe/Lisbon`"),
    "country": Fact("text", "the country whose holidays they keep; empty where none is set"),
    "hour": Fact("number", "the hour on their clock, with its minutes: 9.5 is half past nine"),
    "weekday": Fact("number", "0 is Monday, 6 is Sunday"),
    "day": Fact("number", "the day of the month, from 1"),
    "month": Fact("number", "the month, from 1"),
    "date": Fact("text", "their date, as `2026-09-07`; later dates are greater"),
    "sent_today": Fact("number", "openers on their way or sent on their day"),
    "sent_week": Fact("number", "the same in the last seven days"),
    "hours_since_last": Fact("number", f"since the last opener; {NEVER:.0f} where there was none"),
    "unwelcome": Fact("number", "openers in a row that were ignored or dismissed"),
    "weariness": Fact("number", "how tired of openers they look, see `fatigue`"),
    "away": Fact("yes or no", "Slack shows them as away; read only for rules that name it"),
}
_OF_OFFER: Mapping[str, Fact] = {
    "item": Fact("text", "the id of what is offered"),
    "title": Fact("text", "its title"),
    "kind": Fact("text", "its kind"),
    "source": Fact("text", "where it was imported from"),
    "topics": Fact("list of texts", "its topics, as `overture import` names them"),
    "style": Fact("text", "the opener's style"),
    "engages": Fact("number", "the chance that it is taken up, from 0 to 1"),
    "dismisses": Fact("number", "the chance that it is dismissed"),
    "opts_out": Fact("number", "the chance that the member leaves because of it"),
    "utility": Fact("number", "what is expected of it, all in all"),
}
FACTS: Mapping[str, Fact] = {**_OF_MEMBER, **_OF_OFFER}
OFFERED = frozenset(_OF_OFFER)
"""facts that are known only once something was chosen"""


def of_member(standing: Standing) -> dict[str, Any]:
    """The facts of a member and a moment, by name."""
    local, last = standing.local, standing.last_sent_at
    hours = NEVER if last is None else (standing.now - last).total_seconds() / 3600
    return {
        "member": standing.member,
        "team": standing.team,
        "zone": str(local.tzinfo),
        "country": standing.country,
        "hour": local.hour + local.minute / 60,
        "weekday": float(local.weekday()),
        "day": float(local.day),
        "month": float(local.month),
        "date": local.date().isoformat(),
        "sent_today": float(standing.sent_today),
        "sent_week": float(standing.sent_week),
        "hours_since_last": min(hours, NEVER),
        "unwelcome": float(standing.unwelcome),
        "weariness": standing.weariness,
        "away": bool(standing.away),
    }


@dataclass(frozen=True, slots=True)
class Offered:
    """What rules may know of an item that is offered; kept with the decision."""

    item: str
    title: str
    kind: str
    source: str
    topics: tuple[str, ...]

    @classmethod
    def of(cls, item: Item) -> Offered:
        return cls(item.id, item.title, item.kind, item.source, tuple(item.topics))

    @classmethod
    def from_record(cls, told: Mapping[str, Any]) -> Offered:
        """What `asdict` wrote."""
        return cls(**{**told, "topics": tuple(told["topics"])})


def of_offer(offered: Offered, pick: Pick) -> dict[str, Any]:
    """The facts of an offer, by name."""
    return {
        "item": offered.item,
        "title": offered.title,
        "kind": offered.kind,
        "source": offered.source,
        "topics": offered.topics,
        "style": pick.style,
        "engages": float(pick.engages),
        "dismisses": float(pick.dismisses),
        "opts_out": float(pick.opts_out),
        "utility": float(pick.utility),
    }
