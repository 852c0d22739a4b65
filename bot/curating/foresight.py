"""How an item would open, and for how many: the real composer and the real rules, and no sending.

Nobody is named and few are not counted: whoever asks learns how well an item is aimed, not whom
it would meet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

import numpy as np

from bot.curating.counting import people
from bot.deciding.briefing import Briefing
from bot.deciding.facts import FactsReader
from bot.deciding.recommender import Recommender, View
from bot.ids import digest
from bot.openers.brief import Brief, Composed, Withheld
from bot.openers.styles import STYLES, suited
from bot.policy.purposes import OPENERS
from bot.settings import PolicySettings
from bot.store import tables
from bot.store.consents import Consents
from bot.store.database import Store, Unit
from bot.store.items import stored
from bot.store.members import Members
from recsys.filters import Embargoed, NotApproved
from recsys.types import ItemId

MOST = 200
"""members who are looked at; of more, so many are drawn, and the numbers are about all"""
STYLE_NAMES = {
    "offer": "An offer of help",
    "question": "A question",
    "follow_up": "A follow-up",
    "news": "A piece of news",
    "check_in": "A gentle check-in",
}
WITHHELD = {
    "composer_abstained": "The model would rather say nothing about it.",
    "ungrounded": "No opener about it passes the guards: it says too little, or too much at once.",
}


class Composes(Protocol):
    """Turns a brief into an opener, or withholds it."""

    def compose(self, brief: Brief) -> Composed | Withheld: ...


@dataclass(frozen=True, slots=True)
class Reach:
    """Numbers of members, in words."""

    visible: str
    interested: str
    of: str
    """how many agreed to hear from us at all"""

    def sentences(self) -> tuple[str, str]:
        if self.of == "nobody":
            return "Nobody has agreed to hear from me yet.", ""
        of = self.of if self.of == "a few" else f"the {self.of}"
        told = f"Of {of} who agreed to hear from me, {_some(self.visible)} may hear of it."
        return told, f"At this moment {_some(self.interested)} of them would find it worth a word."


@dataclass(frozen=True)
class Foresight:
    """Looks ahead for one item; writes nothing and sends nothing."""

    store: Store
    workspace: str
    recommender: Recommender
    facts: FactsReader
    briefing: Briefing
    composer: Composes
    policy: PolicySettings

    def opener(self, row: tables.Item, style: str, first_name: str) -> tuple[str, str]:
        """What an opener in this style would say to somebody of that name, or why none would.

        Beside it the style that it has, empty for none: where no template of a style fits the
        item, another one serves.
        """
        brief = Brief(first_name, self.briefing.about(stored(row)), style, seed=row.id)
        made = self.composer.compose(brief)
        if isinstance(made, Withheld):
            return WITHHELD[made.reason], ""
        return made.text, made.style

    def reach(self, item: str, now: datetime) -> Reach:
        """Whom it would reach, if it were approved and out by now."""
        view = self.recommender.refresh(self.workspace, now)
        row = view.pipeline.pool.row_of.get(ItemId(item))
        with self.store.reading(self.workspace) as unit:
            asked = _agreed(unit)
        drawn = sorted(asked, key=lambda member: digest(item, member))[:MOST]
        share = len(asked) / len(drawn) if drawn else 1.0
        seen = [] if row is None else [self._meets(one, row, view, now) for one in drawn]
        visible = round(share * sum(may for may, _ in seen))
        interested = round(share * sum(would for _, would in seen))
        about = "about " if share > 1 else ""
        return Reach(_told(visible, about), _told(interested, about), people(len(asked)))

    def _meets(self, member: str, row: int, view: View, now: datetime) -> tuple[bool, bool]:
        """Whether a member may hear of the item, and whether they would probably take it up."""
        query = self.facts.gather(member, now, view).query
        waived = (NotApproved.name, Embargoed.name)
        pipeline = replace(
            view.pipeline,
            filters=tuple(one for one in view.pipeline.filters if one.name not in waived),
        )
        rows = np.array([row], dtype=np.int32)
        sees = all(bool(one.keeps(query, pipeline.pool, rows)[0]) for one in pipeline.filters)
        if not sees:
            return False, False
        slate = pipeline.run(query)
        places = np.flatnonzero(slate.ranked.rows == row)
        if not places.size:
            return True, False
        return True, bool(slate.ranked.engages[places[0]] >= self.policy.threshold)


def styles_for(kind: str) -> Sequence[tuple[str, str]]:
    """(style, name) of the styles that suit a kind of item."""
    fitting = suited(kind)
    return [(style, STYLE_NAMES.get(style, style)) for style in STYLES if style in fitting]


def _some(told: str) -> str:
    return "none" if told == "nobody" else told


def _agreed(unit: Unit) -> list[str]:
    """Members who agreed to openers and may get some."""
    granted = Consents(unit).all_granted()
    return [
        member.id
        for member in Members(unit).list()
        if OPENERS in granted.get(member.id, frozenset())
        and not (member.is_bot or member.is_guest or member.is_stranger)
        and member.left_at is None
        and member.deactivated_at is None
    ]


def _told(count: int, about: str) -> str:
    told = people(count)
    return f"{about}{told}" if about and told[0].isdecimal() else told
