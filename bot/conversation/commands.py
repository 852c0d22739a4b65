"""`/overture …`: what everybody may type; the answer comes into the direct conversation."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches

from bot.conversation.agreeing import Agreeing
from bot.conversation.conversing import Conversing
from bot.conversation.handlers import Handle, Handlers
from bot.conversation.pausing import named, pause_meant
from bot.conversation.topic_words import obey_topics
from bot.curating.roles import ADMIN, CURATOR, RoleBook
from bot.inbox import Act, After, moment
from bot.policy import pauses
from bot.policy.purposes import OPENERS
from bot.ports import Arrival
from bot.store import tables
from bot.store.consents import Consents
from bot.store.database import Unit
from bot.store.openers import Openers
from bot.store.roles import NAMES, Name

HELP = (
    "I write first, and seldom. You can type:\n"
    "• `/overture now` – what I would pick for you at this moment, and how sure I am\n"
    "• `/overture why` – why I wrote last\n"
    "• `/overture pause` – silent for a week; `pause today`, `pause until Monday` or"
    " `pause until I say so` as well\n"
    "• `/overture resume` – ends a pause\n"
    "• `/overture topics` – what you follow and mute; `topics follow X`, `topics mute X`,"
    " `topics drop X`\n"
    "• `/overture stop` – ends it for good\n"
)
OF_DESK: tuple[tuple[Name, str], ...] = (
    (CURATOR, "• `/overture pool` – what I may talk about, and what waits for you\n"),
    (CURATOR, "• `/overture feeds` – where more of it comes from\n"),
    (ADMIN, "• `/overture roles` – who may curate\n"),
)
"""what those who hold a role may type as well"""
HELP_ENDS = "My home tab shows what I may use about you, and changes it."
NOT_AGREED = (
    "You have not agreed to hear from me, so I stay silent. My home tab shows what I would use,"
    " and changes it."
)
LEFT = (
    "I will not write to you again, and I use nothing about you any more. If you change your mind,"
    " my home tab is the way back."
)
UNKNOWN_PAUSE = (
    "I do not know a pause “{said}”. Type `/overture pause today`, `/overture pause week`,"
    " `/overture pause until Monday` or `/overture pause until I say so`."
)

Obey = Callable[[Unit, tables.Member, str, datetime], str]
"""What a command does, given the words after its first; returns what is said to it."""


@dataclass(frozen=True)
class Commands:
    """Handles the commands about oneself."""

    agreeing: Agreeing
    conversing: Conversing
    book: RoleBook

    def handlers(self) -> Handlers:
        words: dict[str, Obey] = {
            "pause": self._pause,
            "resume": self._resume,
            "stop": self._stop,
            "topics": obey_topics,
            "why": _why,
            "help": lambda unit, member, rest, at: self._help(unit, member),
        }
        return Handlers(commands={word: self._answering(obey) for word, obey in words.items()})

    def unknown_beside(self, known: Iterable[str]) -> Handle:
        """What answers a first word that is none of `known`: with the nearest of them."""
        words = sorted(known)

        def handle(arrival: Arrival, now: datetime) -> Act:
            typed = str(arrival.payload["text"]).split()

            def obey(unit: Unit, member: tables.Member, rest: str, at: datetime) -> str:
                told = self._help(unit, member)
                return nearest(typed, words, told) if typed else told

            return self._answering(obey)(arrival, now)

        return handle

    def _answering(self, obey: Obey) -> Handle:
        def handle(arrival: Arrival, now: datetime) -> Act:
            def act(unit: Unit) -> After | None:
                member = self.agreeing.speaker(unit, arrival.payload)
                if member is None:
                    return None
                at = moment(arrival.payload, now)
                member.came_at = member.came_at or at
                rest = str(arrival.payload["text"]).partition(" ")[2].strip()
                text = obey(unit, member, rest, at)
                self.conversing.tell(unit, member.id, f"command:{arrival.key}", text, now)
                return self.conversing.redraw_home(str(arrival.payload["member"]), member.id, now)

            return act

        return handle

    def _pause(self, unit: Unit, member: tables.Member, rest: str, at: datetime) -> str:
        name, zone = pauses.named(rest), self.conversing.home.zone_of(member)
        meant = named(name, at, zone) if name else pause_meant(rest, at, zone)
        if meant is None:
            return UNKNOWN_PAUSE.format(said=rest[:40])
        until, said = meant
        self.agreeing.be_silent(unit, member, until)
        return said

    def _resume(self, unit: Unit, member: tables.Member, rest: str, at: datetime) -> str:
        member.paused_until = None
        agrees = member.left_at is None and OPENERS in Consents(unit).granted(member.id)
        return "I may write to you again." if agrees else NOT_AGREED

    def _stop(self, unit: Unit, member: tables.Member, rest: str, at: datetime) -> str:
        self.agreeing.leave(unit, member, at)
        return LEFT

    def _help(self, unit: Unit, member: tables.Member) -> str:
        role = self.book.of_member(unit, member)
        more = [line for held, line in OF_DESK if NAMES.index(role) >= NAMES.index(held)]
        return "".join([HELP, *more, HELP_ENDS])


def nearest(typed: list[str], words: list[str], told: str) -> str:
    """The honest answer to a word that nobody knows, with the nearest one that somebody does."""
    near = get_close_matches(typed[0].lower(), words, n=1, cutoff=0.6)
    said = f"I do not know “{typed[0][:40]}”."
    if not near:
        return f"{said} {told}"
    command = " ".join(["/overture", near[0], *typed[1:]])[:100].replace("`", "")
    return f"{said} Did you mean `{command}`? `/overture help` lists what I know."


def _why(unit: Unit, member: tables.Member, rest: str, at: datetime) -> str:
    last = Openers(unit).recent(member.id, 1)
    if not last:
        return "I have not written to you yet."
    return last[0].why or "It was near to what you follow and talk about; I kept no more than that."
