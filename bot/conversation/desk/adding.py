""" "Add to the pool" on a message: the form, what it asks to be confirmed, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.conversation.desk.acts import audience_in, day, held
from bot.conversation.desk.counter import Answer, Content, Counter
from bot.conversation.desk.screens import NOBODY, Screens
from bot.conversation.handlers import Handlers
from bot.curating.adding import Said, add_message, home_audience, words_of
from bot.curating.changes import Changes
from bot.curating.roles import CURATOR, Actor
from bot.curating.seeing import visible
from bot.ports import Arrival, Asked, Refused
from bot.store.channels import Channels
from bot.store.database import Unit
from bot.store.items import Items
from bot.store.members import Members

OPEN = "The channel stays its audience: only those who can read it hear of it."
CLOSED = (
    "This was said where not everybody can read. Nobody hears of it from the pool until a curator"
    " widens its audience."
)
SURE = {
    True: "This was said where not everybody can read. Shall others hear of it?",
    False: "More people than can read that channel will be able to hear of it. Shall they?",
}
WHOSE = "only what people wrote goes into the pool, and this has no author"


@dataclass(frozen=True)
class Adding:
    """Takes messages into the pool."""

    counter: Counter
    screens: Screens

    def handlers(self) -> Handlers:
        showing = self.counter.showing
        return Handlers(
            modals={"pool_add": self.counter.acting(CURATOR, self._added)},
            shows={
                "pool_add": showing(CURATOR, self._form),
                "submit:pool_add": showing(CURATOR, self._asked),
            },
        )

    def _form(self, unit: Unit, actor: Actor, asked: Asked) -> Content:
        """A message as a form; one that is in the pool already is shown instead."""
        known = Items(unit).by_message(asked.address, asked.message_ref)
        if known is not None and visible(unit, actor, [known.id]):
            note = "That message is in the pool already."
            one = self.screens.one(unit, actor, known.id, note=note)
            return {**one, "modal": "pool_item"}
        if known is not None and known.withdrawn_at is not None:
            raise Refused("that message was taken out of the pool")
        if not asked.author:
            raise Refused(WHOSE)
        title, text = words_of(unit, asked.text)
        if not text:
            raise Refused("that message has no words")
        return {
            **self._drawn(unit, asked.address),
            "subject": asked.author,
            "title": title,
            "text": text,
            "kind": "thread",
            "chosen": [],
            "not_before": "",
            "expires": "",
            "approve": True,
        }

    def _drawn(self, unit: Unit, channel: str) -> Content:
        home = home_audience(unit, channel)
        place = Channels(unit).get(channel)
        public = home.kind == "channels"
        where = f"From #{place.name}. {OPEN}" if public and place is not None else CLOSED
        return {
            **self.screens.choices(unit, "thread", channel=channel),
            "about": where,
            "audience": "channels" if public else NOBODY,
            "among": [channel] if public else [],
        }

    def _asked(self, unit: Unit, actor: Actor, asked: Asked) -> Content:
        """At once: what is wrong with the form, or the form asking whether it is meant."""
        values = asked.values
        changes = _changes(values)
        if values.get("audience") == "channels" and not values.get("channels"):
            return {"errors": {"channels": "Choose at least one channel."}}
        if not str(values.get("text") or "").strip():
            return {"errors": {"text": "It needs a text."}}
        starts, ends = day(values.get("not_before")), day(values.get("expires"))
        if starts is not None and ends is not None and ends <= starts:
            return {"errors": {"expires": "It would expire before it may be spoken of."}}
        home, wanted = home_audience(unit, asked.address), changes.audience
        narrow = wanted is None or wanted == home or wanted.kind == "unknown"
        if narrow or "widen" in (values.get("widen") or ()):
            return {}
        form = {**self._drawn(unit, asked.address), **held(values)}
        return {
            **form,
            "modal": "pool_add",
            "subject": asked.subject,
            "approve": "approve" in (values.get("approve") or ()),
            "widening": SURE[home.kind == "unknown"],
        }

    def _added(self, unit: Unit, actor: Actor, arrival: Arrival, now: datetime) -> Answer:
        payload, values = arrival.payload, arrival.payload["values"]
        said = Said(str(payload["address"]), str(payload["message_ref"]), _author(unit, payload))
        row = add_message(
            unit,
            actor,
            said,
            _changes(values),
            approve="approve" in (values.get("approve") or ()),
            knowingly="widen" in (values.get("widen") or ()),
            now=now,
        )
        state = "may be offered from now on" if row.approved_at else "waits in the queue"
        if row.audience_kind == "unknown":
            state += ", but nobody hears of it until its audience is widened"
        return Answer(f"“{row.title}” is in the pool and {state}.", _further(row.id))


def _changes(values: Mapping[str, Any]) -> Changes:
    return Changes(
        title=str(values.get("title") or ""),
        text=str(values.get("text") or ""),
        topics=tuple(values.get("topics") or ()),
        kind=str(values.get("kind") or "thread"),
        not_before=(day(values.get("not_before")),),
        expires=(day(values.get("expires")),),
        audience=audience_in(values),
    )


def _author(unit: Unit, payload: Mapping[str, Any]) -> str:
    """The author's id as the modal carried it; nobody where it is none of a member's."""
    author = str(payload.get("subject") or "")
    return author if Members(unit).get(author) is not None else ""


def _further(item: str) -> tuple[tuple[str, str], ...]:
    return ((f"pool_item|{item}", "Look at it"), (f"pool_undo|{item}", "Undo"))
