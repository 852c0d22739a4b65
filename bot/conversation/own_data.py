"""A member's own data: taken along as a file, deleted, and begun anew by who comes back."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.conversation.agreeing import Agreeing
from bot.conversation.conversing import Conversing
from bot.conversation.handlers import Handlers
from bot.inbox import Act, After, moment
from bot.keeping.archive import archive
from bot.keeping.erasing import Erasing
from bot.ports import Arrival, ChannelError, Refused
from bot.store import tables
from bot.store.database import Unit
from bot.store.erasures import Erasures
from bot.store.members import Members, Person

FILE = "overture-your-data.zip"
EXPORTED = (
    "Everything I know about you, as of now. Open your-data.html in a browser; data.json has the"
    " same for machines."
)
NOT_SENT = (
    "I could not put your data into this conversation. Please try again in a minute; if it fails"
    " again, an admin can make the file with `overture member export`."
)
log = logging.getLogger("overture.own_data")


@dataclass(frozen=True)
class OwnData:
    """Handles presses on what the home tab says of one's data."""

    conversing: Conversing
    agreeing: Agreeing
    erasing: Erasing
    erase: Callable[[datetime], int]
    """does what was asked for; the schedule does, too, where this process ends before"""

    def handlers(self) -> Handlers:
        return Handlers(
            presses={"export": self._export, "erase": self._erase, "start_over": self._start_over}
        )

    def _export(self, arrival: Arrival, now: datetime) -> Act:
        payload = arrival.payload

        def act(unit: Unit) -> After | None:
            member = self.agreeing.speaker(unit, payload)
            if member is None:
                return None
            made = archive(unit, member, now)
            external, who, key = str(payload["member"]), member.id, arrival.key
            return lambda: self._hand_over(external, who, key, made, now)

        return act

    def _hand_over(self, external: str, member: str, key: str, made: bytes, now: datetime) -> None:
        channel = self.conversing.channel
        try:
            channel.hand_over(channel.address_of(external), FILE, made, EXPORTED)
        except ChannelError as error:
            log.warning("somebody's data could not be handed over: %s", error)
            with self.conversing.store.writing(self.conversing.workspace) as unit:
                self.conversing.tell(unit, member, f"export:{key}", NOT_SENT, now)
                unit.commit()

    def _erase(self, arrival: Arrival, now: datetime) -> Act:
        """They have left from now on; the rest follows once this is committed."""
        payload = arrival.payload

        def act(unit: Unit) -> After | None:
            member = self.agreeing.speaker(unit, payload)
            if member is None:
                return None
            self.ask(unit, member, moment(payload, now))
            external = str(payload["member"])
            return lambda: self._gone(external, now)

        return act

    def find(self, unit: Unit, name: str) -> tables.Member:
        """The member of this id, ours or the channel's. Raises Refused where there is none."""
        members = Members(unit)
        found = members.get(name) or members.behind(self.conversing.channel.name, name)
        if found is None:
            raise Refused(f"there is no member {name!r} in workspace {unit.workspace!r}")
        return found

    def ask(self, unit: Unit, member: tables.Member, at: datetime) -> None:
        """Leave, and have everything deleted. Raises Refused where the hash's key is lost."""
        self.agreeing.leave(unit, member, at)
        self.erasing.ask(unit, member, at)

    def _gone(self, external: str, now: datetime) -> None:
        self.conversing.show_erased(external)()
        self.erase(now)

    def _start_over(self, arrival: Arrival, now: datetime) -> Act:
        """Somebody who was erased comes back by themselves, with nothing that was."""
        payload = arrival.payload
        external = str(payload["member"])

        def act(unit: Unit) -> After | None:
            if not Erasures(unit).forgive([external]):
                return None
            at, channel = moment(payload, now), self.conversing.channel
            name: Any = payload.get("name")
            Members(unit).save([Person(external, name=name and str(name))], at=at)
            Members(unit).reachable_by(channel.name, [(external, external)])
            unit.session.get_one(tables.Member, (unit.workspace, external)).came_at = at
            return self.conversing.redraw_home(external, external, now)

        return act
