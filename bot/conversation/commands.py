"""`/overture …`: what everybody may type; the answer comes into the direct conversation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.conversation.agreeing import Agreeing
from bot.conversation.conversing import Conversing
from bot.conversation.handlers import Handle, Handlers
from bot.inbox import Act, After, moment
from bot.policy.purposes import OPENERS
from bot.ports import Arrival
from bot.store import tables
from bot.store.consents import Consents
from bot.store.database import Unit
from bot.store.openers import Openers

HELP = (
    "I write first, and seldom. `/overture pause` makes me silent for a week, `/overture resume`"
    " ends that, `/overture why` tells why I wrote last, `/overture stop` ends it for good. My home"
    " tab shows what I may use about you, and changes it."
)
NOT_AGREED = (
    "You have not agreed to hear from me, so I stay silent. My home tab shows what I would use,"
    " and changes it."
)

Obey = Callable[[Unit, tables.Member, datetime], str]


@dataclass(frozen=True)
class Commands:
    """Handles the commands about oneself."""

    agreeing: Agreeing
    conversing: Conversing

    def handlers(self) -> Handlers:
        words: dict[str, Obey] = {
            "pause": self._pause,
            "resume": self._resume,
            "stop": self._stop,
            "why": _why,
            "help": _help,
        }
        return Handlers(commands={word: self._answering(obey) for word, obey in words.items()})

    def unknown(self, arrival: Arrival, now: datetime) -> Act:
        """A first word that nobody handles; none at all asks for help."""
        words = str(arrival.payload["text"]).split()
        known = f"I do not know “{words[0][:40]}”. {HELP}" if words else HELP
        return self._answering(lambda unit, member, at: known)(arrival, now)

    def _answering(self, obey: Obey) -> Handle:
        def handle(arrival: Arrival, now: datetime) -> Act:
            def act(unit: Unit) -> After | None:
                member = self.agreeing.speaker(unit, arrival.payload)
                if member is None:
                    return None
                at = moment(arrival.payload, now)
                member.came_at = member.came_at or at
                text = obey(unit, member, at)
                self.conversing.tell(unit, member.id, f"command:{arrival.key}", text, now)
                return None

            return act

        return handle

    def _pause(self, unit: Unit, member: tables.Member, at: datetime) -> str:
        self.agreeing.pause(unit, member, at)
        return "I am silent for a week. `/overture resume` ends that."

    def _resume(self, unit: Unit, member: tables.Member, at: datetime) -> str:
        member.paused_until = None
        agrees = member.left_at is None and OPENERS in Consents(unit).granted(member.id)
        return "I may write to you again." if agrees else NOT_AGREED

    def _stop(self, unit: Unit, member: tables.Member, at: datetime) -> str:
        self.agreeing.leave(unit, member, at)
        return "I will not write to you again, and I use nothing about you any more."


def _why(unit: Unit, member: tables.Member, at: datetime) -> str:
    last = Openers(unit).recent(member.id, 1)
    return last[0].why if last else "I have not written to you yet."


def _help(unit: Unit, member: tables.Member, at: datetime) -> str:
    return HELP
