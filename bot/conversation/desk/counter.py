"""The counter that everything at the desk passes: who asks is looked up each time, on our side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.conversation.conversing import Conversing
from bot.conversation.handlers import Handle, Shows
from bot.curating.roles import Actor, RoleBook
from bot.inbox import Act, After, moment
from bot.ports import Arrival, Asked, ChannelError, Clock, Modals, OvertureError
from bot.store.database import Unit
from bot.store.members import Members
from bot.store.roles import Name

Content = Mapping[str, Any]
Draw = Callable[[Unit, Actor, Asked], Content]


@dataclass(frozen=True)
class Answer:
    """What is said to an act, and what is drawn anew after it."""

    text: str = ""
    buttons: tuple[tuple[str, str], ...] = ()
    redraws: tuple[tuple[str, Asked, Draw], ...] = ()
    """ids of views, with what each was asked for and what draws it"""


Obey = Callable[[Unit, Actor, Arrival, datetime], Answer]
Think = Callable[[Arrival, datetime], Obey]
"""what takes longer than a transaction may, done before it; may raise what is told"""


@dataclass(frozen=True)
class Counter:
    """Lets curators and admins through, and tells everybody else who they are."""

    book: RoleBook
    conversing: Conversing
    modals: Modals | None
    """None where the channel has none"""
    clock: Clock

    def showing(self, role: Name, draw: Draw) -> Shows:
        """A modal, or the answer to a form, for those who hold `role`; a notice for others."""

        def shows(asked: Asked) -> Content:
            with self.conversing.store.reading(self.conversing.workspace) as unit:
                try:
                    actor = self.book.required(unit, asked.member, role)
                except OvertureError as error:
                    return notice(error)
                try:
                    return draw(unit, actor, asked)
                except OvertureError as error:
                    # a form stays open with what was written into it
                    first = next(iter(asked.values), None)
                    return {"errors": {first: sentence(error)}} if first else notice(error)

        return shows

    def acting(self, role: Name, obey: Obey) -> Handle:
        """An act of those who hold `role`; whatever others send changes nothing."""
        return self.thinking(role, lambda arrival, now: obey)

    def thinking(self, role: Name, think: Think) -> Handle:
        """The same for one that needs something done before its transaction."""

        def handle(arrival: Arrival, now: datetime) -> Act:
            who = str(arrival.payload["member"])
            obey = self._thought(role, who, think, arrival, now)

            def act(unit: Unit) -> After | None:
                try:
                    actor = self.book.required(unit, who, role)
                    if isinstance(obey, OvertureError):
                        raise obey
                    answer = obey(unit, actor, arrival, moment(arrival.payload, now))
                except OvertureError as error:
                    answer = Answer(sentence(error))
                self._say(unit, arrival, who, answer, now)
                return self._redraw(answer, role)

            return act

        return handle

    def _thought(
        self, role: Name, who: str, think: Think, arrival: Arrival, now: datetime
    ) -> Obey | OvertureError:
        """What to do; nothing is thought about for somebody who may not ask for it."""
        try:
            with self.conversing.store.reading(self.conversing.workspace) as unit:
                self.book.required(unit, who, role)
            return think(arrival, now)
        except OvertureError as error:
            return error

    def _say(self, unit: Unit, arrival: Arrival, who: str, answer: Answer, now: datetime) -> None:
        member = Members(unit).behind(self.book.channel, who)
        if member is None or member.is_bot or member.is_guest or member.is_stranger:
            return
        if answer.text:
            content: dict[str, Any] = {"text": answer.text}
            if answer.buttons:
                content["buttons"] = [list(pair) for pair in answer.buttons]
            self.conversing.say(unit, member.id, f"desk:{arrival.key}", content, now)

    def _redraw(self, answer: Answer, role: Name) -> After | None:
        if self.modals is None:
            return None
        modals, redraws = self.modals, [one for one in answer.redraws if one[0]]

        def after() -> None:
            for view, asked, draw in redraws:
                content = self.showing(role, draw)(asked)
                try:
                    modals.redraw_modal(view, content or {}, asked)
                except ChannelError:
                    continue  # it was closed meanwhile

        return after if redraws else None


def notice(error: OvertureError) -> Content:
    return {"modal": "notice", "title": "Not possible", "text": sentence(error)}


def sentence(error: OvertureError) -> str:
    """An error as a sentence of ours."""
    text = str(error)
    first = text[:1] if text.startswith("http") else text[:1].upper()
    return f"{first}{text[1:]}" + ("" if text.endswith((".", "!", "?")) else ".")
