"""Who may do what: asked on every action, on our side, whatever was shown to whom.

A row outweighs the settings, so that what the settings gave can be taken away again. Whoever is a
guest, a stranger, a bot or gone has no role, whatever a row or a setting says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.ports import Refused
from bot.settings import SlackSettings
from bot.store import roles, tables
from bot.store.audit import Audit
from bot.store.database import Unit
from bot.store.members import Members
from bot.store.roles import NAMES, SLACK, Name, Roles

CURATOR: Name = "curator"
ADMIN: Name = "admin"
NOBODY_KNOWN = "nobody yet: set OVERTURE_SLACK__ADMINS, or run `overture roles grant`"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts, as the audit log names them."""

    name: str
    role: Name
    member: str | None = None
    """None for an operator at the command line"""

    def may(self, role: Name) -> bool:
        return NAMES.index(self.role) >= NAMES.index(role)


def operator(login: str) -> Actor:
    """Whoever can run commands on the machine; they have the database anyway."""
    return Actor(f"cli:{login}", ADMIN)


@dataclass(frozen=True)
class RoleBook:
    """Says who holds which role, and lets admins change it."""

    settings: SlackSettings
    channel: str
    """the name of the channel of delivery that people act on"""

    def actor(self, unit: Unit, external: str) -> Actor:
        """Who acts, with the role that they hold now."""
        member = Members(unit).behind(self.channel, external)
        if member is None or not _counts(member):
            return Actor(external, "member")
        return Actor(member.id, self._role(unit, member, external), member.id)

    def required(self, unit: Unit, external: str, role: Name) -> Actor:
        """The same; raises Refused for whoever does not hold `role`."""
        actor = self.actor(unit, external)
        if not actor.may(role):
            held = "curators" if role == CURATOR else "admins"
            known = ", ".join(name for name, _ in self.holders(unit, role)) or NOBODY_KNOWN
            raise Refused(f"only {held} may do that. Here they are: {known}.")
        return actor

    def holders(self, unit: Unit, role: Name = CURATOR) -> list[tuple[str, Name]]:
        """(name, role) of everybody who holds `role` or more, by name."""
        found = []
        for member in self._named(unit):
            held = self.of_member(unit, member)
            if NAMES.index(held) >= NAMES.index(role):
                found.append((member.name, held))
        return sorted(found)

    def of_member(self, unit: Unit, member: tables.Member) -> Name:
        """The role of a member."""
        if not _counts(member):
            return "member"
        identity = Members(unit).identity(self.channel, member.id)
        return self._role(unit, member, identity.external_id if identity else member.id)

    def grant(
        self, unit: Unit, member: tables.Member, role: Name, *, by: Actor, at: datetime
    ) -> None:
        """Give `member` a role; `member` takes every other away.

        Raises Refused: whoever acts is no admin, the member may hold none, or no admin would stay.
        """
        if not by.may(ADMIN):
            raise Refused("only admins say who may curate")
        if role != "member" and not _counts(member):
            raise Refused(f"{member.name} is a guest, a bot or gone, and can hold no role")
        before = self.of_member(unit, member)
        if before == role:
            return
        others = [m for m in self._named(unit) if m.id != member.id]
        if (
            before == ADMIN
            and by.member
            and not any(self.of_member(unit, one) == ADMIN for one in others)
        ):
            raise Refused(f"{member.name} is the only admin: make somebody else one first")
        Roles(unit).put(member.id, role, at=at, by=by.name)
        action = "role.revoked" if role == "member" else "role.granted"
        Audit(unit).append(at, by.name, action, member.id, {"from": before, "to": role})

    def _role(self, unit: Unit, member: tables.Member, external: str) -> Name:
        row = Roles(unit).get(member.id)
        if row is not None and (row.origin != SLACK or self.settings.admins_from_slack):
            return _known(row.role)
        if external in self.settings.admins:
            return ADMIN
        return CURATOR if external in self.settings.curators else "member"

    def _named(self, unit: Unit) -> list[tables.Member]:
        """Everybody who may hold a role: whom a row or a setting names."""
        members = Members(unit)
        listed = (*self.settings.admins, *self.settings.curators)
        found = [members.get(row.member_id) for row in Roles(unit).list()]
        found += [members.behind(self.channel, external) for external in listed]
        return list({m.id: m for m in found if m is not None}.values())


def _counts(member: tables.Member) -> bool:
    outside = member.is_bot or member.is_guest or member.is_stranger
    return not outside and member.deactivated_at is None


def _known(role: str) -> Name:
    return next((name for name in roles.NAMES if name == role), "member")
