"""How an item would open and for how many, and what is missing: what the desk asks the bot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.conversation.desk.counter import Answer, Content, Counter, Obey
from bot.conversation.desk.screens import seen
from bot.conversation.handlers import Handlers
from bot.curating.foresight import STYLE_NAMES, Foresight, styles_for
from bot.curating.roles import CURATOR, Actor
from bot.curating.wants import Want, wants
from bot.ports import Arrival, Asked, Refused
from bot.store.database import Unit
from bot.store.members import Members

WORKING = "Composing an opener, and looking at whom it would meet…"
BARE = "This bot was started without its recommender, so it cannot look ahead."
OTHER = "No opener in that style fits this item; instead it would be {name}."
NOT_SENT = "Nothing is sent. Whoever it is for reads their own name, and their own why below it."
MISSING_NOTHING = "Nobody asked for anything that several others asked for too."
ASKED = "Asked about, without an answer in the pool:"
UNSERVED = "Followed by those who asked `now` and got nothing:"
FOLLOWED = "Followed, with next to nothing in the pool:"


@dataclass(frozen=True)
class Foreseeing:
    """Looks ahead for curators."""

    counter: Counter
    foresight: Callable[[], Foresight | None]
    """gives None where there is no recommender to look with"""

    def handlers(self) -> Handlers:
        showing = self.counter.showing
        return Handlers(
            presses={"pool_preview": self.counter.thinking(CURATOR, self._previewed)},
            shows={
                "pool_preview": showing(CURATOR, self._working),
                "pool_wants": showing(CURATOR, self._wants),
            },
        )

    def _working(self, unit: Unit, actor: Actor, asked: Asked) -> Content:
        row = seen(unit, actor, asked.subject)
        styles = styles_for(row.kind)
        style = asked.value if asked.value in dict(styles) else styles[0][0]
        return _preview(row.id, row.title, row.kind, style, WORKING, [])

    def _previewed(self, arrival: Arrival, now: datetime) -> Obey:
        """The opener and the numbers, thought about before anything is written."""
        payload = arrival.payload
        who, view = str(payload["member"]), str(payload.get("view") or "")
        item = str(payload.get("opener") or payload.get("subject") or "")
        told = self.preview(who, item, str(payload.get("value") or ""), now)
        asked = Asked(who, "pool_preview", item)

        def obey(unit: Unit, actor: Actor, arrival: Arrival, now: datetime) -> Answer:
            return Answer(redraws=((view, asked, lambda unit, actor, asked: told),))

        return obey

    def preview(self, who: str, item: str, style: str, now: datetime) -> dict[str, Any]:
        """How an item would open for whoever asks, in a style. Raises Refused; may ask a model."""
        counter = self.counter
        with counter.conversing.store.reading(counter.conversing.workspace) as unit:
            actor = counter.book.required(unit, who, CURATOR)
        return self.ahead(actor, item, style, now)

    def ahead(self, actor: Actor, item: str, style: str, now: datetime) -> dict[str, Any]:
        """The same for one whose role is known."""
        counter = self.counter
        with counter.conversing.store.reading(counter.conversing.workspace) as unit:
            row = seen(unit, actor, item)
            member = Members(unit).get(actor.member or "")
            unit.session.expunge(row)
        foresight = self.foresight()
        if foresight is None:
            raise Refused(BARE)
        styles = dict(styles_for(row.kind))
        style = style if style in styles else next(iter(styles))
        name = (member.name.split() or [member.name])[0] if member is not None else "you"
        opener, said = foresight.opener(row, style, name)
        other = [OTHER.format(name=STYLE_NAMES.get(said, said).lower())]
        notes = [
            *(other if said not in ("", style) else ()),
            *filter(None, foresight.reach(row.id, now).sentences()),
            NOT_SENT,
        ]
        return _preview(row.id, row.title, row.kind, style, opener, notes)

    def _wants(self, unit: Unit, actor: Actor, asked: Asked) -> Content:
        return {"lines": missing(unit, self.counter.clock.now())}


def missing(unit: Unit, now: datetime) -> list[str]:
    """What members asked for and the pool lacks, as paragraphs."""
    found = wants(unit, now)
    parts = [(ASKED, found.asked), (FOLLOWED, found.followed), (UNSERVED, found.unserved)]
    return [f"{head}\n{_lines(some)}" for head, some in parts if some] or [MISSING_NOTHING]


def _lines(some: tuple[Want, ...]) -> str:
    return "\n".join(f"• {one.what} ({one.members} members)" for one in some)


def _preview(
    item: str, title: str, kind: str, style: str, opener: str, notes: list[str]
) -> dict[str, Any]:
    styles = list(styles_for(kind))
    return {"id": item, "title": title, "styles": styles, "style": style, "opener": opener,
            "notes": notes}  # fmt: skip
