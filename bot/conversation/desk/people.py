"""Roles at the desk: who may curate, and who says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.conversation.desk.counter import Answer, Content, Counter
from bot.conversation.desk.words import unknown
from bot.conversation.handlers import Handlers
from bot.curating.roles import ADMIN, Actor
from bot.ports import Arrival, Asked, Refused
from bot.store import tables
from bot.store.database import Unit
from bot.store.members import Members
from bot.store.roles import NAMES, Name

HELP = (
    "`/overture roles` opens the list. In words:\n"
    "• `roles list`\n"
    "• `roles grant @somebody curator` (or `admin`)\n"
    "• `roles revoke @somebody`"
)


@dataclass(frozen=True)
class RoleDesk:
    """Lets admins say who may do what."""

    counter: Counter

    def handlers(self) -> Handlers:
        acting = self.counter.acting
        return Handlers(
            modals={"roles": acting(ADMIN, self._saved)},
            commands={"roles": acting(ADMIN, self._typed)},
            shows={"roles": self.counter.showing(ADMIN, self._roles)},
        )

    def _roles(self, unit: Unit, actor: Actor, asked: Asked) -> Content:
        held = self.counter.book.holders(unit)
        return {"rows": [{"name": name, "role": role} for name, role in held]}

    def _saved(self, unit: Unit, actor: Actor, arrival: Arrival, now: datetime) -> Answer:
        values = arrival.payload["values"]
        person, role = str(values.get("person") or ""), str(values.get("role") or "")
        return self._grant(unit, actor, person, role, now)

    def _typed(self, unit: Unit, actor: Actor, arrival: Arrival, now: datetime) -> Answer:
        return self.obey(unit, actor, str(arrival.payload["text"]).split()[1:], now)

    def obey(self, unit: Unit, actor: Actor, said: list[str], now: datetime) -> Answer:
        """Do what these words say. Raises Refused."""
        word, rest = (said[0].lower(), said[1:]) if said else ("list", [])
        if word == "list":
            held = self.counter.book.holders(unit)
            return Answer("\n".join(f"• {name}: {role}" for name, role in held) or "Nobody yet.")
        if word == "grant" and len(rest) >= 2:
            return self._grant(unit, actor, " ".join(rest[:-1]), rest[-1].lower(), now)
        if word == "revoke" and rest:
            return self._grant(unit, actor, " ".join(rest), "member", now)
        known = ("list", "grant", "revoke", "help")
        return Answer(HELP if word in known else unknown("roles", word, known, HELP))

    def _grant(self, unit: Unit, actor: Actor, who: str, role: str, now: datetime) -> Answer:
        book = self.counter.book
        member = member_named(unit, book.channel, who)
        book.grant(unit, member, role_named(role), by=actor, at=now)
        told = "holds no role any more" if role == "member" else f"is {_a(role)} from now on"
        return Answer(f"{member.name} {told}.")


def role_named(role: str) -> Name:
    """A role by its name. Raises Refused."""
    for name in NAMES:
        if name == role:
            return name
    raise Refused(f"there is no role “{role[:30]}”; there are {', '.join(NAMES)}")


def member_named(unit: Unit, channel: str, said: str) -> tables.Member:
    """A member by a mention, an id or a whole name. Raises Refused for none or several."""
    name = said.strip("<>@ ").partition("|")[0]
    member = Members(unit).behind(channel, name) or Members(unit).get(name)
    if member is not None:
        return member
    folded = name.casefold()
    found = [m for m in Members(unit).list() if folded and m.name.casefold() == folded]
    if len(found) != 1:
        problem = "several people are called" if found else "there is nobody called"
        raise Refused(f"{problem} “{name[:60]}”; give the whole name, or the id from the profile")
    return found[0]


def _a(role: str) -> str:
    return f"an {role}" if role == ADMIN else f"a {role}"
